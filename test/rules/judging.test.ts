// The order in which a refused claim is judged, as a delivery meets it. test/core/verdict.test.ts has the bare table.
import { describe, expect, it } from "vitest";
import { ReplayedError } from "../../src/index.ts";
import { fingerprintOf } from "../../src/core/fingerprint.ts";
import { memoryBench } from "../support/bench.ts";
import { checked, completedRecord, id, leaseMs, order, record, refusal, retentionSeconds, wrap } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";

const same = fingerprintOf(order);
const other = fingerprintOf({ ...order, amount: 6 });
const hour = retentionSeconds * 1000;

describe.each([memoryBench, dynamodbBench])("judging, on $name", ({ available, open }) => {
  describe.skipIf(!available)("order", () => {
    it("0: a newer format is CONFIG_INVALID before everything, also when expired, and is left as it is", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench, { version: 2, fingerprint: other }));
      bench.clock.jump(10 * hour);
      const deliver = wrap(bench, undefined, checked);
      expect(await refusal(deliver())).toMatchObject({ code: "CONFIG_INVALID", path: "store" });
      expect(deliver.runs).toBe(0);
      expect((await bench.others.read(id))?.version).toBe(2);
    });

    it("1: our own claim, its answer lost and its lease not lapsed, is ours: it runs once", async () => {
      const bench = await open();
      bench.faults.on("claim", { answer: "lost" });
      const deliver = wrap({ store: bench.retrying });
      expect(await deliver()).toBe("done");
      expect(deliver.runs).toBe(1);
      expect(bench.faults.log).toEqual(["claim", "claim", "settle"]);
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", attempt: 1 });
    });

    it("1: our own claim, lapsed, is taken over at once, without the margin and whatever onLeaseExpired says", async () => {
      const bench = await open();
      bench.faults.on("claim", { answer: "lost", after: () => bench.clock.jump(leaseMs) });
      const deliver = wrap({ store: bench.retrying }, undefined, { onLeaseExpired: "throw" });
      expect(await deliver()).toBe("done");
      expect(deliver.runs).toBe(1);
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "taken_over", from: "lapsed", attempt: 2 }));
    });

    it.for([
      { name: "busy, within the lease", passed: leaseMs - 1, fingerprint: same, code: "IN_PROGRESS", retryAfterMs: 1001 },
      { name: "busy, within the margin after it", passed: leaseMs + 999, fingerprint: same, code: "IN_PROGRESS", retryAfterMs: 1 },
      { name: "mismatch comes before busy", passed: 0, fingerprint: other, code: "KEY_REUSED", retryAfterMs: undefined },
    ])("2: a live lease is $name", async ({ passed, fingerprint, code, retryAfterMs }) => {
      const bench = await open();
      await bench.put(record(bench, { fingerprint, requestId: "first" }));
      bench.clock.jump(passed);
      const deliver = wrap(bench, undefined, checked);
      const error = await refusal(deliver());
      expect(error).toMatchObject({ code, requestId: "first", keyHash: id.keyHash });
      expect(error.retryAfterMs).toBe(retryAfterMs);
      expect(deliver.runs).toBe(0);
    });

    it("2: a live lease is never expired, whatever expiresAt says", async () => {
      const bench = await open();
      await bench.put(record(bench, { expiresAt: 1 }));
      expect(await refusal(wrap(bench)())).toMatchObject({ code: "IN_PROGRESS" });
    });

    it("3: an expired record is taken over; its fingerprint, result and error no longer count", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench, { fingerprint: other, attempt: 3, error: { name: "Old" } }));
      bench.clock.jump(hour + 1000);
      const deliver = wrap(bench, undefined, checked);
      expect(await deliver()).toBe("done");
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "taken_over", from: "expired", attempt: 4 }));
      const after = await bench.others.read(id);
      expect(after).toMatchObject({ status: "completed", fingerprint: same, attempt: 4, result: '"done"' });
      expect(after?.error).toBeUndefined();
    });

    it("3: a record is good until its expiry, to the millisecond", async () => {
      const bench = await open();
      const kept = completedRecord(bench);
      await bench.put(kept);
      bench.clock.jump(kept.expiresAt * 1000 - bench.clock.now() - 1);
      expect(await wrap(bench)()).toBe("theirs");
      bench.clock.jump(1);
      expect(await wrap(bench)()).toBe("done");
    });

    it.for(["completed", "failed", "held", "released", "in_progress"] as const)(
      "4: another fingerprint is a mismatch, status %s",
      async (status) => {
        const bench = await open();
        await bench.put(completedRecord(bench, { status, fingerprint: other }));
        bench.clock.jump(leaseMs + 1000);
        const deliver = wrap(bench, undefined, checked);
        expect(await refusal(deliver())).toMatchObject({ code: "KEY_REUSED", safeToUseNewKey: true });
        expect(deliver.types()).toEqual(["mismatch"]);
        expect(deliver.runs).toBe(0);
      },
    );

    it.for([
      { name: "the record has none", kept: undefined },
      { name: "it is of another version", kept: "2:abc" },
    ])("4: fingerprints are not compared where $name", async ({ kept }) => {
      const bench = await open();
      await bench.put(completedRecord(bench, { fingerprint: kept }));
      expect(await wrap(bench, undefined, checked)()).toBe("theirs");
    });

    it("5: completed is replayed, failed is thrown again", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench));
      const deliver = wrap(bench);
      expect(await deliver()).toBe("theirs");
      await bench.put(
        completedRecord(bench, { status: "failed", error: { name: "CardDeclined", message: "no funds", code: "51", statusCode: 402 } }),
      );
      const error: unknown = await deliver().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ReplayedError);
      expect(error).toMatchObject({ name: "CardDeclined", message: "no funds", code: "51", statusCode: 402 });
      expect(deliver.runs).toBe(0);
      expect(deliver.types()).toEqual(["replayed", "replayed"]);
    });

    it("6: released is taken over", async () => {
      const bench = await open();
      await bench.put(record(bench, { status: "released" }));
      const deliver = wrap(bench);
      expect(await deliver()).toBe("done");
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "taken_over", from: "released", attempt: 2 }));
    });

    it("7: held is OUTCOME_UNKNOWN", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench, { status: "held" }));
      const deliver = wrap(bench);
      expect(await refusal(deliver())).toMatchObject({ code: "OUTCOME_UNKNOWN", retryable: false, safeToUseNewKey: false });
      expect(deliver.types()).toEqual(["unknown"]);
    });

    it.for([
      { onLeaseExpired: "run", runs: 1 },
      { onLeaseExpired: "throw", runs: 0 },
    ] as const)("8: a lapsed lease, onLeaseExpired $onLeaseExpired", async ({ onLeaseExpired, runs }) => {
      const bench = await open();
      await bench.put(record(bench));
      bench.clock.jump(leaseMs + 1000);
      const deliver = wrap(bench, undefined, { onLeaseExpired });
      if (runs === 1) expect(await deliver()).toBe("done");
      else expect(await refusal(deliver())).toMatchObject({ code: "OUTCOME_UNKNOWN" });
      expect(deliver.runs).toBe(runs);
      expect((await bench.others.read(id))?.attempt).toBe(1 + runs);
    });
  });

  describe.skipIf(!available)("beside the order", () => {
    it("before unknown is answered, one consistent read is judged again", async () => {
      const bench = await open();
      const lapsed = record(bench);
      await bench.put(lapsed);
      bench.clock.jump(leaseMs + 1000);
      // Its owner comes back between the refusal and the read.
      bench.faults.on("read", { before: () => bench.put(completedRecord(bench)) });
      const deliver = wrap(bench, undefined, { onLeaseExpired: "throw" });
      expect(await deliver()).toBe("theirs");
      expect(bench.faults.log).toEqual(["claim", "read"]);
    });

    it.for([
      { name: "before unknown is answered", onInProgress: "throw", lapsed: true },
      { name: "of a waiter", onInProgress: { waitMs: 60_000 }, lapsed: false },
    ] as const)(
      "a read $name, whose lease lapsed while its answer was on its way, is asked for again",
      async ({ onInProgress, lapsed }) => {
        const bench = await open();
        await bench.put(record(bench));
        if (lapsed) bench.clock.jump(leaseMs + 1000);
        // As the read is answered the lease is live, by the margin alone; its run completes, and then the answer arrives.
        const live = () => bench.put(record(bench, { leaseUntil: bench.clock.now() - 999 }));
        const late = async () => {
          await bench.put(completedRecord(bench));
          bench.clock.jump(1);
        };
        bench.faults.on("read", { before: live, after: late });
        const deliver = wrap(bench, undefined, { onLeaseExpired: "throw", onInProgress });
        expect(await deliver()).toBe("theirs");
        expect(bench.faults.log).toEqual(["claim", "read", "read"]);
      },
    );

    it("a lease that had lapsed when the read was asked for is unknown at once, however late the answer comes", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.clock.jump(leaseMs + 1000);
      bench.faults.on("read", { after: () => bench.clock.jump(6000) });
      const deliver = wrap(bench, undefined, { onLeaseExpired: "throw" });
      expect((await refusal(deliver())).code).toBe("OUTCOME_UNKNOWN");
      expect(bench.faults.log).toEqual(["claim", "read"]);
    });

    it("before unknown is answered, a record that expires while the read is on its way is taken over", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench, { status: "held", expiresAt: bench.clock.now() / 1000 + 1 }));
      bench.faults.on("read", { after: () => bench.clock.jump(1000) });
      expect(await wrap(bench)()).toBe("done");
      expect(bench.faults.log).toEqual(["claim", "read", "takeOver", "settle"]);
    });

    it("before unknown is answered, a record that is gone sends the delivery back to the claim", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench, { status: "held" }));
      bench.faults.on("read", { before: () => bench.remove(id) });
      const deliver = wrap(bench);
      expect(await deliver()).toBe("done");
      expect(bench.faults.log).toEqual(["claim", "read", "claim", "settle"]);
    });

    it("refused without an item goes back to the claim", async () => {
      const bench = await open();
      await bench.put(record(bench, { status: "released" }));
      bench.faults.on("takeOver", { before: () => bench.remove(id) });
      const deliver = wrap(bench);
      expect(await deliver()).toBe("done");
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", attempt: 1 });
    });

    it("the loop is bounded; at its end the delivery is IN_PROGRESS", async () => {
      const bench = await open();
      await bench.put(record(bench, { status: "released" }));
      let changes = 0;
      for (let i = 0; i < 100; i++) {
        bench.faults.on("takeOver", { before: () => bench.put(record(bench, { status: "released", owner: `another-${changes++}` })) });
      }
      const deliver = wrap(bench);
      const error = await refusal(deliver());
      expect(error.code).toBe("IN_PROGRESS");
      expect(error.retryAfterMs).toBeGreaterThan(0);
      expect(deliver.runs).toBe(0);
      expect(changes).toBeLessThan(20);
    });
  });
});
