import type { Clock } from "../core/clock.ts";
import { expiryAfter } from "../core/lease.ts";
import { nameOf, type RecordId, type StoredRecord, textOf } from "../core/record.ts";
import { type Answer, claimedRecord, endedMembers, type Outcome, type Store } from "../core/store.ts";
import { type Condition, isAbsent, isAsSeen, isExtendable, isRunUnder } from "./conditions.ts";

/** The records of a store, by `nameOf` their id. */
export type Records = Map<string, StoredRecord>;

/** A store over records that the caller holds too. */
export function storeOver(records: Records, clock: Clock | undefined): Store {
  // One conditional write: the condition is judged and the record replaced in one turn of the event loop.
  async function write(id: RecordId, allowed: Condition, next: (old: StoredRecord | undefined) => StoredRecord): Promise<Answer> {
    const old = records.get(nameOf(id));
    if (!allowed(old)) return { applied: false, record: old };
    records.set(nameOf(id), Object.freeze(next(old)));
    return { applied: true };
  }

  return {
    clock,
    claim: (request) => write(request.id, isAbsent, () => claimedRecord(request, 1)),
    takeOver: (seen, request) => write(seen.id, isAsSeen(seen), () => claimedRecord(request, seen.attempt + 1)),
    async settle(claim, outcome) {
      const put = outcome.write === "put";
      const answer = await write(claim.id, put ? isAbsent : isRunUnder(claim), (old) => ({
        ...(old ?? claimedRecord(claim, claim.attempt)),
        ...endedMembers(outcome),
      }));
      return answer.applied || answer.record?.owner === claim.owner ? { ...answer, kept: keptOf(outcome) } : answer;
    },
    extend: (claim, leaseUntil) =>
      write(claim.id, isExtendable(claim, leaseUntil), (old) => ({
        ...(old as StoredRecord),
        leaseUntil,
        expiresAt: expiryAfter(leaseUntil, claim.retentionSeconds),
      })),
    read: async (id) => records.get(nameOf(id)),
    result: async (record) => textOf(record),
    release: (seen) => write(seen.id, isAsSeen(seen), (old) => ({ ...(old as StoredRecord), status: "released", fingerprint: undefined })),
  };
}

function keptOf(outcome: Outcome): { encoding: string; bytes: number } | undefined {
  if (outcome.status !== "completed") return undefined;
  return { encoding: outcome.encoding, bytes: Buffer.byteLength(outcome.text ?? "") };
}
