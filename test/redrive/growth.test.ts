// Whether a dead-letter queue grows, by counts that are approximate: what was deleted is counted late, and a message may be counted twice.
import { describe, expect, it } from "vitest";
import { growthWatch } from "../../src/redrive/growth.ts";
import { tokenBucket } from "../../src/redrive/rate.ts";
import { testClock } from "../support/clock.ts";

interface Look {
  /** Seconds after the one before. */
  readonly after: number;
  readonly removed: number;
  /** Of each look; the last one stays. */
  readonly counts: readonly number[];
}

describe("a dead-letter queue with ten messages", () => {
  it.for<[what: string, looks: readonly Look[], grows: boolean]>([
    ["that is emptied", [{ after: 1, removed: 5, counts: [5] }], false],
    ["whose deletions are not counted yet", [{ after: 1, removed: 5, counts: [10] }], false],
    ["that counts one more for a moment", [{ after: 1, removed: 0, counts: [11, 10] }], false],
    ["that has one more", [{ after: 1, removed: 0, counts: [11, 11] }], true],
    [
      "whose deletions should be counted by now",
      [
        { after: 0, removed: 5, counts: [5] },
        { after: 60, removed: 5, counts: [6, 6] },
      ],
      true,
    ],
    [
      "whose newest deletions may not be counted",
      [
        { after: 0, removed: 5, counts: [5] },
        { after: 59, removed: 5, counts: [10] },
      ],
      false,
    ],
    [
      "from which all was deleted long ago",
      [
        { after: 0, removed: 10, counts: [0] },
        { after: 90, removed: 10, counts: [0] },
      ],
      false,
    ],
  ])("%s", async ([, looks, grows]) => {
    const clock = testClock();
    const counts = [10];
    const queue = { counts: async () => ({ visible: (counts.length > 1 ? counts.shift() : counts[0]) ?? 0, inFlight: 0, delayed: 0 }) };
    const check = await growthWatch({ queue, clock } as unknown as Parameters<typeof growthWatch>[0], 10);
    const found = (async () => {
      for (const { after, removed, counts: now } of looks) {
        clock.jump(after * 1000);
        counts.splice(0, counts.length, ...now);
        await check(removed);
      }
    })();
    if (grows) await expect(found).rejects.toThrow(/^the dead-letter queue grows: it has \d+ messages, and should have \d+ at most/);
    else await found;
  });
});

describe("a token bucket", () => {
  it.for([
    { perSecond: 10, most: 10, takes: [10, 10, 10], seconds: 2 },
    { perSecond: 1, most: 1, takes: [1, 1, 1, 1], seconds: 3 },
    { perSecond: 500, most: 10, takes: Array.from({ length: 100 }, () => 10), seconds: 2 },
    { perSecond: 10, most: 10, takes: [3, 3, 3], seconds: 0 },
  ])("of $perSecond a second, full with $most", async ({ perSecond, most, takes, seconds }) => {
    const clock = testClock({ auto: true });
    const startedAt = clock.now();
    const take = tokenBucket(clock, perSecond, most);
    for (const count of takes) await take(count);
    const tookSeconds = (clock.now() - startedAt) / 1000;
    expect(tookSeconds).toBeGreaterThanOrEqual(seconds - 0.05);
    expect(tookSeconds).toBeLessThan(seconds + 0.2);
  });
});
