// npm run prove: see the usage in options.ts
import { availableParallelism } from "node:os";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bug, bugs } from "./bugs.ts";
import { root } from "./finders.ts";
import { hunt, huntAgain, wholeGround } from "./hunt.ts";
import { type Done, type Job, runJobs } from "./jobs.ts";
import { type Options, optionsOf, usage } from "./options.ts";
import { pageOf } from "./page.ts";
import { type BugFinds, type Counts, fallenOf, grouped, type Proof, proofOf, sumOf } from "./proof.ts";
import { openRecords } from "./records.ts";
import { changed, commit, type Part, parts as knownParts, sourceOf } from "./tree.ts";
import { bugJobs, doneOf, leftOf, modelJobs, mutantsJob, type Put, seedJob } from "./work.ts";

const page = join(root, "docs/proof-results");
const checkedSeeds = [1, 2, 3, 4, 5];
const startedAt = performance.now();
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

await main();

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return;
  const fallen = await runAsked(options).catch((error: Error) => [error.message]);
  if (fallen.length > 0) console.error(["", ...fallen.map((line) => `✗ ${line}`)].join("\n"));
  process.exitCode = stop.signal.aborted ? 130 : fallen.length > 0 ? 1 : 0;
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

/** What does not hold. */
async function runAsked(options: Options): Promise<readonly string[]> {
  switch (options.kind) {
    case "help":
      console.log(usage);
      return [];
    case "check":
      return checkShort();
    case "bugs":
      return showBugs(options.bugs);
    case "prove":
      return prove(options);
  }
}

async function prove({ parts, seeds, minutes, isLook }: Options & { readonly kind: "prove" }): Promise<readonly string[]> {
  const files = changed(parts);
  if (files.length > 0 && !isLook)
    return ["a proof is one of a commit, and these differ from it; commit them, or only look (--look):", ...files];
  const proved = commit();
  const sources = Object.fromEntries(knownParts.map((part) => [part, sourceOf(part)])) as Proof["sources"];
  const records = openRecords(join(root, ".proof/results.json"), (part) => sources[part]);
  const put: Put = (part, name, result) => {
    if (isLook) return;
    if (changed([part]).length > 0 || sourceOf(part) !== sources[part])
      throw new Error(`what "${part}" proves has changed while it ran: this result is not recorded`);
    records.put(part, name, result);
  };
  const all: Record<Part, readonly Job[]> = {
    simulation: seeds.map((seed) => seedJob(seed, put)),
    model: modelJobs(put),
    bugs: bugJobs(bugs, (bug, signal) => hunt(bug, wholeGround, signal), put),
    mutants: [mutantsJob(put)],
  };
  const jobs = parts.flatMap((part) => (isLook ? all[part] : leftOf(all[part], doneOf(part, records.of(part)))));
  const asked = parts.flatMap((part) => all[part]).length;
  if (jobs.length < asked) console.log(`${asked - jobs.length} of ${asked} pieces have their result already`);
  const { left, failed } = await runFor(minutes, jobs);
  tellLeft(left, minutes);
  const fallen = failed.map(({ name }) => `${name}: see above`);
  if (isLook) {
    console.log("not recorded");
    return fallen;
  }
  const proof = proofOf(records, proved, sources);
  write(proof);
  return [...fallen, ...fallenOf(proof)];
}

function tellLeft(left: readonly Job[], minutes: number): void {
  if (left.length === 0) return;
  const why = stop.signal.aborted ? "stopped" : `${minutes} minutes are over`;
  const names = left.slice(0, 5).map(({ name }) => name);
  console.log(
    `${why}; left: ${left.length} pieces (${names.join(", ")}${left.length > names.length ? ", …" : ""}). The same command goes on with them.`,
  );
}

async function showBugs(asked: readonly Bug[]): Promise<readonly string[]> {
  const jobs = bugJobs(
    asked,
    (bug, signal) => hunt(bug, wholeGround, signal),
    () => {},
    { isTold: true },
  );
  const { failed } = await runFor(Number.POSITIVE_INFINITY, jobs);
  console.log("not recorded");
  return failed.map(({ name }) => `${name} is found neither by each seed nor by the model`);
}

async function checkShort(): Promise<readonly string[]> {
  const before = JSON.parse(readFileSync(`${page}.json`, "utf8")) as Proof;
  const all: Counts[] = [];
  const keep: Put = (part, _, result) => {
    if (part === "simulation") all.push((result as { readonly counts: Counts }).counts);
  };
  const findsBefore = (name: string): BugFinds | undefined => before.bugs.find((finds) => finds.name === name);
  const jobs = [
    ...checkedSeeds.map((seed) => seedJob(seed, keep)),
    ...modelJobs(keep),
    ...bugJobs(bugs, (bug, signal) => huntAgain(bug, findsBefore(bug.name), signal), keep),
  ];
  const { failed } = await runFor(Number.POSITIVE_INFINITY, jobs);
  if (before.sources.bugs !== sourceOf("bugs"))
    console.log("docs/proof-results.md is of other sources than these; npm run prove writes it anew");
  const schedules = all.length * 10_000;
  console.log(
    `${grouped(schedules)} schedules, the whole model, ${bugs.length} bugs, in ${Math.round((performance.now() - startedAt) / 1000)} s`,
  );
  return [...failed.map(({ name }) => `${name}: see above`), ...fallenOf({ counts: sumOf(all), schedules, bugs: [] })];
}

function runFor(minutes: number, jobs: readonly Job[]): Promise<Done> {
  const leftMs = (): number => minutes * 60_000 - performance.now();
  const signal = Number.isFinite(minutes)
    ? AbortSignal.any([stop.signal, AbortSignal.timeout(Math.max(Math.ceil(leftMs()), 0))])
    : stop.signal;
  return runJobs(jobs, { workers: availableParallelism(), leftMs, signal });
}

function write(proof: Proof): void {
  const text = JSON.stringify(proof, undefined, 2);
  writeFileSync(`${page}.json`, `${text}\n`);
  writeFileSync(`${page}.md`, pageOf(JSON.parse(text) as Proof));
  console.log(
    `docs/proof-results.md: ${proof.missing.length === 0 ? "nothing is missing" : `not complete: ${proof.missing.map((line) => line.split(":")[0]).join(", ")}`}`,
  );
}
