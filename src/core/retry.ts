import type { Ports } from "./call.ts";
import { backoffMs, type Clock, late, within } from "./clock.ts";
import { asFailure, isThrottleLike, type Store, StoreFailure, type StoreFailureKind } from "./store.ts";

/** Retries of ours go on for at most this long. Milliseconds. */
export const maxRetryMs = 3000;

const baseMs = 50;
const capMs = 1000;

/** How long to go on asking. */
export interface Patience {
  /** What is worth another try, asked before and after the pause. Default: conflicts with other writers, which no client retries by itself. */
  readonly retry?: (failure: StoreFailure) => boolean;
  /** Epoch milliseconds; no try starts after it. Default: 3 s from now. */
  readonly until?: number;
  /** Epoch milliseconds; no try is waited for past it. Default: a try takes what the client takes. */
  readonly giveUpAt?: number | undefined;
}

/**
 * Asks the store, with full jitter between tries. A failure is a value here, since each caller treats it differently. It
 * tells of all tries: it may have been applied as soon as one may have been, and counts as throttled as soon as one was.
 */
export async function ask<T>(ports: Ports, request: (store: Store) => Promise<T>, patience: Patience = {}): Promise<T | StoreFailure> {
  const { store, clock, random } = ports;
  const { retry = isConflict, until = clock.now() + maxRetryMs, giveUpAt } = patience;
  let maybeApplied = false;
  let throttled = false;
  for (let attempt = 0; ; attempt++) {
    try {
      return giveUpAt === undefined ? await request(store) : await inTime(clock, giveUpAt - clock.now(), request(store));
    } catch (thrown) {
      const failure = asFailure(thrown);
      maybeApplied ||= failure.maybeApplied;
      throttled ||= isThrottleLike(failure.kind);
      const waitMs = backoffMs(attempt, random, baseMs, capMs);
      if (retry(failure) && clock.now() + waitMs < Math.min(until, giveUpAt ?? until)) {
        await clock.sleep(waitMs);
        if (retry(failure)) continue;
      }
      const kind: StoreFailureKind = throttled && failure.kind === "unreachable" ? "throttled" : failure.kind;
      return new StoreFailure(kind, failure.message, { maybeApplied, part: failure.part, cause: failure.cause ?? failure });
    }
  }
}

async function inTime<T>(clock: Clock, ms: number, answer: Promise<T>): Promise<T> {
  const answered = await within(clock, ms, answer);
  if (answered !== late) return answered;
  throw new StoreFailure("unreachable", `the store did not answer within ${ms} ms`, { maybeApplied: true });
}

/** Does another writer stand in the way? */
export function isConflict(failure: StoreFailure): boolean {
  return failure.kind === "conflict";
}
