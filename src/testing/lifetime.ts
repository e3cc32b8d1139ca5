import type { Clock } from "../core/clock.ts";

/** The life of a process, which can end. A dead one does not handle errors: nothing that it waits for ever comes. */
export interface Lifetime {
  /** Its time: in a dead process no sleep and no time limit ends. */
  readonly clock: Clock;
  /** What a request answers, while the process lives. */
  await<T>(request: () => Promise<T>): Promise<T>;
  die(): void;
}

/** A life by some time. `died` is called at its end, once. */
export function newLifetime(time: Clock, died: () => void = () => {}): Lifetime {
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
      ...(time.timer === undefined
        ? {}
        : { timer: (ms: number, done: () => void) => (isDead ? () => {} : startTimer(time, ms, () => !isDead && done())) }),
    },
    await: answerOf,
    die() {
      if (!isDead) died();
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
