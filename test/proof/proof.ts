// What is kept of all results, and the bars that they are held to.
import { cpus } from "node:os";
import type { ModelResult } from "../model/check.ts";
import { configurations } from "../model/configurations.ts";
import { grouped } from "../model/page.ts";
import { type Counts, schedulesPerSeed, sumOf, tooRare } from "../race/floors.ts";
import type { Simulation } from "../race/simulate.ts";
import { type Bug, bugs } from "./bugs.ts";
import { type Finds, isFound } from "./hunt.ts";
import { type MutantReport, meetsBar } from "./mutants-judged.ts";
import type { Records } from "./records.ts";
import type { Survivor } from "./survivors.ts";
import { hashOf, type Part } from "./tree.ts";

export interface BugFinds extends Finds {
  readonly name: string;
  readonly about: string;
}

/** A report, and the lines that explain who survived. */
export interface Mutants extends MutantReport {
  readonly survivors: readonly Survivor[];
}

/** What there is so far. */
export interface Results {
  readonly seeds: readonly number[];
  readonly schedules: number;
  readonly counts: Counts;
  readonly model: readonly ModelResult[];
  readonly bugs: readonly BugFinds[];
  readonly mutants: Mutants | undefined;
}

/** All of it, and what it is of. */
export interface Proof extends Results {
  readonly mutants: Mutants;
  readonly commit: string;
  /** Each part's sources, and what else decides how they run. */
  readonly sources: Readonly<Record<Part, string>>;
  /** The day it was written, UTC. */
  readonly date: string;
  readonly machine: string;
  readonly node: string;
}

export const minSchedules = 1_000_000;
const neededSeeds: readonly number[] = Array.from({ length: minSchedules / schedulesPerSeed }, (_, i) => i + 1);

/** The name of a bug's result: another text of its patch is another bug. */
export function resultName({ name, edits }: Bug): string {
  return `${name} ${hashOf(edits)}`;
}

export function resultsOf(records: Records): Results {
  const simulations = Object.values(records.of("simulation")) as Simulation[];
  const explored = records.of("model") as Readonly<Record<string, ModelResult>>;
  const hunted = records.of("bugs") as Readonly<Record<string, Finds>>;
  return {
    seeds: simulations.map(({ seed }) => seed).toSorted((a, b) => a - b),
    schedules: simulations.reduce((sum, simulation) => sum + simulation.schedules, 0),
    counts: sumOf(simulations.map(({ counts }) => counts)),
    model: configurations.flatMap(({ name }) => explored[name] ?? []),
    bugs: bugs.flatMap((bug) => {
      const finds = hunted[resultName(bug)];
      return finds === undefined ? [] : { name: bug.name, about: bug.about, ...finds };
    }),
    mutants: records.of("mutants")["all"] as Mutants | undefined,
  };
}

/** What has no result yet, each in a line. */
export function missingOf({ seeds, model, bugs: hunted, mutants }: Results): readonly string[] {
  const missing = {
    // One by one: a seed that fails has no result, and no other stands in for it.
    "seeds of the simulation": neededSeeds.filter((seed) => !seeds.includes(seed)).length,
    "configurations of the model": configurations.length - model.length,
    bugs: bugs.length - hunted.length,
    "report of the mutants": mutants === undefined ? 1 : 0,
  };
  return Object.entries(missing).flatMap(([what, count]) => (count === 0 ? [] : `${grouped(count)} ${what}`));
}

/** The proof, once it is whole. */
export function proofOf(results: Results, commit: string, sources: Proof["sources"]): Proof | undefined {
  const { mutants } = results;
  if (mutants === undefined || missingOf(results).length > 0 || fallenOf(results).length > 0) return undefined;
  return {
    commit,
    sources,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
    node: process.versions.node,
    ...results,
    mutants,
  };
}

/** What does not hold of what there is. */
export function fallenOf({ counts, schedules, bugs: hunted, mutants }: Omit<Results, "seeds" | "model">): string[] {
  return [
    ...tooRare(counts, schedules),
    ...hunted.filter((finds) => !isFound(finds)).map(({ name }) => `the bug "${name}" is found neither by each seed nor by the model`),
    ...(mutants !== undefined && !meetsBar(mutants)
      ? [`of the mutants, ${mutants.score.toFixed(1)} % are killed, ${unexplained(mutants)}`]
      : []),
  ];
}

function unexplained({ unexplained, stale, ignored }: MutantReport): string {
  return `${unexplained.length} survivors have no line, ${stale.length} lines no survivor, ${ignored} are switched off`;
}
