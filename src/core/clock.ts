/** Time as a port, so that tests can turn it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds. With `cancel` it is a time limit of something else: it ends earlier, where the
   * clock can, once that aborts (it may then reject), and a clock that turns itself in a sleep must not turn for it.
   */
  sleep(ms: number, cancel?: AbortSignal): Promise<void>;
}

/** How long to sleep before try `attempt` (0, 1, …): full jitter over an exponential step, in milliseconds. */
export function backoffMs(attempt: number, random: () => number, baseMs: number, capMs: number): number {
  return Math.ceil(random() * Math.min(capMs, baseMs * 2 ** attempt));
}

/**
 * Sleeps until a moment (epoch milliseconds), which may move on meanwhile. Was it reached? Not where it was cancelled,
 * and not by a clock whose sleeps take no time: they say nothing of how much has passed.
 */
export async function sleepUntil(clock: Clock, moment: () => number, cancel: AbortSignal): Promise<boolean> {
  while (!cancel.aborted) {
    const now = clock.now();
    const left = moment() - now;
    if (left <= 0) return true;
    await clock.sleep(left, cancel); // a timer may be a millisecond early
    if (clock.now() <= now) return false;
  }
  return false;
}

/** What `within` answers when time is up. */
export const late: unique symbol = Symbol("late");

/** An answer, if it comes within `ms` milliseconds. One that comes later is nobody's, also if it is an error. */
export async function within<T>(clock: Clock, ms: number, answer: Promise<T>): Promise<T | typeof late> {
  const over = new AbortController();
  answer.catch(() => {});
  const end = clock.now() + ms;
  const timeUp = async (): Promise<T | typeof late> => ((await sleepUntil(clock, () => end, over.signal)) ? late : answer);
  try {
    return await Promise.race([answer, timeUp()]);
  } finally {
    over.abort();
  }
}
