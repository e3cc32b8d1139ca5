import type { Clock } from "../core/clock.ts";
import { milliseconds } from "./checks.ts";
import { nextTurn } from "./real-time.ts";

/** A clock that stands still until it is turned. */
export interface TestClock extends Clock {
  /**
   * Turns the clock by `ms` milliseconds. On the way it stops at the time of each sleep and each time limit that ends
   * within them, earliest first, wakes it, and lets all that can go on without time passing go on: what then sleeps
   * again is woken in the same turn. Only what this process does is waited for, not an answer from a network.
   *
   * Turns at the same time do not add up: each ends at its own moment, and time never goes back.
   *
   * @throws IdempotencyError `CONFIG_INVALID` for what is no number of milliseconds from 0, and where timers were faked
   * before this module was loaded.
   * @throws Error where something sleeps for 0 ms without end.
   */
  advance(ms: number): Promise<void>;
}

/** How this library's own tests turn a clock, too. */
export interface TurnedClock extends Required<TestClock> {
  /** Turns the clock at once, and waits for nothing. */
  jump(ms: number): void;
  /** How many sleep, or wait for a time limit. */
  sleeping(): number;
}

/** Epoch milliseconds. */
export const firstDay: number = Date.UTC(2026, 0, 1);
/** A handler that answers in this process needs fewer. */
const turnsToSettle = 5;
/** What sleeps for 0 ms to let others go on does so less often at one moment. */
const maxWakes = 1000;

/**
 * A clock for tests, turned by hand. The core reads the time from a store's clock: `memoryStore({ clock })`, or
 * `{ ...dynamodbStore(), clock }`, makes leases, waits and expiry follow it.
 *
 * @param startMs Epoch milliseconds. Default: the first of January 2026, UTC.
 * @throws IdempotencyError `CONFIG_INVALID` for a start that is no number of milliseconds from 0.
 * @example
 * const clock = testClock();
 * const store = memoryStore({ clock });
 * await clock.advance(61_000); // the lease of a crashed run has lapsed
 */
export function testClock(startMs: number = firstDay): TestClock {
  const { now, sleep, timer, advance } = turnedClock(milliseconds(startMs, "startMs"));
  return { now, sleep, timer, advance };
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export function turnedClock(startMs: number = firstDay): TurnedClock {
  let now = startMs;
  let sleepers: Sleeper[] = [];

  function wakeDue(): void {
    const due = sleepers.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    sleepers = sleepers.filter(({ at }) => at > now);
    for (const { wake } of due) wake();
  }

  function timer(ms: number, done: () => void): () => void {
    const sleeper: Sleeper = { at: now + milliseconds(ms, "ms"), wake: done };
    sleepers.push(sleeper);
    return () => {
      sleepers = sleepers.filter((other) => other !== sleeper);
    };
  }

  return {
    now: () => now,
    timer,
    async sleep(ms, cancel) {
      if (cancel?.aborted === true) return;
      await new Promise<void>((resolve) => {
        const stop = timer(ms, resolve);
        function end(): void {
          stop();
          resolve();
        }
        cancel?.addEventListener("abort", end, { once: true });
      });
    },
    sleeping: () => sleepers.length,
    jump(ms) {
      now += ms;
      wakeDue();
    },
    async advance(ms) {
      const end = now + milliseconds(ms, "ms");
      for (let wakes = 0, before = now; ; wakes = now > before ? 0 : wakes + 1, before = now) {
        await settled();
        const next = Math.min(...sleepers.map(({ at }) => at));
        if (next > end) break;
        if (wakes > maxWakes) throw new Error(`something sleeps again and again for 0 ms: woken ${wakes} times while no time passed`);
        now = Math.max(now, next);
        wakeDue();
      }
      now = Math.max(now, end); // another turn, at the same time, may have gone further
      await settled();
    },
  };
}

/** Lets all that can go on without time passing go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < turnsToSettle; turn++) await nextTurn();
}
