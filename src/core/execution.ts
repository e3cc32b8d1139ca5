import { AsyncLocalStorage } from "node:async_hooks";
import { IdempotencyError } from "./errors.ts";
import { hashKey } from "./key.ts";
import { checkLeaseMs, type HeldLease } from "./lease.ts";
import type { RecordId } from "./record.ts";

/** One run under a claim, as the handler sees it. */
export interface Execution {
  readonly operation: string;
  /** Hash of the key, 43 characters; safe to log. */
  readonly keyHash: string;
  /** 1 for the first run of a key; 0 for a run that holds no claim (store unreachable and `"run"`, or disabled). */
  readonly attempt: number;
  /** Aborts `min(1,000, leaseMs / 5)` ms before the lease ends, and stays so. Never aborts at attempt 0. */
  readonly signal: AbortSignal;
  /**
   * A key of 43 characters for a provider that dedupes, the same in each attempt of this key.
   *
   * @throws IdempotencyError `KEY_MISSING` or `KEY_INVALID` for a name that is no part of a key.
   * @example
   * await stripe.charges.create(charge, { idempotencyKey: currentExecution().deriveKey("charge") });
   */
  deriveKey(...names: string[]): string;
  /**
   * Makes the lease end `ms` milliseconds from now at the earliest; it never moves back. Does nothing at attempt 0.
   *
   * @throws IdempotencyError `CONFIG_INVALID` below 100 ms, `LEASE_LOST` once the claim is another's or the run has
   * ended, `STORE_UNAVAILABLE` where the store did not answer (the lease then stays the old one).
   */
  extendLease(ms: number): Promise<void>;
}

/** What code inside a run can see of it. */
export interface Running {
  execution(): Execution;
  readonly lease: HeldLease | undefined;
}

const running = new AsyncLocalStorage<Running | undefined>();

/**
 * The execution that this code runs in.
 *
 * @throws IdempotencyError `NO_EXECUTION` outside of one, and in a run without a key.
 */
export function currentExecution(): Execution {
  const found = running.getStore();
  if (found === undefined) {
    throw new IdempotencyError(
      "NO_EXECUTION",
      "no execution here: call currentExecution() inside a wrapped handler, in a run that has a key",
    );
  }
  return found.execution();
}

/** Epoch milliseconds: the end of the enclosing execution's lease, as extended. */
export function enclosingLeaseUntil(): number | undefined {
  return running.getStore()?.lease?.until();
}

/** Runs work inside an execution; undefined hides an enclosing one. */
export function runInside<T>(inside: Running | undefined, work: () => T): T {
  return running.run(inside, work);
}

/** What this code runs inside of, to be entered again. */
export function enclosing(): Running | undefined {
  return running.getStore();
}

/** Enters an execution on the spot, for work that nobody can wrap; whoever enters also enters again what was enclosing. */
export function enterInside(inside: Running | undefined): void {
  running.enterWith(inside);
}

/** An execution under a claim. */
export function claimedExecution(id: RecordId, attempt: number, lease: HeldLease, extendLease: Execution["extendLease"]): Running {
  return { lease, execution: onFirstLook(id, attempt, lease.signal, extendLease) };
}

/** An execution that holds no claim. */
export function unclaimedExecution(id: RecordId): Running {
  const { signal } = new AbortController();
  return { lease: undefined, execution: onFirstLook(id, 0, () => signal, extendNothing) };
}

async function extendNothing(ms: number): Promise<void> {
  checkLeaseMs(ms, "extendLease");
}

// Most handlers never look.
function onFirstLook(id: RecordId, attempt: number, signal: () => AbortSignal, extendLease: Execution["extendLease"]): () => Execution {
  let execution: Execution | undefined;
  return () =>
    (execution ??= Object.freeze({
      ...id,
      attempt,
      get signal() {
        return signal();
      },
      deriveKey: (...names: string[]) => {
        if (names.length > 0) hashKey(names, "names"); // what is wrong is named as it was given
        return hashKey(["lambda-once", id.operation, id.keyHash, ...names]);
      },
      extendLease,
    }));
}
