// What the suite checks is held against broken stores in test/conformance; this is how it is asked, and what it says.
import { describe, expect, it } from "vitest";
import type { Store } from "../../../src/index.ts";
import { memoryStore } from "../../../src/memory/store.ts";
import { type ConformanceOptions, storeConformance } from "../../../src/testing/index.ts";

interface Declared {
  readonly name: string;
  readonly run: (...args: unknown[]) => Promise<void>;
}

function declared(change: (store: Store) => Partial<Store> = () => ({}), lacks?: ConformanceOptions["lacks"]): Declared[] {
  const tests: Declared[] = [];
  storeConformance({
    async make() {
      const store = memoryStore();
      return { ...store, ...change(store) };
    },
    test: (name, run) => tests.push({ name, run }),
    lacks,
  });
  return tests;
}

/** What a test says of a store that is changed. */
async function saidBy(name: string, change: (store: Store) => Partial<Store>): Promise<string> {
  const test = declared(change).find((test) => test.name === name);
  return (test?.run() ?? Promise.reject(new Error(`no such test: ${name}`))).then(
    () => "nothing",
    ({ message }: Error) => message,
  );
}

it("makes a store for each test, and none before", async () => {
  let made = 0;
  const tests: Declared[] = [];
  storeConformance({ make: async () => (made++, memoryStore()), test: (name, run) => tests.push({ name, run }) });
  expect(made).toBe(0);
  await tests[0]?.run();
  await tests[1]?.run();
  expect(made).toBe(2);
});

it("each test has a name of its own, which begins with the call, and takes no argument", () => {
  const tests = declared();
  expect(new Set(tests.map(({ name }) => name)).size).toBe(tests.length);
  expect(tests.length).toBeGreaterThan(100);
  for (const { name, run } of tests) {
    expect(name).toMatch(/^(claim|takeOver|settle|extend|read|result|release): /);
    expect(run.length).toBe(0); // Jest and Mocha take an argument for a callback to wait for
  }
});

it("a make that gives no store is named", async () => {
  for (const [made, path] of [
    [undefined, "make()"],
    [{ ...memoryStore(), extend: undefined }, "make().extend"],
  ] as const) {
    const tests: Declared[] = [];
    storeConformance({ make: async () => made as never, test: (name, run) => tests.push({ name, run }) });
    await expect(tests[0]?.run()).rejects.toMatchObject({ code: "CONFIG_INVALID", path, message: expect.stringContaining(path) as string });
  }
});

it("what a store lacks is not asked of it", async () => {
  const silent = (store: Store): Partial<Store> => ({
    extend: async (claim, until) => ({ applied: (await store.extend(claim, until)).applied }),
  });
  const ofExtend = (tests: Declared[]): Declared[] => tests.filter(({ name }) => name.startsWith("extend: refused where the lease"));
  for (const { run } of ofExtend(declared(silent, ["record-of-refusal"]))) await run();
  for (const { run } of ofExtend(declared(silent))) await expect(run()).rejects.toThrow("record: expected {");
});

describe("a failure says which call, and what differs", () => {
  it("of an answer", async () => {
    const said = await saidBy("takeOver: refused where owner is not as seen", () => ({ takeOver: async () => ({ applied: true }) }));
    expect(said).toMatch(
      /^the answer to takeOver, where owner is not as seen:\n {2}applied: expected false, got true\n {2}record: expected \{.*, got nothing$/,
    );
  });

  it("of a record, member by member", async () => {
    const said = await saidBy("settle: failed is kept with the claim's own members", (store) => ({
      read: async (id) => {
        const record = await store.read(id);
        return record && { ...record, owner: "someone", error: { name: "Declined", statusCode: 402, code: "51" } };
      },
    }));
    expect(said.split("\n")).toEqual([
      "the record after settle as failed:",
      '  owner: expected "owner", got "someone"',
      '  error.message: expected "no funds é", got nothing',
      '  error.code: expected 51, got "51"',
    ]);
  });

  it("of a result, where it parts", async () => {
    const said = await saidBy("result: 100 KB comes back byte for byte", (store) => ({
      result: async (record) => (await store.result(record))?.slice(0, 1000),
    }));
    expect(said).toBe("the result of a completed record: expected 100002 characters, got 1000; they part at 1000");
  });

  it("of two writes at once, against each order of the two", async () => {
    const said = await saidBy("release: of two at once, one is applied", (store) => ({
      async release(seen) {
        await store.release(seen);
        return { applied: true };
      },
    }));
    expect(said.split("\n")).toEqual([
      "release, then release while it was under way:",
      "  applied: expected [true,false], got [true,true]",
      "or",
      "  applied: expected [false,true], got [true,true]",
    ]);
  });

  it.for<[string, Partial<Store>, string]>([
    [
      "no answer at all",
      { claim: async () => undefined as never },
      "the answer to claim, of an id that has no record:\n  expected true, got nothing",
    ],
    ["no record", { read: async () => undefined }, "read: expected the record that was written, got nothing"],
    ["a record that is no plain data", { read: async () => new Map() as never }, "expected {"],
  ])("of %s", async ([, broken, message]) => {
    const name = message.startsWith("expected {")
      ? "claim: puts a record in progress, attempt 1, with all it was given"
      : "claim: optional members stay absent";
    expect(await saidBy(name, () => broken)).toContain(message);
  });
});

describe("bad options are refused, and nothing is declared", () => {
  it.for<[string, unknown, string, string]>([
    ["none", undefined, "options", "options is undefined"],
    ["no make", { test: () => {} }, "make", "make is undefined: give a function"],
    ["a store instead of make", { make: memoryStore(), test: () => {} }, "make", "make is an object: give a function"],
    ["no test", { make: async () => memoryStore() }, "test", "test is undefined: give a function"],
    ["an unknown option", { make: async () => memoryStore(), test: () => {}, skip: [] }, "skip", "known are make, test, lacks"],
    ["lacks, no list", { make: async () => memoryStore(), test: () => {}, lacks: "record-of-refusal" }, "lacks", "give a list"],
    [
      "an unknown capability",
      { make: async () => memoryStore(), test: () => {}, lacks: ["ttl"] },
      "lacks[0]",
      'give one of "record-of-refusal"',
    ],
  ])("%s", ([, options, path, message]) => {
    let tests = 0;
    const counted = typeof options === "object" && options !== null && "test" in options ? { ...options, test: () => tests++ } : options;
    expect(() => storeConformance(counted as ConformanceOptions)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", path, message: expect.stringContaining(message) as string }) as Error,
    );
    expect(tests).toBe(0);
  });
});
