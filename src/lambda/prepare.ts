import type { Call, EventBody } from "../core/call.ts";
import type { Clock } from "../core/clock.ts";
import { IdempotencyError, ignoreRejection, messageOf } from "../core/errors.ts";
import type { IdempotencyEvent } from "../core/events.ts";
import { enclosingLeaseUntil, type Running, unclaimedExecution } from "../core/execution.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import { copyKey, hashKey, isKeyMissing, type KeyInput } from "../core/key.ts";
import { checkLeaseMs, guessedLeaseMs, minMeasuredLeaseMs } from "../core/lease.ts";
import type { ResolvedOptions } from "../core/options.ts";
import type { RecordId } from "../core/record.ts";
import { isHeard, publish } from "./channel.ts";
import { contextLeftMs, isContext, requestIdIn } from "./context.ts";
import { newOwner, systemClock } from "./system.ts";

/** What a delivery's arguments come to, before anything is asked or run. */
export type Prepared =
  | { readonly kind: "keyed"; readonly call: Call }
  /** Switched off, or no key and policy says to run; the work runs inside of what is known of the key. */
  | { readonly kind: "unprotected"; readonly inside: Running | undefined };

/**
 * Makes calls from arguments. Key and fingerprint are taken here, once, before the handler sees its event.
 * The returned function throws `KEY_MISSING`, `KEY_INVALID`, before any request.
 */
export function preparer<A extends unknown[], R>(options: ResolvedOptions<A, R>): (args: A) => Prepared {
  const { store, operation, enabled } = options;
  const clock = clockOf(options);
  let guessed = false; // once per cold start, since the wrapper is made once per cold start

  return (args) => {
    const key = readKey(options, args);
    if (key === undefined) {
      reporter(options)({ type: "unprotected", reason: enabled ? "missing_key" : "disabled" });
      return { kind: "unprotected", inside: undefined };
    }
    const id: RecordId = { operation, keyHash: key.hash };
    const report = reporter(options, id);
    if (!enabled) {
      report({ type: "unprotected", reason: "disabled" });
      return { kind: "unprotected", inside: unclaimedExecution(id) };
    }
    const context = args.find(isContext);
    const call: Call = {
      store,
      clock,
      random: Math.random,
      newOwner,
      policy: options,
      id,
      keyParts: key.parts,
      fingerprint: readFingerprint(options, args),
      requestId: requestIdIn(context),
      messageId: undefined,
      retryFailedBeforeMs: undefined,
      measureLeaseMs() {
        const { leaseMs } = options;
        if (typeof leaseMs === "number") return leaseMs;
        if (leaseMs !== undefined) return checkLeaseMs(callUser("leaseMs", leaseMs, args), "leaseMs");
        const deadline = call.deadline();
        if (deadline !== undefined) return Math.max(minMeasuredLeaseMs, Math.ceil(deadline - clock.now()));
        if (!guessed) report({ type: "lease_guessed" });
        guessed = true;
        return guessedLeaseMs;
      },
      // Of the invocation, or else of the enclosing execution's lease.
      deadline() {
        const left = contextLeftMs(context);
        return left === undefined ? enclosingLeaseUntil() : clock.now() + left;
      },
      report,
    };
    return { kind: "keyed", call };
  };
}

/** The store's clock, or else the real one. */
export function clockOf({ store }: Pick<ResolvedOptions<never[], unknown>, "store">): Clock {
  return store.clock ?? systemClock;
}

/** Tells events of an operation, or of one of its keys. */
export function reporter(
  options: Pick<ResolvedOptions<never[], unknown>, "store" | "operation" | "onEvent">,
  id?: RecordId,
): (event: EventBody) => void {
  const { operation, onEvent } = options;
  const clock = clockOf(options);
  return (event) => {
    if (isHeard(onEvent)) publish(onEvent, { ...event, operation, ...id, at: clock.now() } as IdempotencyEvent);
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

// What a key function throws is a key that cannot be had; what our own helpers throw in it says so already. What `leaseMs`
// throws is a wrong option.
function callUser<A extends unknown[], T>(name: string, fn: (...args: A) => T, args: A): T {
  try {
    const answer = fn(...args);
    ignoreRejection(answer); // a promise is refused, as no key, fingerprint or lease, whatever becomes of it
    return answer;
  } catch (cause) {
    const message = `${name} threw: ${messageOf(cause)}`;
    if (name === "leaseMs") throw new IdempotencyError("CONFIG_INVALID", message, { path: name, cause });
    throw cause instanceof IdempotencyError ? cause : new IdempotencyError("KEY_INVALID", message, { cause });
  }
}
