// Many schedules from one seed; the first that fails is made smaller and told as a trace.
import * as fc from "fast-check";
import { type Counts, sumOf } from "./floors.ts";
import type { Violation } from "./violation.ts";
import { type Scenario, scenarios } from "./scenario.ts";
import { type Engine, runSchedule } from "./schedule.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly schedules: number;
  readonly engine?: () => Promise<Engine>;
}

export interface Simulation {
  readonly seed: number;
  /** How many ran; fewer than asked for where one failed. */
  readonly schedules: number;
  readonly counts: Counts;
  readonly failure?: SimulationFailure;
}

export interface SimulationFailure extends Violation {
  /** Of the schedule that failed first; 1 is the first. */
  readonly schedule: number;
  readonly scenario: Scenario;
  readonly trace: readonly string[];
}

class Violated extends Error {}

export async function simulate({ seed, schedules, engine }: SimulationOptions): Promise<Simulation> {
  const ran: Counts[] = [];
  let failed = false;
  const options = async (): Promise<{ engine?: Engine }> => (engine === undefined ? {} : { engine: await engine() });
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    const outcome = await runSchedule(scenario, await options());
    if (!failed) ran.push(outcome.counts);
    if (outcome.violation === undefined) return;
    failed = true;
    throw new Violated(outcome.violation.invariant);
  });
  const details = await fc.check(property, { seed, numRuns: schedules });
  const base = { seed, schedules: ran.length, counts: sumOf(ran) };
  if (!details.failed) return base;
  const [scenario] = details.counterexample ?? [];
  if (scenario === undefined) throw new Error(`the simulation stopped: ${String(details.errorInstance)}`);
  const { violation, trace } = await runSchedule(scenario, { ...(await options()), isLogged: true });
  if (violation === undefined) throw new Error("a schedule that fails must fail each time", { cause: details.errorInstance });
  return { ...base, failure: { ...violation, schedule: ran.length, scenario, trace } };
}
