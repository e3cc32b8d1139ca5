import { explore, type Exploration } from "./explore.ts";
import { keyOf } from "./keys.ts";
import { type Rules, realRules } from "./rules.ts";
import type { Configuration, State } from "./state.ts";

export interface ModelResult extends Exploration {
  readonly configuration: string;
}

export interface ModelOptions {
  /** Default: the real ones. */
  readonly rules?: Rules;
  /** More states are an error. Default: a million. */
  readonly maxStates?: number;
  /** What tells states apart. Default: `keyOf`. */
  readonly key?: (state: State) => string;
}

/**
 * Explores the protocol in one configuration.
 *
 * @returns what there was to see, with the shortest way to a violation, if there is one.
 * @throws Error where there are more than `maxStates`: what was not seen is not proved.
 */
export function explored(configuration: Configuration, options: ModelOptions = {}): ModelResult {
  const { rules = realRules, maxStates = 1_000_000, key = keyOf } = options;
  const skews = [0, ...configuration.deliveries.map(({ skewMs = 0 }) => skewMs)];
  const world = { rules, configuration, skewMs: Math.max(...skews) - Math.min(...skews) };
  return { configuration: configuration.name, ...explore(world, { maxStates, key }) };
}

/** As `test/proof/explore.ts` still asks for it. */
export async function checkModel({
  configurations,
}: {
  readonly configurations: readonly Configuration[];
}): Promise<readonly ModelResult[]> {
  return configurations.map((configuration) => explored(configuration));
}
