import type { Clock } from "./clock.ts";
import type { IdempotencyEvent, StoreErrorDuring } from "./events.ts";
import type { KeyInput } from "./key.ts";
import type { ResolvedOptions } from "./options.ts";
import type { RecordId } from "./record.ts";
import type { Store } from "./store.ts";

/** What the core is handed from outside. */
export interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  /** From 0 to 1, for jitter. */
  random(): number;
  /** A token that no other execution has. */
  newOwner(): string;
}

/** The options that decide how a key is claimed. */
export type ClaimPolicy = Pick<ResolvedOptions<never[], unknown>, "retentionSeconds" | "waitMs" | "onLeaseExpired" | "onStoreUnavailable">;

/** What is asked of the core for one key, with all that a door knows of it. */
export interface Call extends Ports {
  readonly policy: ClaimPolicy;
  readonly id: RecordId;
  readonly keyParts: KeyInput;
  readonly fingerprint: string | undefined;
  readonly requestId: string | undefined;
  readonly messageId: string | undefined;
  /** Epoch milliseconds; a failure from before it may be run again. */
  readonly retryFailedBeforeMs: number | undefined;
  /** The lease to ask for now, milliseconds. */
  measureLeaseMs(): number;
  /** When the invocation ends, epoch milliseconds, where anything tells. */
  deadline(): number | undefined;
  report(event: EventBody): void;
}

type Body<E> = E extends IdempotencyEvent ? Omit<E, "operation" | "at" | "keyHash"> : never;
/** An event without what every event of a call has in common. */
export type EventBody = Body<IdempotencyEvent>;

/** Tells that the store did not do what was asked of it. */
export function reportStoreError(call: Call, during: StoreErrorDuring, error: unknown): void {
  call.report({ type: "store_error", during, error });
}

/** How long ago a moment was, milliseconds; never below 0, whatever a clock does. */
export function msSince({ clock }: Ports, moment: number): number {
  return Math.max(0, clock.now() - moment);
}

/** What is left to the invocation for its own answer. Milliseconds. */
const answerMarginMs = 200;

/**
 * Until when a store may be waited for, so that the invocation can still give its own answer: epoch milliseconds, where
 * anything tells. At the least as long as that answer takes.
 */
export function answerBy({ clock, deadline }: Call): number | undefined {
  const now = clock.now();
  const end = deadline();
  // A context that says that nothing is left says nothing.
  return end === undefined || end <= now ? undefined : Math.max(end - answerMarginMs, now + answerMarginMs);
}
