// The pieces of a proof, as jobs: each says in a line what came of it.
import { type Bug, bugs } from "./bugs.ts";
import { configurations } from "../model/configurations.ts";
import { schedulesPerSeed } from "../race/floors.ts";
import { explored, simulated } from "./finders.ts";
import { findsOf, type Hunt, isFound } from "./hunt.ts";
import type { Job } from "./jobs.ts";
import { meetsBar } from "./mutants-judged.ts";
import { print, runMutants } from "./mutants.ts";
import { grouped } from "../model/page.ts";
import type { Counts } from "../race/floors.ts";
import { type Mutants, resultName } from "./proof.ts";
import { root } from "./root.ts";
import { survivors } from "./survivors.ts";
import type { Part } from "./tree.ts";

/** Takes what came of a piece, where all is well with it; of bugs also what was not found. */
export type Put = (part: Part, name: string, result: unknown) => void;

type Look = (bug: Bug, signal: AbortSignal) => Promise<Hunt>;

const minuteMs = 60_000;

export function seedJob(seed: number, put: Put): Job {
  return {
    name: `seed ${seed}`,
    expectedMs: 2 * minuteMs,
    async run(signal) {
      const result = await simulated(root, seed, schedulesPerSeed, signal);
      const { schedules, counts, failure } = result;
      if (failure === undefined) {
        console.log(`seed ${seed}: ${grouped(schedules)} schedules, ${struck(counts)}: no violation`);
        put("simulation", `${seed}`, result);
        return true;
      }
      console.log(
        [
          `seed ${seed}: VIOLATED in schedule ${failure.schedule}: ${failure.invariant} (${failure.detail})`,
          `the scenario, made smaller: ${JSON.stringify(failure.scenario)}`,
          ...failure.trace,
          `again: node --conditions=lambda-once:source test/race/main.ts --seed ${seed} --schedules ${failure.schedule}`,
        ].join("\n"),
      );
      return false;
    },
  };
}

export function modelJobs(put: Put): readonly Job[] {
  return configurations.map(({ name }) => ({
    name: `model "${name}"`,
    expectedMs: 2 * minuteMs,
    async run(signal) {
      const [result] = await explored(root, [name], signal);
      if (result === undefined) throw new Error(`the model says nothing of "${name}"`);
      const { states, violation, notChecked } = result;
      if (notChecked !== undefined) {
        console.log(`model "${name}": does not check what it is for: ${JSON.stringify(notChecked)}`);
        return false;
      }
      if (violation === undefined) {
        console.log(`model "${name}": ${grouped(states)} states: no violation`);
        put("model", name, result);
        return true;
      }
      const again = `again: node --conditions=lambda-once:source test/proof/explore.ts "${name}"`;
      console.log([`model "${name}": VIOLATED: ${violation.invariant}`, ...violation.trace, again].join("\n"));
      return false;
    },
  }));
}

/** Looks for bugs; of what it finds, `isTold` prints the trace. */
export function bugJobs(
  asked: readonly Bug[],
  look: Look,
  put: Put,
  { isTold = false }: { readonly isTold?: boolean } = {},
): readonly Job[] {
  return asked.map((bug) => ({
    name: `bug ${bug.name}`,
    expectedMs: 5 * minuteMs,
    async run(signal) {
      const found = await lookFor(bug, look, signal);
      if (found === undefined) return false;
      console.log([`bug ${bug.name}: ${summary(found)}`, ...(isTold ? told(found) : [])].join("\n"));
      put("bugs", resultName(bug), findsOf(found));
      return isFound(found);
    },
  }));
}

/** One look that breaks off, as for a patch that does not fit or a copy that says nothing, is this bug's failure alone. */
async function lookFor(bug: Bug, look: Look, signal: AbortSignal): Promise<Hunt | undefined> {
  try {
    return await look(bug, signal);
  } catch (error) {
    signal.throwIfAborted();
    console.log(`bug ${bug.name}: NOT FOUND: ${(error as Error).message}`);
    return undefined;
  }
}

export function mutantsJob(put: Put, mutate = runMutants): Job {
  return {
    name: "mutants",
    expectedMs: 30 * minuteMs,
    alone: true,
    async run(signal) {
      const report = await mutate({ signal });
      print(report);
      put("mutants", "all", { ...report, survivors } satisfies Mutants);
      return meetsBar(report);
    },
  };
}

/** Without those that have a result. */
export function leftOf(jobs: readonly Job[], done: readonly string[]): readonly Job[] {
  return jobs.filter(({ name }) => !done.includes(name));
}

/** The names of jobs that have a result. */
export function doneOf(part: Part, results: Readonly<Record<string, unknown>>): readonly string[] {
  switch (part) {
    case "simulation":
      return Object.keys(results).map((seed) => `seed ${seed}`);
    case "model":
      return Object.keys(results).map((name) => `model "${name}"`);
    case "bugs":
      return bugs.filter((bug) => resultName(bug) in results).map(({ name }) => `bug ${name}`);
    case "mutants":
      // One that fell is tried again: a mutant may have been killed by a busy machine, or have lived on one.
      return "all" in results && meetsBar(results["all"] as Mutants) ? ["mutants"] : [];
  }
}

function summary({ seeds, model }: Hunt): string {
  const finds = [
    ...seeds.map(({ seed, schedule }) =>
      schedule === undefined ? `seed ${seed} does not find it` : `seed ${seed} in schedule ${grouped(schedule)}`,
    ),
    model === undefined ? [] : `the model in ${model.steps} steps of "${model.configuration}"`,
  ].flat();
  return `${isFound({ seeds, ...(model && { model }) }) ? "found: " : "NOT FOUND: "}${finds.join(", ")}`;
}

function told({ failure, trace, model }: Hunt): readonly string[] {
  const simulation =
    failure === undefined
      ? []
      : [
          `\nsimulation, seed ${failure.seed}, schedule ${failure.schedule}: ${failure.invariant} (${failure.detail})`,
          JSON.stringify(failure.scenario),
          ...failure.trace,
        ];
  return [...simulation, ...(trace === undefined ? [] : [`\nmodel, "${model?.configuration}": ${model?.invariant}`, ...trace]), ""];
}

function struck(counts: Counts): string {
  const all = ["crashes", "lost requests", "lost answers", "late arrivals", "deletions by TTL"];
  return all.map((name) => `${grouped(counts[name] ?? 0)} ${name}`).join(", ");
}
