import { explore, type Exploration } from "./explore.ts";
import { configurations } from "./configurations.ts";
import { type Rules, realRules } from "./rules.ts";
import type { Configuration } from "./state.ts";

export interface ModelResult extends Exploration {
  readonly configuration: string;
}

export interface ModelOptions {
  /** Default: the real ones. */
  readonly rules?: Rules;
  /** Default: all. */
  readonly configurations?: readonly Configuration[];
  /** More states in one configuration are an error. Default: a million. */
  readonly maxStates?: number;
}

/**
 * Explores the protocol.
 *
 * @returns for each configuration what there was to see, with the shortest way to a violation, if there is one.
 * @throws Error where a configuration has more than `maxStates`: what was not seen is not proved.
 */
export async function checkModel(options: ModelOptions = {}): Promise<readonly ModelResult[]> {
  const { rules = realRules, configurations: chosen = configurations, maxStates = 1_000_000 } = options;
  return chosen.map((configuration) => {
    const skews = [0, ...configuration.deliveries.map(({ skewMs = 0 }) => skewMs)];
    const world = { rules, configuration, skewMs: Math.max(...skews) - Math.min(...skews) };
    return { configuration: configuration.name, ...explore(world, maxStates) };
  });
}
