import type { Clock } from "../core/clock.ts";

/** The longest delay that a timer takes; above it, Node fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => timer(ms, resolve)), // time limits take the timer
  timer,
};

function timer(ms: number, done: () => void): () => void {
  const timeout = setTimeout(done, Math.min(ms, maxTimerMs));
  return () => clearTimeout(timeout);
}

/** A token that no other execution has. */
export function newOwner(): string {
  return crypto.randomUUID();
}
