import { checkModel, type ModelResult } from "./check.ts";
import { configurationOf } from "./configurations.ts";
import { realRules } from "./rules.ts";
import type { Variant } from "./variant.ts";
import { steps } from "./variants-steps.ts";
import { verdicts } from "./variants-verdicts.ts";
import { writes } from "./variants-writes.ts";

/** Each rule, dropped or changed: the checker's own planted failures, and the counterexamples of docs/protocol.md. */
export const variants: readonly Variant[] = [...writes, ...verdicts, ...steps];

/** Explores a variant where it shows. */
export async function checkVariant({ shownIn, budget, changes }: Variant): Promise<ModelResult> {
  const configuration = configurationOf(shownIn);
  const [result] = await checkModel({
    rules: { ...realRules, ...changes },
    configurations: [{ ...configuration, budget: { ...configuration.budget, ...budget } }],
  });
  if (result === undefined) throw new Error("one configuration has one result");
  return result;
}
