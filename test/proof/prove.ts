// Proves what has no result yet, records what comes of it, and writes the page once all is there and holds.
import { writeFileSync } from "node:fs";
import type { Done, Job } from "./jobs.ts";
import type { Options } from "./options.ts";
import { pageOf } from "./page.ts";
import { fallenOf, missingOf, type Proof, proofOf, resultsOf } from "./proof.ts";
import { openRecords } from "./records.ts";
import { type Part, parts as knownParts, type Sources } from "./tree.ts";
import { doneOf, leftOf, type Put } from "./work.ts";

export interface Prover {
  readonly sources: Sources;
  /** The folder into which results go as they come. */
  readonly records: string;
  /** The page and its data, without `.md` and `.json`. */
  readonly page: string;
  jobsOf(seeds: readonly number[], put: Put): Readonly<Record<Part, readonly Job[]>>;
  run(jobs: readonly Job[], minutes: number): Promise<Done>;
}

export interface Proving {
  /** What does not hold, each in a line. */
  readonly fallen: readonly string[];
  /** Has something asked for no result yet, or, where results are recorded, anything at all? */
  readonly isLeft: boolean;
}

type ProveOptions = Options & { readonly kind: "prove" };

/** @throws Error where the sources change meanwhile. */
export function prove(options: ProveOptions, prover: Prover): Promise<Proving> {
  return options.isLook ? look(options, prover) : record(options, prover);
}

async function look({ parts, seeds, minutes }: ProveOptions, { jobsOf, run }: Prover): Promise<Proving> {
  const all = jobsOf(seeds, () => {});
  const { left, failed } = await run(
    parts.flatMap((part) => all[part]),
    minutes,
  );
  if (left.length > 0) console.log(`left: ${piecesOf(left)}`);
  console.log("not recorded");
  return { fallen: linesOf(failed), isLeft: left.length > 0 };
}

async function record({ parts, seeds, minutes }: ProveOptions, prover: Prover): Promise<Proving> {
  const files = prover.sources.changed(parts);
  if (files.length > 0) {
    const why = "a proof is one of a commit, and these differ from it; commit them, or only look (--look):";
    return { fallen: [why, ...files], isLeft: true };
  }
  const commit = prover.sources.commit();
  const sources = Object.fromEntries(knownParts.map((part) => [part, prover.sources.of(part)])) as Proof["sources"];
  const records = openRecords(prover.records, (part) => sources[part]);
  const put: Put = (part, name, result) => {
    if (prover.sources.changed([part]).length > 0 || prover.sources.of(part) !== sources[part])
      throw new Error(`what "${part}" proves has changed while it ran: this result is not recorded`);
    records.put(part, name, result);
  };
  const all = prover.jobsOf(seeds, put);
  const asked = parts.flatMap((part) => all[part]);
  const jobs = parts.flatMap((part) => leftOf(all[part], doneOf(part, records.of(part))));
  if (jobs.length < asked.length) console.log(`${asked.length - jobs.length} of ${asked.length} pieces have their result already`);
  const { left, failed } = await prover.run(jobs, minutes);
  tellLeft(left);
  const results = resultsOf(records);
  const proof = proofOf(results, commit, sources);
  if (proof === undefined || failed.length > 0) tellMissing(missingOf(results));
  else write(prover.page, proof);
  return { fallen: [...linesOf(failed), ...fallenOf(results)], isLeft: proof === undefined };
}

function linesOf(failed: readonly Job[]): readonly string[] {
  return failed.map(({ name }) => `${name}: see above`);
}

function tellLeft(left: readonly Job[]): void {
  if (left.length > 0) console.log(`left: ${piecesOf(left)}. The same command goes on with them.`);
}

function piecesOf(jobs: readonly Job[]): string {
  const names = jobs.slice(0, 5).map(({ name }) => name);
  return `${jobs.length} pieces (${names.join(", ")}${jobs.length > names.length ? ", …" : ""})`;
}

function tellMissing(missing: readonly string[]): void {
  console.log("docs/proof-results.md is not written: it tells of whole proofs that hold.");
  if (missing.length > 0) console.log(`No result yet: ${missing.join(", ")}. \`npm run prove\` goes on with them.`);
}

function write(page: string, proof: Proof): void {
  const text = JSON.stringify(proof, undefined, 2);
  writeFileSync(`${page}.json`, `${text}\n`);
  writeFileSync(`${page}.md`, pageOf(JSON.parse(text) as Proof));
  console.log("docs/proof-results.md and .json are written: all bars hold");
}
