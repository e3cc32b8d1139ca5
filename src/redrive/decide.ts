// What becomes of a dead letter, by what its record says. Pure.
import { isLive } from "../core/lease.ts";
import type { StoredRecord } from "../core/record.ts";
import { differs, judge, type Verdict } from "../core/verdict.ts";
import type { Decision, RedriveEntry } from "./types.ts";

/** What is known of a dead letter beside its record. */
export interface DeadLetter {
  /** Of its handler, as whoever plans says: records of another one are not seen. */
  readonly operation: string;
  readonly fingerprint: string | undefined;
  /** Epoch milliseconds. */
  readonly sentAt: number | undefined;
  /** Whether that is when its producer sent it, and not when it was moved. */
  readonly isSentAtFirst: boolean;
  readonly retentionSeconds: number;
  readonly onLeaseExpired: "run" | "throw";
}

export interface Judged {
  readonly record: NonNullable<RedriveEntry["record"]>;
  readonly proposal: Decision;
  readonly reason: string;
}

/** So long a message that is sent back may be on its way. Milliseconds. */
const deliveredWithinMs = 3_600_000;

/** Whether a message that is sent back now might meet its record no more. `now`: epoch milliseconds. */
export function expiresSoon({ expiresAt }: StoredRecord, now: number): boolean {
  return expiresAt * 1000 - now < deliveredWithinMs;
}

/** @throws IdempotencyError `CONFIG_INVALID` for a record of a newer format. */
export function decide(record: StoredRecord | undefined, letter: DeadLetter, now: number): Judged {
  if (record === undefined) return withoutRecord(letter, now, `no run of "${letter.operation}" has left a record`);
  const { fingerprint, onLeaseExpired } = letter;
  // As the message is judged once it is back: sent after each failure there is.
  const verdict = judge(record, { owner: "", fingerprint, onLeaseExpired, retryFailedBeforeMs: Number.POSITIVE_INFINITY }, now);
  return byVerdict(record, verdict, letter, now);
}

function byVerdict(record: StoredRecord, verdict: Verdict, letter: DeadLetter, now: number): Judged {
  const { attempt, status } = record;
  switch (verdict.kind) {
    case "mine":
    case "busy":
      return leave("in_progress", `attempt ${attempt} is running until ${iso(record.leaseUntil)}: look again after that`);
    case "mismatch":
      return leave(
        statusOf(record, now),
        `its key was used with another payload: two pieces of work share a key, and this one was not done`,
      );
    case "replay":
      return {
        record: "completed",
        proposal: "discard",
        reason: `attempt ${attempt} completed at ${iso(record.completedAt)}: the work is done${expiresSoon(record, now) ? `, and its record expires at ${iso(record.expiresAt * 1000)}` : ""}`,
      };
    case "unknown":
      return status === "held" ? leave("held", heldReason(record)) : lapsed(record, letter);
    case "takeover":
      return takenOver(record, verdict.from, letter, now);
  }
}

function takenOver(record: StoredRecord, from: Extract<Verdict, { kind: "takeover" }>["from"], letter: DeadLetter, now: number): Judged {
  switch (from) {
    case "expired":
      return outlived(record, letter, now);
    case "released":
      return { record: "released", proposal: "redrive", reason: `attempt ${record.attempt} failed${named(record)}, and its key is free` };
    case "failed":
      return {
        record: "failed",
        proposal: "release",
        reason: `attempt ${record.attempt} failed for good${named(record)}: its key has to be freed`,
      };
    case "lapsed":
      return lapsed(record, letter);
  }
}

// An expired record binds nobody. Of a message from its time it still tells that the work is done, or may be.
function outlived(record: StoredRecord, letter: DeadLetter, now: number): Judged {
  const { status, expiresAt, completedAt } = record;
  const expired = `its record expired at ${iso(expiresAt * 1000)}`;
  const isLater = letter.isSentAtFirst && letter.sentAt !== undefined && letter.sentAt > expiresAt * 1000;
  if (differs(record, letter) || isLater) return withoutRecord(letter, now, expired);
  if (status === "completed")
    return leave("completed", `its work was done at ${iso(completedAt)}, but ${expired}: sent back it would run again`);
  if (status === "held") return leave("held", heldReason(record));
  if (status === "in_progress") return lapsed(record, letter);
  return withoutRecord(letter, now, expired);
}

function withoutRecord({ sentAt, retentionSeconds }: DeadLetter, now: number, what: string): Judged {
  const isOld = sentAt !== undefined && now - sentAt > retentionSeconds * 1000;
  const warning = isOld ? "; it is older than records are kept, and may have been done" : "";
  return { record: "none", proposal: "redrive", reason: `${what}${warning}` };
}

function leave(record: Judged["record"], reason: string): Judged {
  return { record, proposal: "leave", reason };
}

function lapsed(record: StoredRecord, { onLeaseExpired }: DeadLetter): Judged {
  const reason = lapsedReason(record);
  if (onLeaseExpired === "run") return { record: "lapsed", proposal: "redrive", reason };
  return { record: "lapsed", proposal: "release", reason: `${reason}; onLeaseExpired is "throw", so that its key has to be freed` };
}

function lapsedReason({ attempt, leaseUntil }: StoredRecord): string {
  return `attempt ${attempt} ended without an answer by ${iso(leaseUntil)}: its effects may be there in part`;
}

function heldReason(record: StoredRecord): string {
  return `attempt ${record.attempt} ended with an unknown outcome${named(record)}: find out what it did, then release its key by name`;
}

function named({ error }: StoredRecord): string {
  return error === undefined ? "" : ` (${error.name})`;
}

function statusOf(record: StoredRecord, now: number): Judged["record"] {
  if (record.status !== "in_progress") return record.status;
  return isLive(record.leaseUntil, now) ? "in_progress" : "lapsed";
}

function iso(epochMs: number | undefined): string {
  return epochMs === undefined ? "an unknown time" : new Date(epochMs).toISOString();
}
