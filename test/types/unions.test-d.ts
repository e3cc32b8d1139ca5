// Closed unions: a switch over them is complete, and a member more breaks it.
import { expectTypeOf } from "vitest";
import type {
  Answer,
  IdempotencyError,
  IdempotencyErrorCode,
  IdempotencyEvent,
  ReplayedError,
  Status,
  StoreFailureKind,
} from "../../src/index.ts";
import type { Verdict } from "../../src/core/verdict.ts";

function never(value: never): never {
  throw new Error(String(value));
}

export function everyCode({ code }: IdempotencyError): string {
  switch (code) {
    case "KEY_MISSING":
    case "KEY_INVALID":
    case "KEY_REUSED":
    case "IN_PROGRESS":
    case "LEASE_LOST":
    case "STORE_UNAVAILABLE":
    case "OUTCOME_UNKNOWN":
    case "RESULT_UNAVAILABLE":
    case "CONFIG_INVALID":
    case "NO_EXECUTION":
      return code;
    default:
      return never(code);
  }
}

export function everyEvent(event: IdempotencyEvent): number | string | unknown {
  switch (event.type) {
    case "claimed":
      return event.attempt + event.durationMs;
    case "taken_over":
      expectTypeOf(event.from).toEqualTypeOf<"released" | "lapsed" | "expired" | "failed">();
      return event.attempt;
    case "replayed":
      return event.attempt + event.ageMs;
    case "in_progress":
      return event.retryAfterMs;
    case "mismatch":
    case "unknown":
      return event.keyHash;
    case "completed":
      return event.attempt + event.durationMs + event.bytes + event.encoding.length;
    case "failed":
    case "held":
    case "released":
      return event.attempt + event.durationMs + event.errorName.length;
    case "lease_lost":
      return event.attempt;
    case "result_not_kept":
      return event.attempt + event.reason.length;
    case "store_error":
      expectTypeOf(event.during).toEqualTypeOf<"claim" | "read" | "result" | "settle" | "extend">();
      expectTypeOf(event.error).toEqualTypeOf<unknown>();
      return event.keyHash;
    case "unprotected":
      expectTypeOf(event.reason).toEqualTypeOf<"missing_key" | "disabled" | "store_unavailable">();
      expectTypeOf(event.keyHash).toEqualTypeOf<string | undefined>(); // a missing key has no hash
      return event.reason;
    case "lease_guessed":
      return event.keyHash;
    case "deferred":
      return event.visibilitySeconds;
    case "key_lost_on_redrive":
      expectTypeOf(event.keyHash).toEqualTypeOf<undefined>();
      return event.operation;
    case "visibility_unchanged":
      expectTypeOf(event.error).toEqualTypeOf<unknown>();
      return event.error;
    default:
      return never(event);
  }
}

export function everyVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case "mine":
    case "mismatch":
    case "replay":
    case "unknown":
      return verdict.kind;
    case "busy":
      return "busy";
    case "takeover":
      return verdict.from;
    default:
      return never(verdict);
  }
}

export function everyAnswer(answer: Answer): unknown {
  if (answer.applied) {
    // @ts-expect-error what was applied shows no record
    void answer.record;
    return answer.kept?.bytes;
  }
  return answer.record?.owner ?? answer.kept?.bytes;
}

expectTypeOf<Status>().toEqualTypeOf<"in_progress" | "completed" | "failed" | "held" | "released">();
expectTypeOf<StoreFailureKind>().toEqualTypeOf<"throttled" | "conflict" | "unreachable" | "misconfigured">();

// Every event has an operation and a moment; nothing of it can be changed.
declare const event: IdempotencyEvent;
expectTypeOf(event.operation).toEqualTypeOf<string>();
expectTypeOf(event.at).toEqualTypeOf<number>();
// @ts-expect-error not every event has a key
void event.attempt;
// @ts-expect-error read-only
event.at = 0;
// @ts-expect-error no such event
export const unknownEvent: IdempotencyEvent["type"] = "started";

declare const error: IdempotencyError;
expectTypeOf(error.code).toEqualTypeOf<IdempotencyErrorCode>();
expectTypeOf(error.retryable).toEqualTypeOf<boolean>();
expectTypeOf(error.safeToUseNewKey).toEqualTypeOf<boolean>();
expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>();
expectTypeOf(error.keyHash).toEqualTypeOf<string | undefined>();
expectTypeOf(error.requestId).toEqualTypeOf<string | undefined>();
expectTypeOf(error.path).toEqualTypeOf<string | undefined>();
expectTypeOf(error).toExtend<Error>();
// @ts-expect-error read-only
error.code = "KEY_MISSING";
// @ts-expect-error no such code
export const unknownCode: IdempotencyErrorCode = "KEY_GONE";

declare const replayed: ReplayedError;
expectTypeOf(replayed).toExtend<Error>();
expectTypeOf(replayed.statusCode).toEqualTypeOf<number | undefined>();
expectTypeOf(replayed.code).toEqualTypeOf<string | number | undefined>();
