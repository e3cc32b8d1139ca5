import type { Call } from "./call.ts";
import { IdempotencyError } from "./errors.ts";
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
  const { operation, keyHash } = call.id;
  const details = { keyHash, requestId: refused.record?.requestId };
  switch (refused.kind) {
    case "busy": {
      const { retryAfterMs } = refused;
      const message = `another delivery of this key of "${operation}" is in progress; try again in ${retryAfterMs} ms`;
      return new IdempotencyError("IN_PROGRESS", message, { ...details, retryAfterMs });
    }
    case "mismatch":
      return new IdempotencyError(
        "KEY_REUSED",
        `this key of "${operation}" belongs to another payload; a new payload needs a new key`,
        details,
      );
    case "unknown": {
      const message = `nobody knows how the first run of this key of "${operation}" ended; find out, then release the key`;
      return new IdempotencyError("OUTCOME_UNKNOWN", message, details);
    }
  }
}

/** The store gave no answer: what the caller is told. */
export function unavailable(call: Call, failure: StoreFailure): IdempotencyError {
  const details = { keyHash: call.id.keyHash, cause: failure };
  if (failure.kind === "misconfigured") return new IdempotencyError("CONFIG_INVALID", failure.message, { ...details, path: "store" });
  return new IdempotencyError("STORE_UNAVAILABLE", `operation "${call.id.operation}": ${failure.message}`, details);
}

/** The key of this execution is another's, or free. */
export function leaseLost(call: Call, why: string): IdempotencyError {
  const { operation, keyHash } = call.id;
  return new IdempotencyError("LEASE_LOST", `this execution of "${operation}" does not own its key any more: ${why}`, { keyHash });
}

/** The work is done, and its result is not to be had. */
export function resultUnavailable(call: Call, record: StoredRecord, why: string, cause?: unknown): IdempotencyError {
  const { operation, keyHash } = call.id;
  const message = `this key of "${operation}" is done, but its result cannot be told: ${why}`;
  return new IdempotencyError("RESULT_UNAVAILABLE", message, { keyHash, requestId: record.requestId, cause });
}
