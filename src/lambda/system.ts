import type { Clock } from "../core/clock.ts";

/** The longest delay that a timer takes; above it, Node fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, cancel) =>
    new Promise((resolve) => {
      if (cancel?.aborted === true) return resolve();
      const timer = setTimeout(done, Math.min(ms, maxTimerMs));
      cancel?.addEventListener("abort", done);
      function done(): void {
        clearTimeout(timer);
        cancel?.removeEventListener("abort", done);
        resolve();
      }
    }),
};

/** A token that no other execution has. */
export function newOwner(): string {
  return crypto.randomUUID();
}
