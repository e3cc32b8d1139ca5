// How often a configuration really asked what it is to check: an invariant that never has anything to lose holds of itself.
import type { TakeoverReason, Verdict } from "../../src/core/verdict.ts";
import type { Invariant } from "./invariants.ts";

/** What is counted: each time an invariant had something to lose, and each verdict. */
export type Counted = Invariant | Exclude<Verdict["kind"], "takeover"> | `takeover ${TakeoverReason}`;

/** How often, over all transitions. */
export type Tally = ReadonlyMap<Counted, number>;

/** Less often is as good as never. */
const enough = 50;

/** What a configuration is to check, and hardly does. */
export function notChecked({ checks }: { readonly checks: readonly Counted[] }, tally: Tally): readonly Counted[] {
  return checks.filter((counted) => (tally.get(counted) ?? 0) < enough);
}

export const verdicts = [
  "busy",
  "mine",
  "mismatch",
  "replay",
  "unknown",
  "takeover lapsed",
  "takeover expired",
  "takeover released",
  "takeover failed",
] as const satisfies readonly Counted[];
