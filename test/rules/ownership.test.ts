// Design section "Lost ownership at complete", and what late finishers can and cannot do.
import { describe, expect, it } from "vitest";
import { currentExecution } from "../../src/index.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { checked, completedRecord, id, leaseMs, order, record, refusal, wrap } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";

describe.each([memoryBench, dynamodbBench])("ownership, on $name", ({ available, open }) => {
  describe.skipIf(!available)("an owner that has lost its key", () => {
    it("gets the winner's answer, through onReplay, and both are announced", async () => {
      const bench = await open();
      const deliver = wrap(bench, () => bench.put(completedRecord(bench, { attempt: 2, requestId: "winner" })), {
        ...checked,
        onReplay: (result, replay) => ({ result, replay }),
      });
      expect(await deliver()).toEqual({ result: "theirs", replay: { attempt: 2, completedAt: bench.clock.now(), requestId: "winner" } });
      expect(deliver.types()).toEqual(["claimed", "lease_lost", "replayed"]);
    });

    it.for([
      { name: "is still running", change: { status: "in_progress" } },
      { name: "has failed", change: { status: "failed", error: { name: "Declined" } } },
      { name: "was released", change: { status: "released" } },
      { name: "is held", change: { status: "held" } },
      { name: "has another fingerprint", change: { fingerprint: "1:other" } },
      { name: "has lost its result", change: { encoding: "lost", result: undefined } },
      { name: "used another codec", change: { encoding: "msgpack" } },
      { name: "cannot be decoded", change: { result: "{" } },
      { name: "was written by a newer build", change: { version: 2 } },
    ] satisfies { name: string; change: Partial<StoredRecord> }[])("gets LEASE_LOST where the winner $name", async ({ change }) => {
      const bench = await open();
      const deliver = wrap(bench, () => bench.put(completedRecord(bench, change)), checked);
      expect((await refusal(deliver())).code).toBe("LEASE_LOST");
      expect(deliver.types().slice(0, 2)).toEqual(["claimed", "lease_lost"]);
      expect(deliver.types()).not.toContain("replayed");
      expect(await bench.others.read(id)).toMatchObject({ owner: "another", ...change });
    });

    it("gets LEASE_LOST where an operator has released its claim", async () => {
      const bench = await open();
      const deliver = wrap(bench, async () => bench.others.release((await bench.others.read(id))!));
      expect((await refusal(deliver())).code).toBe("LEASE_LOST");
      expect((await bench.others.read(id))?.status).toBe("released");
    });
  });

  describe.skipIf(!available)("a late finisher never overwrites or deletes the winner's record", () => {
    /** A first run that outlives its lease while a second one takes over and completes. */
    async function zombie(bench: Bench, end: () => unknown): Promise<{ first: unknown; kept: StoredRecord | undefined; runs: number }> {
      const second = wrap({ store: bench.others }, () => currentExecution().attempt);
      const first = wrap(bench, async () => {
        bench.clock.jump(leaseMs + 1000);
        await second();
        return end();
      });
      const answer = await first().catch((error: unknown) => error);
      return { first: answer, kept: await bench.others.read(id), runs: first.runs + second.runs };
    }

    it("late success", async () => {
      const bench = await open();
      const { first, kept, runs } = await zombie(bench, () => "late");
      expect(first).toBe(2);
      expect(kept).toMatchObject({ status: "completed", attempt: 2, result: "2" });
      expect(runs).toBe(2);
      expect(await wrap(bench)()).toBe(2);
    });

    it("late failure", async () => {
      const bench = await open();
      const { first, kept } = await zombie(bench, () => {
        throw new Error("late");
      });
      expect(first).toMatchObject({ message: "late" });
      expect(kept).toMatchObject({ status: "completed", attempt: 2, result: "2" });
    });
  });

  describe.skipIf(!available)("a lost acknowledgement is not a conflict", () => {
    it.for(["claim", "takeOver", "settle"] as const)("of %s: one run", async (call) => {
      const bench = await open();
      if (call === "takeOver") await bench.put(record(bench, { status: "released" }));
      bench.faults.on(call, { answer: "lost" });
      const deliver = wrap({ store: bench.retrying });
      expect(await deliver()).toBe("done");
      expect(await deliver()).toBe("done");
      expect(deliver.runs).toBe(1);
      expect(deliver.types().filter((type) => type === "completed" || type === "replayed")).toEqual(["completed", "replayed"]);
    });

    it.for([
      { policy: "release", status: "released" },
      { policy: "keep", status: "failed" },
      { policy: "hold", status: "held" },
    ] as const)("of the end of a failed run, policy $policy", async ({ policy, status }) => {
      const bench = await open();
      bench.faults.on("settle", { answer: "lost" });
      const deliver = wrap({ store: bench.retrying }, () => Promise.reject(new Error("declined")), { onError: policy });
      await expect(deliver()).rejects.toThrow("declined");
      expect((await bench.others.read(id))?.status).toBe(status);
      expect(deliver.types()).toEqual(["claimed", status]);
    });

    it("of a completion that our own retry finds done", async () => {
      const bench = await open();
      bench.faults.on("settle", { answer: "lost" });
      const deliver = wrap(bench);
      expect(await deliver()).toBe("done");
      expect(deliver.events).toContainEqual(expect.objectContaining({ type: "completed", encoding: "json", bytes: 6 }));
    });
  });

  describe.skipIf(!available)("a rejected duplicate holds nothing", () => {
    it("and so can undo nothing: its refusal leaves the first run's claim alone", async () => {
      const bench = await open();
      const duplicates: unknown[] = [];
      const deliver = wrap(bench, async () => {
        for (let i = 0; i < 3; i++) duplicates.push((await refusal(deliver(order))).code);
        return "done";
      });
      expect(await deliver()).toBe("done");
      expect(duplicates).toEqual(["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS"]);
      expect(deliver.runs).toBe(1);
    });
  });
});

it("an owner that is refused without a record gets LEASE_LOST", async () => {
  const { store } = await memoryBench.open();
  const deliver = wrap(
    { store: { ...store, settle: async () => ({ applied: false }), extend: async () => ({ applied: false }) } },
    async () => {
      expect((await refusal(currentExecution().extendLease(60_000))).code).toBe("LEASE_LOST");
    },
  );
  expect((await refusal(deliver())).code).toBe("LEASE_LOST");
  expect(deliver.types()).toEqual(["claimed", "lease_lost", "lease_lost"]);
});
