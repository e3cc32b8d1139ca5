import type { Ports } from "./call.ts";
import { backoffMs } from "./clock.ts";
import { asFailure, StoreFailure } from "./store.ts";

/** Retries of ours go on for at most this long. Milliseconds. */
export const maxRetryMs = 3000;

const baseMs = 50;
const capMs = 1000;

/**
 * Asks the store. A failure is a value here, since each caller treats it differently; it may have been applied as soon
 * as one try may have been.
 *
 * Tries again where `worthRetrying`, with full jitter, while a try can still start before `until`. By default that is
 * for conflicts with other writers, which no client retries by itself.
 */
export async function ask<T>(
  ports: Ports,
  request: () => Promise<T>,
  worthRetrying: (failure: StoreFailure) => boolean = isConflict,
  until: number = ports.clock.now() + maxRetryMs,
): Promise<T | StoreFailure> {
  let maybeApplied = false;
  for (let attempt = 0; ; attempt++) {
    try {
      return await request();
    } catch (thrown) {
      const failure = asFailure(thrown);
      maybeApplied ||= failure.maybeApplied;
      const waitMs = backoffMs(attempt, ports.random, baseMs, capMs);
      if (!worthRetrying(failure) || ports.clock.now() + waitMs >= until) {
        return new StoreFailure(failure.kind, failure.message, { maybeApplied, cause: failure.cause ?? failure });
      }
      await ports.clock.sleep(waitMs);
    }
  }
}

function isConflict(failure: StoreFailure): boolean {
  return failure.kind === "conflict";
}
