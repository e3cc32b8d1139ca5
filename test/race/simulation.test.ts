// The short form of the simulation, and that it can fail: `npm run prove` runs a million schedules, and every planted bug.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tooRare } from "./floors.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenario.ts";
import { runSchedule } from "./schedule.ts";
import { simulate } from "./simulate.ts";
import type { Command, MemoryTable } from "./table.ts";

const schedules = 2000;

describe("a simulation", () => {
  it("of many schedules breaks no rule, and meets every fault", { timeout: 120_000 }, async () => {
    const { failure, counts, ...ran } = await simulate({ seed: 2000, schedules });
    expect(failure?.trace.join("\n")).toBeUndefined();
    expect(ran).toEqual({ seed: 2000, schedules });
    expect(tooRare(counts, schedules)).toEqual([]);
  });

  it("is the same each time for a seed", async () => {
    expect(await simulate({ seed: 7, schedules: 100 })).toEqual(await simulate({ seed: 7, schedules: 100 }));
    expect(await simulate({ seed: 7, schedules: 100 })).not.toEqual(await simulate({ seed: 8, schedules: 100 }));
  });

  // A table that asks no conditions: what every rule is there to prevent happens.
  const unconditional = {
    decide: async ({ constructor, input }: Command, table: MemoryTable) =>
      table.apply({ constructor, input: { ...input, ConditionExpression: undefined } }),
    remove: async () => {},
    put: async () => {},
  };

  it("of a table without conditions fails, and tells the shortest schedule that it finds", { timeout: 120_000 }, async () => {
    const { failure } = await simulate({ seed: 1, schedules: 1000, engine: async () => unconditional });
    expect(failure?.invariant).toBe("only the owner writes");
    expect(failure?.trace.length).toBeLessThan(30);
    expect(failure?.trace.join("\n")).toContain("B is delivered");
    expect(failure?.scenario.deliveries).toHaveLength(2);
  });

  it("tells what happened in the words of the protocol", async () => {
    const [drawn] = fc.sample(scenarios, { seed: 1, numRuns: 1 }) as [Scenario];
    const step = { skewMs: 0, payload: 0, steps: [], ends: "small", parts: 1, sentLate: false } as const;
    const scenario: Scenario = { ...drawn, onStoreUnavailable: "throw", olderRun: false, deliveries: [step, step], choices: [] };
    const { trace, violation } = await runSchedule(scenario, { isLogged: true });
    expect(violation).toBeUndefined();
    expect(trace.map((line) => line.replace(/^ *\S+ s */, "")).slice(0, 6)).toEqual([
      "A is delivered",
      "A sends: claim as attempt 1",
      "the table takes A's claim as attempt 1",
      "A gets its answer",
      "A runs, attempt 1",
      "A's handler returns",
    ]);
  });
});
