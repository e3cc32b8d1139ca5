import type { Codec } from "./codec.ts";
import type { Listener } from "./events.ts";
import type { KeyInput } from "./key.ts";
import type { Store } from "./store.ts";

/** What an error does to its key: free it for the next delivery, answer duplicates with it, or close the key. */
export type ErrorPolicy = "release" | "keep" | "hold";

/** Of the first run, for `onReplay`. */
export interface Replay {
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly completedAt: number;
  readonly requestId?: string;
}

export interface IdempotencyOptions<A extends unknown[], R> {
  /** Where records are kept: `dynamodbStore()`, `memoryStore()`, or your own. */
  store: Store;
  /**
   * Names the operation that keys belong to: `[A-Za-z0-9_.:/-]{1,64}`. Two operations never share a key. Keep it when
   * the function is renamed or redeployed: a new name forgets what is done.
   */
  operation: string;
  /** What identifies this call: the same key is the same work. Undefined, null, "", NaN or an empty list, also as a part, is a missing key. */
  key: (...args: A) => KeyInput | undefined;
  /** The payload that belongs to the key; the same key with another payload is `KEY_REUSED`. Default, and for an undefined one: not checked. */
  fingerprint?: ((...args: A) => unknown) | undefined;
  /** Default `"throw"`: `KEY_MISSING`. `"run"` runs unprotected. */
  onMissingKey?: "throw" | "run" | undefined;
  /** How long a finished record answers duplicates, seconds, up to ten years. Default: env `IDEMPOTENCY_RETENTION_SECONDS`, else 86,400. */
  retentionSeconds?: number | undefined;
  /**
   * How long a claim protects its key, milliseconds, at least 100. Default: what an argument with `getRemainingTimeInMillis` says,
   * else what is left of the enclosing execution's lease, both at least 1,000; else 60,000.
   */
  leaseMs?: number | ((...args: A) => number) | undefined;
  /** Default `"throw"`: `IN_PROGRESS` at once. `{ waitMs }` waits for the first run's answer, until 500 ms before the deadline. */
  onInProgress?: "throw" | { readonly waitMs: number } | undefined;
  /** A claim whose lease lapsed. Default `"run"`: taken over. `"throw"`: `OUTCOME_UNKNOWN`. */
  onLeaseExpired?: "run" | "throw" | undefined;
  /** What the handler's error does to its key. Default `"release"`, also where the function throws or answers anything else. */
  onError?: ErrorPolicy | ((error: unknown) => ErrorPolicy) | undefined;
  /** The store cannot be reached. Default `"throw"`: `STORE_UNAVAILABLE`, nothing runs. `"run"` runs unprotected. */
  onStoreUnavailable?: "throw" | "run" | undefined;
  /** How results are kept. Default: JSON, what Lambda itself would send. Its name: 1 to 32 characters of `A-Z a-z 0-9 _ . -`. */
  codec?: Codec<R> | undefined;
  /** Sees each replayed result; what it returns is the answer. */
  onReplay?: ((result: R, replay: Replay) => R | Promise<R>) | undefined;
  /** Sees each event. Whatever it does harms nothing. */
  onEvent?: Listener | undefined;
  /** Default true. Env `IDEMPOTENCY_DISABLED` (1, true, yes, on) wins over it. Read at wrap time. */
  enabled?: boolean | undefined;
}

/** Options without question marks; what is undefined here is off. */
export interface ResolvedOptions<A extends unknown[], R> {
  readonly store: Store;
  readonly operation: string;
  readonly key: (...args: A) => KeyInput | undefined;
  readonly fingerprint: ((...args: A) => unknown) | undefined;
  readonly onMissingKey: "throw" | "run";
  readonly retentionSeconds: number;
  readonly leaseMs: number | ((...args: A) => number) | undefined;
  readonly waitMs: number;
  readonly onLeaseExpired: "run" | "throw";
  readonly onError: (error: unknown) => ErrorPolicy;
  readonly onStoreUnavailable: "throw" | "run";
  readonly codec: Codec<R>;
  readonly onReplay: ((result: R, replay: Replay) => R | Promise<R>) | undefined;
  readonly onEvent: Listener | undefined;
  readonly enabled: boolean;
}

/** The options that every door has. */
export type SharedOptions<A extends unknown[]> = Omit<ResolvedOptions<A, never>, "key" | "waitMs" | "codec" | "onReplay">;
