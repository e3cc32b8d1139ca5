import { parseArgs } from "node:util";
import { schedulesPerSeed } from "../race/floors.ts";
import { type Bug, bugs } from "./bugs.ts";
import { grouped } from "../model/page.ts";
import { type Part, parts } from "./tree.ts";

export const usage = `usage: npm run prove -- [--seeds FROM-TO] [--only ${parts.join("|")}] [--minutes N] [--look]
       npm run prove -- --bug NAME|all
       npm run prove -- --check

Runs the simulation, explores the model, plants every bug, and mutates src/core. Results are recorded as they come, in
.proof/results: the next run goes on where this one stopped. Once all has a result and every bar holds, it writes
docs/proof-results.md and .json.

  --seeds    of the simulation, ${grouped(schedulesPerSeed)} schedules each. Default: 1-100, a million schedules
  --only     this part alone
  --minutes  starts nothing that may take longer than that. Default: 75
  --look     records and writes nothing; also for sources that are not committed
  --bug      plants this bug, or all, and looks for it with seeds 1, 2 and 3 and with the model; records nothing
  --check    the short forms, for npm run verify; records nothing
  --help     this text

exit codes: 0 all has a result and holds, 1 something does not hold, 2 wrong usage, 3 what ran holds and something is left,
130 stopped`;

export type Options =
  | { readonly kind: "help" }
  | { readonly kind: "check" }
  | { readonly kind: "bugs"; readonly bugs: readonly Bug[] }
  | {
      readonly kind: "prove";
      readonly parts: readonly Part[];
      readonly seeds: readonly number[];
      readonly minutes: number;
      readonly isLook: boolean;
    };

const maxSeed = 1_000_000;

/** @throws Error that names what cannot be, and what can. */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string" },
      bug: { type: "string" },
      only: { type: "string" },
      minutes: { type: "string" },
      check: { type: "boolean" },
      look: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return { kind: "help" };
  for (const alone of ["check", "bug"] as const)
    if (values[alone] !== undefined && Object.keys(values).length > 1) throw new Error(`--${alone} goes with no other option`);
  if (values.check === true) return { kind: "check" };
  if (values.bug !== undefined) return { kind: "bugs", bugs: bugsOf(values.bug) };
  const asked = values.only === undefined ? parts : [partOf(values.only)];
  if (values.seeds !== undefined && !asked.includes("simulation")) throw new Error("--seeds are the simulation's");
  const seeds = seedsOf(values.seeds ?? "1-100");
  return { kind: "prove", parts: asked, seeds, minutes: minutesOf(values.minutes ?? "75"), isLook: values.look === true };
}

function bugsOf(name: string): readonly Bug[] {
  const found = name === "all" ? bugs : bugs.filter((bug) => bug.name === name);
  if (found.length > 0) return found;
  throw new Error(`no bug is called "${name}"; known are all, ${bugs.map((bug) => bug.name).join(", ")}`);
}

function partOf(name: string): Part {
  const found = parts.find((part) => part === name);
  if (found === undefined) throw new Error(`there is no part "${name}"; known are ${parts.join(", ")}`);
  return found;
}

function seedsOf(text: string): readonly number[] {
  const [, first = "", last = first] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (from < 1 || to < from || to > maxSeed)
    throw new Error(`--seeds "${text}" is no range; it is FROM-TO, such as 1-100, from 1 to ${maxSeed}`);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (!/^\d{1,4}(\.\d+)?$/.test(text) || minutes === 0) throw new Error(`--minutes "${text}" is no number of minutes, such as 75`);
  return minutes;
}
