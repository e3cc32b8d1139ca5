// npm run prove: see the usage in options.ts
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Bug, bugs } from "./bugs.ts";
import { check } from "./check.ts";
import { hunt, huntInTurn, wholeGround } from "./hunt.ts";
import { type Done, type Job, runJobs } from "./jobs.ts";
import { type Options, optionsOf, usage } from "./options.ts";
import { type Proving, prove, type Prover } from "./prove.ts";
import { root } from "./root.ts";
import { committed } from "./tree.ts";
import { bugJobs, modelJobs, mutantsJob, seedJob } from "./work.ts";

const page = join(root, "docs/proof-results");
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

const prover: Prover = {
  sources: committed,
  records: join(root, ".proof/results"),
  page,
  jobsOf: (seeds, put) => ({
    simulation: seeds.map((seed) => seedJob(seed, put)),
    model: modelJobs(put),
    bugs: bugJobs(bugs, huntInTurn, put),
    mutants: [mutantsJob(put)],
  }),
  run,
};

await main();

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return;
  const { fallen, isLeft } = await runAsked(options).catch((error: Error): Proving => ({ fallen: [error.message], isLeft: true }));
  if (fallen.length > 0) console.error(["", ...fallen.map((line) => `✗ ${line}`)].join("\n"));
  process.exitCode = stop.signal.aborted ? 130 : fallen.length > 0 ? 1 : isLeft ? 3 : 0;
}

function readOptions(): Options | undefined {
  try {
    return optionsOf(process.argv.slice(2));
  } catch (error) {
    console.error(`prove: ${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

async function runAsked(options: Options): Promise<Proving> {
  switch (options.kind) {
    case "help":
      console.log(usage);
      return { fallen: [], isLeft: false };
    case "check":
      return { fallen: await check(`${page}.json`, (jobs) => run(jobs, Number.POSITIVE_INFINITY)), isLeft: false };
    case "bugs":
      return { fallen: await showBugs(options.bugs), isLeft: false };
    case "prove":
      return prove(options, prover);
  }
}

async function showBugs(asked: readonly Bug[]): Promise<readonly string[]> {
  const jobs = bugJobs(
    asked,
    (bug, signal) => hunt(bug, wholeGround, signal),
    () => {},
    { isTold: true },
  );
  const { failed } = await run(jobs, Number.POSITIVE_INFINITY);
  console.log("not recorded");
  return failed.map(({ name }) => `${name} is found neither by each seed nor by the model`);
}

function run(jobs: readonly Job[], minutes: number): Promise<Done> {
  const leftMs = (): number => minutes * 60_000 - performance.now();
  const signal = Number.isFinite(minutes)
    ? AbortSignal.any([stop.signal, AbortSignal.timeout(Math.max(Math.ceil(leftMs()), 0))])
    : stop.signal;
  return runJobs(jobs, { workers: availableParallelism(), leftMs, signal });
}
