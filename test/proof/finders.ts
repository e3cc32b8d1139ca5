// The two that look for violations: each works in a process of its own, from the sources or from a copy with a bug in it.
import type { ModelResult } from "../model/check.ts";
import type { Simulation } from "../race/simulate.ts";
import { jsonOf } from "./child.ts";

/** Runs the first schedules of a seed, up to the first that is violated. */
export async function simulated(folder: string, seed: number, schedules: number, signal: AbortSignal): Promise<Simulation> {
  const args = ["--seed", `${seed}`, "--schedules", `${schedules}`, "--json"];
  return (await jsonOf(folder, "test/race/main.ts", args, signal)) as Simulation;
}

/** Explores these configurations of the model, or all, up to the first that is violated. */
export async function explored(folder: string, names: readonly string[], signal: AbortSignal): Promise<readonly ModelResult[]> {
  return (await jsonOf(folder, "test/proof/explore.ts", names, signal)) as readonly ModelResult[];
}
