import { expect, it } from "vitest";
import { begin } from "../../src/core/begin.ts";
import { describeError } from "../../src/core/errors.ts";
import { idempotent, type Store } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { memoryBench } from "../support/bench.ts";
import { completedRecord, leaseMs, record } from "../support/deliveries.ts";
import { callOn, policy } from "./call-on.ts";

it("a claim is settled once: what was sent as completed is never released", async () => {
  const begun = await begin(callOn());
  if (begun.kind !== "run") throw new Error(begun.kind);
  await begun.claim.settle({ status: "completed", encoding: "void" });
  await expect(begun.claim.settle({ status: "released", error: describeError(new Error("late")) })).rejects.toThrow("settled once");
});

it.for([
  { name: "before the message was sent: it runs again", at: -1, kind: "run" },
  { name: "as it was sent: it is replayed", at: 0, kind: "replay" },
  { name: "after it was sent: it is replayed", at: 1, kind: "replay" },
])("a failure from $name", async ({ at, kind }) => {
  const bench = await memoryBench.open();
  const sentAt = bench.clock.now();
  await bench.put(completedRecord(bench, { status: "failed", error: { name: "Poison" }, completedAt: sentAt + at }));
  const call = callOn({ store: bench.others, clock: bench.clock, retryFailedBeforeMs: sentAt });
  expect((await begin(call)).kind).toBe(kind);
});

it("a waiter that reads a claim of its own, which arrived late, takes it over", async () => {
  const bench = await memoryBench.open();
  await bench.put(record(bench));
  bench.faults.on("read", { before: () => bench.put(record(bench, { owner: "me" })) });
  const told: unknown[] = [];
  const begun = await begin(
    callOn({
      store: bench.store,
      clock: bench.clock,
      newOwner: () => "me",
      policy: { ...policy, waitMs: 5000 },
      report: (event) => told.push(event),
    }),
  );
  expect(begun).toMatchObject({ kind: "run", claim: { ref: { owner: "me", attempt: 2 } } });
  expect(told).toEqual([{ type: "taken_over", attempt: 2, from: "lapsed" }]);
});

it.for([
  { name: "at most", random: () => 1, sleeps: [50, 100, 200, 400, 800, 1000, 1000] },
  { name: "half of it, by full jitter", random: () => 0.5, sleeps: [25, 50, 100, 200, 400, 500, 500] },
])("a waiter reads less and less often: $name", async ({ random, sleeps }) => {
  const bench = await memoryBench.open();
  await bench.put(record(bench, { leaseUntil: bench.clock.now() + 60_000 }));
  const reads = [bench.clock.now()];
  bench.faults.on("read", ...sleeps.map(() => ({ before: () => void reads.push(bench.clock.now()) })));
  await begin(callOn({ store: bench.store, clock: bench.clock, random, policy: { ...policy, waitMs: 5000 } }));
  expect(reads.slice(1, sleeps.length + 1).map((at, i) => at - (reads[i] ?? 0))).toEqual(sleeps);
});

it("a store is handed the raw key as it was at the claim, whatever the handler makes of its event", async () => {
  const store = memoryStore();
  const seen: unknown[] = [];
  const recording: Store = { ...store, settle: (claim, outcome) => (seen.push(claim.keyParts), store.settle(claim, outcome)) };
  const deliver = idempotent(
    (event: { key: (string | string[])[] }) => {
      event.key[0] = "changed";
      (event.key[1] as string[])[0] = "changed";
    },
    { store: recording, operation: "raw", key: (event) => event.key, leaseMs },
  );
  await deliver({ key: ["a", ["b"]] });
  expect(seen).toEqual([["a", ["b"]]]);
});
