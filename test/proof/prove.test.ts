// A proof is one of a commit, recorded piece by piece, and told on the page once it is whole.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configurations } from "../model/configurations.ts";
import { floors, schedulesPerSeed } from "../race/floors.ts";
import { bugs } from "./bugs.ts";
import { type Job, runJobs } from "./jobs.ts";
import type { MutantReport } from "./mutants-judged.ts";
import { optionsOf } from "./options.ts";
import { pageOf } from "./page.ts";
import { type Proof, resultName } from "./proof.ts";
import { type Proving, prove, type Prover } from "./prove.ts";
import { openRecords } from "./records.ts";
import { type Part, parts, type Sources } from "./tree.ts";
import { mutantsJob, type Put } from "./work.ts";

const sources: Sources = { commit: () => "c0ffee", of: (part) => `${part} as committed`, changed: () => [] };
const report: MutantReport = {
  killed: 9,
  timedOut: 0,
  survived: 0,
  noCoverage: 0,
  ignored: 0,
  crashed: 0,
  score: 100,
  unexplained: [],
  stale: [],
};
const signal = new AbortController().signal;

let folder = "";
let told: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lambda-once-prove-"));
  told = [];
  vi.spyOn(console, "log").mockImplementation((line: unknown) => void told.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function prover(change: Partial<Prover> = {}): Prover {
  return {
    sources,
    records: join(folder, "results"),
    page: join(folder, "page"),
    jobsOf: soundJobs,
    run: (jobs, minutes) => runJobs(jobs, { workers: 1, leftMs: () => minutes * 60_000, signal }),
    ...change,
  };
}

/** Every piece, done at once and well. */
function soundJobs(seeds: readonly number[], put: Put): Record<Part, readonly Job[]> {
  const job = (part: Part, name: string, key: string, result: unknown): Job => ({
    name,
    expectedMs: 1,
    run: () => {
      put(part, key, result);
      return Promise.resolve(true);
    },
  });
  const model = { configuration: "older build", steps: 1, invariant: "one run" };
  return {
    simulation: seeds.map((seed) => job("simulation", `seed ${seed}`, `${seed}`, { seed, schedules: schedulesPerSeed, counts: floors })),
    model: configurations.map(({ name }) =>
      job("model", `model "${name}"`, name, { configuration: name, states: 1, transitions: 1, depth: 1 }),
    ),
    bugs: bugs.map((bug) => job("bugs", `bug ${bug.name}`, resultName(bug), { seeds: [], model })),
    mutants: [mutantsJob(put, () => Promise.resolve(report))],
  };
}

function run(args: readonly string[], change: Partial<Prover> = {}): Promise<Proving> {
  const options = optionsOf(args);
  if (options.kind !== "prove") throw new Error("these options prove nothing");
  return prove(options, prover(change));
}

function page(): string | undefined {
  return existsSync(join(folder, "page.md")) ? readFileSync(join(folder, "page.md"), "utf8") : undefined;
}

function recorded(part: Part): Readonly<Record<string, unknown>> {
  return openRecords(join(folder, "results"), (part) => sources.of(part)).of(part);
}

describe("a whole proof", () => {
  it("is written, page and data", async () => {
    await expect(run([])).resolves.toEqual({ fallen: [], isLeft: false });
    const proof = JSON.parse(readFileSync(join(folder, "page.json"), "utf8")) as Proof;
    expect(page()).toBe(pageOf(proof));
    expect(proof).toMatchObject({ commit: "c0ffee", schedules: 1_000_000, mutants: { score: 100 } });
    expect(told.at(-1)).toBe("docs/proof-results.md and .json are written: all bars hold");
  });

  it("is put together by several runs, in any order", async () => {
    for (const part of ["mutants", "bugs", "model"]) await expect(run(["--only", part])).resolves.toEqual({ fallen: [], isLeft: true });
    await expect(run(["--seeds", "1-99"])).resolves.toEqual({ fallen: [], isLeft: true });
    expect(page()).toBeUndefined();
    expect(told.at(-1)).toBe("No result yet: 1 seeds of the simulation. `npm run prove` goes on with them.");
    await expect(run([])).resolves.toEqual({ fallen: [], isLeft: false });
    const done = 99 + configurations.length + bugs.length + 1;
    expect(told).toContain(`${done} of ${done + 1} pieces have their result already`);
    expect(page()).toContain("All bars hold");
  });
});

describe("a proof that is not whole", () => {
  it("leaves the page of an earlier one as it is, and says what is left", async () => {
    writeFileSync(join(folder, "page.md"), "an earlier proof");
    await expect(run(["--only", "mutants"])).resolves.toEqual({ fallen: [], isLeft: true });
    expect(page()).toBe("an earlier proof");
    expect(recorded("mutants")).toHaveProperty("all");
    expect(told.slice(-2)).toEqual([
      "docs/proof-results.md is not written: it tells of whole proofs that hold.",
      `No result yet: 100 seeds of the simulation, ${configurations.length} configurations of the model, ${bugs.length} bugs. \`npm run prove\` goes on with them.`,
    ]);
  });

  it("says what there was no time for", async () => {
    await expect(run(["--only", "mutants", "--minutes", "29"])).resolves.toEqual({ fallen: [], isLeft: true });
    expect(told[0]).toBe("left: 1 pieces (mutants). The same command goes on with them.");
    expect(recorded("mutants")).toEqual({});
  });
});

describe("a bar that falls", () => {
  it.for<{ name: string; jobsOf: Prover["jobsOf"]; says: string }>([
    {
      name: "mutants that survive",
      jobsOf: (seeds, put) => ({
        ...soundJobs(seeds, put),
        mutants: [mutantsJob(put, () => Promise.resolve({ ...report, score: 89 }))],
      }),
      says: "of the mutants, 89.0 % are killed",
    },
    {
      name: "a bug that nothing finds",
      jobsOf: (seeds, put) =>
        soundJobs(seeds, (part, name, result) => put(part, name, part === "bugs" ? { seeds: [{ seed: 1 }] } : result)),
      says: 'the bug "unfenced-complete" is found neither by each seed nor by the model',
    },
    {
      name: "a fault that never strikes",
      jobsOf: (seeds, put) =>
        soundJobs(seeds, (part, name, result) => put(part, name, part === "simulation" ? { ...(result as object), counts: {} } : result)),
      says: '"crashes" struck 0 times',
    },
  ])("such as $name, fails the proof, and no page is written", async ({ jobsOf, says }) => {
    const { fallen } = await run([], { jobsOf });
    expect(fallen.join("\n")).toContain(says);
    expect(page()).toBeUndefined();
  });
});

describe("sources that are not committed", () => {
  it("are refused before anything runs", async () => {
    const jobsOf = vi.fn<Prover["jobsOf"]>(soundJobs);
    const changed = vi.fn<Sources["changed"]>(() => [" M src/core/lease.ts"]);
    const { fallen } = await run(["--only", "model"], { jobsOf, sources: { ...sources, changed } });
    expect(fallen).toEqual([expect.stringMatching(/^a proof is one of a commit, .*--look/), " M src/core/lease.ts"]);
    expect(changed).toHaveBeenCalledExactlyOnceWith(["model"]);
    expect(jobsOf).not.toHaveBeenCalled();
  });

  it("may be looked at, without git, and nothing is recorded", async () => {
    const none = (): never => {
      throw new Error("there is no git");
    };
    const outcome = await run(["--look"], { sources: { commit: none, of: none, changed: none } });
    expect(outcome).toEqual({ fallen: [], isLeft: false });
    expect(told.at(-1)).toBe("not recorded");
    expect(parts.map((part) => recorded(part))).toEqual([{}, {}, {}, {}]);
    expect(page()).toBeUndefined();
  });
});

describe("sources that change while a piece runs", () => {
  it.for<{ name: string; later: Partial<Sources> }>([
    { name: "edited", later: { changed: () => [" M src/core/lease.ts"] } },
    { name: "committed anew", later: { of: (part) => `${part} as committed later` } },
  ])("$name: its result is refused, and all stops", async ({ later }) => {
    const current = { ...sources };
    const jobsOf: Prover["jobsOf"] = (seeds, put) =>
      soundJobs(seeds, (...result) => {
        if (result[1] === "2") Object.assign(current, later);
        put(...result);
      });
    await expect(run(["--only", "simulation", "--seeds", "1-3"], { jobsOf, sources: current })).rejects.toThrow(
      'what "simulation" proves has changed while it ran: this result is not recorded',
    );
    expect(Object.keys(recorded("simulation"))).toEqual(["1"]);
  });
});
