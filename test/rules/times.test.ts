// Design section "Times": leases, signals, waits and retries, each with the clock turned by hand.
import { setImmediate as nextTurn, setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { currentExecution, idempotent, type IdempotencyEvent } from "../../src/index.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { testClock } from "../support/clock.ts";
import type { Fault } from "../support/faults.ts";
import {
  completedRecord,
  id,
  leaseMs,
  operation,
  order,
  type Order,
  record,
  refusal,
  retentionSeconds,
  wrap,
} from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";
import { memoryStore } from "../../src/memory/store.ts";

/** Lambda's context, on the bench's clock. */
function contextOf(bench: Pick<Bench, "clock">, timeoutMs: number): { awsRequestId: string; getRemainingTimeInMillis(): number } {
  const deadline = bench.clock.now() + timeoutMs;
  return { awsRequestId: "request-1", getRemainingTimeInMillis: () => deadline - bench.clock.now() };
}

/** A handler as Lambda calls it, with no lease of its own. */
function lambda(
  bench: Pick<Bench, "store">,
  work: (...args: unknown[]) => unknown,
  events: IdempotencyEvent[] = [],
): (order: Order, context?: unknown) => Promise<unknown> {
  return idempotent<[Order, unknown?], unknown>(work, {
    store: bench.store,
    operation,
    key: (given) => given.id,
    onEvent: (event) => events.push(event),
  });
}

/** A handler that waits for the first run's answer, as Lambda calls it. */
function waiter(bench: Pick<Bench, "store">, waitMs = 60_000): (order: Order, context: unknown) => Promise<unknown> {
  return idempotent<[Order, unknown], unknown>(() => "done", {
    store: bench.store,
    operation,
    key: (given) => given.id,
    onInProgress: { waitMs },
  });
}

/** A request that gets no answer; time passes once its sender waits for one. */
function silence(pass: () => void): Fault {
  const never = Promise.withResolvers<void>();
  onTestFinished(() => never.resolve());
  return {
    before: async () => {
      await nextTurn();
      pass();
      await never.promise;
    },
  };
}

describe.each([memoryBench, dynamodbBench])("times, on $name", ({ available, open }) => {
  describe.skipIf(!available)("the lease by default", () => {
    it.for([
      { left: 30_000, lease: 30_000 },
      { left: 400, lease: 1000 },
      { left: 0, lease: 1000 },
      { left: -50, lease: 1000 },
      { left: 1500.2, lease: 1501 },
      { left: Number.NaN, lease: 60_000 },
    ])("is what the context says, at least 1,000: $left ms left", async ({ left, lease }) => {
      const bench = await open();
      let during: unknown;
      const deliver = lambda(bench, async () => (during = await bench.others.read(id)));
      const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => left };
      await deliver(order, context);
      expect(during).toMatchObject({ leaseUntil: bench.clock.now() + lease, requestId: "request-1" });
    });

    it("is 60,000 without a context; lease_guessed says so, once", async () => {
      const bench = await open();
      const events: IdempotencyEvent[] = [];
      let during: unknown;
      const deliver = lambda(bench, async () => (during = await bench.others.read(id)), events);
      await deliver(order);
      await deliver({ id: "order-2" });
      expect(during).toMatchObject({ leaseUntil: bench.clock.now() + 60_000 });
      expect(events.filter(({ type }) => type === "lease_guessed")).toHaveLength(1);
    });

    it("nested without a context of its own is what is left of the enclosing lease, as extended", async () => {
      const bench = await open();
      const leases: number[] = [];
      const inner = lambda(bench, async () => leases.push(((await bench.others.read(id))?.leaseUntil ?? 0) - bench.clock.now()));
      const outer = idempotent(
        async () => {
          bench.clock.jump(4000);
          await inner(order);
          await bench.others.release((await bench.others.read(id))!);
          await currentExecution().extendLease(20_000);
          await inner(order);
          await bench.others.release((await bench.others.read(id))!);
          bench.clock.jump(19_500);
          await inner(order);
        },
        { store: bench.store, operation: "outer", key: () => "outer", leaseMs: 10_000 },
      );
      await outer();
      expect(leases).toEqual([6000, 20_000, 1000]);
    });

    it("attempt 0 has no lease to hand on", async () => {
      const bench = await open();
      let during: unknown;
      const inner = lambda(bench, async () => (during = await bench.others.read(id)));
      const outer = idempotent(() => inner(order), {
        store: bench.store,
        operation: "outer",
        key: () => "outer",
        leaseMs: 5000,
        enabled: false,
      });
      await outer();
      expect(during).toMatchObject({ leaseUntil: bench.clock.now() + 60_000 });
    });

    it("is measured anew at each claim and takeover", async () => {
      const bench = await open();
      await bench.put(record(bench, { status: "released" }));
      bench.faults.on("claim", { after: () => bench.clock.jump(7000) });
      let during: unknown;
      const deliver = lambda(bench, async () => (during = await bench.others.read(id)));
      await deliver(order, contextOf(bench, 20_000));
      expect(during).toMatchObject({ leaseUntil: bench.clock.now() + 13_000 });
    });
  });

  describe.skipIf(!available)("a lease that was asked for", () => {
    it.for([99, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE, "1000", undefined, null])(
      "a function that answers %s is CONFIG_INVALID before any request",
      async (answer) => {
        const bench = await open();
        const deliver = wrap(bench, undefined, { leaseMs: () => answer as number });
        expect(await refusal(deliver())).toMatchObject({ code: "CONFIG_INVALID", path: "leaseMs" });
        expect(bench.faults.log).toEqual([]);
        expect(deliver.runs).toBe(0);
      },
    );

    it.for([99, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE, "1000"])(
      "extendLease(%s) is CONFIG_INVALID before any request",
      async (ms) => {
        const bench = await open();
        await wrap(bench, async () => {
          const before = bench.faults.log.length;
          expect(await refusal(currentExecution().extendLease(ms as number))).toMatchObject({
            code: "CONFIG_INVALID",
            path: "extendLease",
          });
          expect(bench.faults.log).toHaveLength(before);
        })();
      },
    );

    it("extendLease after the run has ended is LEASE_LOST, without a request", async () => {
      const bench = await open();
      const deliver = wrap(bench, () => currentExecution().extendLease);
      const extendLease = (await deliver()) as (ms: number) => Promise<void>;
      const before = bench.faults.log.length;
      expect((await refusal(extendLease(5000))).code).toBe("LEASE_LOST");
      expect(bench.faults.log).toHaveLength(before);
    });
  });

  describe.skipIf(!available)("settling", () => {
    it("the first try to complete is always sent, also long after the lease", async () => {
      const bench = await open();
      const deliver = wrap(bench, () => {
        bench.clock.jump(50 * leaseMs);
        return "thawed";
      });
      expect(await deliver()).toBe("thawed");
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", result: '"thawed"' });
    });

    it("retries go on for at most 3 s", async () => {
      const bench = await open();
      bench.faults.on("settle", ...Array.from({ length: 1000 }, () => ({ answer: "throttled" }) as const));
      const before = bench.clock.now();
      expect(await wrap(bench)()).toBe("done");
      const tries = bench.faults.log.filter((call) => call === "settle").length;
      expect(tries).toBeGreaterThan(2);
      expect(bench.clock.now() - before).toBeLessThanOrEqual(3000);
    });

    it("retries never go past the lease", async () => {
      const bench = await open();
      bench.faults.on("settle", ...Array.from({ length: 1000 }, () => ({ answer: "throttled" }) as const));
      const before = bench.clock.now();
      await wrap(bench, () => bench.clock.jump(leaseMs - 200))();
      expect(bench.clock.now() - before).toBeLessThan(leaseMs);
    });

    it("after the lease there is one try", async () => {
      const bench = await open();
      bench.faults.on("settle", ...Array.from({ length: 1000 }, () => ({ answer: "throttled" }) as const));
      await wrap(bench, () => bench.clock.jump(leaseMs))();
      expect(bench.faults.log).toEqual(["claim", "settle"]);
    });

    it("a completion that does not answer is given up at the end of the lease: the caller has the result", async () => {
      const bench = await open();
      bench.faults.on(
        "settle",
        silence(() => bench.clock.jump(2500)),
      );
      const deliver = wrap(bench, () => bench.clock.jump(leaseMs - 2000));
      await deliver();
      expect(deliver.types()).toEqual(["claimed", "store_error"]);
      expect(bench.faults.log).toEqual(["claim", "settle"]);
    });

    it("a completion that does not answer is given up in time for the invocation to answer", async () => {
      const bench = await open();
      bench.faults.on(
        "settle",
        silence(() => bench.clock.jump(1800)),
      );
      const before = bench.clock.now();
      expect(await lambda(bench, () => "done")(order, contextOf(bench, 2000))).toBe("done");
      expect(bench.clock.now() - before).toBe(1800);
    });

    it("a completion that fails for a while is kept", async () => {
      const bench = await open();
      bench.faults.on("settle", { answer: "throttled" }, { answer: "unsent" }, { answer: "conflict" });
      const deliver = wrap(bench);
      expect(await deliver()).toBe("done");
      expect(deliver.types()).toEqual(["claimed", "completed"]);
      expect((await bench.others.read(id))?.status).toBe("completed");
    });
  });

  describe.skipIf(!available)("waiting", () => {
    it("reads, writes nothing, and gets the first run's answer", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.faults.on("read", {}, {}, { before: () => bench.put(completedRecord(bench)) });
      const deliver = wrap(bench, undefined, { onInProgress: { waitMs: 5000 } });
      expect(await deliver()).toBe("theirs");
      expect(bench.faults.log).toEqual(["claim", "read", "read", "read"]);
    });

    it.for([
      { name: "released", change: { status: "released" } },
      { name: "lapsed", change: { leaseUntil: 0 } },
    ] as const)("wakes into a takeover when the first run is $name", async ({ change }) => {
      const bench = await open();
      await bench.put(record(bench));
      bench.faults.on("read", { before: () => bench.put(record(bench, change)) });
      const deliver = wrap(bench, () => currentExecution().attempt, { onInProgress: { waitMs: 5000 } });
      expect(await deliver()).toBe(2);
    });

    it("wakes into a claim when the record is gone", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.faults.on("read", { before: () => bench.remove(id) });
      expect(await wrap(bench, undefined, { onInProgress: { waitMs: 5000 } })()).toBe("done");
    });

    it("the last read, at its end, still counts", async () => {
      const bench = await open();
      await bench.put(record(bench));
      const end = bench.clock.now() + 500;
      bench.faults.always({ before: () => (bench.clock.now() >= end ? bench.put(completedRecord(bench)) : undefined) });
      expect(await wrap(bench, undefined, { onInProgress: { waitMs: 500 } })()).toBe("theirs");
    });

    it("ends after waitMs as IN_PROGRESS", async () => {
      const bench = await open();
      await bench.put(record(bench, { leaseUntil: bench.clock.now() + 60_000 }));
      const before = bench.clock.now();
      const error = await refusal(wrap(bench, undefined, { onInProgress: { waitMs: 3000 } })());
      expect(error).toMatchObject({ code: "IN_PROGRESS", retryAfterMs: before + 61_000 - bench.clock.now() });
      expect(bench.clock.now() - before).toBe(3000);
    });

    it("ends 500 ms before the invocation's deadline", async () => {
      const bench = await open();
      await bench.put(record(bench, { leaseUntil: bench.clock.now() + 60_000 }));
      const before = bench.clock.now();
      const deliver = waiter(bench);
      expect((await refusal(deliver(order, contextOf(bench, 2000)))).code).toBe("IN_PROGRESS");
      expect(bench.clock.now() - before).toBe(1500);
    });

    it("a waiter without time left answers IN_PROGRESS, also where the key has become free", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.faults.on("read", { before: () => bench.put(record(bench, { status: "released" })), after: () => bench.clock.jump(2000) });
      const deliver = waiter(bench);
      expect((await refusal(deliver(order, contextOf(bench, 2000)))).code).toBe("IN_PROGRESS");
      expect((await bench.others.read(id))?.status).toBe("released");
    });

    it("a waiter whose takeover is answered after the deadline starts nothing, and locks nothing", async () => {
      const bench = await open();
      await bench.put(record(bench));
      const before = bench.clock.now();
      // 600 ms are left, the lease is 1,000 ms all the same, and the answer takes 650.
      bench.faults.on("read", {
        before: () => {
          bench.clock.jump(before + 1400 - bench.clock.now());
          return bench.put(record(bench, { status: "released" }));
        },
      });
      bench.faults.on("takeOver", { after: () => bench.clock.jump(650) });
      const deliver = waiter(bench);
      expect((await refusal(deliver(order, contextOf(bench, 2000)))).code).toBe("IN_PROGRESS");
      expect((await bench.others.read(id))?.status).toBe("released");
    });

    it("a replay needs no time to start", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.faults.on("read", { before: () => bench.put(completedRecord(bench)), after: () => bench.clock.jump(1400) });
      const deliver = waiter(bench);
      expect(await deliver(order, contextOf(bench, 2000))).toBe("theirs");
    });

    it.for([
      { name: "waitMs", waitMs: 1000, timeoutMs: 60_000, waited: 1000 },
      { name: "the deadline", waitMs: 60_000, timeoutMs: 2000, waited: 1500 },
    ])("a read that does not answer keeps no waiter past $name", async ({ waitMs, timeoutMs, waited }) => {
      const bench = await open();
      await bench.put(record(bench, { leaseUntil: bench.clock.now() + 60_000 }));
      const before = bench.clock.now();
      bench.faults.on(
        "read",
        silence(() => bench.clock.jump(before + waited - bench.clock.now())),
      );
      const deliver = waiter(bench, waitMs);
      expect((await refusal(deliver(order, contextOf(bench, timeoutMs)))).code).toBe("IN_PROGRESS");
      expect(bench.clock.now() - before).toBe(waited);
    });

    it("all waits of a delivery share one allowance", async () => {
      const bench = await open();
      await bench.put(record(bench, { leaseUntil: bench.clock.now() + 60_000 }));
      const before = bench.clock.now();
      const busyAgain = () => bench.put(record(bench, { owner: "a third", leaseUntil: bench.clock.now() + 60_000 }));
      bench.faults.on("read", { before: () => bench.put(record(bench, { status: "released" })) });
      bench.faults.on("takeOver", { before: busyAgain });
      expect((await refusal(wrap(bench, undefined, { onInProgress: { waitMs: 3000 } })())).code).toBe("IN_PROGRESS");
      expect(bench.clock.now() - before).toBe(3000);
    });
  });

  describe.skipIf(!available)("extending", () => {
    const extended = async (bench: Bench, ms: number): Promise<number> => {
      await currentExecution().extendLease(ms);
      return ((await bench.others.read(id))?.leaseUntil ?? 0) - bench.clock.now();
    };

    it("the lease ends ms from now at the earliest, and never moves back", async () => {
      const bench = await open();
      const deliver = wrap(bench, async () => [await extended(bench, 30_000), await extended(bench, 5000), await extended(bench, 30_001)]);
      expect(await deliver()).toEqual([30_000, 30_000, 30_001]);
      expect(bench.faults.log).toEqual(["claim", "extend", "extend", "settle"]);
    });

    it("to the end that it has needs no request", async () => {
      const bench = await open();
      await wrap(bench, () => currentExecution().extendLease(leaseMs))();
      expect(bench.faults.log).toEqual(["claim", "settle"]);
    });

    it("two at once: the longer one counts", async () => {
      const bench = await open();
      const deliver = wrap(bench, async () => {
        await Promise.all([currentExecution().extendLease(40_000), currentExecution().extendLease(20_000)]);
        return ((await bench.others.read(id))?.leaseUntil ?? 0) - bench.clock.now();
      });
      expect(await deliver()).toBe(40_000);
    });

    it("two at once, the shorter one's answer last: the longer one counts", async () => {
      const bench = await open();
      const longer = Promise.withResolvers<void>();
      bench.faults.on("extend", { after: () => longer.promise });
      const deliver = wrap(bench, async () => {
        const { extendLease } = currentExecution();
        const shorter = extendLease(20_000);
        while (bench.faults.log.length < 2) await new Promise((resolve) => setImmediate(resolve));
        await extendLease(40_000);
        longer.resolve();
        await shorter;
        await extendLease(30_000); // what is there already needs no request
      });
      await deliver();
      expect(bench.faults.log).toEqual(["claim", "extend", "extend", "settle"]);
    });

    it("an overtaken extension that is refused moves nothing back", async () => {
      const bench = await open();
      const longer = Promise.withResolvers<void>();
      // The shorter one is applied and its answer lost; the client's retry is held back until the longer one is there.
      bench.faults.on("extend", { answer: "lost" }, { after: () => longer.promise });
      const deliver = wrap({ store: bench.retrying }, async () => {
        const { extendLease } = currentExecution();
        const shorter = extendLease(20_000);
        while (bench.faults.log.length < 3) await new Promise((resolve) => setImmediate(resolve));
        await extendLease(40_000);
        longer.resolve();
        await shorter;
        bench.clock.jump(25_000);
        return currentExecution().signal.aborted;
      });
      expect(await deliver()).toBe(false);
    });

    it("under way while the run completes: LEASE_LOST, for its run has ended, and no alarm", async () => {
      const bench = await open();
      const done = Promise.withResolvers<void>();
      bench.faults.on("extend", { before: () => done.promise });
      let extension: Promise<unknown> | undefined;
      const deliver = wrap(bench, () => {
        extension = refusal(currentExecution().extendLease(30_000));
      });
      await deliver();
      done.resolve();
      expect(await extension).toMatchObject({ code: "LEASE_LOST" });
      expect(deliver.types()).toEqual(["claimed", "completed"]);
    });

    it("refused by a conflict is tried again while the run goes on", async () => {
      const bench = await open();
      bench.faults.on("extend", { answer: "conflict" });
      // But for the pause before the second try, of up to 50 ms.
      expect(await wrap(bench, () => extended(bench, 30_000))()).toBeGreaterThanOrEqual(29_950);
      expect(bench.faults.log).toEqual(["claim", "extend", "extend", "settle"]);
    });

    it("refused by a conflict is not tried again once the run has ended: it would lock a key whose ending was not written", async () => {
      const bench = await open();
      bench.faults.on("extend", { answer: "conflict" });
      bench.faults.on("settle", ...Array.from({ length: 50 }, () => ({ answer: "throttled" }) as const));
      let extension: Promise<unknown> | undefined;
      const deliver = wrap(bench, () => {
        extension = refusal(currentExecution().extendLease(30_000));
      });
      await deliver();
      expect(await extension).toMatchObject({ code: "LEASE_LOST", message: expect.stringContaining("its run has ended") as string });
      expect(bench.faults.log.filter((call) => call === "extend")).toHaveLength(1);
      expect((await bench.others.read(id))?.leaseUntil).toBeLessThanOrEqual(bench.clock.now() + leaseMs);
    });

    it("a lost acknowledgement, retried by the client, is success, and its lease is the lease", async () => {
      const bench = await open();
      bench.faults.on("extend", { answer: "lost" });
      expect(await wrap({ store: bench.retrying }, () => extended(bench, 30_000))()).toBe(30_000);
      expect(bench.faults.log).toEqual(["claim", "extend", "extend", "settle"]);
    });

    it("by a retry of the client moves the signal likewise", async () => {
      const bench = await open();
      bench.faults.on("extend", { answer: "lost" });
      const work = async () => {
        await currentExecution().extendLease(2000);
        bench.clock.jump(1599);
        const early = currentExecution().signal.aborted;
        bench.clock.jump(1);
        await nextTurn();
        return [early, currentExecution().signal.aborted];
      };
      expect(await wrap({ store: bench.retrying }, work, { leaseMs: 1000 })()).toEqual([false, true]);
    });

    it.for(["throttled", "lost", "unsent"] as const)("%s is STORE_UNAVAILABLE, and the local lease stays the old one", async (answer) => {
      const bench = await open();
      bench.faults.on("extend", { answer });
      const deliver = wrap(bench, async () => {
        expect((await refusal(currentExecution().extendLease(30_000))).code).toBe("STORE_UNAVAILABLE");
        bench.clock.jump(leaseMs - 1000);
        return currentExecution().signal.aborted;
      });
      expect(await deliver()).toBe(true);
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "store_error", during: "extend" }));
    });

    it("denied is CONFIG_INVALID", async () => {
      const bench = await open();
      bench.faults.on("extend", { answer: "denied" });
      await wrap(bench, async () => expect((await refusal(currentExecution().extendLease(30_000))).code).toBe("CONFIG_INVALID"))();
    });

    it("LEASE_LOST once the key is another's, and another's lease is left alone", async () => {
      const bench = await open();
      const deliver = wrap(bench, async () => {
        const theirs = record(bench, { attempt: 2 });
        await bench.put(theirs);
        expect((await refusal(currentExecution().extendLease(30_000))).code).toBe("LEASE_LOST");
        expect((await bench.others.read(id))?.leaseUntil).toBe(theirs.leaseUntil);
        await bench.put(completedRecord(bench));
      });
      expect(await deliver()).toBe("theirs");
      expect(deliver.types()).toContain("lease_lost");
    });

    it("a lapsed lease that nobody took is extended", async () => {
      const bench = await open();
      const deliver = wrap(bench, async () => {
        bench.clock.jump(leaseMs + 1);
        return extended(bench, 5000);
      });
      expect(await deliver()).toBe(5000);
    });
  });
});

describe("a refused extension that shows our own claim with a shorter lease", () => {
  it("is LEASE_LOST: it answers nothing that we wrote", async () => {
    const store = memoryStore({ clock: testClock({ auto: true }) });
    const odd = { ...store, extend: async () => ({ applied: false, record: await store.read(id) }) as const };
    const deliver = wrap({ store: odd }, async () => (await refusal(currentExecution().extendLease(30_000))).code);
    expect(await deliver()).toBe("LEASE_LOST");
  });
});

describe("the signal", () => {
  it.for([
    { leaseMs: 10_000, early: 1000 },
    { leaseMs: 2000, early: 400 },
    { leaseMs: 100, early: 20 },
  ])("of a lease of $leaseMs ms aborts $early ms before its end", async ({ leaseMs: lease, early }) => {
    const clock = testClock();
    const deliver = wrap(
      { store: memoryStore({ clock }) },
      async () => {
        const { signal } = currentExecution();
        await clock.advance(lease - early - 1);
        const before = signal.aborted;
        await clock.advance(1);
        return [before, signal.aborted, (signal.reason as Error).name];
      },
      { leaseMs: lease },
    );
    expect(await deliver()).toEqual([false, true, "TimeoutError"]);
  });

  it("moves with the lease, and once aborted stays so", async () => {
    const clock = testClock();
    const deliver = wrap(
      { store: memoryStore({ clock }) },
      async () => {
        const { signal, extendLease } = currentExecution();
        await extendLease(20_000);
        await clock.advance(18_999);
        const seen = [signal.aborted];
        await clock.advance(1);
        seen.push(signal.aborted);
        await extendLease(20_000);
        seen.push(signal.aborted);
        return seen;
      },
      { retentionSeconds },
    );
    expect(await deliver()).toEqual([false, true, true]);
  });

  it("ends with its run also on a clock that rejects a sleep which is cancelled", async () => {
    const sleep = (ms: number, signal?: AbortSignal) => setTimeout(ms, undefined, signal === undefined ? {} : { signal });
    const store = { ...memoryStore(), clock: { now: Date.now, sleep } };
    expect(await wrap({ store }, () => currentExecution().signal.aborted)()).toBe(false);
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail the run
  });

  it("never aborts once the run is over, however long its owner keeps it", async () => {
    const clock = testClock();
    const deliver = wrap({ store: memoryStore({ clock }) }, () => currentExecution().signal);
    const signal = (await deliver()) as AbortSignal;
    await clock.advance(10 * leaseMs);
    expect(signal.aborted).toBe(false);
  });

  it("that nobody looked at before it fired is aborted, also after an extension", async () => {
    const clock = testClock();
    const deliver = wrap({ store: memoryStore({ clock }) }, async () => {
      await clock.advance(leaseMs);
      await currentExecution().extendLease(20_000);
      return currentExecution().signal.aborted;
    });
    expect(await deliver()).toBe(true);
  });
});
