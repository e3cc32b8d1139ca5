// What is kept of all results, and the bars that they are held to.
import { cpus } from "node:os";
import type { ModelResult } from "../model/check.ts";
import { configurations } from "../model/configurations.ts";
import type { Simulation } from "../race/simulate.ts";
import { type Bug, bugs } from "./bugs.ts";
import { schedulesPerSeed } from "./finders.ts";
import { type Finds, isFound } from "./hunt.ts";
import { type MutantReport, meetsBar } from "./mutants-judged.ts";
import type { Records } from "./records.ts";
import type { Survivor } from "./survivors.ts";
import { hashOf, type Part } from "./tree.ts";

export type Counts = Readonly<Record<string, number>>;

export interface BugFinds extends Finds {
  readonly name: string;
  readonly about: string;
}

/** A report, and the lines that explain who survived. */
export interface Mutants extends MutantReport {
  readonly survivors: readonly Survivor[];
}

export interface Proof {
  readonly commit: string;
  /** Each part's sources, and what else decides how they run. */
  readonly sources: Readonly<Record<Part, string>>;
  /** The day it was written, UTC. */
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly seeds: readonly number[];
  readonly schedules: number;
  readonly counts: Counts;
  readonly model: readonly ModelResult[];
  readonly bugs: readonly BugFinds[];
  readonly mutants?: Mutants;
  /** What has no result yet. */
  readonly missing: readonly string[];
}

export const minSchedules = 1_000_000;

/** How often each must strike, at least, in 10,000 schedules: a simulation in which nothing happens proves nothing. */
export const floors: Counts = {
  crashes: 2500,
  "lost requests": 1000,
  "lost answers": 3000,
  "late arrivals": 2000,
  "throttled requests": 1000,
  "refused connections": 1000,
  "deletions by TTL": 2500,
  "jumps of time": 20_000,
  extensions: 2000,
  "large results": 1000,
  conflicts: 1000,
  taken_over: 5000,
  replayed: 5000,
  mismatch: 1500,
  in_progress: 2000,
  lease_lost: 700,
  unknown: 400,
  held: 150,
  failed: 100,
  released: 300,
  unprotected: 250,
  result_not_kept: 200,
};

/** The name of a bug's result: another text of its patch is another bug. */
export function resultName({ name, edits }: Bug): string {
  return `${name} ${hashOf(edits)}`;
}

export function proofOf(records: Records, commit: string, sources: Proof["sources"]): Proof {
  const simulations = Object.values(records.of("simulation")) as Simulation[];
  const seeds = simulations.map(({ seed }) => seed).toSorted((a, b) => a - b);
  const explored = records.of("model") as Readonly<Record<string, ModelResult>>;
  const model = configurations.flatMap(({ name }) => explored[name] ?? []);
  const hunted = records.of("bugs") as Readonly<Record<string, Finds>>;
  const found = bugs.flatMap((bug) => {
    const finds = hunted[resultName(bug)];
    return finds === undefined ? [] : { name: bug.name, about: bug.about, ...finds };
  });
  const mutants = records.of("mutants")["all"] as Mutants | undefined;
  const schedules = simulations.reduce((sum, simulation) => sum + simulation.schedules, 0);
  return {
    commit,
    sources,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
    node: process.versions.node,
    seeds,
    schedules,
    counts: sumOf(simulations.map(({ counts }) => counts)),
    model,
    bugs: found,
    ...(mutants && { mutants }),
    missing: [
      ...(schedules < minSchedules ? [`${grouped(minSchedules - schedules)} schedules of the simulation`] : []),
      ...missingNames(
        "configurations of the model",
        configurations,
        model.map(({ configuration }) => configuration),
      ),
      ...missingNames(
        "bugs",
        bugs,
        found.map(({ name }) => name),
      ),
      ...(mutants === undefined ? ["the mutants"] : []),
    ],
  };
}

/** What does not hold of what there is. */
export function fallenOf({ counts, schedules, bugs: hunted, mutants }: Pick<Proof, "counts" | "schedules" | "bugs" | "mutants">): string[] {
  return [
    ...tooRare(counts, schedules),
    ...hunted.filter((finds) => !isFound(finds)).map(({ name }) => `the bug "${name}" is found neither by each seed nor by the model`),
    ...(mutants !== undefined && !meetsBar(mutants)
      ? [`of the mutants, ${mutants.score.toFixed(1)} % are killed, ${unexplained(mutants)}`]
      : []),
  ];
}

function tooRare(counts: Counts, schedules: number): string[] {
  return Object.entries(floors).flatMap(([name, floor]) => {
    const [struck, least] = [counts[name] ?? 0, (floor * schedules) / schedulesPerSeed];
    return struck < least
      ? [`"${name}" struck ${grouped(struck)} times in ${grouped(schedules)} schedules, at least ${grouped(least)} are asked`]
      : [];
  });
}

function unexplained({ unexplained, stale, ignored }: MutantReport): string {
  return `${unexplained.length} survivors have no line, ${stale.length} lines no survivor, ${ignored} are switched off`;
}

export function sumOf(all: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function missingNames(what: string, all: readonly { readonly name: string }[], there: readonly string[]): string[] {
  const names = all.map(({ name }) => name).filter((name) => !there.includes(name));
  return names.length === 0 ? [] : [`${names.length} ${what}: ${names.map((name) => `"${name}"`).join(", ")}`];
}
