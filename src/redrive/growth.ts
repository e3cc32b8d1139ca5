// Whether messages come into the dead-letter queue while it is emptied: then their cause is not mended, and going on would go round in a circle.
import { type Run, Stopped } from "./run.ts";

/** AWS counts what was deleted up to a minute later. Milliseconds. */
const countedAfterMs = 60_000;

/** Looks before each batch. `removed`: how many messages were deleted so far. */
export async function growthWatch({ queue, clock }: Run): Promise<(removed: number) => Promise<void>> {
  const first = await total();
  /** Newest last. */
  const removals: { readonly at: number; readonly removed: number }[] = [];

  async function total(): Promise<number> {
    const { visible, inFlight, delayed } = await queue.counts();
    return visible + inFlight + delayed;
  }

  return async (removed) => {
    const now = clock.now();
    removals.push({ at: now, removed });
    while ((removals[1]?.at ?? now) <= now - countedAfterMs) removals.shift();
    const counted = (removals[0]?.at ?? now) <= now - countedAfterMs ? (removals[0]?.removed ?? 0) : 0;
    const there = await total();
    if (there > first - counted)
      throw new Stopped(
        `the dead-letter queue grows: it has ${there} messages, and should have ${first - counted} at most; see why they fail`,
      );
  };
}
