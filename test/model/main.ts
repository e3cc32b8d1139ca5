// Explores the protocol and says how much there is to see; ends with 1 where an invariant is violated, where one had
// nothing to lose that a configuration is to check, or where docs/protocol.md says something else:
//
//   node --conditions=lambda-once:source test/model/main.ts            all configurations and each rule's variant
//   node --conditions=lambda-once:source test/model/main.ts --short    the configurations of the short form
//   node --conditions=lambda-once:source test/model/main.ts --write    all, and writes docs/protocol.md
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explored, type ModelResult } from "./check.ts";
import { configurations, shortForm } from "./configurations.ts";
import { filledIn, invariantsPart, type Part, rowOf, rulesPart, tableOf } from "./page.ts";
import { askedPart, askedRowOf, verdictsPart, verdictsRowOf } from "./page-tally.ts";
import type { Counted } from "./tally.ts";
import { exploredVariant, variants } from "./variants.ts";

const pagePath = join(import.meta.dirname, "../../docs/protocol.md");
const isShort = process.argv.includes("--short");
const chosen = isShort ? shortForm : configurations;
const results: ModelResult[] = [];
const rows = { explored: [] as string[], asked: [] as string[], verdicts: [] as string[] };
for (const configuration of chosen) {
  const tally = new Map<Counted, number>();
  const result = explored(configuration, { tally });
  results.push(result);
  print(result);
  rows.explored.push(rowOf(configuration, result));
  rows.asked.push(askedRowOf(configuration, tally));
  rows.verdicts.push(verdictsRowOf(configuration, tally));
  if (result.violation !== undefined) break; // what comes after would tell the same
}
const states = results.reduce((sum, result) => sum + result.states, 0);
const isVacuous = results.some(({ notChecked }) => notChecked !== undefined);
const violated = results.some(({ violation }) => violation !== undefined);
console.log(`${results.length} configurations, ${states} states: ${violated ? "VIOLATED" : "no violation"}`);
const page = readFileSync(pagePath, "utf8");
if (violated || isVacuous) process.exitCode = 1;
else if (process.argv.includes("--write")) writeFileSync(pagePath, filledIn(page, allParts()));
else if (
  isShort
    ? !Object.values(rows)
        .flat()
        .every((row) => page.includes(row))
    : filledIn(page, allParts()) !== page
) {
  console.log("docs/protocol.md is STALE: the same command with --write writes it");
  process.exitCode = 1;
}

function print({ configuration, states, transitions, depth, violation, notChecked }: ModelResult): void {
  console.log(`${configuration}: ${states} states, ${transitions} transitions, depth ${depth}`);
  if (notChecked !== undefined) console.log(`NOT CHECKED, or hardly: ${notChecked.join(", ")}`);
  if (violation !== undefined) console.log(["", `VIOLATED: ${violation.invariant}`, ...violation.trace, ""].join("\n"));
}

function allParts(): readonly Part[] {
  return [
    tableOf(rows.explored, results),
    askedPart(rows.asked),
    verdictsPart(rows.verdicts),
    invariantsPart(),
    rulesPart(variants.map((variant) => ({ variant, result: exploredVariant(variant) }))),
  ];
}
