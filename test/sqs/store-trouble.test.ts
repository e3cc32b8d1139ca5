// What becomes of a message whose store does not do what it is asked.
import { describe, expect, it } from "vitest";
import { type Bench, memoryBench } from "../support/bench.ts";
import { completedRecord, record } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";
import type { Fault } from "../support/faults.ts";
import { type Consumer, keyed } from "./consumer.ts";
import { firstBackoff, play, type Row } from "./rows.ts";

type Answer = NonNullable<Fault["answer"]>;
const logs = { code: "LEASE_LOST" };

/** The claim has no answer, or a bad one. */
function unclaimed(name: string, answer: Answer, more: Partial<Row> = {}): Row {
  return {
    name: `the claim is ${name}`,
    prior: ({ faults }) => faults.on("claim", { answer }),
    becomes: firstBackoff,
    events: ["store_error"],
    logs: { code: "STORE_UNAVAILABLE" },
    ...more,
  };
}
const claims = [
  unclaimed("throttled", "throttled"),
  unclaimed("not answered", "unsent"),
  unclaimed("applied, and not answered: it is freed", "lost", { status: "released" }),
  unclaimed("not allowed", "denied", { logs: { code: "CONFIG_INVALID" } }),
  unclaimed("throttled, onStoreUnavailable says run", "throttled", { options: { onStoreUnavailable: "run" } }),
];
const unprotected: Row = {
  name: "the claim is not answered, onStoreUnavailable says run",
  prior: ({ faults }) => faults.on("claim", { answer: "unsent" }),
  options: { onStoreUnavailable: "run" },
  becomes: "done",
  runs: true,
  status: "completed",
  events: ["store_error", "unprotected"],
};

/** Each try to end the run takes a second. */
function neverEnds({ faults, clock }: Bench, answer: Answer): void {
  faults.on("settle", ...Array.from({ length: 20 }, (): Fault => ({ answer, before: () => clock.jump(1000) })));
}
const uncompleted = (["unsent", "throttled", "denied"] as const).map((answer): Row => ({
  name: `it ran, and its completion is ${answer} for good`,
  prior: (bench) => neverEnds(bench, answer),
  becomes: "done",
  runs: true,
  status: "in_progress",
  events: ["claimed", "store_error"],
  then: isDeferred,
}));
// What is left of the lease keeps others away from what is done.
async function isDeferred({ deliver, types, ran }: Consumer, { faults }: Bench): Promise<void> {
  faults.clear("settle");
  const { batchItemFailures } = await deliver([keyed("order-1")]);
  expect(batchItemFailures).toHaveLength(1);
  expect(types().slice(2)).toEqual(["in_progress", "deferred"]);
  expect(ran).toHaveLength(1);
}
const ends: readonly Row[] = [
  {
    name: "it ran, and its completion is throttled at first",
    prior: ({ faults }) => faults.on("settle", { answer: "throttled" }),
    becomes: "done",
    runs: true,
    status: "completed",
    events: ["claimed", "completed"],
  },
  {
    name: "it threw, and its release is not answered for good",
    prior: (bench) => neverEnds(bench, "unsent"),
    work: () => Promise.reject(new Error("down")),
    becomes: firstBackoff,
    runs: true,
    status: "in_progress",
    events: ["claimed", "store_error"],
    logs: new Error("down"),
  },
];

/** While it works, its key becomes another's. */
function lost(name: string, winner: (bench: Bench) => ReturnType<typeof record>, more: Partial<Row>): Row {
  const work = (bench: Bench) => bench.put({ ...winner(bench), attempt: 2 });
  return { name: `its lease is lost to ${name}`, work, becomes: firstBackoff, runs: true, events: ["claimed", "lease_lost"], ...more };
}
const ended = (status: "failed" | "released") => (bench: Bench) =>
  record(bench, { status, error: { name: "Error" }, completedAt: bench.clock.now() });
const lostLeases = [
  lost("one that is in progress", record, { status: "in_progress", logs }),
  lost("one that has failed", ended("failed"), { status: "failed", logs }),
  lost("one that was released", ended("released"), { status: "released", logs }),
  lost("one that has completed", completedRecord, {
    becomes: "done",
    status: "completed",
    events: ["claimed", "lease_lost", "replayed"],
  }),
  lost("one that has completed, and it threw itself", completedRecord, {
    async work(bench) {
      await bench.put({ ...completedRecord(bench), attempt: 2 });
      throw new Error("down");
    },
    status: "completed",
    logs: new Error("down"),
  }),
];

describe.for([memoryBench, dynamodbBench])("what becomes of a message on $name", ({ available, open }) => {
  it.skipIf(!available).for([...claims, unprotected, ...uncompleted, ...ends, ...lostLeases])("$name", (row) => play(row, open));
});
