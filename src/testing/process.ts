import type { Clock } from "../core/clock.ts";

/** A process that can die. A dead one does not handle errors: nothing that it waits for ever comes. */
export interface Process {
  /** Its time: in a dead process no sleep and no time limit ends. */
  readonly clock: Clock;
  /** What a request answers, while the process lives. */
  await<T>(request: () => Promise<T>): Promise<T>;
  die(): void;
}

export function liveProcess(time: Clock): Process {
  let isDead = false;

  async function answerOf<T>(request: () => Promise<T>): Promise<T> {
    if (isDead) return never();
    try {
      const answer = await request();
      return isDead ? await never() : answer;
    } catch (error) {
      if (isDead) return never();
      throw error;
    }
  }

  return {
    clock: {
      now: () => time.now(),
      sleep: (ms, cancel) => answerOf(() => time.sleep(ms, cancel)),
      // Only where there is one: a clock without a timer is asked to sleep.
      ...(time.timer === undefined ? {} : { timer: (ms: number, done: () => void) => startTimer(time, ms, () => !isDead && done()) }),
    },
    await: answerOf,
    die() {
      isDead = true;
    },
  };
}

const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis;
/** The longest delay that a timer takes; above it, Node fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The time where a store has no clock. Its timers were taken before a test runner fakes them. */
export const realTime: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => startTimeout(resolve, Math.min(ms, maxTimerMs))),
  timer(ms, done) {
    const timeout = startTimeout(done, Math.min(ms, maxTimerMs));
    return () => stopTimeout(timeout);
  },
};

function startTimer(time: Clock, ms: number, done: () => void): () => void {
  return time.timer?.(ms, done) ?? (() => {});
}

function never(): Promise<never> {
  return new Promise(() => {});
}
