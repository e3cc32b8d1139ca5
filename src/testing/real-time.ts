import type { Clock } from "../core/clock.ts";
import { IdempotencyError } from "../core/errors.ts";

// Taken before a test runner fakes them: what is waited for here passes in real time.
const { setImmediate, setTimeout, clearTimeout, performance } = globalThis;
const read = performance.now.bind(performance);
/** The longest delay that a timer takes; above it, Node fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** How long something may take that nothing is heard of: less than the limit of a test in any runner. Milliseconds. */
export const patienceMs = 2000;

/** Time that passes, and can be stopped: then nothing that waits for it keeps the process alive. */
export interface RealTime extends Clock {
  stop(): void;
}

/**
 * The time where a store has no clock. Its dates may be a test runner's, its timers are not.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where they would be.
 */
export function realTime(): RealTime {
  checkTimers();
  const timers = new Set<NodeJS.Timeout>();

  function timer(ms: number, done: () => void): () => void {
    const timeout = setTimeout(
      () => {
        timers.delete(timeout);
        done();
      },
      Math.min(ms, maxTimerMs),
    );
    timers.add(timeout);
    return () => stop(timeout);
  }

  function stop(timeout: NodeJS.Timeout): void {
    timers.delete(timeout);
    clearTimeout(timeout);
  }

  return {
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => timer(ms, resolve)),
    timer,
    stop: () => timers.forEach(stop),
  };
}

// Jest and Vitest fake timers with @sinonjs/fake-timers, which leaves its clock on them, node:test with private methods:
// https://github.com/sinonjs/fake-timers/blob/main/src/fake-timers-src.js
// https://github.com/nodejs/node/blob/main/lib/internal/test_runner/mock/mock_timers.js
function checkTimers(): void {
  if (![setImmediate, setTimeout].some((timer) => "clock" in timer || timer.name.startsWith("bound #"))) return;
  const message = "the timers were faked before lambda-once/testing was loaded: import it before useFakeTimers(), so that it has real ones";
  throw new IdempotencyError("CONFIG_INVALID", message, { path: "timers" });
}

/** Real milliseconds since some moment. */
export function realMs(): number {
  return read();
}

/**
 * One turn of the event loop: what can go on without waiting for the outside has gone on.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where a test runner would have to turn it.
 */
export async function nextTurn(): Promise<void> {
  checkTimers();
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
