// Variants of how a record is judged.
import { isExpired, type Status, type StoredRecord } from "../../src/core/record.ts";
import { isLive, skewMarginMs } from "../../src/core/lease.ts";
import { judge, type Newcomer, type Verdict } from "../../src/core/verdict.ts";
import { type Rules, realRules } from "./rules.ts";
import type { Variant } from "./variant.ts";

/** `judge`, with another answer to some. */
function judging(other: (record: StoredRecord, newcomer: Newcomer, now: number) => Verdict | undefined): Partial<Rules> {
  return { judge: (record, newcomer, now) => other(record, newcomer, now) ?? judge(record, newcomer, now) };
}

/** `judge`, which does not see the payload of what ended so. */
function judgingPayloadsAlike(status: Status): Partial<Rules> {
  return judging((record, newcomer, now) =>
    record.status === status ? judge({ ...record, fingerprint: undefined }, newcomer, now) : undefined,
  );
}

const isOwnRun = (record: StoredRecord, { owner }: Newcomer): boolean => record.status === "in_progress" && record.owner === owner;
const foreign = (newcomer: Newcomer): Newcomer => ({ ...newcomer, owner: "nobody" });
const order = "`judge` in core/verdict.ts";

export const verdicts: readonly Variant[] = [
  {
    name: "missing skew margin",
    rule: "Others respect a lease for a second more than its owner works.",
    where: "`isLive` in core/lease.ts",
    shownIn: "clock behind",
    budget: { crashes: 0 },
    changes: judging((record, newcomer, now) =>
      record.status === "in_progress" && !isOwnRun(record, newcomer) ? judge(record, newcomer, now + skewMarginMs) : undefined,
    ),
  },
  {
    name: "own claim believed after its lease",
    rule: "A refusal that shows our own claim, lapsed, is no claim to run under.",
    where: order,
    shownIn: "crash and loss",
    budget: { crashes: 0 },
    changes: judging((record, newcomer) => (isOwnRun(record, newcomer) ? { kind: "mine" } : undefined)),
    impliedBy: "`start` in core/begin.ts asks the same of every claim before it runs",
  },
  {
    name: "own claim believed after its lease, and run",
    rule: "Of the verdict and the check at the start, one must ask whether an own claim has lapsed.",
    where: `${order}, \`start\` in core/begin.ts`,
    shownIn: "crash and loss",
    budget: { crashes: 0 },
    changes: {
      isInTime: (now, leaseUntil, leaseMs, isRefusal) => isRefusal || realRules.isInTime(now, leaseUntil, leaseMs, isRefusal),
      ...judging((record, newcomer) => (isOwnRun(record, newcomer) ? { kind: "mine" } : undefined)),
    },
  },
  {
    name: "own lapsed claim answered with busy",
    rule: "An own claim that has lapsed is taken over at once, without the margin: nothing ran under it.",
    where: order,
    shownIn: "crash and loss",
    budget: { crashes: 0 },
    changes: judging((record, newcomer, now) =>
      isOwnRun(record, newcomer) && now >= record.leaseUntil ? judge(record, foreign(newcomer), now) : undefined,
    ),
  },
  {
    name: "lost acknowledgement of a claim not recognised",
    rule: "A refusal that shows our own running claim answers a retry of what was applied.",
    where: order,
    shownIn: "crash and loss",
    budget: { crashes: 0 },
    changes: judging((record, newcomer, now) => (isOwnRun(record, newcomer) ? judge(record, foreign(newcomer), now) : undefined)),
  },
  {
    name: "a finished record taken for an own claim",
    rule: "Only what is in progress is anybody's claim.",
    where: order,
    shownIn: "crash and loss",
    budget: { crashes: 0, losses: 0 },
    changes: judging((record) => (record.status === "completed" ? { kind: "mine" } : undefined)),
  },
  {
    name: "expiry not checked on read",
    rule: "A store's own deletion may be days late, so every reader checks.",
    where: order,
    shownIn: "hold",
    budget: { deletions: 0 },
    changes: judging((record, newcomer, now) => judge({ ...record, expiresAt: Number.POSITIVE_INFINITY }, newcomer, now)),
  },
  {
    name: "expiry judged before a live lease",
    rule: "A live lease is never expired.",
    where: order,
    shownIn: "older build",
    budget: { crashes: 0 },
    changes: judging((record, newcomer, now) =>
      isExpired(record, now) && !isOwnRun(record, newcomer) ? { kind: "takeover", from: "expired" } : undefined,
    ),
  },
  {
    name: "expiry rounded down",
    rule: "An expiry is rounded up to a full second.",
    where: "`expiryAfter` in core/lease.ts",
    shownIn: "rounding",
    budget: { deletions: 0 },
    changes: { expiryAfter: (fromMs, retentionSeconds) => Math.floor(fromMs / 1000) + retentionSeconds },
  },
  {
    name: "expiry later than the retention",
    rule: "A record is kept for its retention, not for longer: then its key is free.",
    where: "`expiryAfter` in core/lease.ts",
    shownIn: "rounding",
    budget: { deletions: 0 },
    changes: { expiryAfter: (fromMs, retentionSeconds) => Math.ceil(fromMs / 1000) + retentionSeconds + 1 },
  },
  {
    name: "busy told to come again later than needed",
    rule: "Who is told busy is told the moment from which the claim may be taken over.",
    where: "`retryAfterMs` in core/verdict.ts",
    shownIn: "rounding",
    budget: { deletions: 0 },
    changes: { retryAfterMs: (record, now) => realRules.retryAfterMs(record, now) + 1000 },
  },
  {
    name: "a completion told to be unknown",
    rule: "What is kept is replayed: unknown is only what nobody knows.",
    where: order,
    shownIn: "throw",
    budget: { extensions: 0 },
    changes: judging((record, newcomer, now) => (judge(record, newcomer, now).kind === "replay" ? { kind: "unknown" } : undefined)),
  },
  {
    name: "lapsed run taken over under throw",
    rule: 'With `onLeaseExpired: "throw"` what a run that never ended has done is unknown, and nobody runs it again.',
    where: order,
    shownIn: "throw",
    budget: { extensions: 0 },
    changes: judging((record, newcomer, now) => judge(record, { ...newcomer, onLeaseExpired: "run" }, now)),
  },
  {
    name: "fingerprint judged after busy",
    rule: "Another payload is a mismatch, in flight too: it would wait for an answer that is not its own.",
    where: order,
    shownIn: "other payload",
    budget: { crashes: 0, deletions: 0 },
    changes: judging((record, newcomer, now) =>
      record.status === "in_progress" ? judge({ ...record, fingerprint: undefined }, newcomer, now) : undefined,
    ),
  },
  {
    name: "result replayed to another payload",
    rule: "Another payload is a mismatch: the result is that of another question.",
    where: order,
    shownIn: "other payload",
    budget: { crashes: 0, deletions: 0 },
    changes: judgingPayloadsAlike("completed"),
  },
  {
    name: "failure replayed to another payload",
    rule: "Another payload is a mismatch, after a failure as well.",
    where: order,
    shownIn: "other payload, keep",
    changes: judgingPayloadsAlike("failed"),
  },
  {
    name: "hold told to another payload",
    rule: "Another payload is a mismatch, where the outcome is unknown as well.",
    where: order,
    shownIn: "other payload, hold",
    changes: judgingPayloadsAlike("held"),
  },
  {
    name: "lapsed claim taken over by another payload",
    rule: "Another payload is a mismatch until the key expires, where its run never ended as well.",
    where: order,
    shownIn: "other payload",
    budget: { crashes: 0, deletions: 0 },
    changes: judging((record, newcomer, now) =>
      record.status === "in_progress" && !isLive(record.leaseUntil, now)
        ? judge({ ...record, fingerprint: undefined }, newcomer, now)
        : undefined,
    ),
  },
  {
    name: "failure replayed to a message that was sent after it",
    rule: "A message that was sent, or redriven, after the failure is run again.",
    where: order,
    shownIn: "keep",
    budget: { crashes: 0 },
    changes: judging((record, newcomer, now) => judge(record, { ...newcomer, retryFailedBeforeMs: undefined }, now)),
  },
];
