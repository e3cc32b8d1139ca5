/**
 * What went wrong, as a closed union: `switch (error.code)` narrows.
 *
 * | code | when |
 * |---|---|
 * | `KEY_MISSING` | the key, or a part of it, is missing, null, empty or NaN |
 * | `KEY_INVALID` | the key or the fingerprint is made of something that cannot be told apart safely |
 * | `KEY_REUSED` | the key belongs to another payload |
 * | `IN_PROGRESS` | another delivery runs this key; `retryAfterMs` says when to ask again |
 * | `LEASE_LOST` | the lease lapsed and another delivery owns the key |
 * | `STORE_UNAVAILABLE` | the store throttled the call or could not be reached |
 * | `OUTCOME_UNKNOWN` | the first run's outcome is unknown, and policy says that nobody runs it again |
 * | `RESULT_UNAVAILABLE` | the work is done, its result cannot be read back |
 * | `CONFIG_INVALID` | an option, the table or a permission is wrong; `path` names it |
 * | `NO_EXECUTION` | `currentExecution()` outside a run |
 */
export type IdempotencyErrorCode = keyof typeof advice;

/** What may be known beside the code. */
export interface IdempotencyErrorDetails {
  /** Milliseconds until another try makes sense. Always there, and above 0, with `IN_PROGRESS`. */
  readonly retryAfterMs?: number | undefined;
  /** Hash of the key, as the table holds it. The raw key is never told. */
  readonly keyHash?: string | undefined;
  /** Lambda's request id of the first run. */
  readonly requestId?: string | undefined;
  /** The option at fault, of `CONFIG_INVALID`. */
  readonly path?: string | undefined;
  readonly cause?: unknown;
}

// May the same key be tried again? Is it safe to try with a new key (nothing ran under this one)?
const advice = {
  KEY_MISSING: { retryable: false, safeToUseNewKey: true },
  KEY_INVALID: { retryable: false, safeToUseNewKey: true },
  KEY_REUSED: { retryable: false, safeToUseNewKey: true },
  IN_PROGRESS: { retryable: true, safeToUseNewKey: false },
  LEASE_LOST: { retryable: true, safeToUseNewKey: false },
  STORE_UNAVAILABLE: { retryable: true, safeToUseNewKey: false },
  OUTCOME_UNKNOWN: { retryable: false, safeToUseNewKey: false },
  RESULT_UNAVAILABLE: { retryable: false, safeToUseNewKey: false },
  CONFIG_INVALID: { retryable: false, safeToUseNewKey: false },
  NO_EXECUTION: { retryable: false, safeToUseNewKey: false },
} as const;

/** Every refusal of this library. A handler's own error is never wrapped in it. */
export class IdempotencyError extends Error {
  override readonly name = "IdempotencyError";
  readonly code: IdempotencyErrorCode;
  /** The same key may be tried again. */
  readonly retryable: boolean;
  /** Nothing ran under this key for this payload, so a new key cannot repeat an effect. */
  readonly safeToUseNewKey: boolean;
  declare readonly retryAfterMs?: number;
  declare readonly keyHash?: string;
  declare readonly requestId?: string;
  declare readonly path?: string;

  constructor(code: IdempotencyErrorCode, message: string, details: IdempotencyErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = advice[code].retryable;
    this.safeToUseNewKey = advice[code].safeToUseNewKey;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.keyHash !== undefined) this.keyHash = details.keyHash;
    if (details.requestId !== undefined) this.requestId = details.requestId;
    if (details.path !== undefined) this.path = details.path;
  }
}

/** What the record of a failed run keeps of its error. */
export interface KeptError {
  readonly name: string;
  readonly message?: string | undefined;
  readonly statusCode?: number | undefined;
  readonly code?: string | number | undefined;
}

/**
 * An error kept by policy (`onError: "keep"`), thrown again to a duplicate with the first one's name and message, and
 * its `statusCode` and `code` where it had them. Tell it from the first by `instanceof ReplayedError`.
 */
export class ReplayedError extends Error {
  declare readonly statusCode?: number;
  declare readonly code?: string | number;

  constructor(kept: KeptError) {
    super(kept.message ?? "");
    this.name = kept.name;
    if (kept.statusCode !== undefined) this.statusCode = kept.statusCode;
    if (kept.code !== undefined) this.code = kept.code;
  }
}

const maxTextLength = 1024;

/** What of a thrown value can be kept; never throws itself, whatever was thrown. */
export function describeError(thrown: unknown): KeptError & { readonly message: string } {
  try {
    if (typeof thrown !== "object" || thrown === null) return { name: "NonError", message: cut(String(thrown)) };
    const { name, message, statusCode, code } = thrown as Record<string, unknown>;
    return {
      name: typeof name === "string" && name !== "" ? cut(name) : "NonError",
      message: typeof message === "string" ? cut(message) : "",
      ...(Number.isInteger(statusCode) ? { statusCode: statusCode as number } : {}),
      ...(typeof code === "string" ? { code: cut(code) } : {}),
      ...(typeof code === "number" && Number.isFinite(code) ? { code } : {}),
    };
  } catch {
    return { name: "NonError", message: "" }; // a getter or a proxy that throws
  }
}

/** The message of a thrown value; never throws itself. */
export function messageOf(thrown: unknown): string {
  return describeError(thrown).message;
}

/** Somebody else's promise that was not asked for: its rejection must not end the process. */
export function ignoreRejection(value: unknown): void {
  try {
    if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function") Promise.resolve(value).catch(() => {});
  } catch {
    // a `then` that cannot even be looked at
  }
}

function cut(text: string): string {
  return text.slice(0, maxTextLength).toWellFormed(); // a cut may fall between two surrogates
}
