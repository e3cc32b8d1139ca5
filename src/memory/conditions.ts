import type { StoredRecord } from "../core/record.ts";
import type { ClaimRef } from "../core/store.ts";

/** What a conditional write asks of the record that is there. */
export type Condition = (old: StoredRecord | undefined) => boolean;

/** A claim, and an outcome that is put: there is no record, expired or not. */
export const isAbsent: Condition = (old) => old === undefined;

/** An owner's own writes: the record is in progress, and its claim's. */
export function isRunUnder(claim: Pick<ClaimRef, "owner">): Condition {
  return (old) => old?.owner === claim.owner && old.status === "in_progress";
}

/** An extension: an owner's write that moves the lease forward. */
export function isExtendable(claim: Pick<ClaimRef, "owner">, leaseUntil: number): Condition {
  return (old) => isRunUnder(claim)(old) && old !== undefined && old.leaseUntil < leaseUntil;
}

/** A takeover and an operator's release: the record is the one that was judged. */
export function isAsSeen(seen: StoredRecord): Condition {
  return (old) =>
    old !== undefined &&
    old.owner === seen.owner &&
    old.attempt === seen.attempt &&
    old.leaseUntil === seen.leaseUntil &&
    old.status === seen.status &&
    old.expiresAt === seen.expiresAt;
}
