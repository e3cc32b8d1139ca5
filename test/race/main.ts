// node --conditions=lambda-once:source test/race/main.ts [--seed N] [--schedules N]
import { parseArgs } from "node:util";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, schedules: { type: "string", default: "10000" }, json: { type: "boolean" } },
});
Error.stackTraceLimit = 0; // errors are answers here, by the thousand
const startedAt = Date.now();
const result = await simulate({ seed: Number(values.seed), schedules: Number(values.schedules) });
if (values.json === true) console.log(JSON.stringify(result));
else {
  console.log(`seed ${result.seed}: ${result.schedules} schedules in ${Date.now() - startedAt} ms`);
  console.log(
    Object.entries(result.counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", "),
  );
  if (result.failure !== undefined) {
    const { invariant, detail, schedule, scenario, trace } = result.failure;
    console.log(`violated in schedule ${schedule}: ${invariant} (${detail})`);
    console.log(JSON.stringify(scenario));
    console.log(trace.join("\n"));
  }
}
process.exitCode = result.failure === undefined ? 0 : 1;
