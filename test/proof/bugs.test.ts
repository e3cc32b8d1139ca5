// The bugs that must be found: each fits the sources, none is forgotten, and one that nothing finds fails the proof.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { type Bug, bugs } from "./bugs.ts";
import { type Finds, type Ground, hunt, huntAgain, isFound } from "./hunt.ts";
import { patch } from "./planted.ts";
import { root } from "./root.ts";
import { bugJobs, type Put } from "./work.ts";

const harmless: Bug = {
  name: "harmless",
  about: "Nothing is wrong.",
  edits: [{ file: "src/core/lease.ts", from: "skewMarginMs = 1000", to: "skewMarginMs = 1_000" }],
};
const little: Ground = { seeds: [1], schedules: 20, configurations: ["older build"] };
const signal = new AbortController().signal;

const missed: Finds = { seeds: [{ seed: 1 }] };
const bySeeds: Finds = {
  seeds: [
    { seed: 1, schedule: 90 },
    { seed: 2, schedule: 5 },
  ],
};
const byModel: Finds = { seeds: [{ seed: 1 }], model: { configuration: "older build", steps: 1, invariant: "" } };
const simulation = "seeds 1, 2, 3, 10000 schedules";
const model = "model of all";

function nameOf({ seeds, schedules, configurations }: Ground): string {
  if (configurations === undefined) return `seeds ${seeds.join(", ")}, ${schedules} schedules`;
  return `model of ${configurations.join(", ") || "all"}`;
}

describe("the list of bugs", () => {
  it("is not short, and names each once", () => {
    expect(bugs.length).toBeGreaterThanOrEqual(23);
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length);
  });

  it.for(bugs)("$name fits the sources, and changes them", (bug) => {
    expect(patch(bug).size).toBeGreaterThan(0);
  });

  it("refuses a patch that does not fit", () => {
    const edits = [{ file: "src/core/lease.ts", from: "no such text", to: "" }];
    expect(() => patch({ ...harmless, edits })).toThrow('the patch of "harmless" does not fit src/core/lease.ts, which must have exactly');
  });
});

describe("a hunt", () => {
  it("finds nothing where nothing is wrong, which fails the proof, and leaves no copy", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const put = vi.fn<Put>();
    const [job] = bugJobs([harmless], (bug, signal) => hunt(bug, little, signal), put);
    await expect(job?.run(signal)).resolves.toBe(false);
    expect(console.log).toHaveBeenCalledExactlyOnceWith("bug harmless: NOT FOUND: seed 1 does not find it");
    expect(put).toHaveBeenCalledExactlyOnceWith("bugs", expect.stringMatching(/^harmless [0-9a-f]{12}$/), { seeds: [{ seed: 1 }] });
    expect(
      existsSync(join(root, ".proof/bugs")) && readdirSync(join(root, ".proof/bugs")).some((name) => name.startsWith("harmless-")),
    ).toBe(false);
  });

  it("of a copy that ends without a word is this bug's failure, and nothing is recorded of it", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const put = vi.fn<Put>();
    const edits = [{ file: "src/core/lease.ts", from: "skewMarginMs = 1000", to: 'skewMarginMs = Number(process.exit(1) ?? "a cap")' }];
    const [job] = bugJobs([{ ...harmless, edits }], (bug, signal) => hunt(bug, little, signal), put);
    await expect(job?.run(signal)).resolves.toBe(false);
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^bug harmless: NOT FOUND: test\/race\/main\.ts .* stopped:/));
    expect(put).not.toHaveBeenCalled();
  });

  it("looks first where the bug was found before, by the seed that needs the fewest schedules", async () => {
    const seeds = [2, 1].map((seed) => ({ seed, schedule: 10 * seed, invariant: "" }));
    const bug = bugs.find(({ name }) => name === "unfenced-complete") ?? harmless;
    const found = await huntAgain(bug, { seeds }, signal);
    expect(found.seeds).toEqual([{ seed: 1, schedule: expect.any(Number), invariant: expect.any(String) }]);
    expect(found.failure?.trace.length).toBeGreaterThan(3);
    expect(found.model).toBeUndefined();
  });

  it.for<{ name: string; before: Finds | undefined; finds: readonly Finds[]; asked: readonly string[]; found: boolean }>([
    { name: "nothing is known", before: undefined, finds: [bySeeds], asked: [simulation], found: true },
    {
      name: "nothing is known, and the simulation misses it",
      before: undefined,
      finds: [missed, byModel],
      asked: [simulation, model],
      found: true,
    },
    { name: "it is found where it was", before: bySeeds, finds: [bySeeds], asked: ["seeds 2, 200 schedules"], found: true },
    {
      name: "it is not found where it was",
      before: bySeeds,
      finds: [missed, bySeeds],
      asked: ["seeds 2, 200 schedules", simulation],
      found: true,
    },
    { name: "the model alone knew it", before: byModel, finds: [byModel], asked: ["model of older build"], found: true },
    {
      name: "nothing finds it any more",
      before: byModel,
      finds: [missed, missed, missed],
      asked: ["model of older build", simulation, model],
      found: false,
    },
    {
      name: "its configuration is gone",
      before: { seeds: [], model: { configuration: "gone", steps: 1, invariant: "" } },
      finds: [bySeeds],
      asked: [simulation],
      found: true,
    },
  ])("looks again, where $name", async ({ before, finds, asked, found }) => {
    const grounds: string[] = [];
    const look: typeof hunt = (_, ground) => {
      grounds.push(nameOf(ground));
      return Promise.resolve(finds[grounds.length - 1] ?? missed);
    };
    expect(isFound(await huntAgain(harmless, before, signal, look))).toBe(found);
    expect(grounds).toEqual(asked);
  });

  it.for<{ name: string; finds: Finds; found: boolean }>([
    {
      name: "each seed finds it",
      finds: {
        seeds: [
          { seed: 1, schedule: 1 },
          { seed: 2, schedule: 9 },
        ],
      },
      found: true,
    },
    { name: "one seed does not", finds: { seeds: [{ seed: 1, schedule: 1 }, { seed: 2 }] }, found: false },
    { name: "no seed was asked", finds: { seeds: [] }, found: false },
    { name: "the model does", finds: { seeds: [{ seed: 1 }], model: { configuration: "", steps: 1, invariant: "" } }, found: true },
  ])("has found a bug or not where $name", ({ finds, found }) => {
    expect(isFound(finds)).toBe(found);
  });
});
