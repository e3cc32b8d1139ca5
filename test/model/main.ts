// Explores the protocol and says how much there is to see; ends with 1 where an invariant is violated:
//
//   node --conditions=lambda-once:source test/model/main.ts            all configurations
//   node --conditions=lambda-once:source test/model/main.ts --short    those of the short form
//   node --conditions=lambda-once:source test/model/main.ts --write    all and each rule's variant, and writes docs/protocol.md
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkModel, type ModelResult } from "./check.ts";
import { configurations, shortForm } from "./configurations.ts";
import { filledIn, rowOf, sectionOf, tableOf } from "./page.ts";
import { checkVariant, variants } from "./variants.ts";

const page = join(import.meta.dirname, "../../docs/protocol.md");
const chosen = process.argv.includes("--short") ? shortForm : configurations;
const results: ModelResult[] = [];
const rows: string[] = [];
for (const configuration of chosen) {
  const [result] = await checkModel({ configurations: [configuration] });
  if (result === undefined) continue;
  results.push(result);
  rows.push(rowOf(configuration, result));
  print(result);
  if (result.violation !== undefined) break; // what comes after would tell the same
}
const states = results.reduce((sum, result) => sum + result.states, 0);
const violated = results.some(({ violation }) => violation !== undefined);
console.log(`${results.length} configurations, ${states} states: ${violated ? "VIOLATED" : "no violation"}`);
if (violated) process.exitCode = 1;
else if (process.argv.includes("--write")) await write();

function print({ configuration, states, transitions, depth, violation }: ModelResult): void {
  console.log(`${configuration}: ${states} states, ${transitions} transitions, depth ${depth}`);
  if (violation !== undefined) console.log(["", `VIOLATED: ${violation.invariant}`, ...violation.trace, ""].join("\n"));
}

async function write(): Promise<void> {
  const sections: string[] = [];
  for (const variant of variants) sections.push(sectionOf(variant, await checkVariant(variant)));
  const parts = [tableOf(rows, results), { name: "rules", text: sections.join("\n\n") }];
  writeFileSync(page, filledIn(readFileSync(page, "utf8"), parts));
}
