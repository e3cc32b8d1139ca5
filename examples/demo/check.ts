import type { Counts, Scenario } from "./scenarios.ts";
import type { Tally } from "./shop.ts";

/** A scenario that was played, and what came of it. */
export interface Played extends Counts {
  readonly scenario: Scenario;
  readonly effects: Tally;
  /** Requests to DynamoDB. */
  readonly requests: number;
  /** Hashes of the keys that were used. */
  readonly keyHashes: readonly string[];
  /** Why it did not come to its end. */
  readonly trouble: string | undefined;
}

interface Found {
  readonly what: string;
  readonly is: number;
  readonly should: number;
}

/** What is not as it should be, a line each. */
export function complaints(played: Played): string[] {
  const { scenario, trouble, effects } = played;
  const { name, expected } = scenario;
  const counts = (["deliveries", "runs", "replays", "refusals"] as const).map((what) => ({
    what,
    is: played[what],
    should: expected[what],
  }));
  const wrong = [...effectsOf(effects, expected.effects), ...counts].filter(({ is, should }) => is !== should);
  const lines = wrong.map(({ what, is, should }) => `${name}: ${what} ${is}, expected ${should}`);
  return trouble === undefined ? lines : [`${name}: ${trouble}`, ...lines];
}

/** The effects that happened or should have. */
export function effectsOf(effects: Tally, expected: Partial<Tally>): Found[] {
  const all = (Object.keys(effects) as (keyof Tally)[]).map((what) => ({ what, is: effects[what], should: expected[what] ?? 0 }));
  return all.filter(({ is, should }) => is > 0 || should > 0);
}
