import { explore, type Exploration } from "./explore.ts";
import { keyOf } from "./keys.ts";
import { type Rules, realRules } from "./rules.ts";
import { type Counted, notChecked } from "./tally.ts";
import type { Configuration, State } from "./state.ts";

export interface ModelResult extends Exploration {
  readonly configuration: string;
  /** What it was to check and hardly did, if there is anything: then "no violation" says little. */
  readonly notChecked?: readonly Counted[];
}

export interface ModelOptions {
  /** Default: the real ones. */
  readonly rules?: Rules;
  /** More states are an error. Default: a million. */
  readonly maxStates?: number;
  /** What tells states apart. Default: `keyOf`. */
  readonly key?: (state: State) => string;
  /** Is filled: how often each invariant had something to lose, and each verdict was judged. */
  readonly tally?: Map<Counted, number>;
}

/**
 * Explores the protocol in one configuration.
 *
 * @returns what there was to see, with the shortest way to a violation, if there is one.
 * @throws Error where there are more than `maxStates`: what was not seen is not proved.
 */
export function explored(configuration: Configuration, options: ModelOptions = {}): ModelResult {
  const { rules = realRules, maxStates = 1_000_000, key = keyOf, tally = new Map() } = options;
  const skews = [0, ...configuration.deliveries.map(({ skewMs = 0 }) => skewMs)];
  const world = { rules, configuration, skewMs: Math.max(...skews) - Math.min(...skews) };
  const exploration = explore(world, { maxStates, key, tally });
  const missed = exploration.violation === undefined ? notChecked(configuration, tally) : [];
  return { configuration: configuration.name, ...exploration, ...(missed.length > 0 && { notChecked: missed }) };
}
