// The short forms, for npm run verify.
import { readFileSync } from "node:fs";
import { grouped } from "../model/page.ts";
import { type Counts, schedulesPerSeed, sumOf, tooRare } from "../race/floors.ts";
import { bugs } from "./bugs.ts";
import { huntAgain } from "./hunt.ts";
import type { Done, Job } from "./jobs.ts";
import type { Proof } from "./proof.ts";
import { bugJobs, modelJobs, type Put, seedJob } from "./work.ts";

const seeds = [1, 2, 3, 4, 5];

/**
 * Some seeds, the whole model, and each bug where `data` says that it was found.
 *
 * @returns what does not hold, each in a line.
 */
export async function check(data: string, run: (jobs: readonly Job[]) => Promise<Done>): Promise<readonly string[]> {
  const before = (JSON.parse(readFileSync(data, "utf8")) as Proof).bugs;
  const all: Counts[] = [];
  const keep: Put = (part, _, result) => {
    if (part === "simulation") all.push((result as { readonly counts: Counts }).counts);
  };
  const findsOf = (bug: string): Proof["bugs"][number] | undefined => before.find(({ name }) => name === bug);
  const { failed, left } = await run([
    ...seeds.map((seed) => seedJob(seed, keep)),
    ...modelJobs(keep),
    ...bugJobs(bugs, (bug, signal) => huntAgain(bug, findsOf(bug.name), signal), keep),
  ]);
  const schedules = all.length * schedulesPerSeed;
  if (left.length > 0) return [`stopped; left: ${left.length} pieces`];
  console.log(`${grouped(schedules)} schedules, the whole model, ${bugs.length} bugs, in ${Math.round(performance.now() / 1000)} s`);
  return [...failed.map(({ name }) => `${name}: see above`), ...tooRare(sumOf(all), schedules)];
}
