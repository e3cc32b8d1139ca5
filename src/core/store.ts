import type { Clock } from "./clock.ts";
import { type KeptError, messageOf } from "./errors.ts";
import type { KeyInput } from "./key.ts";
import { type RecordId, recordVersion, type StoredRecord } from "./record.ts";

/** What a newcomer wants to write. */
export interface ClaimRequest {
  readonly id: RecordId;
  /** The raw key. In memory only, for stores with a record layout of their own; never to be stored or logged. */
  readonly keyParts: KeyInput;
  readonly owner: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Epoch milliseconds. */
  readonly leaseUntil: number;
  /** Epoch seconds: the lease's end and the retention. */
  readonly expiresAt: number;
  readonly retentionSeconds: number;
  readonly fingerprint?: string | undefined;
  readonly requestId?: string | undefined;
  readonly messageId?: string | undefined;
}

/** A claim that was applied: the request, and the attempt that it became. */
export interface ClaimRef extends ClaimRequest {
  readonly attempt: number;
}

/** The record that a claim writes. */
export function claimedRecord(request: ClaimRequest, attempt: number): StoredRecord {
  const { id, owner, startedAt, leaseUntil, expiresAt, fingerprint, requestId, messageId } = request;
  return {
    version: recordVersion,
    status: "in_progress",
    id,
    owner,
    attempt,
    startedAt,
    leaseUntil,
    expiresAt,
    fingerprint,
    requestId,
    messageId,
  };
}

/** How a run ended. */
export type Outcome = (Completed | Closed | Released) & {
  /** Epoch milliseconds. */
  readonly completedAt: number;
  /**
   * `update` writes to the claim, fenced by its owner. `put` writes the finished record where there is none, for a
   * claim that was deleted before its owner came back: the work is done and must not run again.
   */
  readonly write: "update" | "put";
};

interface Completed {
  readonly status: "completed";
  readonly encoding: string;
  /** The encoded result; undefined for `void` and `lost`. */
  readonly text?: string | undefined;
  /**
   * Aborts when it is too late for what is written beside the record; made when first asked for. A store that keeps
   * results elsewhere stops then, before it touches the record, with a `StoreFailure` of part `result`.
   */
  readonly resultSignal?: (() => AbortSignal) | undefined;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

interface Closed {
  readonly status: "failed" | "held";
  readonly error: KeptError;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** A released key is unfinished: it goes on expiring when its claim would have. */
interface Released {
  readonly status: "released";
  readonly error: KeptError;
}

/** What an outcome changes of its record. */
export function endedMembers(outcome: Outcome): Partial<StoredRecord> {
  if (outcome.status === "completed") {
    const { status, completedAt, expiresAt, encoding, text } = outcome;
    return { status, completedAt, expiresAt, encoding, result: text };
  }
  const { write: _, ...members } = outcome;
  return members;
}

/** What a store says to a conditional write. */
export type Answer =
  | { readonly applied: true; readonly kept?: KeptResult | undefined }
  /** Refused by its condition; with the record as it was then, unless there was none. With `kept` where it is the owner's own. */
  | { readonly applied: false; readonly record?: StoredRecord | undefined; readonly kept?: KeptResult | undefined };

/** What became of a result on its way into the store. */
export interface KeptResult {
  readonly encoding: string;
  /** What the store keeps, after compression. */
  readonly bytes: number;
  /** Why the encoding is `lost`. */
  readonly reason?: string | undefined;
}

/**
 * What a driver implements: ids, records and bytes. It decides nothing; each method is one conditional write or one
 * consistent read, and each condition is the one that its docstring gives. `storeConformance` checks a driver.
 *
 * @throws StoreFailure from every method, where the store gave no answer to the condition.
 */
export interface Store {
  /** Puts a record `in_progress`, attempt 1. Condition: there is no record of this id, expired or not. */
  claim(request: ClaimRequest): Promise<Answer>;
  /**
   * Replaces the record, attempt `seen.attempt + 1`; nothing of the old one stays.
   * Condition: owner, attempt, lease, status and expiry are still as seen.
   */
  takeOver(seen: StoredRecord, request: ClaimRequest): Promise<Answer>;
  /**
   * Ends a run. Condition: the record is `in_progress` and owned by the claim; for `write: "put"`, there is none.
   * What a store keeps beside the record is there before the record says so. Another try has the same `claim`, the same
   * object: a store may go on from what it has begun.
   */
  settle(claim: ClaimRef, outcome: Outcome): Promise<Answer>;
  /**
   * Moves the lease to `leaseUntil` (epoch milliseconds) and the expiry to `expiryAfter(leaseUntil, retention)`.
   * Condition: in progress, owned by the claim, and its lease ends before `leaseUntil`.
   */
  extend(claim: ClaimRef, leaseUntil: number): Promise<Answer>;
  /** The record, read consistently. */
  read(id: RecordId): Promise<StoredRecord | undefined>;
  /**
   * The text of a completed record's result; undefined where it is not there any more or cannot be decoded. After a
   * `conflict` it is asked again, with the same object, and may go on from what it has.
   */
  result(record: StoredRecord): Promise<string | undefined>;
  /**
   * An operator's release: status `released`, the fingerprint forgotten, so that a corrected payload may run. Whoever
   * calls it sees to it that the record is failed, held, or in progress with a lapsed lease: the store does not ask.
   * Condition: owner, attempt, lease, status and expiry are still as seen.
   */
  release(seen: StoredRecord): Promise<Answer>;
  /** Where it is there, the core reads the time from it, and so do wrappers of this store. */
  readonly clock?: Clock | undefined;
}

/**
 * Why a store gave no answer.
 *
 * | kind | what it means |
 * |---|---|
 * | `throttled` | refused for load; a hot key throttles exactly when duplicates arrive |
 * | `conflict` | throttle-like, and no client retries it by itself: the core does |
 * | `unreachable` | no answer, or a server error |
 * | `misconfigured` | a missing table or permission; it will not heal |
 */
export type StoreFailureKind = "throttled" | "conflict" | "unreachable" | "misconfigured";

/** Was the request refused for load, or for another that got there first? */
export function isThrottleLike(kind: StoreFailureKind): boolean {
  return kind === "throttled" || kind === "conflict";
}

interface StoreFailureDetails {
  readonly maybeApplied: boolean;
  readonly part?: "record" | "result";
  readonly cause?: unknown;
}

/** What a store throws. Everything else that it throws is taken for `unreachable` with an unknown outcome. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  readonly kind: StoreFailureKind;
  /** Could the write have been applied, by this try or by an earlier one whose answer was lost? */
  readonly maybeApplied: boolean;
  /** `result`: what is kept beside the record could not be written, and the record was not touched. */
  readonly part: "record" | "result";

  constructor(kind: StoreFailureKind, message: string, details: StoreFailureDetails) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.maybeApplied = details.maybeApplied;
    this.part = details.part ?? "record";
  }
}

/** Any thrown value as a failure. */
export function asFailure(thrown: unknown): StoreFailure {
  if (thrown instanceof StoreFailure) return thrown;
  return new StoreFailure("unreachable", `the store failed: ${messageOf(thrown)}`, {
    maybeApplied: true,
    cause: thrown,
  });
}
