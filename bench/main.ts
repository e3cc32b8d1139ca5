// npm run bench [-- --check] [--only cost|paths|limits|cpu|sqs|http|bundle|import] [--plant uncompressed|sequential]
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findJava } from "../test/engines/java.ts";
import { bars, check } from "./bars.ts";
import { chart } from "./chart.ts";
import { type Changes, uncompressed } from "./libraries.ts";
import { machine } from "./machine.ts";
import { measure } from "./measure.ts";
import { asText, filledIn } from "./print.ts";
import { type Part, parts, type Results } from "./results.ts";
import { barsTable, tablesOf } from "./tables.ts";

const planted: Readonly<Record<string, Changes>> = { uncompressed, sequential: { sqs: { concurrency: 1 } } };
const usage = `usage: npm run bench -- [--check] [--only ${parts.join("|")}] [--plant ${Object.keys(planted).join("|")}]

Measures this library and @aws-lambda-powertools/idempotency in turn: request units, own CPU time, batches of SQS messages,
the HTTP door beside the function wrapper, bundle, cold import.
Without flags it writes bench/results.json, docs/cost.svg and the tables in docs/cost.md.

  --check   measures what the bars need, in fewer rounds, and writes nothing
  --only    this part alone; writes nothing
  --plant   a regression, to see a bar fall: our store keeps its results uncompressed in one item; the messages of a batch
            run one after the other
  --help    this text

exit codes: 0 all bars hold, or are missed as is known, 1 one falls or the engine is missing, 2 wrong usage`;

/** What DynamoDB Local counts. */
const counted: readonly Part[] = ["cost", "paths", "limits"];
/** What takes time. A bar of these that falls is measured again so many times: whatever else the machine does meets it, too. */
const timed: readonly Part[] = ["cpu", "sqs", "http"];
const repeats = 2;

await main();

async function main(): Promise<void> {
  const flags = readFlags();
  if (flags === undefined) return;
  const { only, checking, changes } = flags;
  const asked = only === undefined ? parts.filter((part) => !checking || bars.some((bar) => bar.part === part)) : [only];
  const java = findJava();
  if (asked.some((part) => counted.includes(part)) && "missing" in java)
    return stop(1, `DynamoDB Local counts the request units, and it is missing. ${java.missing}`);
  const first = await measure(asked, { changes, barsOnly: checking, quick: checking });
  const results = changes === undefined ? await remeasured(first, asked, checking) : first; // a planted regression is to fall
  const verdicts = check(results, asked);
  const tables = tablesOf(results);
  console.log([...tables, ...(verdicts.length > 0 ? [barsTable(verdicts)] : [])].map(asText).join("\n\n"));
  const fallen = verdicts.filter(({ outcome }) => outcome === "falls");
  if (fallen.length > 0)
    stop(1, fallen.map(({ bar, value }) => `✗ ${bar.name}: ${value ?? "not measured"}, at most ${bar.limit}`).join("\n"));
  if (checking || only !== undefined || changes !== undefined) return;
  const text = JSON.stringify({ machine: machine(), ...results }, rounded, 2);
  const shown = JSON.parse(text) as Results; // as it is kept, so that the docs can be made from it again
  write("results.json", `${text}\n`);
  write("../docs/cost.svg", chart(shown));
  write("../docs/cost.md", filledIn(read("../docs/cost.md"), tablesOf(shown)));
}

/** Measured again where a bar of time falls. */
async function remeasured(first: Results, asked: readonly Part[], barsOnly: boolean): Promise<Results> {
  const measured = timed.filter((part) => asked.includes(part));
  let results = first;
  for (let again = 0; again < repeats; again++) {
    const slow = check(results, measured).filter(({ outcome }) => outcome === "falls");
    if (slow.length === 0) break;
    console.log(`Once more, since the machine may have been busy: ${slow.map(({ bar, value }) => `${bar.name} ${value}`).join(", ")}`);
    const fallen = measured.filter((part) => slow.some(({ bar }) => bar.part === part));
    results = { ...results, ...(await measure(fallen, { changes: undefined, barsOnly, quick: false })) };
  }
  return results;
}

function readFlags(): { readonly only: Part | undefined; readonly checking: boolean; readonly changes: Changes | undefined } | undefined {
  const options = {
    check: { type: "boolean", default: false },
    only: { type: "string" },
    plant: { type: "string" },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { check: checking, only, plant, help } = parseArgs({ options }).values;
    if (help) {
      console.log(usage);
      return undefined;
    }
    const part = parts.find((name) => name === only);
    if (only !== undefined && part === undefined) throw new Error(`there is no part "${only}"`);
    const changes = plant === undefined ? undefined : planted[plant];
    if (plant !== undefined && changes === undefined) throw new Error(`there is no regression "${plant}"`);
    return { only: part, checking, changes };
  } catch (error) {
    return stop(2, `bench: ${(error as Error).message}\n\n${usage}`);
  }
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toFixed(3)) : value;
}

function read(file: string): string {
  return readFileSync(fileURLToPath(new URL(file, import.meta.url)), "utf8");
}

function write(file: string, text: string): void {
  writeFileSync(fileURLToPath(new URL(file, import.meta.url)), text);
}

function stop(exitCode: number, message: string): undefined {
  console.error(message);
  process.exitCode = exitCode;
}
