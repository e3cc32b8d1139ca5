// docs/proof-results.md, from its data.
import { floorOf, schedulesPerSeed } from "../race/floors.ts";
import { bugSeeds, isFoundBySimulation, type SeedFind } from "./hunt.ts";
import { grouped } from "../model/page.ts";
import type { BugFinds, Mutants, Proof } from "./proof.ts";
import { proved } from "./tree.ts";

export function pageOf(proof: Proof): string {
  const { commit, date, machine, node } = proof;
  return `${[
    "# What was proved",
    "`npm run prove` writes this page, from `docs/proof-results.json`; nothing on it is written by hand. It runs the simulation\n(`test/race`), explores the model (`test/model`, [protocol.md](protocol.md)), plants bugs that both must find\n(`test/proof/bugs.ts`), and mutates `src/core`. `npm run verify` runs the short forms each time.",
    table(["", ""], [["commit proved", `\`${commit}\``], ...treesOf(proof), ["machine", machine], ["Node", node], ["date", date]]),
    "All bars hold, and no invariant was violated. The folders named above are what is proved; their hashes are those of\n`git rev-parse COMMIT:FOLDER`. A commit in which they are the same has the same proof.",
    ...simulationOf(proof),
    ...modelOf(proof),
    ...bugsOf(proof),
    ...mutantsOf(proof.mutants),
  ].join("\n\n")}\n`;
}

function simulationOf({ seeds, schedules, counts }: Proof): string[] {
  const rows = Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => [name, grouped(count), leastOf(name, schedules)]);
  return [
    "## Simulation",
    `${grouped(schedules)} schedules, ${grouped(schedulesPerSeed)} from each of the seeds ${rangesOf(seeds)}: no invariant was violated. One seed again:`,
    fenced("sh", `node --conditions=lambda-once:source test/race/main.ts --seed ${seeds[0]} --schedules ${schedulesPerSeed}`),
    "What struck, and what came of it; names with `_` are events, capitals are codes of errors. Where fewer than asked strike, the\nproof fails: a simulation in which nothing happens proves nothing.",
    table(["what", "times", "at least"], rows),
  ];
}

function modelOf({ model }: Proof): string[] {
  const states = model.reduce((sum, result) => sum + result.states, 0);
  return [
    "## Model",
    `${grouped(states)} states in ${model.length} configurations, every interleaving of each: no invariant was violated. All again:\n\`npm run prove -- --only model --look\`.`,
    table(
      ["configuration", "states", "transitions", "steps to the farthest state"],
      model.map(({ configuration, states, transitions, depth }) => [configuration, grouped(states), grouped(transitions), `${depth}`]),
    ),
  ];
}

function bugsOf({ bugs }: Proof): string[] {
  return [
    "## Bugs that must be found",
    `Each is a patch to \`src\`. It counts as found where each of the seeds ${bugSeeds.join(", ")} finds it within ${grouped(schedulesPerSeed)} schedules, or the model does, which\nis asked where a seed does not. A seed's number is that of the first schedule that was violated; the model's is the length of a shortest way to a violation.\nSeed and trace: \`npm run prove -- --bug NAME\`.`,
    table(["bug", "what is wrong", "found by", ...bugSeeds.map((seed) => `seed ${seed}`), "model"], bugs.map(bugRow)),
  ];
}

function bugRow({ name, about, seeds, model }: BugFinds): string[] {
  const finders = [isFoundBySimulation(seeds) ? "simulation" : [], model === undefined ? [] : "model"].flat();
  const steps = model === undefined ? "–" : `${model.steps} steps in "${model.configuration}": ${model.invariant}`;
  const cells = bugSeeds.map((seed) => seedCell(seeds.find((find) => find.seed === seed)));
  return [`\`${name}\``, about, finders.join(", "), ...cells, steps];
}

function seedCell(find: SeedFind | undefined): string {
  return find?.schedule === undefined ? "–" : `${grouped(find.schedule)}: ${find.invariant}`;
}

function mutantsOf(mutants: Mutants): string[] {
  const { killed, timedOut, survived, noCoverage, crashed, score, survivors } = mutants;
  const rows = survivors.map(({ file, line, original, replacement, why }) => [file, code(line), code(original), code(replacement), why]);
  return [
    "## Mutants of `src/core`",
    `${score.toFixed(1)} % of the mutants are killed: ${grouped(killed)} fail a test, ${grouped(timedOut)} never end, ${grouped(survived + noCoverage)} survive. (${grouped(crashed)} do not load, and do not\ncount.) Each survivor, and why no behaviour changes; all again: \`npm run mutants\`.`,
    table(["file", "line", "original", "mutant", "why no behaviour changes"], rows),
  ];
}

function treesOf({ sources }: Proof): string[][] {
  return Object.entries(proved).map(([folder, about]) => {
    const hash = new RegExp(String.raw`(?:^|, )${folder} (\w+)`).exec(sources.simulation)?.[1] ?? "";
    return [`\`${folder}\`, ${about}`, `\`${hash}\``];
  });
}

function leastOf(name: string, schedules: number): string {
  const least = floorOf(name, schedules);
  return least === undefined ? "" : grouped(least);
}

/** `1–100, 205` */
export function rangesOf(seeds: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const seed of seeds) {
    const last = ranges.at(-1);
    if (last?.[1] === seed - 1) last[1] = seed;
    else ranges.push([seed, seed]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}

function code(text: string): string {
  return text === "" ? "nothing" : `<code>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</code>`;
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}
