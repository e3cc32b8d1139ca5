// node --conditions=lambda-once:source test/proof/explore.ts [CONFIGURATION …]
// Explores the model, one configuration after the other up to the first that is violated; prints the results as JSON.
// It goes into the copies with a bug in them, and so imports the model and nothing else.
import { explored, type ModelResult } from "../model/check.ts";
import { configurationOf, configurations } from "../model/configurations.ts";

const names = process.argv.slice(2);
const results: ModelResult[] = [];
for (const configuration of names.length === 0 ? configurations : names.map(configurationOf)) {
  results.push(explored(configuration));
  if (results.at(-1)?.violation !== undefined) break;
}
console.log(JSON.stringify(results));
