import type { Clock } from "../core/clock.ts";

/** A token bucket: `take(n)` resolves when so many may go. It holds `most` tokens, and is full at first. */
export function tokenBucket(clock: Clock, perSecond: number, most: number): (count: number) => Promise<void> {
  let tokens = most;
  let filledAt = clock.now();
  return async (count) => {
    for (;;) {
      const now = clock.now();
      tokens = Math.min(most, tokens + (Math.max(0, now - filledAt) / 1000) * perSecond);
      filledAt = now;
      if (tokens >= count) break;
      await clock.sleep(Math.ceil(((count - tokens) / perSecond) * 1000));
    }
    tokens -= count;
  };
}
