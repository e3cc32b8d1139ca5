// Design section "Store trouble": what runs, and what does not, when the store does not answer.
import { describe, expect, it } from "vitest";
import type { StoreFailure } from "../../src/index.ts";
import { memoryBench } from "../support/bench.ts";
import { completedRecord, id, leaseMs, type Options, record, refusal, wrap } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";

const run: Options = { onStoreUnavailable: "run" };

describe.each([memoryBench, dynamodbBench])("store trouble, on $name", ({ available, open }) => {
  describe.skipIf(!available)("fails closed by default", () => {
    it.for([
      { answer: "unsent", code: "STORE_UNAVAILABLE", kind: "unreachable" },
      { answer: "throttled", code: "STORE_UNAVAILABLE", kind: "throttled" },
      { answer: "denied", code: "CONFIG_INVALID", kind: "misconfigured" },
    ] as const)("$answer: nothing runs", async ({ answer, code, kind }) => {
      const bench = await open();
      bench.faults.always({ answer });
      const deliver = wrap(bench);
      const error = await refusal(deliver());
      expect(error).toMatchObject({ code, keyHash: id.keyHash, retryable: code === "STORE_UNAVAILABLE" });
      expect((error.cause as StoreFailure).kind).toBe(kind);
      expect(deliver.runs).toBe(0);
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "store_error", during: "claim" }));
    });
  });

  describe.skipIf(!available)('onStoreUnavailable "run" applies only where the store cannot be reached before any record was seen', () => {
    it("runs where it cannot be reached", async () => {
      const bench = await open();
      bench.faults.always({ answer: "unsent" });
      const deliver = wrap(bench, undefined, run);
      expect(await deliver()).toBe("done");
      expect(deliver.types()).toEqual(["store_error", "unprotected", "store_error"]);
    });

    it("never to throttling", async () => {
      const bench = await open();
      bench.faults.always({ answer: "throttled" });
      const deliver = wrap(bench, undefined, run);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
    });

    it("never to a try that was lost and then throttled", async () => {
      const bench = await open();
      bench.faults.on("claim", { answer: "unsent" }, { answer: "throttled" }, { answer: "throttled" });
      const deliver = wrap({ store: bench.retrying }, undefined, run);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
    });

    it.for(["throttled", "conflict"] as const)("never to a request that was %s once, though its last try found nobody", async (answer) => {
      const bench = await open();
      bench.faults.on("claim", { answer }, { answer: "unsent" }, { answer: "unsent" }, { answer: "unsent" });
      const deliver = wrap({ store: bench.retrying }, undefined, run);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
    });

    it("never to a failed wait read", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.faults.on("read", { answer: "unsent" });
      const deliver = wrap(bench, undefined, { ...run, onInProgress: { waitMs: 5000 } });
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "store_error", during: "read" }));
      expect(deliver.runs).toBe(0);
    });

    it("never to the read before unknown", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench, { status: "held" }));
      bench.faults.on("read", { answer: "unsent" });
      const deliver = wrap(bench, undefined, run);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
    });

    it("never to a takeover, which knows of a record", async () => {
      const bench = await open();
      await bench.put(record(bench, { status: "released" }));
      bench.faults.on("takeOver", { answer: "unsent" });
      const deliver = wrap(bench, undefined, run);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
    });

    it("never to a claim that follows a record which TTL deleted in between", async () => {
      const bench = await open();
      await bench.put(record(bench, { status: "released" }));
      bench.faults.on("takeOver", { before: () => bench.remove(id) });
      bench.faults.on("claim", {}, { answer: "unsent" });
      const deliver = wrap(bench, undefined, run);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
    });

    it("a missing table or permission is CONFIG_INVALID all the same", async () => {
      const bench = await open();
      bench.faults.always({ answer: "denied" });
      const deliver = wrap(bench, undefined, run);
      expect(await refusal(deliver())).toMatchObject({ code: "CONFIG_INVALID", path: "store" });
      expect(deliver.runs).toBe(0);
    });
  });

  describe.skipIf(!available)("a conflict with another writer", () => {
    it("is retried by us, at the claim, the takeover and the extension", async () => {
      const bench = await open();
      bench.faults.on("claim", { answer: "conflict" }, { answer: "conflict" });
      bench.faults.on("takeOver", { answer: "conflict" });
      await bench.put(record(bench, { status: "released" }));
      const deliver = wrap(bench);
      expect(await deliver()).toBe("done");
      expect(bench.faults.log).toEqual(["claim", "claim", "claim", "takeOver", "takeOver", "settle"]);
    });

    it("for at most 3 s, and is then throttle-like: nothing runs, under run too", async () => {
      const bench = await open();
      bench.faults.on("claim", ...Array.from({ length: 1000 }, () => ({ answer: "conflict" }) as const));
      const before = bench.clock.now();
      const deliver = wrap(bench, undefined, run);
      expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
      expect(bench.clock.now() - before).toBeLessThanOrEqual(3000);
      expect(deliver.runs).toBe(0);
    });
  });

  describe.skipIf(!available)("a completion that fails for good", () => {
    it.for(["unsent", "throttled", "denied"] as const)(
      "%s: the caller still gets the result, an event says so, the claim stays until its lease ends",
      async (answer) => {
        const bench = await open();
        bench.faults.on("settle", ...Array.from({ length: 1000 }, () => ({ answer }) as const));
        const deliver = wrap(bench);
        expect(await deliver()).toBe("done");
        expect(deliver.types()).toEqual(["claimed", "store_error"]);
        expect(deliver.events[1]).toMatchObject({ during: "settle" });
        // What will not heal is not tried again.
        if (answer === "denied") expect(bench.faults.log).toEqual(["claim", "settle"]);
        expect((await refusal(wrap({ store: bench.others })())).code).toBe("IN_PROGRESS");
        bench.clock.jump(leaseMs + 1000);
        expect((await refusal(wrap({ store: bench.others }, undefined, { onLeaseExpired: "throw" })())).code).toBe("OUTCOME_UNKNOWN");
      },
    );
  });

  describe.skipIf(!available)("the business error is never masked by a store error", () => {
    const declined = new Error("declined");
    it.for([
      { policy: "release", answer: "unsent" },
      { policy: "keep", answer: "throttled" },
      { policy: "hold", answer: "denied" },
    ] as const)("policy $policy, settling is $answer", async ({ policy, answer }) => {
      const bench = await open();
      bench.faults.on("settle", ...Array.from({ length: 1000 }, () => ({ answer }) as const));
      const deliver = wrap(bench, () => Promise.reject(declined), { onError: policy });
      await expect(deliver()).rejects.toBe(declined);
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "store_error", during: "settle" }));
    });

    it("nor by a lost claim", async () => {
      const bench = await open();
      const deliver = wrap(bench, async () => {
        await bench.put(completedRecord(bench));
        throw declined;
      });
      await expect(deliver()).rejects.toBe(declined);
      expect(deliver.types()).toEqual(["claimed", "lease_lost"]);
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", owner: "another" });
    });
  });
});

describe("a result that has to be fetched", () => {
  it.for([
    { answer: "unsent", code: "STORE_UNAVAILABLE" },
    { answer: "throttled", code: "STORE_UNAVAILABLE" },
    { answer: "denied", code: "CONFIG_INVALID" },
  ] as const)("$answer is $code, never a run, under run too", async ({ answer, code }) => {
    const bench = await memoryBench.open();
    await bench.put(completedRecord(bench));
    bench.faults.on("result", { answer });
    const deliver = wrap(bench, undefined, run);
    expect((await refusal(deliver())).code).toBe(code);
    expect(deliver.events).toContainEqual(expect.objectContaining({ type: "store_error", during: "result" }));
    expect(deliver.runs).toBe(0);
  });
});

describe("a store that throws what it should not", () => {
  it.for([
    { name: "an error of its own", thrown: new TypeError("bug") },
    { name: "what has no text", thrown: Object.create(null) as unknown },
    { name: "nothing", thrown: undefined },
  ])("$name: it counts as unreachable, its outcome as unknown", async ({ thrown }) => {
    const bench = await memoryBench.open();
    const deliver = wrap({ store: { ...bench.store, claim: () => Promise.reject(thrown) } });
    expect(await refusal(deliver())).toMatchObject({ code: "STORE_UNAVAILABLE", cause: { kind: "unreachable", maybeApplied: true } });
    expect(bench.faults.log).toEqual(["settle"]);
  });
});
