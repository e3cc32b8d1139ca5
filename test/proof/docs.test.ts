// docs/proof-results.md is what its data gives, and all bars hold in it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bugs } from "./bugs.ts";
import { root } from "./finders.ts";
import { isFound } from "./hunt.ts";
import { pageOf, rangesOf } from "./page.ts";
import { type Counts, fallenOf, floors, type Mutants, type Proof, sumOf } from "./proof.ts";

const stale = "npm run prove writes the page and its data";
const proof = JSON.parse(readFileSync(join(root, "docs/proof-results.json"), "utf8")) as Proof;

describe("docs/proof-results.md", () => {
  it("is what docs/proof-results.json gives", () => {
    expect(readFileSync(join(root, "docs/proof-results.md"), "utf8"), stale).toBe(pageOf(proof));
  });

  it("has no bar that fell", () => {
    expect(fallenOf(proof)).toEqual([]);
  });

  it("misses nothing", () => {
    expect(proof.missing, stale).toEqual([]);
    expect(proof.schedules).toBeGreaterThanOrEqual(1_000_000);
    expect(new Set(proof.seeds).size * 10_000).toBe(proof.schedules);
    expect(proof.mutants?.score).toBeGreaterThanOrEqual(90);
  });

  it.for(bugs)("has a row that found $name", ({ name }) => {
    const finds = proof.bugs.find((finds) => finds.name === name);
    expect(finds !== undefined && isFound(finds), stale).toBe(true);
  });
});

const mutants: Mutants = {
  killed: 9,
  timedOut: 0,
  survived: 1,
  noCoverage: 0,
  ignored: 0,
  crashed: 0,
  score: 90,
  unexplained: [],
  stale: [],
  survivors: [
    { file: "src/core/key.ts", line: "a || b", mutator: "LogicalOperator", original: "a || b", replacement: "a && b", why: "b is a" },
  ],
};
const sound: Proof = {
  commit: "c0ffee",
  sources: { simulation: "src 5e1f, test/race 0b", model: "src 5e1f", bugs: "src 5e1f", mutants: "src 5e1f" },
  date: "2026-01-01",
  machine: "2 × some CPU",
  node: "24.0.0",
  seeds: [1, 2, 3, 7],
  schedules: 40_000,
  counts: Object.fromEntries(Object.entries(floors).map(([name, floor]) => [name, 4 * floor])),
  model: [{ configuration: "wait", states: 1234, transitions: 5678, depth: 9 }],
  bugs: [{ name: "wrong", about: "It is wrong.", seeds: [{ seed: 1 }], model: { configuration: "wait", steps: 5, invariant: "one run" } }],
  mutants,
  missing: [],
};

describe("a page", () => {
  it("of a sound proof says so, with its commit, seeds, states, bugs and survivors", () => {
    const page = pageOf(sound);
    const lines = [
      "All bars hold: nothing is missing, and no invariant was violated.",
      "| commit proved | `c0ffee` |",
      "40,000 schedules, 10,000 from each of the seeds 1–3, 7: no invariant was violated.",
      "| crashes | 10,000 | 10,000 |",
      "| wait | 1,234 | 5,678 | 9 |",
      '| `wrong` | It is wrong. | model | – | – | – | 5 steps in "wait": one run |',
      "90.0 % of the mutants are killed",
      "| src/core/key.ts | <code>a \\|\\| b</code> | <code>a \\|\\| b</code> | <code>a &amp;&amp; b</code> | b is a |",
    ];
    for (const line of lines) expect(page).toContain(line);
  });

  it("of a proof that misses something says what, and does not look complete", () => {
    const page = pageOf({ ...sound, missing: ["the mutants"] });
    expect(page).toContain("**Not complete.**");
    expect(page).toContain("- the mutants");
    expect(page).not.toContain("All bars hold");
  });

  it.for<{ name: string; change: Partial<Proof>; says: string }>([
    {
      name: "a bug that nothing finds",
      change: { bugs: [{ name: "harmless", about: "", seeds: [{ seed: 1 }] }] },
      says: 'the bug "harmless" is found neither by each seed nor by the model',
    },
    {
      name: "a fault that strikes too rarely",
      change: { counts: without("crashes", sound.counts) },
      says: '"crashes" struck 0 times in 40,000 schedules, at least 10,000 are asked',
    },
    {
      name: "mutants below their bar",
      change: { mutants: { ...mutants, score: 89.9 } },
      says: "of the mutants, 89.9 % are killed, 0 survivors have no line, 0 lines no survivor, 0 are switched off",
    },
  ])("of a proof with $name says that it does not hold", ({ change, says }) => {
    const proof = { ...sound, ...change };
    expect(fallenOf(proof)).toEqual([says]);
    expect(pageOf(proof)).toContain(`**Not proved: something does not hold.**\n\n- ${says}`);
  });

  it("of nothing yet has no tables of results", () => {
    const { mutants: _, ...nothing } = { ...sound, seeds: [], schedules: 0, counts: {}, model: [], bugs: [], missing: ["all"] };
    expect(fallenOf(nothing)).toEqual([]);
    expect(pageOf(nothing)).not.toContain("## ");
  });
});

it("seeds are told as ranges", () => {
  expect([[], [4], [1, 2, 3], [1, 3, 4, 9]].map(rangesOf)).toEqual(["", "4", "1–3", "1, 3–4, 9"]);
});

it("counts of seeds are added up", () => {
  expect(sumOf([{ a: 1 }, { a: 2, b: 3 }])).toEqual({ a: 3, b: 3 });
});

function without(name: string, counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([other]) => other !== name));
}
