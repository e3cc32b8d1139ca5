import { policies } from "./configurations-policies.ts";
import type { Configuration } from "./state.ts";
import { trouble } from "./configurations-trouble.ts";

/** What is explored: each is small, and together they have every policy and every kind of trouble. */
export const configurations: readonly Configuration[] = [...trouble, ...policies];

/** What is explored with every test run. */
export const shortForm: readonly Configuration[] = configurations.filter(({ short }) => short === true);

export function configurationOf(name: string): Configuration {
  const found = configurations.find((configuration) => configuration.name === name);
  if (found === undefined) throw new Error(`there is no configuration "${name}"`);
  return found;
}
