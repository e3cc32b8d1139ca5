import type { Clock } from "../../src/core/clock.ts";

/** A clock that is turned by hand. */
export interface TestClock extends Clock {
  /** Turns the clock, waking each sleeper at its time, in order. */
  advance(ms: number): Promise<void>;
  /** Turns the clock, whoever sleeps is woken at once or later: for use while a call is under way. */
  jump(ms: number): void;
  /** How many sleep, or wait for a time limit. */
  sleeping(): number;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/**
 * Starts at 2026-01-01. With `auto`, a sleep turns the clock by itself and resolves at once: for calls that back off or
 * wait and that nothing else has to happen in between.
 */
export function testClock(options: { startMs?: number; auto?: boolean } = {}): TestClock {
  let now = options.startMs ?? Date.UTC(2026, 0, 1);
  let sleepers: Sleeper[] = [];

  function wakeDue(): void {
    const due = sleepers.filter((sleeper) => sleeper.at <= now);
    sleepers = sleepers.filter((sleeper) => sleeper.at > now);
    for (const sleeper of due) sleeper.wake();
  }

  return {
    now: () => now,
    sleep(ms, cancel) {
      if (cancel?.aborted === true) return Promise.resolve();
      // A sleep that can be cancelled is a lease's timer: it never turns the clock.
      if (options.auto === true && cancel === undefined) {
        now += ms;
        wakeDue();
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        sleepers.push({ at: now + ms, wake: resolve });
        cancel?.addEventListener("abort", () => {
          sleepers = sleepers.filter(({ wake }) => wake !== resolve);
          resolve();
        });
      });
    },
    sleeping: () => sleepers.length,
    jump(ms) {
      now += ms;
      wakeDue();
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settled();
        const next = Math.min(...sleepers.map((sleeper) => sleeper.at));
        if (next > end) break;
        now = Math.max(now, next);
        wakeDue();
      }
      now = end;
      await settled();
    },
  };
}

/** Lets all that can go on without time passing go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
