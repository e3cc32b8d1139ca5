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
export type IdempotencyErrorCode =
  | "KEY_MISSING"
  | "KEY_INVALID"
  | "KEY_REUSED"
  | "IN_PROGRESS"
  | "LEASE_LOST"
  | "STORE_UNAVAILABLE"
  | "OUTCOME_UNKNOWN"
  | "RESULT_UNAVAILABLE"
  | "CONFIG_INVALID"
  | "NO_EXECUTION";

/** What may be known beside the code. */
export interface IdempotencyErrorDetails {
  /** Milliseconds until another try makes sense. Always there, and above 0, with `IN_PROGRESS`. */
  readonly retryAfterMs?: number | undefined;
  /** Hash of the key, as the table holds it. The raw key is never told. */
  readonly keyHash?: string | undefined;
  /** Lambda's request id of the first run. */
  readonly requestId?: string | undefined;
  /** The option at fault, of `CONFIG_INVALID`; the part that is not there, of `KEY_MISSING`: `key`, `key[1]`. */
  readonly path?: string | undefined;
  readonly cause?: unknown;
}

/** What is in the way of these passes. */
const retryable: ReadonlySet<IdempotencyErrorCode> = new Set(["IN_PROGRESS", "LEASE_LOST", "STORE_UNAVAILABLE"]);
/** Nothing ran under the key of these. */
const unused: ReadonlySet<IdempotencyErrorCode> = new Set(["KEY_MISSING", "KEY_INVALID", "KEY_REUSED"]);

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

  constructor(code: IdempotencyErrorCode, message: string, { cause, ...known }: IdempotencyErrorDetails = {}) {
    super(message, defined({ cause }));
    this.code = code;
    this.retryable = retryable.has(code);
    this.safeToUseNewKey = unused.has(code);
    Object.assign(this, defined(known));
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

  constructor({ name, message = "", statusCode, code }: KeptError) {
    super(message);
    Object.assign(this, defined({ name, statusCode, code }));
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
      statusCode: Number.isInteger(statusCode) ? (statusCode as number) : undefined,
      code: typeof code === "string" ? cut(code) : Number.isFinite(code) ? (code as number) : undefined,
    };
  } catch {
    return { name: "NonError", message: "" }; // a getter or a proxy that throws
  }
}

/** The message of a thrown value; never throws itself. */
export function messageOf(thrown: unknown): string {
  return describeError(thrown).message;
}

/** An object without the members that are undefined. */
export function defined<T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as ReturnType<typeof defined<T>>;
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
