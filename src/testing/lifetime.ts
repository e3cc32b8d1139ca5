import type { Clock } from "../core/clock.ts";

/** The life of a process, which can end. A dead one does not handle errors: nothing that it waits for ever comes. */
export interface Lifetime {
  /** Its time: in a dead process no sleep and no time limit ends. */
  readonly clock: Clock;
  /** What a request answers, while the process lives. */
  await<T>(request: () => Promise<T>): Promise<T>;
  die(): void;
}

export function newLifetime(time: Clock): Lifetime {
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

function startTimer(time: Clock, ms: number, done: () => void): () => void {
  return time.timer?.(ms, done) ?? (() => {});
}

function never(): Promise<never> {
  return new Promise(() => {});
}
