import type { Call } from "./call.ts";
import { IdempotencyError, type IdempotencyErrorCode, type IdempotencyErrorDetails } from "./errors.ts";
import type { StoredRecord } from "./record.ts";
import type { StoreFailure } from "./store.ts";

/** Nothing ran and nothing was answered. */
export type Refusal =
  | { readonly kind: "busy"; readonly retryAfterMs: number; readonly record: StoredRecord | undefined }
  | { readonly kind: "mismatch"; readonly record: StoredRecord }
  | { readonly kind: "unknown"; readonly record: StoredRecord }
  | { readonly kind: "unavailable"; readonly failure: StoreFailure };

/** A refusal as an error, for doors whose callers expect one. */
export function refusal(call: Call, refused: Refusal): IdempotencyError {
  if (refused.kind === "unavailable") return unavailable(call, refused.failure);
  const key = `this key of "${call.id.operation}"`;
  const requestId = refused.record?.requestId;
  switch (refused.kind) {
    case "busy": {
      const { retryAfterMs } = refused;
      const message = `another delivery of ${key} is in progress; try again in ${retryAfterMs} ms`;
      return errorOf(call, "IN_PROGRESS", message, { requestId, retryAfterMs });
    }
    case "mismatch":
      return errorOf(call, "KEY_REUSED", `${key} belongs to another payload; a new payload needs a new key`, { requestId });
    case "unknown": {
      const message = `nobody knows how the first run of ${key} ended; find out, then release the key`;
      return errorOf(call, "OUTCOME_UNKNOWN", message, { requestId });
    }
  }
}

/** The store gave no answer: what the caller is told. */
export function unavailable(call: Call, cause: StoreFailure): IdempotencyError {
  if (cause.kind === "misconfigured") return errorOf(call, "CONFIG_INVALID", cause.message, { cause, path: "store" });
  return errorOf(call, "STORE_UNAVAILABLE", `operation "${call.id.operation}": ${cause.message}`, { cause });
}

/** The key of this execution is another's, or free. */
export function leaseLost(call: Call, why: string): IdempotencyError {
  return errorOf(call, "LEASE_LOST", `this execution of "${call.id.operation}" does not own its key any more: ${why}`);
}

/** The work is done, and its result is not to be had. */
export function resultUnavailable(call: Call, { requestId }: StoredRecord, why: string, cause?: unknown): IdempotencyError {
  const message = `this key of "${call.id.operation}" is done, but its result cannot be told: ${why}`;
  return errorOf(call, "RESULT_UNAVAILABLE", message, { requestId, cause });
}

function errorOf({ id }: Call, code: IdempotencyErrorCode, message: string, details?: IdempotencyErrorDetails): IdempotencyError {
  return new IdempotencyError(code, message, { keyHash: id.keyHash, ...details });
}
