// The rules that the model goes by: the real functions, and by name what the code around them does. Each can be replaced.
import type { StoredRecord } from "../../src/core/record.ts";
import { expiryAfter, signalAt } from "../../src/core/lease.ts";
import { isOwn } from "../../src/core/settle.ts";
import { claimedRecord, type ClaimRef, endedMembers } from "../../src/core/store.ts";
import { judge, retryAfterMs } from "../../src/core/verdict.ts";
import { childItems } from "../../src/dynamodb/children.ts";
import { type Condition, isAbsent, isAsSeen, isExtendable, isRunUnder } from "../../src/memory/conditions.ts";

/** Functions of `src`, called as they are. */
const functions = {
  judge,
  retryAfterMs,
  isAbsent,
  isRunUnder,
  isExtendable,
  isAsSeen,
  claimedRecord,
  endedMembers,
  expiryAfter,
  signalAt,
  isOwn,
  childItems,
};

/** What the code around them does, said again in a line each. */
const restated = {
  /** `refOf` in begin.ts: an unfinished record expires from its lease's end. */
  claimExpiry: (_startedAt: number, leaseUntil: number, retentionSeconds: number): number => expiryAfter(leaseUntil, retentionSeconds),
  /** `settle` in records.ts, `settleInput` in expressions.ts: each end of a run is an owner's write. */
  isEndable: (ref: ClaimRef, _status: string): Condition => isRunUnder(ref),
  /** `start` in begin.ts: an answer that took too long gives nothing to start on, be it an acknowledgement or a refusal. */
  isInTime: (now: number, leaseUntil: number, leaseMs: number, _isRefusal: boolean): boolean => now < signalAt(leaseUntil, leaseMs),
  /** `start` in begin.ts: a waiter has had its time. */
  hasTimeLeft: (now: number, deadline: number): boolean => now < deadline,
  /** `noAnswer` in begin.ts: a claim whose outcome stayed unknown runs nothing. */
  runsUnknownClaim: false,
  /** `noAnswer` in begin.ts: … and is released, once, whatever comes back. */
  releasesUnstarted: true,
  /** `begin`: whoever was refused has nothing to write with. */
  refusedReleases: false,
  /** `lookAgain` in consider.ts: before "unknown" is told, one consistent read. */
  looksAgain: true,
  /** `considerFresh` in consider.ts: "unknown" is told only of what was so already when the read was sent; else it reads again. */
  readCountsFromSending: true,
  /** `extend` in claim.ts: the refusal of what was applied already. */
  isExtended: (record: StoredRecord | undefined, ref: ClaimRef, until: number): boolean =>
    isOwn(record, ref, "in_progress") && record.leaseUntil >= until,
  /** `extend` in claim.ts: what its own end refused is no loss. */
  tellsEndedRun: true,
  /** `winnersResult` in replay.ts: a winner's result that cannot be read is none. */
  toldOfUnreadWinner: "lease lost" as "lease lost" | "unavailable",
  /** `write` in settle.ts: what is put where TTL removed the claim. */
  putsWhenGone: (status: string): boolean => status !== "released",
  /** `write` in settle.ts: what is put meets a try of its own claim that came late. */
  endsLateClaim: true,
  /** `endOnce` in claim.ts: nothing is released once a completion was sent. */
  releasesAfterCompletion: false,
};

export type Rules = typeof functions & typeof restated;

export const realRules: Rules = { ...functions, ...restated };
