// Whether messages come into the dead-letter queue while it is emptied: then their cause is not mended, and going on would go round in a circle.
import { type Run, Stopped } from "./run.ts";

/** AWS counts what was deleted up to a minute later. Milliseconds. */
const countedAfterMs = 60_000;

/**
 * Looks before each batch. `there`: how many messages were seen at first; the answer is told how many were deleted so far.
 *
 * @throws Stopped, by the answer, where it grows.
 */
export async function growthWatch({ queue, clock }: Run, there: number): Promise<(removed: number) => Promise<void>> {
  const first = Math.max(there, await total());
  /** Newest last. */
  const removals: { readonly at: number; readonly removed: number }[] = [];

  async function total(): Promise<number> {
    const { visible, inFlight, delayed } = await queue.counts();
    return visible + inFlight + delayed;
  }

  /** By deletions that are counted by now. */
  function most(now: number): number {
    const counted = removals.findLast(({ at }) => at <= now - countedAfterMs);
    return first - (counted?.removed ?? 0);
  }

  return async (removed) => {
    const now = clock.now();
    removals.push({ at: now, removed });
    const limit = most(now);
    // Twice: a message that moves between the counts may be in two of them.
    if ((await total()) <= limit) return;
    const found = await total();
    if (found > limit)
      throw new Stopped(`the dead-letter queue grows: it has ${found} messages, and should have ${limit} at most; see why they fail`);
  };
}
