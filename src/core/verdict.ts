import { IdempotencyError } from "./errors.ts";
import { isLive, skewMarginMs } from "./lease.ts";
import { isExpired, recordVersion, type StoredRecord } from "./record.ts";

/** What a record says to a newcomer. */
export type Verdict =
  | { readonly kind: "mine" }
  | { readonly kind: "busy" }
  | { readonly kind: "mismatch" }
  | { readonly kind: "replay" }
  | { readonly kind: "takeover"; readonly from: TakeoverReason }
  | { readonly kind: "unknown" };

export type TakeoverReason = "released" | "lapsed" | "expired" | "failed";

/** Who asks, with what, and by which policy. */
export interface Newcomer {
  readonly owner: string;
  readonly fingerprint?: string | undefined;
  readonly onLeaseExpired: "run" | "throw";
  /** Epoch milliseconds; a failure from before it may be run again. */
  readonly retryFailedBeforeMs?: number | undefined;
}

/**
 * Judges a record. Pure: the same for a refused claim, a refused takeover, a waiter and an owner that has lost.
 * The order of the questions is the protocol; each has a counterexample if it moves.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for a record of a newer format, which must never be run over.
 */
export function judge(record: StoredRecord, newcomer: Newcomer, now: number): Verdict {
  if (record.version > recordVersion) throw newerFormat(record);
  if (record.status === "in_progress") {
    if (record.owner === newcomer.owner) {
      // Our own claim was applied and its answer lost. Nothing has run under it, so a lapsed one needs no margin.
      return now < record.leaseUntil ? { kind: "mine" } : takeover("lapsed");
    }
    if (isLive(record.leaseUntil, now)) {
      return differs(record, newcomer) ? { kind: "mismatch" } : { kind: "busy" };
    }
  }
  if (isExpired(record, now)) return takeover("expired");
  if (differs(record, newcomer)) return { kind: "mismatch" };
  switch (record.status) {
    case "completed":
      return { kind: "replay" };
    case "failed":
      return failedBefore(record, newcomer.retryFailedBeforeMs) ? takeover("failed") : { kind: "replay" };
    case "released":
      return takeover("released");
    case "held":
      return { kind: "unknown" };
    case "in_progress":
      return newcomer.onLeaseExpired === "run" ? takeover("lapsed") : { kind: "unknown" };
  }
}

/** Milliseconds until a live claim may be taken over, at least 1. */
export function retryAfterMs(record: StoredRecord, now: number): number {
  return Math.max(1, Math.ceil(record.leaseUntil + skewMarginMs - now));
}

function takeover(from: TakeoverReason): Verdict {
  return { kind: "takeover", from };
}

function failedBefore(record: StoredRecord, retryBeforeMs: number | undefined): boolean {
  return retryBeforeMs !== undefined && record.completedAt !== undefined && record.completedAt < retryBeforeMs;
}

/** Compared only when both are there and of one version: another version hashes the same payload differently. */
export function differs(record: StoredRecord, { fingerprint }: Pick<Newcomer, "fingerprint">): boolean {
  if (record.fingerprint === undefined || fingerprint === undefined) return false;
  return versionOf(record.fingerprint) === versionOf(fingerprint) && record.fingerprint !== fingerprint;
}

function versionOf(fingerprint: string): string {
  return fingerprint.split(":", 1)[0] ?? "";
}

function newerFormat(record: StoredRecord): IdempotencyError {
  return new IdempotencyError(
    "CONFIG_INVALID",
    `the record of operation "${record.id.operation}" has format ${record.version}, this build reads up to ${recordVersion}: ` +
      `a newer build of lambda-once writes to this table, so deploy that build here too`,
    { keyHash: record.id.keyHash, path: "store" },
  );
}
