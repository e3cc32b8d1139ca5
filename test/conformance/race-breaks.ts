// Stores that read, do something else for a while, and then write what they have made of it.
import { expiryAfter } from "../../src/core/lease.ts";
import { nameOf, type RecordId, type StoredRecord } from "../../src/core/record.ts";
import { claimedRecord, type ClaimRef, endedMembers, type Answer, type Outcome } from "../../src/core/store.ts";
import { type Condition, isAbsent, isAsSeen, isExtendable, isRunUnder } from "../../src/memory/conditions.ts";
import type { Records } from "../../src/memory/records.ts";
import type { Break, NamedBreaks } from "./breaks.ts";

type Next = (old: StoredRecord | undefined) => StoredRecord;

/** Its condition is judged three turns of the event loop before it writes; then only the owner is asked again. */
async function readThenWrite(records: Records, id: RecordId, allowed: Condition, next: Next): Promise<Answer> {
  const name = nameOf(id);
  const old = records.get(name);
  if (!allowed(old)) return { applied: false, record: old };
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  const now = records.get(name);
  if (now?.owner !== old?.owner && old !== undefined) return { applied: false, record: now };
  records.set(name, next(old));
  return { applied: true };
}

const slowClaim: Break = (_, records) => ({
  claim: (request) => readThenWrite(records, request.id, isAbsent, () => claimedRecord(request, 1)),
});
const slowTakeOver: Break = (_, records) => ({
  takeOver: (seen, request) => readThenWrite(records, seen.id, isAsSeen(seen), () => claimedRecord(request, seen.attempt + 1)),
});
const slowExtend: Break = (_, records) => ({
  extend: (claim, leaseUntil) =>
    readThenWrite(records, claim.id, isExtendable(claim, leaseUntil), (old) => extended(old as StoredRecord, claim, leaseUntil)),
});
const slowRelease: Break = (_, records) => ({
  release: (seen) => readThenWrite(records, seen.id, isAsSeen(seen), () => ({ ...seen, status: "released", fingerprint: undefined })),
});

/** Of the outcomes that `concerns` picks. */
const slowSettle =
  (concerns: (outcome: Outcome) => boolean): Break =>
  (store, records) => ({
    async settle(claim, outcome) {
      if (!concerns(outcome)) return store.settle(claim, outcome);
      const allowed = outcome.write === "put" ? isAbsent : isRunUnder(claim);
      return readThenWrite(records, claim.id, allowed, (old) => ended(old ?? claimedRecord(claim, claim.attempt), outcome));
    },
  });

function extended(old: StoredRecord, claim: ClaimRef, leaseUntil: number): StoredRecord {
  return { ...old, leaseUntil, expiresAt: expiryAfter(leaseUntil, claim.retentionSeconds) };
}

function ended(old: StoredRecord, outcome: Outcome): StoredRecord {
  return { ...old, ...endedMembers(outcome) };
}

const isPut = (outcome: Outcome): boolean => outcome.write === "put";
const extendAndSettle = "extend: of it and a settle at once, neither loses what the other has written";
const settleAndTakeOver = "settle: of it and a takeover at once, one is applied";
const settleTwice = "settle: of two by one owner at once, one is applied";
const settleAndRelease = "release: of it and a settle at once, one is applied";
const extendAndRelease = "release: of it and an extend at once, one is applied";

export const raceBreaks: NamedBreaks = {
  "extend writes back the whole record that it had read": [
    [
      extendAndSettle,
      extendAndRelease,
      "extend: of two at once, the lease is the later one",
      "extend: of two to the same moment at once, one is applied",
    ],
    slowExtend,
  ],
  "settle writes back the whole record that it had read": [
    [extendAndSettle, settleAndRelease, settleTwice],
    slowSettle((outcome) => !isPut(outcome)),
  ],
  ...Object.fromEntries(
    (["completed", "failed", "held", "released"] as const).map((status) => [
      `settle as ${status} writes back the whole record that it had read`,
      [[extendAndSettle, settleAndRelease, settleTwice], slowSettle((outcome) => outcome.status === status && !isPut(outcome))] as const,
    ]),
  ),
  "release writes back the whole record that it had read": [
    [settleAndRelease, extendAndRelease, "release: of two at once, one is applied"],
    slowRelease,
  ],
  "a claim reads, and then writes": [
    ["claim: of 20 at once, one is applied", "settle: of a put and a claim at once, one is applied"],
    slowClaim,
  ],
  "takeOver reads, and then writes": [
    ["release: of it and a takeover at once, one is applied", settleAndTakeOver, "extend: of it and a takeover at once, one is applied"],
    slowTakeOver,
  ],
  "a put reads, and then writes": [["settle: of two puts at once, one is applied"], slowSettle(isPut)],
};
