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
