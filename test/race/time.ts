// One time for all: it stands still unless it is moved, and wakes whoever waits for a moment.

export const epochMs: number = Date.UTC(2026, 0, 1);

interface Timer {
  readonly at: number;
  readonly by: object;
  done(): void;
}

export interface Time {
  now(): number;
  /** Calls `done` in `ms` milliseconds, unless what it answers with is called before. */
  timer(by: object, ms: number, done: () => void): () => void;
  /** When the next timer is due, if there is one. */
  next(): number | undefined;
  /** Moves on to a moment; whoever waits for one on the way goes on then. */
  advanceTo(moment: number): Promise<void>;
  /** Nothing of this one's is ever due. */
  forget(by: object): void;
}

export function openTime(): Time {
  let now = epochMs;
  let timers: Timer[] = [];

  function next(): number | undefined {
    return timers.length === 0 ? undefined : Math.min(...timers.map(({ at }) => at));
  }

  return {
    now: () => now,
    timer(by, ms, done) {
      const set: Timer = { at: now + ms, by, done };
      timers.push(set);
      return () => void (timers = timers.filter((other) => other !== set));
    },
    next,
    async advanceTo(moment) {
      for (let at = next(); at !== undefined && at <= moment; at = next()) {
        now = Math.max(now, at);
        const due = timers.find((set) => set.at === at);
        timers = timers.filter((set) => set !== due);
        due?.done();
        await settled();
      }
      now = Math.max(now, moment);
    },
    forget: (by) => void (timers = timers.filter((set) => set.by !== by)),
  };
}

/** Lets all that can go on without time or an answer go on: nothing in a schedule waits for anything else. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
