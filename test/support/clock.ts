import { type TurnedClock, turnedClock } from "../../src/testing/clock.ts";

/** A clock that is turned by hand, and has no timer: the core's time limits are sleeps that it cancels. */
export type TestClock = Omit<TurnedClock, "timer">;

/**
 * Starts at 2026-01-01. With `auto`, a sleep turns the clock by itself and resolves at once: for calls that back off or
 * wait and that nothing else has to happen in between.
 */
export function testClock({ startMs, auto = false }: { startMs?: number; auto?: boolean } = {}): TestClock {
  const { timer: _, ...clock } = turnedClock(startMs);
  if (!auto) return clock;
  return {
    ...clock,
    sleep(ms, cancel) {
      // A sleep that can be cancelled is a time limit: it never turns the clock.
      if (cancel !== undefined) return clock.sleep(ms, cancel);
      clock.jump(ms);
      return Promise.resolve();
    },
  };
}
