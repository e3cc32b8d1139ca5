// After Middy's early timeout nobody knows how the handler ends: nothing is written, and the key stays closed.
import { describe, expect, it } from "vitest";
import type { Execution } from "../../src/index.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { leaseMs } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";
import { contextOf, type Deliveries, deliveriesOf, type Options, order, outcome, seen, tick } from "./chains.ts";
import { majors } from "./majors.ts";

/** Middy's timer fires in the next turn of the event loop. */
const nothingLeft = contextOf(() => 5);
const timeout: unknown = expect.objectContaining({ name: "TimeoutError" });

async function expectClosed(bench: Bench, deliver: Deliveries): Promise<void> {
  expect(deliver.types()).toEqual(["claimed"]);
  expect(await deliver.record()).toMatchObject({ status: "in_progress", attempt: 1, leaseUntil: bench.clock.now() + leaseMs });
  await outcome(deliver()); // refused, whatever the chain makes of that
  expect(deliver.types()).toEqual(["claimed", "in_progress"]);
}

describe.for(majors)("on $name", (major) => {
  describe.for([memoryBench, dynamodbBench])("and on $name", ({ available, open }) => {
    it.skipIf(!available).for<Options["onError"]>(["release", "keep", "hold"])(
      "the claim is kept until its lease lapses, whatever the policy: %s",
      async (policy) => {
        const bench = await open();
        const gate = Promise.withResolvers<string>();
        const deliver = deliveriesOf(major, bench, () => gate.promise, { options: { onError: policy } });
        expect(await outcome(deliver(order, nothingLeft))).toEqual(timeout);
        await expectClosed(bench, deliver);
        bench.clock.jump(leaseMs + 1000);
        gate.resolve("done");
        expect([await deliver(), deliver.runs]).toEqual(["done", 2]);
        expect(await deliver.record()).toMatchObject({ status: "completed", attempt: 2 });
      },
    );
  });

  it("with an error handler in the chain, too", async () => {
    const bench = await memoryBench.open();
    const deliver = deliveriesOf(major, bench, () => new Promise(() => {}), {
      chain: (made) => made.use(major.errorHandler({ logger: false, fallbackMessage: "late" })),
    });
    expect(await deliver(order, nothingLeft)).toMatchObject({ statusCode: 500, body: "late" });
    await expectClosed(bench, deliver);
  });

  it("a handler that finishes after it is not recorded", async () => {
    const bench = await memoryBench.open();
    const gate = Promise.withResolvers<string>();
    const deliver = deliveriesOf(major, bench, () => gate.promise);
    expect(await outcome(deliver(order, nothingLeft))).toEqual(timeout);
    gate.resolve("done");
    await tick();
    await expectClosed(bench, deliver);
  });

  it("wrapped instead, a handler that finishes after it is recorded", async () => {
    const gate = Promise.withResolvers<string>();
    const deliver = deliveriesOf(major, await memoryBench.open(), () => gate.promise, { form: "idempotent" });
    expect(await outcome(deliver(order, nothingLeft))).toEqual(timeout);
    gate.resolve("done");
    await new Promise((resolve) => setImmediate(resolve));
    expect([await deliver(), deliver.runs]).toEqual(["done", 1]);
  });

  it("a handler that goes on has its execution: its signal aborts as the lease ends, and nothing extends it", async () => {
    const bench = await memoryBench.open();
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<Execution>();
    const later = Promise.withResolvers<unknown>();
    const deliver = deliveriesOf(major, bench, async () => {
      const { signal } = seen() as Execution; // looked at: its timer runs
      started.resolve(seen() as Execution);
      await gate.promise;
      later.resolve([signal.aborted, await (seen() as Execution).extendLease(60_000).catch((error: unknown) => error)]);
    });
    expect(await outcome(deliver(order, nothingLeft))).toEqual(timeout);
    const { signal } = await started.promise;
    expect(signal.aborted).toBe(false);
    gate.resolve();
    expect(await later.promise).toEqual([false, expect.objectContaining({ code: "LEASE_LOST" })]);
    await expectClosed(bench, deliver);
    await bench.clock.advance(leaseMs - 1000);
    expect(signal.aborted).toBe(true);
  });

  it("of a handler inside: the outer one's outcome is unknown as well", async () => {
    const bench = await memoryBench.open();
    const inner = major.middy(() => new Promise(() => {}));
    const deliver = deliveriesOf(major, bench, () => inner({}, nothingLeft));
    expect(await outcome(deliver(order))).toEqual(timeout);
    await expectClosed(bench, deliver);
  });

  it("in a run without a claim: nothing is written", async () => {
    const bench = await memoryBench.open();
    bench.faults.on("claim", { answer: "unsent" });
    const deliver = deliveriesOf(major, bench, () => new Promise(() => {}), { options: { onStoreUnavailable: "run" } });
    expect(await outcome(deliver(order, nothingLeft))).toEqual(timeout);
    expect(await deliver.record()).toBeUndefined();
  });

  it("of an `after`: the handler has answered, and that is completed", async () => {
    const inner = major.middy(() => new Promise(() => {}));
    const deliver = deliveriesOf(major, await memoryBench.open(), undefined, { chain: (made) => made.after(() => inner({}, nothingLeft)) });
    expect([await outcome(deliver()), await deliver()]).toEqual([timeout, "done"]);
  });

  it.for<{ name: string; error: object }>([
    { name: "a timeout of somebody else's", error: Object.assign(new Error("slow"), { name: "TimeoutError" }) },
    {
      name: "a timeout of another package",
      error: Object.assign(new Error("slow", { cause: { package: "axios" } }), { name: "TimeoutError" }),
    },
    { name: "another error of Middy's", error: new Error("no", { cause: { package: "@middy/core" } }) },
    {
      name: "an error that cannot be looked at",
      error: Object.defineProperty(new Error("no"), "name", {
        get: () => {
          throw new Error("name");
        },
      }),
    },
  ])("$name is an error like any other", async ({ error }) => {
    const deliver = deliveriesOf(major, await memoryBench.open(), () => Promise.reject(error));
    expect(await outcome(deliver())).toBe(error);
    expect(await deliver.record()).toMatchObject({ status: "released" });
  });

  it("limit: a `timeoutEarlyResponse` that answers is the answer, and kept as the result", async () => {
    const deliver = deliveriesOf(major, await memoryBench.open(), () => new Promise(() => {}), {
      plugin: { timeoutEarlyResponse: () => "late" },
    });
    expect([await deliver(order, nothingLeft), await deliver(), deliver.runs]).toEqual(["late", "late", 1]);
  });

  describe("a `timeoutEarlyResponse` that throws an error of its own", () => {
    const own = new Error("late");
    /** Of a handler that is called with `had` ms left, under a lease that ends then, and still runs with `left`. */
    async function timedOut(had: number, left: number, options: Options = {}): Promise<Deliveries> {
      const bench = await memoryBench.open();
      const deadline = bench.clock.now() + had;
      const plugin = {
        timeoutEarlyInMillis: left,
        timeoutEarlyResponse: () => {
          throw own;
        },
      };
      const handler = (): Promise<void> => {
        bench.clock.jump(had - left);
        return new Promise(() => {});
      };
      const deliver = deliveriesOf(major, bench, handler, { options: { leaseMs: had, ...options }, plugin });
      const context = contextOf(() => deadline - bench.clock.now());
      expect(await outcome(deliver(order, context))).toBe(own);
      return deliver;
    }

    it.for([
      { had: 30_000, left: 999 },
      { had: 5000, left: 499 },
      { had: 100, left: 9 },
    ])("with $left ms left of $had: the key is not freed before its lease lapses", async ({ had, left }) => {
      const deliver = await timedOut(had, left);
      expect(await deliver.record()).toMatchObject({ status: "in_progress", attempt: 1 });
      await outcome(deliver());
      expect(deliver.types()).toEqual(["claimed", "in_progress"]);
    });

    it.for([
      { had: 30_000, left: 1000 },
      { had: 5000, left: 500 },
      { had: 500, left: 500 },
    ])("limit: with $left ms left of $had it is an error like any other", async ({ had, left }) => {
      const deliver = await timedOut(had, left);
      expect(await deliver.record()).toMatchObject({ status: "released" });
    });

    it("5 ms before the end, under a lease that is longer: the key is not freed either", async () => {
      const deliver = await timedOut(30_000, 5, { leaseMs: 60_000 });
      expect(await deliver.record()).toMatchObject({ status: "in_progress" });
    });

    it("that says what it is: the key is not freed, whenever it comes", async () => {
      const says = Object.assign(new Error("too slow", { cause: { package: "@middy/core" } }), { name: "TimeoutError", statusCode: 504 });
      const deliver = deliveriesOf(major, await memoryBench.open(), () => new Promise(() => {}), {
        plugin: {
          timeoutEarlyInMillis: 20_000,
          timeoutEarlyResponse: () => {
            throw says;
          },
        },
      });
      const context = contextOf(() => 20_000);
      expect(await outcome(deliver(order, context))).toBe(says);
      expect(deliver.types()).toEqual(["claimed"]);
    });

    it.for([
      { policy: "keep", status: "failed" },
      { policy: "hold", status: "held" },
    ] as const)("under $policy it is written as ever", async ({ policy, status }) => {
      const deliver = await timedOut(30_000, 5, { onError: policy });
      expect(await deliver.record()).toMatchObject({ status });
    });
  });

  it.for([0, -5, 3, 30_000, Number.NaN])("a context that always says %s never keeps a key from being freed", async (left) => {
    const deliver = deliveriesOf(major, await memoryBench.open(), () => {
      throw new Error("down");
    });
    await outcome(
      deliver(
        order,
        contextOf(() => left),
      ),
    );
    expect(await deliver.record()).toMatchObject({ status: "released" });
  });
});
