import type { Clock } from "lambda-once";

/** A clock that is turned instead of waited for. */
export interface DemoClock extends Clock {
  turn(ms: number): void;
  /** What goes on while somebody sleeps; each sleep lasts until it is over. */
  meanwhile(happening: () => Promise<unknown>): void;
}

const nothing = async (): Promise<void> => {};

/** A sleep turns the clock by itself, so that nothing can wait for ever; sleeps at the same time overlap. */
export function demoClock(startMs: number): DemoClock {
  let now = startMs;
  let happening: () => Promise<unknown> = nothing;
  return {
    now: () => now,
    async sleep(ms, cancel) {
      // A time limit of something else: nothing here takes so long.
      if (cancel !== undefined) return new Promise((resolve) => cancel.addEventListener("abort", () => resolve()));
      const end = now + ms;
      await happening();
      now = Math.max(now, end);
    },
    turn(ms) {
      now += ms;
    },
    meanwhile(next) {
      happening = next;
    },
  };
}
