import type { Clock } from "../core/clock.ts";

// Taken before a test runner fakes them: what is waited for here passes in real time.
const { setImmediate, setTimeout, clearTimeout, performance } = globalThis;
const read = performance.now.bind(performance);
/** The longest delay that a timer takes; above it, Node fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** How long something may take that nothing is heard of: less than the limit of a test in any runner. Milliseconds. */
export const patienceMs = 2000;

/** The time where a store has no clock. Its dates may be a test runner's, its timers are not. */
export const realTime: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => timer(ms, resolve)),
  timer,
};

/** Real milliseconds since some moment. */
export function realMs(): number {
  return read();
}

/** One turn of the event loop: what can go on without waiting for the outside has gone on. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What comes of a promise, or, after `patienceMs`, what `late` makes of that. */
export function inPatience<T>(promise: Promise<T>, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error as Error);
      }
    }, patienceMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timeout));
  });
}

function timer(ms: number, done: () => void): () => void {
  const timeout = setTimeout(done, Math.min(ms, maxTimerMs));
  return () => clearTimeout(timeout);
}
