// Rules that an exhaustive search of the interleavings showed to be necessary: each breaks without its line of code.
import { describe, expect, it } from "vitest";
import { currentExecution } from "../../src/index.ts";
import { fingerprintOf } from "../../src/core/fingerprint.ts";
import { memoryBench } from "../support/bench.ts";
import {
  checked,
  completedRecord,
  id,
  leaseMs,
  type Options,
  order,
  record,
  refusal,
  retentionSeconds,
  wrap,
} from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";

const lapsedMs = leaseMs + 1000;

describe.each([memoryBench, dynamodbBench])("necessary rules, on $name", ({ available, open }) => {
  describe.skipIf(!available)("the takeover", () => {
    it("compares status: a completion between refusal and takeover is not overwritten", async () => {
      const bench = await open();
      const lapsed = record(bench);
      await bench.put(lapsed);
      bench.clock.jump(lapsedMs);
      // The same owner, attempt, lease and expiry as seen: only the status tells.
      bench.faults.on("takeOver", {
        before: () => bench.put({ ...lapsed, status: "completed", encoding: "json", result: '"theirs"', completedAt: bench.clock.now() }),
      });
      const deliver = wrap(bench);
      expect(await deliver()).toBe("theirs");
      expect(deliver.runs).toBe(0);
    });

    it("compares expiresAt: a record that TTL deleted and its owner put again is not overwritten", async () => {
      const bench = await open();
      const expired = completedRecord(bench);
      await bench.put(expired);
      bench.clock.jump((retentionSeconds + 1) * 1000);
      bench.faults.on("takeOver", { before: () => bench.put({ ...expired, expiresAt: expired.expiresAt + retentionSeconds }) });
      const deliver = wrap(bench);
      expect(await deliver()).toBe("theirs");
      expect(deliver.runs).toBe(0);
    });

    it("compares the lease: an extension between refusal and takeover is respected", async () => {
      const bench = await open();
      const lapsed = record(bench);
      await bench.put(lapsed);
      bench.clock.jump(lapsedMs);
      bench.faults.on("takeOver", { before: () => bench.put({ ...lapsed, leaseUntil: bench.clock.now() + leaseMs }) });
      const deliver = wrap(bench);
      expect((await refusal(deliver())).code).toBe("IN_PROGRESS");
      expect(deliver.runs).toBe(0);
    });

    it("compares owner and attempt: of two newcomers, one takes over", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.clock.jump(lapsedMs);
      const first = wrap({ store: bench.others });
      bench.faults.on("takeOver", { before: first });
      const second = wrap(bench);
      expect(await second()).toBe("done");
      expect(first.runs + second.runs).toBe(1);
    });
  });

  describe.skipIf(!available)("an answer that took too long gives nothing to start on", () => {
    it.for([
      { name: "lapsed", lateMs: leaseMs + 5 },
      { name: "live, but its signal would have fired", lateMs: leaseMs - 500 },
      { name: "live, but its signal would fire at once", lateMs: leaseMs - 1000 },
    ])("a claim that is $name is taken over from ourselves", async ({ lateMs }) => {
      const bench = await open();
      bench.faults.on("claim", { after: () => bench.clock.jump(lateMs) });
      const deliver = wrap(bench, () => [currentExecution().attempt, currentExecution().signal.aborted]);
      expect(await deliver()).toEqual([2, false]);
      expect(deliver.types()).toEqual(["claimed", "taken_over", "completed"]);
      expect(deliver.events[1]).toMatchObject({ from: "lapsed", attempt: 2 });
      expect((await bench.others.read(id))?.leaseUntil).toBe(bench.clock.now() + leaseMs);
    });

    it("a takeover likewise", async () => {
      const bench = await open();
      await bench.put(record(bench, { status: "released" }));
      bench.faults.on("takeOver", { after: () => bench.clock.jump(leaseMs) });
      const deliver = wrap(bench, () => currentExecution().attempt);
      expect(await deliver()).toBe(3);
    });

    it("a late answer with signal left is started on as it is", async () => {
      const bench = await open();
      bench.faults.on("claim", { after: () => bench.clock.jump(leaseMs - 1001) });
      const deliver = wrap(bench, () => currentExecution().attempt);
      expect(await deliver()).toBe(1);
    });

    it("a late claim of ours that cannot be taken over again is released, so that it locks nothing", async () => {
      const bench = await open();
      bench.faults.on("claim", { after: () => bench.clock.jump(leaseMs) });
      bench.faults.on("takeOver", { answer: "throttled" });
      const deliver = wrap(bench);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
      expect((await bench.others.read(id))?.status).toBe("released");
    });

    it("a late claim of ours is released where the lease function answers nonsense the second time", async () => {
      const bench = await open();
      bench.faults.on("claim", { after: () => bench.clock.jump(leaseMs) });
      const leases = [leaseMs, 50];
      const deliver = wrap(bench, undefined, { leaseMs: () => leases.shift() ?? 0 });
      expect((await refusal(deliver())).code).toBe("CONFIG_INVALID");
      expect(deliver.runs).toBe(0);
      expect((await bench.others.read(id))?.status).toBe("released");
    });

    it("a lapsed claim of ours that a refusal shows, and that cannot be taken over again, is released", async () => {
      const bench = await open();
      // The claim is applied and its answer lost; the client's next try comes after the lease, and is refused.
      bench.faults.on("claim", { answer: "lost", after: () => bench.clock.jump(leaseMs) });
      bench.faults.on("takeOver", { answer: "throttled" }, { answer: "throttled" }, { answer: "throttled" });
      const deliver = wrap({ store: bench.retrying }, undefined, { onLeaseExpired: "throw" });
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
      expect((await bench.others.read(id))?.status).toBe("released");
    });

    it("another's lapsed claim that cannot be taken over is left as it is", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.clock.jump(lapsedMs);
      bench.faults.on("takeOver", { answer: "throttled" });
      expect((await refusal(wrap(bench)())).code).toBe("STORE_UNAVAILABLE");
      expect(await bench.others.read(id)).toMatchObject({ owner: "another", status: "in_progress" });
      expect(bench.faults.log).toEqual(["claim", "takeOver"]);
    });

    it("bounded: answers that are always too late end as IN_PROGRESS, and lock nothing", async () => {
      const bench = await open();
      bench.faults.always({ after: () => bench.clock.jump(leaseMs) });
      const deliver = wrap(bench);
      const error = await refusal(deliver());
      expect(error).toMatchObject({ code: "IN_PROGRESS" });
      expect(error.retryAfterMs).toBeGreaterThan(0);
      expect(deliver.runs).toBe(0);
      expect((await bench.others.read(id))?.status).toBe("released");
    });
  });

  describe.skipIf(!available)("complete and release are one shot together", () => {
    it.for([
      { name: "lost", fault: { answer: "lost" }, status: "completed" },
      { name: "never sent", fault: { answer: "unsent" }, status: "in_progress" },
      { name: "throttled", fault: { answer: "throttled" }, status: "in_progress" },
      { name: "denied", fault: { answer: "denied" }, status: "in_progress" },
    ] as const)("a completion that was $name, for good, is never followed by a release", async ({ fault, status }) => {
      const bench = await open();
      bench.faults.on("settle", ...Array.from({ length: 100 }, () => fault));
      const deliver = wrap(bench);
      expect(await deliver()).toBe("done");
      expect((await bench.others.read(id))?.status).toBe(status);
      expect(deliver.events.filter(({ type }) => type === "released")).toEqual([]);
    });
  });

  describe.skipIf(!available)("a claim whose outcome stayed unknown", () => {
    it.for([
      { name: "its answer was lost", faults: [{ answer: "lost" }], kind: "store" },
      {
        name: "one try was lost and the last one throttled",
        faults: [{ answer: "lost" }, { answer: "throttled" }, { answer: "throttled" }],
        kind: "retrying",
      },
    ] as const)("runs nothing and is released, where $name", async ({ faults, kind }) => {
      const bench = await open();
      bench.faults.on("claim", ...faults);
      const deliver = wrap({ store: bench[kind] });
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
      expect((await bench.others.read(id))?.status).toBe("released");
      expect(bench.faults.log.filter((call) => call === "settle")).toHaveLength(1);
      expect(await wrap(bench)()).toBe("done");
    });

    it("the release is one try, and its failure changes nothing", async () => {
      const bench = await open();
      bench.faults.on("claim", { answer: "lost" });
      bench.faults.on("settle", { answer: "unsent" });
      const deliver = wrap(bench);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(bench.faults.log).toEqual(["claim", "settle"]);
      expect((await bench.others.read(id))?.status).toBe("in_progress");
    });

    it("the release is fenced: another's claim stays", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.faults.on("claim", { answer: "lost" });
      expect((await refusal(wrap(bench)())).code).toBe("STORE_UNAVAILABLE");
      expect(await bench.others.read(id)).toMatchObject({ status: "in_progress", owner: "another" });
    });

    it("a claim that was surely refused for load needs no release", async () => {
      const bench = await open();
      bench.faults.on("claim", { answer: "throttled" });
      expect((await refusal(wrap(bench)())).code).toBe("STORE_UNAVAILABLE");
      expect(bench.faults.log).toEqual(["claim"]);
    });
  });

  describe.skipIf(!available)('a claim whose outcome stayed unknown, under onStoreUnavailable "run"', () => {
    const run: Options = { onStoreUnavailable: "run" };

    it.for([
      { name: "it was applied: its outcome is written to it", answer: "lost", calls: ["claim", "settle"] },
      { name: "it was not applied: the finished record is put", answer: "unsent", calls: ["claim", "settle", "settle"] },
    ] as const)("is not released and runs at attempt 0; $name", async ({ answer, calls }) => {
      const bench = await open();
      bench.faults.on("claim", { answer });
      const deliver = wrap(bench, () => currentExecution().attempt, run);
      expect(await deliver()).toBe(0);
      expect(bench.faults.log).toEqual(calls);
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "unprotected", reason: "store_unavailable" }));
      const duplicate = wrap(bench);
      expect(await duplicate()).toBe(0);
      expect(duplicate.runs).toBe(0);
    });

    it.for(["unsent", "throttled", "denied"] as const)(
      "the caller gets the handler's result, whatever the one write answers: %s",
      async (answer) => {
        const bench = await open();
        bench.faults.on("claim", { answer: "unsent" });
        bench.faults.on("settle", { answer });
        const deliver = wrap(bench, undefined, run);
        expect(await deliver()).toBe("done");
        expect(bench.faults.log).toEqual(["claim", "settle"]);
      },
    );

    it.for([
      { policy: "release", status: "released" },
      { policy: "keep", status: "failed" },
      { policy: "hold", status: "held" },
    ] as const)("and the handler's error; policy $policy is written once", async ({ policy, status }) => {
      const bench = await open();
      bench.faults.on("claim", { answer: "lost" });
      const declined = new Error("declined");
      const deliver = wrap(bench, () => Promise.reject(declined), { ...run, onError: policy });
      await expect(deliver()).rejects.toBe(declined);
      expect((await bench.others.read(id))?.status).toBe(status);
    });

    it("another's record is left as it is", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench));
      bench.faults.on("claim", { answer: "lost" });
      expect(await wrap(bench, undefined, run)()).toBe("done");
      expect(await bench.others.read(id)).toMatchObject({ owner: "another", result: '"theirs"' });
    });

    it.for(["lost", "unsent"] as const)("a takeover of unknown outcome is never run: %s", async (answer) => {
      const bench = await open();
      await bench.put(record(bench, { status: "released" }));
      bench.faults.on("takeOver", { answer });
      const deliver = wrap(bench, undefined, run);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
      expect((await bench.others.read(id))?.status).toBe("released");
    });
  });

  describe.skipIf(!available)("an owner that comes back to no item (TTL removed an overdue record)", () => {
    it.for([
      { name: "puts its completion", policy: undefined, status: "completed" },
      { name: "puts its failure", policy: "keep", status: "failed" },
      { name: "puts its hold", policy: "hold", status: "held" },
      { name: "does not put a release", policy: "release", status: undefined },
    ] as const)("$name", async ({ policy, status }) => {
      const bench = await open();
      const work = async () => {
        await bench.remove(id);
        if (policy !== undefined) throw new Error("declined");
        return "done";
      };
      const deliver = wrap(bench, work, { ...checked, ...(policy === undefined ? {} : { onError: policy }) });
      await deliver().catch(() => {});
      const after = await bench.others.read(id);
      expect(after?.status).toBe(status);
      expect(deliver.types()).toEqual(["claimed", status ?? "released"]);
      if (status !== undefined)
        expect(after).toMatchObject({ attempt: 1, fingerprint: fingerprintOf(order), leaseUntil: bench.clock.now() + leaseMs });
    });

    it("puts a record whose retention begins anew", async () => {
      const bench = await open();
      bench.faults.on("settle", { before: () => bench.remove(id), after: () => bench.clock.jump(2500) });
      const deliver = wrap(bench);
      await deliver();
      const { expiresAt, completedAt } = (await bench.others.read(id)) ?? {};
      expect(expiresAt).toBe(Math.ceil(bench.clock.now() / 1000) + retentionSeconds);
      expect(completedAt).toBe(bench.clock.now() - 2500);
    });

    it("puts the lease as extended", async () => {
      const bench = await open();
      const deliver = wrap(bench, async () => {
        await currentExecution().extendLease(50_000);
        await bench.remove(id);
      });
      await deliver();
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", leaseUntil: bench.clock.now() + 50_000 });
    });

    it("puts nothing over a newcomer's claim", async () => {
      const bench = await open();
      bench.faults.on("settle", { before: () => bench.remove(id) }, { before: () => bench.put(record(bench)) });
      expect((await refusal(wrap(bench)())).code).toBe("LEASE_LOST");
      expect(await bench.others.read(id)).toMatchObject({ status: "in_progress", owner: "another" });
    });

    it("knows its own put again when its answer was lost", async () => {
      const bench = await open();
      bench.faults.on("settle", { before: () => bench.remove(id) }, { answer: "lost" });
      const deliver = wrap(bench);
      expect(await deliver()).toBe("done");
      expect(deliver.types()).toContain("completed");
    });
  });

  describe.skipIf(!available)("expiry", () => {
    it("is rounded up, and an unfinished record expires from its lease's end", async () => {
      const bench = await open();
      bench.clock.jump(1); // off the full second
      let during: unknown;
      const deliver = wrap(bench, async () => (during = await bench.others.read(id)));
      await deliver();
      const second = bench.clock.now() / 1000;
      expect(during).toMatchObject({ expiresAt: Math.ceil(second + leaseMs / 1000) + retentionSeconds });
      expect(await bench.others.read(id)).toMatchObject({ expiresAt: Math.ceil(second) + retentionSeconds });
    });

    it("moves with the lease", async () => {
      const bench = await open();
      let during: unknown;
      const deliver = wrap(bench, async () => {
        await currentExecution().extendLease(50_001);
        during = await bench.others.read(id);
      });
      await deliver();
      expect(during).toMatchObject({ leaseUntil: bench.clock.now() + 50_001, expiresAt: bench.clock.now() / 1000 + 51 + retentionSeconds });
    });

    it("never comes before the end of a lease that is longer than the retention", async () => {
      const bench = await open();
      const deliver = wrap(
        bench,
        async () => {
          bench.clock.jump(50_000);
          expect((await refusal(wrap(bench)())).code).toBe("IN_PROGRESS");
          return "done";
        },
        { retentionSeconds: 1, leaseMs: () => 60_000 },
      );
      expect(await deliver()).toBe("done");
    });
  });

  describe.skipIf(!available)("the fingerprint stays with a key until expiry", () => {
    it("also after a release: a retry with another payload is a mismatch", async () => {
      const bench = await open();
      const failing = wrap(bench, () => Promise.reject(new Error("down")), checked);
      await expect(failing()).rejects.toThrow("down");
      const changed = wrap(bench, undefined, checked);
      expect((await refusal(changed({ ...order, amount: 6 }))).code).toBe("KEY_REUSED");
      expect(await changed()).toBe("done");
    });
  });
});
