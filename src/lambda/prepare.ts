import type { Call, EventBody, Ports } from "../core/call.ts";
import { IdempotencyError, ignoreRejection, messageOf } from "../core/errors.ts";
import type { IdempotencyEvent } from "../core/events.ts";
import { enclosingLeaseUntil } from "../core/execution.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import { copyKey, hashKey, isKeyMissing, type KeyInput } from "../core/key.ts";
import { checkLeaseMs, guessedLeaseMs, maxLeaseMs, minMeasuredLeaseMs } from "../core/lease.ts";
import type { ResolvedOptions } from "../core/options.ts";
import type { RecordId } from "../core/record.ts";
import { isHeard, publish } from "./channel.ts";
import { newOwner, systemClock } from "./system.ts";

/** What a delivery's arguments come to, before anything is asked or run. */
export type Prepared =
  | { readonly kind: "keyed"; readonly call: Call }
  /** Switched off; the key is known. */
  | { readonly kind: "disabled"; readonly id: RecordId }
  /** No key, and policy says to run. */
  | { readonly kind: "keyless" };

/** The part of Lambda's context that is looked at, in whichever argument it comes. */
interface ContextLike {
  getRemainingTimeInMillis(): unknown;
  readonly awsRequestId?: unknown;
}

/**
 * Makes calls from arguments. Key and fingerprint are taken here, once, before the handler sees its event.
 * The returned function throws `KEY_MISSING`, `KEY_INVALID`, before any request.
 */
export function preparer<A extends unknown[], R>(options: ResolvedOptions<A, R>): (args: A) => Prepared {
  const clock = options.store.clock ?? systemClock;
  const ports: Ports = { store: options.store, clock, random: Math.random, newOwner };
  const guess = onceOnly();

  function reporter(keyHash?: string): (event: EventBody) => void {
    const base = { operation: options.operation, ...(keyHash === undefined ? {} : { keyHash }) };
    return (event) => {
      if (isHeard(options.onEvent)) publish(options.onEvent, { ...event, ...base, at: clock.now() } as IdempotencyEvent);
    };
  }

  return (args) => {
    const key = readKey(options, args);
    if (key === undefined) {
      reporter()({ type: "unprotected", reason: options.enabled ? "missing_key" : "disabled" });
      return { kind: "keyless" };
    }
    const id: RecordId = { operation: options.operation, keyHash: key.hash };
    const report = reporter(id.keyHash);
    if (!options.enabled) {
      report({ type: "unprotected", reason: "disabled" });
      return { kind: "disabled", id };
    }
    const context = args.find(isContext);
    const call: Call = {
      ports,
      policy: options,
      id,
      keyParts: key.parts,
      fingerprint: readFingerprint(options, args),
      requestId: requestIdIn(context),
      messageId: undefined,
      retryFailedBeforeMs: undefined,
      measureLeaseMs() {
        if (options.leaseMs !== undefined) return askedLeaseMs(options.leaseMs, args);
        const left = timeLeftMs(context, clock.now());
        if (left !== undefined) return Math.max(minMeasuredLeaseMs, Math.ceil(left));
        guess(() => report({ type: "lease_guessed" }));
        return guessedLeaseMs;
      },
      deadline() {
        const left = timeLeftMs(context, clock.now());
        return left === undefined ? undefined : clock.now() + left;
      },
      report,
    };
    return { kind: "keyed", call };
  };
}

function readKey<A extends unknown[], R>(options: ResolvedOptions<A, R>, args: A): { hash: string; parts: KeyInput } | undefined {
  try {
    const parts = callUser("key", options.key, args);
    return { hash: hashKey(parts), parts: copyKey(parts as KeyInput) };
  } catch (error) {
    const mayRun = !options.enabled || (options.onMissingKey === "run" && isKeyMissing(error));
    if (mayRun) return undefined;
    throw error;
  }
}

function readFingerprint<A extends unknown[], R>({ fingerprint }: ResolvedOptions<A, R>, args: A): string | undefined {
  if (fingerprint === undefined) return undefined;
  const payload = callUser("fingerprint", fingerprint, args);
  return payload === undefined ? undefined : fingerprintOf(payload);
}

// What a key function throws is a key that cannot be had; what our own helpers throw in it says so already.
function callUser<A extends unknown[], T>(name: string, fn: (...args: A) => T, args: A): T {
  try {
    const answer = fn(...args);
    ignoreRejection(answer); // a promise is refused as no key, and no fingerprint, whatever becomes of it
    return answer;
  } catch (error) {
    if (error instanceof IdempotencyError) throw error;
    throw new IdempotencyError("KEY_INVALID", `${name} threw: ${messageOf(error)}`, { cause: error });
  }
}

function askedLeaseMs<A extends unknown[]>(leaseMs: number | ((...args: A) => number), args: A): number {
  if (typeof leaseMs === "number") return leaseMs;
  let answer: unknown;
  try {
    answer = leaseMs(...args);
  } catch (error) {
    throw new IdempotencyError("CONFIG_INVALID", `leaseMs threw: ${messageOf(error)}`, { path: "leaseMs", cause: error });
  }
  ignoreRejection(answer);
  return checkLeaseMs(answer, "leaseMs");
}

/** What a context says is left of its invocation, milliseconds, where it says so. */
export function contextLeftMs(context: unknown): number | undefined {
  const left = isContext(context) ? contextSays(context) : undefined;
  return typeof left === "number" && left <= maxLeaseMs ? left : undefined;
}

/** What is left of the invocation, or else of the enclosing execution's lease, milliseconds. */
function timeLeftMs(context: ContextLike | undefined, now: number): number | undefined {
  const left = contextLeftMs(context);
  if (left !== undefined) return left;
  const until = enclosingLeaseUntil();
  return until === undefined ? undefined : until - now;
}

// Lambda's has 36 characters; a made-up one of any length must not make the record too large.
function requestIdIn(context: ContextLike | undefined): string | undefined {
  return typeof context?.awsRequestId === "string" ? context.awsRequestId.slice(0, 256) : undefined;
}

// A made-up context often has this function and no answer in it.
function contextSays(context: ContextLike): unknown {
  try {
    return context.getRemainingTimeInMillis();
  } catch {
    return undefined;
  }
}

function isContext(value: unknown): value is ContextLike {
  return typeof value === "object" && value !== null && typeof (value as Partial<ContextLike>).getRemainingTimeInMillis === "function";
}

// Once per cold start, since the wrapper is made once per cold start.
function onceOnly(): (action: () => void) => void {
  let done = false;
  return (action) => {
    if (!done) action();
    done = true;
  };
}
