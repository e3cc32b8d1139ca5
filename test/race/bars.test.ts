// The bars that races have to clear, on DynamoDB Local, through the package as it is published.
import { beforeAll, describe, expect, inject, it } from "vitest";
import type * as Library from "../../src/index.ts";
import type * as Dynamodb from "../../src/dynamodb/index.ts";
import { testClock } from "../support/clock.ts";
import { planFaults } from "../support/faults.ts";
import { startProxy } from "../support/proxy.ts";
import { clientOf, freshTable } from "../support/table.ts";
import { importPacked } from "../package/packed.ts";

const endpoint = inject("dynamodbLocal");
const leaseMs = 10_000;
// Many sockets, so that the deliveries really meet at the engine; no retries, so that nothing is smoothed over.
const sockets = { requestHandler: { httpsAgent: { maxSockets: 100 }, httpAgent: { maxSockets: 100 } } };

describe.skipIf(endpoint === "")("through the packed package, on DynamoDB Local", () => {
  let library: typeof Library;
  let dynamodb: typeof Dynamodb;
  let tableName: string;
  const client = clientOf(endpoint, sockets);

  beforeAll(async () => {
    library = await importPacked<typeof Library>("lambda-once");
    dynamodb = await importPacked<typeof Dynamodb>("lambda-once/dynamodb");
    tableName = await freshTable(client);
  });

  function codeOf(error: unknown): string {
    return error instanceof library.IdempotencyError ? error.code : String(error);
  }

  it("100 simultaneous deliveries of one key: 1 run, and the other 99 are told so", async () => {
    let runs = 0;
    const deliver = library.idempotent(
      async (_key: string) => {
        runs++;
        await new Promise((resolve) => setTimeout(resolve, 500));
        return runs;
      },
      { store: dynamodb.dynamodbStore({ client, tableName }), operation: "simultaneous", key: (key) => key, leaseMs },
    );
    const answers = await Promise.all(Array.from({ length: 100 }, () => deliver("k").then(String, codeOf)));
    expect(runs).toBe(1);
    expect(answers.filter((answer) => answer === "1").length).toBeGreaterThanOrEqual(1);
    expect(new Set(answers)).toEqual(new Set(["1", "IN_PROGRESS"]));
  });

  it("20 × 50 takeover races: 1 new owner each", async () => {
    for (let round = 0; round < 20; round++) {
      const clock = testClock();
      const store = { ...dynamodb.dynamodbStore({ client, tableName }), clock };
      const options = { store, operation: "takeover", key: (key: string) => key, leaseMs };
      const attempts: number[] = [];
      const crashed = library.idempotent(
        (_: string) => new Promise<number>(() => attempts.push(library.currentExecution().attempt)),
        options,
      );
      void crashed(`k${round}`);
      while (attempts.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      clock.jump(leaseMs + 1000);
      const gate = Promise.withResolvers<void>();
      const takeOver = library.idempotent(async (_: string) => {
        attempts.push(library.currentExecution().attempt);
        await gate.promise;
        return attempts.length;
      }, options);
      const racers = Array.from({ length: 50 }, () => takeOver(`k${round}`).then(String, codeOf));
      // All but the winner are refused while it runs.
      let refused = 0;
      for (const racer of racers) void racer.then(() => ++refused === 49 && gate.resolve());
      const answers = await Promise.all(racers);
      expect(attempts).toEqual([1, 2]);
      expect(answers.filter((answer) => answer === "IN_PROGRESS")).toHaveLength(49);
    }
  });

  it.for(["success", "failure"])("late %s of a zombie changes nothing", async (late) => {
    const clock = testClock();
    const store = { ...dynamodb.dynamodbStore({ client, tableName }), clock };
    const gate = Promise.withResolvers<void>();
    let runs = 0;
    const deliver = library.idempotent(
      async (_: string) => {
        const run = ++runs;
        if (run === 1) await gate.promise;
        if (run === 1 && late === "failure") throw new Error("late");
        return run;
      },
      { store, operation: `zombie-${late}`, key: (key) => key, leaseMs },
    );
    const zombie = deliver("k").catch((error: unknown) => (error as Error).message);
    while (runs === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    clock.jump(leaseMs + 1000);
    expect(await deliver("k")).toBe(2);
    gate.resolve();
    expect(await zombie).toBe(late === "failure" ? "late" : 2);
    expect(await deliver("k")).toBe(2);
    expect(runs).toBe(2);
  });

  it.for([
    { call: "claim", maxAttempts: 3 },
    { call: "settle", maxAttempts: 3 },
    { call: "settle", maxAttempts: 1 },
  ] as const)("lost acknowledgement of $call, a client of $maxAttempts tries: 1 run", async ({ call, maxAttempts }) => {
    const faults = planFaults();
    const proxy = await startProxy(endpoint, faults);
    faults.on(call, { answer: "lost" });
    const store = dynamodb.dynamodbStore({ client: clientOf(proxy.endpoint, { maxAttempts }), tableName });
    let runs = 0;
    const deliver = library.idempotent((_: string) => ++runs, {
      store,
      operation: `lost-${call}-${maxAttempts}`,
      key: (key) => key,
      leaseMs,
    });
    expect(await deliver("k")).toBe(1);
    expect(await deliver("k")).toBe(1);
    expect(runs).toBe(1);
    await proxy.close();
  });
});
