// Each rule of the simulation is seen to fail: it is told of what must never happen.
import { expect, it } from "vitest";
import { expiryAfter } from "../../src/core/lease.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import { type Answer, type Delivery, newDelivery, type Run } from "./delivery.ts";
import { id } from "./identity.ts";
import { type Invariants, watchInvariants } from "./invariants.ts";
import type { DeliveryPlan, Scenario } from "./scenario.ts";
import { epochMs } from "./time.ts";
import type { SimulatedInvariant } from "./violation.ts";

const plan: DeliveryPlan = { skewMs: 0, payload: 0, steps: [], ends: "small", parts: 1, sentLate: false };
const scenario: Scenario = {
  leaseMs: 3000,
  retentionSeconds: 60,
  waitMs: 0,
  hasDeadline: false,
  onLeaseExpired: "run",
  onStoreUnavailable: "throw",
  onError: "release",
  tries: 1,
  withinMargin: true,
  olderRun: false,
  deliveries: [],
  choices: [],
};

/** Two deliveries, a clock to set, and what is told of them. */
interface Told {
  readonly a: Delivery;
  readonly b: Delivery;
  readonly rules: Invariants;
  at(ms: number): void;
  /** The table takes a record of `by`'s; what it held before is remembered. */
  holds(by: Delivery, changes?: Partial<StoredRecord>): void;
}

function told(changes: Partial<Scenario> = {}, plans: { a?: Partial<DeliveryPlan>; b?: Partial<DeliveryPlan> } = {}): Told {
  let now = epochMs;
  let before: StoredRecord | undefined;
  const [a, b] = [newDelivery("A", { ...plan, ...plans.a }), newDelivery("B", { ...plan, ...plans.b })];
  a.startedAt = b.startedAt = epochMs;
  const rules = watchInvariants({ ...scenario, ...changes }, [a, b], () => now);
  return {
    a,
    b,
    rules,
    at: (ms) => void (now = epochMs + ms),
    holds(by, record = {}) {
      const after = recordOf(by, now, record);
      rules.wrote(by, before, after, now);
      before = after;
    },
  };
}

function recordOf(by: Delivery, now: number, changes: Partial<StoredRecord>): StoredRecord {
  const status = changes.status ?? "in_progress";
  const isFinished = status !== "in_progress" && status !== "released";
  const leaseUntil = changes.leaseUntil ?? now + 3000;
  const expiresAt = expiryAfter(isFinished ? now : leaseUntil, 60);
  const ended = isFinished ? { completedAt: now, encoding: "json" } : {};
  const base = { id, version: 1, status, owner: by.owner, attempt: 1, startedAt: now, leaseUntil, expiresAt };
  return { ...base, fingerprint: by.fingerprint, ...ended, ...changes };
}

function runs(by: Delivery, ended?: Run["ended"], attempt = 1): void {
  by.run = { attempt, ended, endedAt: undefined };
  by.sent.push("end as completed");
}

const completed = { status: "completed" } as const;
const refusal = (code: string): Answer => ({ code, message: "" });

const broken: readonly [SimulatedInvariant, string, (it: Told) => void, Partial<Scenario>?, Parameters<typeof told>[1]?][] = [
  ["attempts go up", "a takeover at a lower one", ({ a, b, holds, at }) => (holds(a, { attempt: 2 }), at(5000), holds(b, { attempt: 1 }))],
  [
    "only the owner writes",
    "another's end",
    ({ a, b, holds, rules }) => (holds(a), rules.wrote(b, recordOf(a, epochMs, {}), recordOf(a, epochMs, { status: "released" }), epochMs)),
  ],
  [
    "only the owner writes",
    "another's extension",
    ({ a, b, holds, rules }) => (
      holds(a),
      rules.wrote(b, recordOf(a, epochMs, {}), recordOf(a, epochMs, { leaseUntil: epochMs + 4000 }), epochMs)
    ),
  ],
  ["a lease never moves back", "an extension to an earlier end", ({ a, holds }) => (holds(a), holds(a, { leaseUntil: epochMs + 2000 }))],
  [
    "no kept outcome is lost",
    "a takeover of a completion",
    ({ a, b, holds }) => (runs(a, "returned"), holds(a, completed), holds(b, { attempt: 2 })),
  ],
  [
    "no kept outcome is lost",
    "a takeover of a kept error",
    ({ a, b, holds }) => (runs(a, "threw"), holds(a, { status: "failed" }), holds(b, { attempt: 2 })),
    { onError: "keep" },
  ],
  [
    "no kept outcome is lost",
    "a takeover of a held key",
    ({ a, b, holds }) => (runs(a, "threw"), holds(a, { status: "held" }), holds(b, { attempt: 2 })),
    { onError: "hold" },
  ],
  [
    "other payloads are told so",
    "a takeover with another payload",
    ({ a, b, holds }) => (holds(a), holds(a, { status: "released" }), holds(b, { attempt: 2 })),
    {},
    { b: { payload: 1 } },
  ],
  [
    "a lapsed run stays closed under throw",
    "a takeover of one",
    ({ a, b, holds, at }) => (holds(a), at(5000), holds(b, { attempt: 2 })),
    { onLeaseExpired: "throw" },
  ],
  ["one run per lease", "a takeover of a live claim", ({ a, b, holds, at }) => (holds(a), at(2999), holds(b, { attempt: 2 }))],
  [
    "one run per lease",
    "a live claim, by its owner's slow clock",
    ({ a, b, holds, at }) => (holds(a), at(3499), holds(b, { attempt: 2 })),
    {},
    { a: { skewMs: -500 } },
  ],
  [
    "one run per lease",
    "a run without a claim",
    ({ b, holds, rules }) => (holds(b), rules.removed(recordOf(b, epochMs, {})), runs(b), rules.started(b, false)),
  ],
  [
    "one run per lease",
    "a run beside one that goes on",
    ({ a, b, holds, rules }) => (
      holds(a),
      runs(a),
      rules.removed(recordOf(a, epochMs, {})),
      rules.wrote(b, undefined, recordOf(b, epochMs, {}), epochMs),
      runs(b),
      rules.started(b, false)
    ),
  ],
  ["a run has time left", "a run whose signal has fired", ({ a, holds, at, rules }) => (holds(a), at(1), runs(a), rules.started(a, true))],
  ["a record says how its run ended", "a completion of what goes on", ({ a, holds }) => (holds(a), runs(a), holds(a, completed))],
  [
    "a record says how its run ended",
    "a release of what has succeeded",
    ({ a, holds }) => (holds(a), runs(a, "returned"), holds(a, { status: "released" })),
  ],
  [
    "a record says how its run ended",
    "an error of what has succeeded",
    ({ a, holds }) => (holds(a), runs(a, "returned"), holds(a, { status: "failed" })),
  ],
  [
    "a record says how its run ended",
    "a release of an error that is to be kept",
    ({ a, holds }) => (holds(a), runs(a, "threw"), holds(a, { status: "released" })),
    { onError: "keep" },
  ],
  [
    "a record says how its run ended",
    "a failure of an error that is to hold its key",
    ({ a, holds }) => (holds(a), runs(a, "threw"), holds(a, { status: "failed" })),
    { onError: "hold" },
  ],
  [
    "a record says how its run ended",
    "a lost result, though nothing went wrong with its parts",
    ({ a, holds }) => (
      holds(a),
      runs(a, "returned"),
      a.troubles.push({ purpose: "end", how: "lost" }),
      holds(a, { ...completed, encoding: "lost" })
    ),
  ],
  [
    "an end is tried again",
    "a result is given up at the first trouble with its parts",
    ({ a, holds }) => (
      holds(a),
      (a.run = { attempt: 1, ended: "returned", endedAt: epochMs }),
      a.sent.push("part of a result"),
      a.troubles.push({ purpose: "part of a result", how: "lost" }),
      holds(a, { ...completed, encoding: "lost" })
    ),
  ],
  ["other payloads are told so", "a claim without its fingerprint", ({ a, holds }) => holds(a, { fingerprint: undefined })],
  [
    "other payloads are told so",
    "a completion that is put without its fingerprint",
    ({ a, holds }) => (runs(a, "returned"), holds(a, { ...completed, fingerprint: undefined })),
  ],
  [
    "attempts go up",
    "an end as another attempt",
    ({ a, holds }) => (holds(a), runs(a, "returned"), holds(a, { ...completed, attempt: 2 })),
  ],
  ["attempts go up", "an end that is put as another one", ({ a, holds }) => (runs(a, "returned", 2), holds(a, completed))],
  [
    "a record is kept for its retention",
    "a completion from before its run's end",
    ({ a, holds, at }) => (
      holds(a),
      (a.run = { attempt: 1, ended: "returned", endedAt: epochMs + 2000 }),
      at(2000),
      holds(a, { ...completed, completedAt: epochMs + 1999 })
    ),
  ],
  [
    "a record says how its run ended",
    "an event of a hold that no record keeps",
    ({ a, holds, rules }) => (holds(a), runs(a, "threw"), rules.kept(a, "held")),
    { onError: "hold" },
  ],
  [
    "every refusal is so",
    "lost, though it could read the winner's result",
    ({ a, b, holds, rules }) => (
      holds(a),
      holds(b, { attempt: 2 }),
      runs(b, "returned", 2),
      runs(a, "returned"),
      holds(b, { ...completed, attempt: 2 }),
      (a.endRefused = { record: recordOf(b, epochMs, { ...completed, attempt: 2 }), at: epochMs }),
      rules.answered(a, refusal("LEASE_LOST"))
    ),
    { withinMargin: false },
  ],
  [
    "every refusal is so",
    "unavailable, though what it asked for last was answered",
    ({ b, rules }) => (
      b.sent.push("claim as attempt 1", "read"),
      b.troubles.push({ purpose: "claim", how: "conflict" }),
      rules.answered(b, refusal("STORE_UNAVAILABLE"))
    ),
  ],
  [
    "every refusal is so",
    "unavailable, after the first conflict",
    ({ b, rules }) => (
      b.sent.push("claim as attempt 1"),
      b.troubles.push({ purpose: "claim", how: "conflict" }),
      rules.answered(b, refusal("STORE_UNAVAILABLE"))
    ),
  ],
  ["a wait ends in time", "a read after it", ({ a, at, rules }) => ((a.firstReadAt = epochMs), at(2001), rules.reads(a)), { waitMs: 2000 }],
  [
    "an end is tried again",
    "it was not, with time left",
    ({ a, holds, rules }) => (
      holds(a),
      (a.run = { attempt: 1, ended: "returned", endedAt: epochMs + 1999 }),
      a.sent.push("end as completed"),
      a.troubles.push({ purpose: "end", how: "lost" }),
      a.events.push("store_error settle"),
      rules.answered(a, { value: a.value })
    ),
  ],
  [
    "a run has time left",
    "an extension that the table has not taken",
    ({ a, holds, rules }) => (holds(a), runs(a), holds(a, { leaseUntil: epochMs + 4000 }), rules.extended(a, epochMs + 4001)),
  ],
  ["a record is kept for its retention", "an early expiry", ({ a, holds }) => holds(a, { expiresAt: epochMs / 1000 + 62 })],
  ["a record is kept for its retention", "a late expiry", ({ a, holds }) => holds(a, { expiresAt: epochMs / 1000 + 64 })],
  [
    "a record is kept for its retention",
    "an early expiry of a completion",
    ({ a, holds }) => (runs(a, "returned"), holds(a, { ...completed, expiresAt: epochMs / 1000 + 59 })),
  ],
  [
    "a record is kept for its retention",
    "a late expiry of a completion",
    ({ a, holds }) => (runs(a, "returned"), holds(a, { ...completed, expiresAt: epochMs / 1000 + 61 })),
  ],
  ["equal answers", "a result that nobody kept", ({ b, rules }) => rules.answered(b, { value: "made up" })],
  [
    "equal answers",
    "another's result",
    ({ a, b, holds, rules }) => (runs(a, "returned"), holds(a, completed), rules.answered(b, { value: b.value })),
  ],
  [
    "equal answers",
    "a result that has expired",
    ({ a, b, holds, at, rules }) => (
      runs(a, "returned"),
      holds(a, completed),
      (b.startedAt = epochMs + 60_000),
      at(60_000),
      rules.answered(b, { value: a.value })
    ),
  ],
  [
    "equal answers",
    "its own, though the table did not take it",
    ({ a, holds, rules }) => (holds(a), runs(a, "returned"), rules.answered(a, { value: a.value })),
  ],
  ["every refusal is so", "busy, though nobody runs", ({ b, rules }) => rules.answered(b, refusal("IN_PROGRESS"))],
  ["every refusal is so", "busy, for its own claim", ({ b, holds, rules }) => (holds(b), rules.answered(b, refusal("IN_PROGRESS")))],
  [
    "every refusal is so",
    "busy, to another payload",
    ({ a, b, holds, rules }) => (holds(a), rules.answered(b, refusal("IN_PROGRESS"))),
    {},
    { b: { payload: 1 } },
  ],
  [
    "every refusal is so",
    "reused, with the same payload",
    ({ a, b, holds, rules }) => (holds(a), rules.answered(b, refusal("KEY_REUSED"))),
  ],
  [
    "every refusal is so",
    "unknown, of a live run",
    ({ a, b, holds, rules }) => (holds(a), rules.answered(b, refusal("OUTCOME_UNKNOWN"))),
    { onLeaseExpired: "throw" },
  ],
  [
    "every refusal is so",
    "unknown, of a lapsed run that may be run again",
    ({ a, b, holds, at, rules }) => (holds(a), at(5000), rules.answered(b, refusal("OUTCOME_UNKNOWN"))),
  ],
  [
    "every refusal is so",
    "no result, of one that is kept",
    ({ a, b, holds, rules }) => (runs(a, "returned"), holds(a, completed), rules.answered(b, refusal("RESULT_UNAVAILABLE"))),
  ],
  ["every refusal is so", "unavailable, though nothing went wrong", ({ b, rules }) => rules.answered(b, refusal("STORE_UNAVAILABLE"))],
  [
    "every refusal is so",
    "an old error, to a later message",
    ({ a, b, holds, at, rules }) => (
      runs(a, "threw"),
      holds(a, { status: "failed" }),
      at(1),
      (b.startedAt = epochMs + 1),
      rules.answered(b, refusal("replayed error"))
    ),
    { onError: "keep" },
    { b: { sentLate: true } },
  ],
  [
    "every refusal is so",
    "an error of the handler's, which has not thrown",
    ({ b, rules }) => rules.answered(b, refusal("the handler's error")),
  ],
  ["every refusal is so", "an error that is none of the library's", ({ b, rules }) => rules.answered(b, refusal("unexpected error"))],
  [
    "every refusal is so",
    "lost, by an owner that has it still",
    ({ a, holds, rules }) => (holds(a), runs(a), rules.answered(a, refusal("LEASE_LOST"))),
  ],
  [
    "an owner is not told that it lost",
    "at its end, where TTL has deleted its record",
    ({ a, holds, rules }) => (holds(a), rules.removed(recordOf(a, epochMs, {})), runs(a, "returned"), rules.lost(a)),
  ],
  [
    "a run is told to stop in time",
    "its signal has not fired at its lease's end",
    ({ a, holds, at, rules }) => (holds(a), runs(a), at(3000), rules.worksOn(a, false)),
  ],
  [
    "the end of a run is sent",
    "an answer before that",
    ({ a, holds, rules }) => (
      holds(a),
      (a.run = { attempt: 1, ended: "returned", endedAt: undefined }),
      rules.answered(a, { value: a.value })
    ),
  ],
  [
    "runs without a claim are asked for",
    "not by this policy",
    ({ a, rules }) => (a.troubles.push({ purpose: "claim", how: "lost" }), runs(a, undefined, 0), rules.started(a, false)),
  ],
  [
    "runs without a claim are asked for",
    "for a throttled claim",
    ({ a, rules }) => (
      a.troubles.push({ purpose: "claim", how: "lost" }, { purpose: "claim", how: "throttled" }),
      runs(a, undefined, 0),
      rules.started(a, false)
    ),
    { onStoreUnavailable: "run" },
  ],
  [
    "runs without a claim are asked for",
    "where a record was seen",
    ({ a, rules }) => (
      a.troubles.push({ purpose: "claim", how: "lost" }),
      (a.hasSeen = true),
      runs(a, undefined, 0),
      rules.started(a, false)
    ),
    { onStoreUnavailable: "run" },
  ],
  [
    "nothing stays stuck",
    "a claim of unknown outcome, not released",
    ({ a, rules }) => (
      a.sent.push("claim as attempt 1"),
      a.troubles.push({ purpose: "claim", how: "lost" }),
      rules.answered(a, refusal("STORE_UNAVAILABLE"))
    ),
  ],
  [
    "nothing stays stuck",
    "a claim of its own that it knows of",
    ({ a, holds, rules }) => (
      holds(a),
      (a.hasSeenOwn = true),
      a.sent.push("claim as attempt 1"),
      a.troubles.push({ purpose: "read", how: "lost" }),
      rules.answered(a, refusal("STORE_UNAVAILABLE"))
    ),
  ],
  [
    "a run has time left",
    "a waiter after its deadline",
    ({ a, holds, at, rules }) => ((a.reads = 1), at(3000), holds(a), runs(a), rules.started(a, false)),
    { waitMs: 2000, hasDeadline: true },
  ],
  ["a record says how its run ended", "a release that is put", ({ a, holds }) => holds(a, { status: "released" })],
  ["an owner is not told that it lost", "in an event", ({ a, holds, rules }) => (holds(a), runs(a), rules.lost(a))],
];

it.for(broken)("%s: %s", ([invariant, , happens, changes, plans]) => {
  const it = told(changes, plans);
  happens(it);
  expect(it.rules.violation?.invariant).toBe(invariant);
});

it("what is right breaks none: a run, its duplicates, and a takeover of a lapsed one", () => {
  const { a, b, rules, holds, at } = told();
  holds(a);
  runs(a);
  rules.started(a, false);
  rules.answered(b, refusal("IN_PROGRESS"));
  at(4000);
  holds(b, { attempt: 2 });
  runs(b, undefined, 2);
  rules.started(b, false);
  b.run = { attempt: 2, ended: "returned", endedAt: undefined };
  holds(b, { ...completed, attempt: 2 });
  rules.answered(b, { value: b.value });
  a.run = { attempt: 1, ended: "returned", endedAt: undefined };
  rules.lost(a);
  rules.answered(a, { value: b.value });
  expect(rules.violation).toBeUndefined();
});
