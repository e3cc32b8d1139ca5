import { explored, type ModelResult } from "./check.ts";
import { configurationOf } from "./configurations.ts";
import { realRules } from "./rules.ts";
import type { Variant } from "./variant.ts";
import { steps } from "./variants-steps.ts";
import { verdicts } from "./variants-verdicts.ts";
import { writes } from "./variants-writes.ts";

/** Each rule, dropped or changed: the checker's own planted failures, and the counterexamples of docs/protocol.md. */
export const variants: readonly Variant[] = [...writes, ...verdicts, ...steps];

/** Explores a variant where it shows. */
export function exploredVariant({ shownIn, budget, changes }: Variant): ModelResult {
  const configuration = configurationOf(shownIn);
  const narrowed = { ...configuration, budget: { ...configuration.budget, ...budget } };
  return explored(narrowed, { rules: { ...realRules, ...changes } });
}
