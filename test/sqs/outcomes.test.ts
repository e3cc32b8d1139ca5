// What becomes of a message that runs, or has run.
import { describe, it } from "vitest";
import { IdempotencyError, ReplayedError, type StoredRecord } from "../../src/index.ts";
import { PermanentError, type SQSRecord } from "../../src/sqs/index.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { completedRecord, record } from "../support/deliveries.ts";
import { atOnce, firstBackoff, play, type Row } from "./rows.ts";

const down = new Error("down");
const work = () => Promise.reject(down);
const lapsed = (bench: Bench) => record(bench, { leaseUntil: bench.clock.now() - 1000 });
const ended = (changes: Partial<StoredRecord>) => (bench: Bench) => record(bench, { completedAt: bench.clock.now(), ...changes });

const done: readonly Row[] = [
  { name: "it ran and completed", becomes: "done", runs: true, status: "completed", events: ["claimed", "completed"] },
  { name: "a finished duplicate", prior: completedRecord, becomes: "done", status: "completed", events: ["replayed"] },
  {
    name: "a finished duplicate whose result was lost",
    prior: (bench) => completedRecord(bench, { encoding: "lost", result: undefined }),
    becomes: "done",
    status: "completed",
    events: ["result_not_kept"],
  },
  { name: "a lapsed lease", prior: lapsed, becomes: "done", runs: true, status: "completed", events: ["taken_over", "completed"] },
  {
    name: "no key, and onMissingKey says run",
    options: { key: () => undefined, onMissingKey: "run" },
    becomes: "done",
    runs: true,
    events: ["unprotected"],
  },
  { name: "switched off", options: { enabled: false }, becomes: "done", runs: true, events: ["unprotected"] },
];

// 10 s of the lease, the margin of a second, up to 30 s of jitter.
const deferred: Row = {
  name: "a duplicate in progress",
  prior: record,
  becomes: [11, 41],
  status: "in_progress",
  events: ["in_progress", "deferred"],
};

/** The handler threw, and its key is free. */
function released(name: string, most: number, more: Partial<Row>): Row {
  const events = ["claimed", "released"];
  return { name, work, becomes: [0, most], runs: true, status: "released", events, logs: down, ...more };
}
const receives = (count: unknown) => (message: SQSRecord) => Object.assign(message.attributes, { ApproximateReceiveCount: count });
const backoffs = Object.entries({ "1": 2, "2": 4, "4": 16, "9": 512, "10": 900, "100000": 900 });
const absurd = [undefined, null, "0", "-1", "1.5", "x", "", "1e999", "9007199254740993"];
const thrown = [
  ...backoffs.map(([count, most]) => released(`it threw at receive ${count}`, most, { change: receives(count) })),
  ...absurd.map((count) => released(`it threw, receive count ${String(count)}`, 2, { change: receives(count) })),
  released("it threw, no attributes", 2, { change: (message) => Reflect.deleteProperty(message, "attributes") }),
  ...[undefined, null, "text"].map((value) =>
    released(`it threw ${String(value)}`, 2, { work: () => Promise.reject(value as unknown as Error), logs: [value] }),
  ),
];

// What a wrapped function inside of the handler throws is the handler's error, whatever it would mean for the message itself.
const nested = (inner: Error, name: string) => released(`it threw a nested ${name}`, 2, { work: () => Promise.reject(inner), logs: inner });
const inner = [
  nested(new IdempotencyError("IN_PROGRESS", "inner", { retryAfterMs: 5000 }), "IN_PROGRESS"),
  nested(new IdempotencyError("RESULT_UNAVAILABLE", "inner"), "RESULT_UNAVAILABLE"),
  nested(new IdempotencyError("KEY_REUSED", "inner"), "KEY_REUSED"),
  nested(new ReplayedError({ name: "Error", message: "inner" }), "ReplayedError"),
];

/** The handler threw, and its key is closed. */
function closed(name: string, status: "failed" | "held", more: Partial<Row>): Row {
  return { name, work, becomes: atOnce, runs: true, status, events: ["claimed", status], logs: down, ...more };
}
const never = new PermanentError("never");
const closing = [
  ...[undefined, "release", "hold", () => "release" as const, () => Promise.reject(down) as never].map((onError) =>
    closed(`PermanentError, onError: ${String(onError)}`, "failed", {
      work: () => Promise.reject(never),
      options: { onError: onError as "hold" },
      logs: never,
    }),
  ),
  closed("it threw, onError keeps it", "failed", { options: { onError: "keep" } }),
  closed("it threw, onError keeps just this one", "failed", { options: { onError: (error) => (error === down ? "keep" : "hold") } }),
  closed("it threw, onError holds it", "held", { options: { onError: "hold" } }),
];
const poison = { name: "Poison", message: "never" };
const closedBefore: readonly Row[] = [
  {
    name: "one that has failed for good",
    prior: ended({ status: "failed", error: poison }),
    becomes: atOnce,
    status: "failed",
    events: ["replayed"],
    logs: poison,
  },
  // Its code says nothing of this delivery.
  ...["RESULT_UNAVAILABLE", "STORE_UNAVAILABLE", "IN_PROGRESS"].map((code): Row => ({
    name: `one that has failed for good, of code ${code}`,
    prior: ended({ status: "failed", error: { name: "IdempotencyError", message: "inner", code } }),
    becomes: atOnce,
    status: "failed",
    events: ["replayed"],
    logs: { code },
  })),
  {
    name: "one that is held",
    prior: ended({ status: "held" }),
    becomes: atOnce,
    status: "held",
    events: ["unknown"],
    logs: { code: "OUTCOME_UNKNOWN" },
  },
  {
    name: 'a lapsed lease, and onLeaseExpired is "throw"',
    prior: lapsed,
    options: { onLeaseExpired: "throw" },
    becomes: atOnce,
    status: "in_progress",
    events: ["unknown"],
    logs: { code: "OUTCOME_UNKNOWN" },
  },
];

// Without a dead-letter queue it would be delivered without pause for as long as the queue keeps it.
const often = [
  { count: 10, becomes: atOnce },
  { count: 11, becomes: [0, 30] as const },
].flatMap(({ count, becomes }): Row[] => [
  closed(`PermanentError at receive ${count}`, "failed", {
    work: () => Promise.reject(never),
    change: receives(String(count)),
    becomes,
    logs: never,
  }),
  {
    name: `one that has failed for good, at receive ${count}`,
    prior: ended({ status: "failed", error: poison }),
    change: receives(String(count)),
    becomes,
    status: "failed",
    events: ["replayed"],
    logs: poison,
  },
  {
    name: `one that is held, at receive ${count}`,
    prior: ended({ status: "held" }),
    change: receives(String(count)),
    becomes,
    status: "held",
    events: ["unknown"],
    logs: { code: "OUTCOME_UNKNOWN" },
  },
]);

// Nothing is kept without a key: so it runs at each delivery, and not at once.
const unprotected = [{ enabled: false }, { key: () => undefined, onMissingKey: "run" }].map((options): Row => ({
  name: `PermanentError without a key: ${Object.keys(options).join()}`,
  work: () => Promise.reject(never),
  options: options as NonNullable<Row["options"]>,
  becomes: firstBackoff,
  runs: true,
  events: ["unprotected"],
  logs: never,
}));

const misconfigured: readonly Row[] = [
  {
    name: "a lease function that answers nonsense",
    options: { leaseMs: () => Number.NaN },
    becomes: firstBackoff,
    events: [],
    logs: { code: "CONFIG_INVALID", path: "leaseMs" },
  },
  {
    name: "a record of a newer build",
    prior: (bench) => completedRecord(bench, { version: 99 }),
    becomes: firstBackoff,
    status: "completed",
    events: [],
    logs: { code: "CONFIG_INVALID", path: "store" },
  },
];

describe("what becomes of a message", () => {
  it.for([...done, deferred, ...thrown, ...inner, ...closing, ...closedBefore, ...often, ...unprotected, ...misconfigured])(
    "$name",
    (row) => play(row, memoryBench.open),
  );
});
