// Plants a bug and looks for it with both finders.
import type { ModelResult } from "../model/check.ts";
import { configurations } from "../model/configurations.ts";
import { schedulesPerSeed } from "../race/floors.ts";
import type { SimulationFailure } from "../race/simulate.ts";
import type { Bug } from "./bugs.ts";
import { explored, simulated } from "./finders.ts";
import { withPlanted } from "./planted.ts";

export const bugSeeds: readonly number[] = [1, 2, 3];

/** A seed of the simulation, and where it found the bug, if it did. */
export interface SeedFind {
  readonly seed: number;
  readonly schedule?: number;
  readonly invariant?: string;
}

/** The configuration of the model that found the bug, and the steps of the shortest way to it. */
export interface ModelFind {
  readonly configuration: string;
  readonly steps: number;
  readonly invariant: string;
}

export interface Finds {
  readonly seeds: readonly SeedFind[];
  readonly model?: ModelFind;
}

/** What was found first, to be read. */
export interface Hunt extends Finds {
  readonly failure?: SimulationFailure & { readonly seed: number };
  readonly trace?: readonly string[];
}

/** Where to look. */
export interface Ground {
  readonly seeds: readonly number[];
  readonly schedules: number;
  /** Configurations of the model; an empty list is all of them, undefined leaves the model out. */
  readonly configurations: readonly string[] | undefined;
}

export const wholeGround: Ground = { seeds: bugSeeds, schedules: schedulesPerSeed, configurations: [] };
const simulationAlone: Ground = { ...wholeGround, configurations: undefined };
const modelAlone: Ground = { ...wholeGround, seeds: [] };

export function hunt(bug: Bug, { seeds, schedules, configurations: names }: Ground, signal: AbortSignal): Promise<Hunt> {
  return withPlanted(bug, async (folder) => {
    const finds: SeedFind[] = [];
    let first: Hunt["failure"];
    for (const seed of seeds) {
      const { failure } = await simulated(folder, seed, schedules, signal);
      finds.push(failure === undefined ? { seed } : { seed, schedule: failure.schedule, invariant: failure.invariant });
      if (failure !== undefined) first ??= { seed, ...failure };
    }
    const results = names === undefined ? [] : await explored(folder, names, signal);
    return { seeds: finds, ...(first && { failure: first }), ...modelFind(results) };
  });
}

/** Is it found by every seed, or by the model? */
export function isFound({ seeds, model }: Finds): boolean {
  return model !== undefined || isFoundBySimulation(seeds);
}

export function isFoundBySimulation(seeds: readonly SeedFind[]): boolean {
  return seeds.length > 0 && seeds.every(({ schedule }) => schedule !== undefined);
}

/** What is kept of a hunt. */
export function findsOf({ seeds, model }: Hunt): Finds {
  return { seeds, ...(model && { model }) };
}

/** Looks with the simulation, and with the model where a seed does not find it: the model takes a minute to find nothing. */
export async function huntInTurn(bug: Bug, signal: AbortSignal, look = hunt): Promise<Hunt> {
  const simulated = await look(bug, simulationAlone, signal);
  if (isFound(simulated)) return simulated;
  return { ...simulated, ...(await look(bug, modelAlone, signal)), seeds: simulated.seeds };
}

/** Looks where a bug was found before, with some margin; where that finds nothing any more, with the simulation; then with the model. */
export async function huntAgain(bug: Bug, before: Finds | undefined, signal: AbortSignal, look = hunt): Promise<Hunt> {
  let last: Hunt = { seeds: [] };
  for (const ground of [groundOf(before ?? last), simulationAlone, modelAlone]) {
    if (ground === undefined) continue;
    last = await look(bug, ground, signal);
    if (isFound(last)) break;
  }
  return last;
}

const marginFactor = 2;
const minSchedules = 200;

function groundOf({ seeds, model }: Finds): Ground | undefined {
  const [soonest] = seeds.flatMap(({ seed, schedule }) => (schedule === undefined ? [] : { seed, schedule })).toSorted(bySchedule);
  if (isFoundBySimulation(seeds) && soonest !== undefined) {
    const schedules = Math.min(Math.max(soonest.schedule * marginFactor, minSchedules), schedulesPerSeed);
    return { seeds: [soonest.seed], schedules, configurations: undefined };
  }
  const isThere = configurations.some(({ name }) => name === model?.configuration);
  return model && isThere ? { ...modelAlone, configurations: [model.configuration] } : undefined;
}

function bySchedule(a: { readonly schedule: number }, b: { readonly schedule: number }): number {
  return a.schedule - b.schedule;
}

function modelFind(results: readonly ModelResult[]): Pick<Hunt, "model" | "trace"> {
  const found = results.at(-1);
  if (found?.violation === undefined) return {};
  const { configuration, depth, violation } = found;
  return { model: { configuration, steps: depth, invariant: violation.invariant }, trace: violation.trace };
}
