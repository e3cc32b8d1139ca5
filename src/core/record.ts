import type { KeptError } from "./errors.ts";

/** The record format that this build writes, and the newest that it reads. */
export const recordVersion = 1;

/** What names a record: the operation and the hash of its key. */
export interface RecordId {
  readonly operation: string;
  /** base64url SHA-256 of the key's parts, 43 characters. */
  readonly keyHash: string;
}

/** A record's name in a store. */
export function nameOf({ operation, keyHash }: RecordId): string {
  return `${operation}#${keyHash}`;
}

export type Status = "in_progress" | "completed" | "failed" | "held" | "released";

/** What a store keeps for a key. */
export interface StoredRecord {
  readonly id: RecordId;
  /** Record format. A higher number than ours was written by a newer build. */
  readonly version: number;
  readonly status: Status;
  /** Random token of the execution that holds, or held, the claim. */
  readonly owner: string;
  /** 1, 2, …: the fencing number. */
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly leaseUntil: number;
  /** Epoch seconds; always checked on read, a store's own deletion is never trusted. */
  readonly expiresAt: number;
  readonly fingerprint?: string | undefined;
  /** Codec name and compression, `void` (answered undefined) or `lost` (done, its result not kept). */
  readonly encoding?: string | undefined;
  /** The encoded result as the store holds it; ask `store.result` for the text. */
  readonly result?: string | Uint8Array | undefined;
  /** How many child items hold the result. */
  readonly chunks?: number | undefined;
  readonly error?: KeptError | undefined;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Epoch milliseconds; when the run ended, however it ended. */
  readonly completedAt?: number | undefined;
  readonly requestId?: string | undefined;
  readonly messageId?: string | undefined;
}

/** Has its time come? A store's own deletion may be days late, so every reader asks. `now`: epoch milliseconds. */
export function isExpired({ expiresAt }: StoredRecord, now: number): boolean {
  return now >= expiresAt * 1000;
}

/** When its run ended, or began where it has not; epoch milliseconds. */
export function endedAt({ completedAt, startedAt }: StoredRecord): number {
  return completedAt ?? startedAt;
}

/** The name of the codec of an encoding, without the compression. */
export function codecOf(encoding: string | undefined): string | undefined {
  return encoding?.split("+", 1)[0];
}

/** The text of an inline result; undefined for what is not there, and for a compression that this build does not know. */
export function textOf({ encoding, result }: StoredRecord): string | undefined {
  return typeof result === "string" && encoding?.includes("+") === false ? result : undefined;
}
