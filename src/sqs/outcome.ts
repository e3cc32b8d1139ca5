import { IdempotencyError, type IdempotencyErrorCode } from "../core/errors.ts";
import type { ErrorPolicy } from "../core/options.ts";
import { attributeOf, type SQSRecord } from "./event.ts";

/** What becomes of a message. */
export type MessageOutcome = Done | Failed;

/** Deleted from its queue. `attempt`: of the run that did its work. */
interface Done {
  readonly kind: "done";
  readonly attempt: number;
}

/** It comes back. */
interface Failed {
  readonly kind: "failed";
  /** Epoch milliseconds; at once where that has passed. */
  readonly visibleAtMs: number;
  /** By a failure from before its batch, which is no answer to a message that was sent after it. */
  readonly isReplay?: boolean;
}

/** Of a record whose turn came too late, and of those behind it. */
export const notStarted: Failed = { kind: "failed", visibleAtMs: 0 };

/** How far duplicates of one key are spread after its lease. Milliseconds. */
const spreadMs = 30_000;
const maxBackoffSeconds = 900;
/** Of a message that comes back at once. Later it waits a little: a queue without a dead-letter queue would deliver it without pause for days. */
const maxReceivesAtOnce = 10;
const laterSeconds = 30;

/** What another try may help against. */
const passing: ReadonlySet<IdempotencyErrorCode> = new Set(["LEASE_LOST", "STORE_UNAVAILABLE", "CONFIG_INVALID"]);

/**
 * What an error makes of its message. `policy` is what became of the key, where it was the handler that threw.
 *
 * | error | comes back |
 * |---|---|
 * | the handler's, released | after a backoff by the receive count, with full jitter |
 * | the handler's, kept or held; a kept one again | at once, later within 30 s: until the queue moves it to its dead-letter queue nothing runs |
 * | `IN_PROGRESS` | when the lease will be over, spread over 30 s |
 * | `LEASE_LOST`, `STORE_UNAVAILABLE`, `CONFIG_INVALID` | after that backoff |
 * | `RESULT_UNAVAILABLE` | not at all: the work is done, and nobody reads its result |
 * | any other refusal | at once, from the eleventh receive on within 30 s |
 */
export function outcomeOf(error: unknown, policy: ErrorPolicy | undefined, record: SQSRecord, now: number): MessageOutcome {
  if (policy !== undefined) return policy === "release" ? backoff(record, now) : atOnce(record, now);
  if (!(error instanceof IdempotencyError)) return { ...atOnce(record, now), isReplay: true }; // a kept error
  if (error.code === "RESULT_UNAVAILABLE") return { kind: "done", attempt: 0 };
  if (isDeferred(error)) return { kind: "failed", visibleAtMs: now + (error.retryAfterMs ?? 0) + Math.random() * spreadMs };
  return passing.has(error.code) ? backoff(record, now) : atOnce(record, now);
}

/** Is it only that another delivery runs this key? */
export function isDeferred(error: unknown): boolean {
  return error instanceof IdempotencyError && error.code === "IN_PROGRESS";
}

/** Whole seconds until then, as SQS takes them: from 0 to its twelve hours. */
export function secondsUntil(visibleAtMs: number, now: number): number {
  return Math.min(43_200, Math.max(0, Math.ceil((visibleAtMs - now) / 1000)));
}

function atOnce(record: SQSRecord, now: number): Failed {
  return { kind: "failed", visibleAtMs: receivesOf(record) > maxReceivesAtOnce ? now + jitterMs(laterSeconds) : 0 };
}

function backoff(record: SQSRecord, now: number): Failed {
  return { kind: "failed", visibleAtMs: now + jitterMs(Math.min(maxBackoffSeconds, 2 ** receivesOf(record))) };
}

/** Whole seconds from none to `most`, in milliseconds. */
function jitterMs(most: number): number {
  return Math.floor(Math.random() * (most + 1)) * 1000;
}

function receivesOf(record: SQSRecord): number {
  const count = Number(attributeOf(record, "ApproximateReceiveCount"));
  return Number.isSafeInteger(count) && count > 0 ? count : 1;
}
