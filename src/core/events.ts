import { ignoreRejection } from "./errors.ts";
import type { TakeoverReason } from "./verdict.ts";

interface EventBase {
  readonly operation: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

interface KeyedEvent extends EventBase {
  readonly keyHash: string;
}

interface UnkeyedEvent extends EventBase {
  readonly keyHash?: undefined;
}

interface EndedEvent extends KeyedEvent {
  readonly attempt: number;
  /** From the claim to the end of the run, milliseconds. */
  readonly durationMs: number;
  readonly errorName: string;
}

/** What happened, as a closed union by `type`. Metrics, logs and traces are adapters of it. */
export type IdempotencyEvent =
  /** A fresh key was claimed; `durationMs` is what the claim took. */
  | (KeyedEvent & { readonly type: "claimed"; readonly attempt: number; readonly durationMs: number })
  | (KeyedEvent & { readonly type: "taken_over"; readonly attempt: number; readonly from: TakeoverReason })
  /** `ageMs`: how long ago the first run ended. */
  | (KeyedEvent & { readonly type: "replayed"; readonly attempt: number; readonly ageMs: number })
  | (KeyedEvent & { readonly type: "in_progress"; readonly retryAfterMs: number })
  | (KeyedEvent & { readonly type: "mismatch" })
  | (KeyedEvent & { readonly type: "unknown" })
  /** `bytes`: what the store keeps of the result. */
  | (KeyedEvent & {
      readonly type: "completed";
      readonly attempt: number;
      readonly durationMs: number;
      readonly encoding: string;
      readonly bytes: number;
    })
  | (EndedEvent & { readonly type: "failed" | "held" | "released" })
  | (KeyedEvent & { readonly type: "lease_lost"; readonly attempt: number })
  | (KeyedEvent & { readonly type: "result_not_kept"; readonly attempt: number; readonly reason: string })
  | (KeyedEvent & { readonly type: "store_error"; readonly during: StoreErrorDuring; readonly error: unknown })
  | (EventBase & { readonly type: "unprotected"; readonly keyHash?: string; readonly reason: UnprotectedReason })
  /** Neither `leaseMs` nor a context nor an enclosing execution told the time: 60,000 ms were taken. */
  | (KeyedEvent & { readonly type: "lease_guessed" })
  /** Of a message: its key is its `messageId`, which a redrive replaces. Once per cold start. */
  | (UnkeyedEvent & { readonly type: "key_lost_on_redrive" })
  /** Of a message whose key is in progress: it comes back when the lease will be over. */
  | (KeyedEvent & { readonly type: "deferred"; readonly visibilitySeconds: number })
  /** When failed messages come back could not be changed: they do so by their queue's own visibility timeout. */
  | (UnkeyedEvent & { readonly type: "visibility_unchanged"; readonly error: unknown });

export type StoreErrorDuring = "claim" | "read" | "result" | "settle" | "extend";
export type UnprotectedReason = "missing_key" | "disabled" | "store_unavailable";

export type Listener = (event: IdempotencyEvent) => unknown;

/** Calls a listener so that it harms nothing: neither a throw nor a rejected promise reaches the caller. */
export function tell(listener: Listener, event: IdempotencyEvent): void {
  try {
    ignoreRejection(listener(event));
  } catch {
    // A metric that fails must not fail the payment that it counts.
  }
}
