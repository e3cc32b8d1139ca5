import type { Clock } from "../core/clock.ts";

/** The longest delay that a timer takes; above it, Node fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, cancel) =>
    new Promise((resolve) => {
      if (cancel?.aborted === true) return resolve();
      const stop = timer(ms, done);
      cancel?.addEventListener("abort", done);
      function done(): void {
        stop();
        cancel?.removeEventListener("abort", done);
        resolve();
      }
    }),
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
