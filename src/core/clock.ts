/** Time as a port, so that tests can turn it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds; ends earlier, where the clock can, once `cancel` aborts (it may then reject). */
  sleep(ms: number, cancel?: AbortSignal): Promise<void>;
}

/** How long to sleep before try `attempt` (0, 1, …): full jitter over an exponential step, in milliseconds. */
export function backoffMs(attempt: number, random: () => number, baseMs: number, capMs: number): number {
  return Math.ceil(random() * Math.min(capMs, baseMs * 2 ** attempt));
}

/** What `within` answers when time is up. */
export const late: unique symbol = Symbol("late");

/** An answer, if it comes within `ms` milliseconds. One that comes later is nobody's, also if it is an error. */
export async function within<T>(clock: Clock, ms: number, answer: Promise<T>): Promise<T | typeof late> {
  const over = new AbortController();
  answer.catch(() => {});
  const timeUp = clock.sleep(ms, over.signal).then(
    (): typeof late => late,
    (): typeof late => late,
  );
  try {
    return await Promise.race([answer, timeUp]);
  } finally {
    over.abort();
  }
}
