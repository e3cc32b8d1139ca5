// docs/proof-results.md is what its data gives, and all bars hold in it. Whether it is of these very sources is not asked:
// `npm run prove` says so, and a change to them must not fail here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pageOf, rangesOf } from "./page.ts";
import { type Counts, floors, sumOf } from "../race/floors.ts";
import { fallenOf, minSchedules, type Mutants, type Proof } from "./proof.ts";
import { root } from "./root.ts";

const page = join(root, "docs/proof-results");

describe("docs/proof-results.md", () => {
  const read = (): Proof => JSON.parse(readFileSync(`${page}.json`, "utf8")) as Proof;

  it("is what docs/proof-results.json gives", () => {
    expect(readFileSync(`${page}.md`, "utf8"), "npm run prove writes the page and its data").toBe(pageOf(read()));
  });

  it("has no bar that fell", () => {
    expect(fallenOf(read())).toEqual([]);
    expect(read().schedules).toBeGreaterThanOrEqual(minSchedules);
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
  sources: { simulation: "src/core c0de, src/dynamodb d6, src/memory 3e, test/race 0b, node 24.0.0", model: "", bugs: "", mutants: "" },
  date: "2026-01-01",
  machine: "2 × some CPU",
  node: "24.0.0",
  seeds: [1, 2, 3, 7],
  schedules: 40_000,
  counts: Object.fromEntries(Object.entries(floors).map(([name, floor]) => [name, 4 * floor])),
  model: [{ configuration: "wait", states: 1234, transitions: 5678, depth: 9 }],
  bugs: [{ name: "wrong", about: "It is wrong.", seeds: [{ seed: 1 }], model: { configuration: "wait", steps: 5, invariant: "one run" } }],
  mutants,
};

describe("a page", () => {
  it.for([
    "All bars hold, and no invariant was violated.",
    "| commit proved | `c0ffee` |",
    "| `src/core`, the protocol | `c0de` |",
    "| `src/dynamodb`, its requests to DynamoDB | `d6` |",
    "| `src/memory`, its conditions in memory | `3e` |",
    "40,000 schedules, 10,000 from each of the seeds 1–3, 7: no invariant was violated.",
    "| crashes | 15,600 | 15,600 |",
    "| wait | 1,234 | 5,678 | 9 |",
    '| `wrong` | It is wrong. | model | – | – | – | 5 steps in "wait": one run |',
    "90.0 % of the mutants are killed",
    "| src/core/key.ts | <code>a \\|\\| b</code> | <code>a \\|\\| b</code> | <code>a &amp;&amp; b</code> | b is a |",
  ])("says: %s", (line) => {
    expect(pageOf(sound)).toContain(line);
  });
});

describe("a bar", () => {
  it("holds where all is sound, also where there are no mutants yet", () => {
    expect(fallenOf(sound)).toEqual([]);
    expect(fallenOf({ ...sound, mutants: undefined })).toEqual([]);
  });

  it.for<{ name: string; change: Partial<Proof>; says: string }>([
    {
      name: "a bug is found by nothing",
      change: { bugs: [{ name: "harmless", about: "", seeds: [{ seed: 1 }] }] },
      says: 'the bug "harmless" is found neither by each seed nor by the model',
    },
    {
      name: "a fault strikes too rarely",
      change: { counts: without("crashes", sound.counts) },
      says: '"crashes" struck 0 times in 40000 schedules, at least 15600 are asked',
    },
    {
      name: "too few mutants are killed",
      change: { mutants: { ...mutants, score: 89.9 } },
      says: "of the mutants, 89.9 % are killed, 0 survivors have no line, 0 lines no survivor, 0 are switched off",
    },
  ])("falls where $name", ({ change, says }) => {
    expect(fallenOf({ ...sound, ...change })).toEqual([says]);
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
