// What becomes of a key where something in the chain throws, or answers in place of the handler.
import { describe, expect, it } from "vitest";
import { ReplayedError } from "../../src/index.ts";
import { memoryBench } from "../support/bench.ts";
import { completedRecord, leaseMs, record } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";
import { deliveriesOf, forms, middlewareOn, type Options, order, outcome, seen } from "./chains.ts";
import { type Chain, majors } from "./majors.ts";

const declined = Object.assign(new Error("declined"), { statusCode: 402 });
const invalid = new Error("invalid");
const fail = (): never => {
  throw invalid;
};

describe.for(majors)("on $name", (major) => {
  describe.for([memoryBench, dynamodbBench])("and on $name", ({ available, open }) => {
    describe.skipIf(!available)("an `after` that throws once the handler has answered", () => {
      it.for([{ answer: "done" }, { answer: undefined }, { answer: null }, { answer: { receipt: 1 } }])(
        "does not open the key, the handler's answer is completed: $answer",
        async ({ answer }) => {
          for (const handler of [() => answer, async () => answer]) {
            const deliver = deliveriesOf(major, await open(), handler, {
              options: { onError: fail },
              chain: (made) => made.after(fail),
            });
            expect(await outcome(deliver())).toBe(invalid);
            expect(deliver.types()).toEqual(["claimed", "completed"]);
            expect(await outcome(deliver())).toEqual(answer);
            expect(deliver.runs).toBe(1);
          }
        },
      );
    });

    describe.skipIf(!available)("the policy", () => {
      it.for(forms)("sees the handler's error, also when an error handler has replaced it: %s", async (form) => {
        const asked: unknown[] = [];
        const deliver = deliveriesOf(major, await open(), () => Promise.reject(declined), {
          form,
          options: { onError: (error) => (asked.push(error), "keep") },
          chain: (made) =>
            made.use(major.errorHandler({ logger: false })).onError((request) => {
              request.error = new Error("replaced");
            }),
        });
        await deliver();
        expect(asked).toEqual([declined]);
        expect(asked[0]).toBe(declined);
        expect(await deliver.record()).toMatchObject({ status: "failed", error: { name: "Error", message: "declined", statusCode: 402 } });
      });
    });
  });

  describe("an `after` that throws once the handler has answered", () => {
    it("the error handler's answer is the caller's, the handler's own is the duplicate's", async () => {
      const deliver = deliveriesOf(major, await memoryBench.open(), () => ({ statusCode: 200, body: "done" }), {
        chain: (made) => made.use(major.errorHandler({ logger: false, fallbackMessage: "sorry" })).after(fail),
      });
      expect(await deliver()).toMatchObject({ statusCode: 500, body: "sorry" });
      expect(await deliver()).toEqual({ statusCode: 200, body: "done" });
    });

    it.for([
      { name: "a completion that fails", fault: "denied", theirs: undefined, types: ["claimed", "store_error"] },
      { name: "a winner", fault: undefined, theirs: completedRecord, types: ["claimed", "lease_lost", "replayed"] },
      { name: "a lost lease", fault: undefined, theirs: record, types: ["claimed", "lease_lost"] },
    ] as const)("$name never masks the chain's error", async ({ fault, theirs, types }) => {
      const bench = await memoryBench.open();
      if (fault !== undefined) bench.faults.on("settle", { answer: fault });
      const handler = async (): Promise<string> => {
        if (theirs !== undefined) await bench.put(theirs(bench));
        return "mine";
      };
      const deliver = deliveriesOf(major, bench, handler, { chain: (made) => made.after(fail) });
      expect(await outcome(deliver())).toBe(invalid);
      expect(deliver.types()).toEqual(types);
    });

    it("after one that has replaced the answer: still the handler's own", async () => {
      const deliver = deliveriesOf(major, await memoryBench.open(), () => undefined, {
        chain: (made) => made.after(fail).after((request) => void (request.response = "replaced")),
      });
      expect(await outcome(deliver())).toBe(invalid);
      expect(await outcome(deliver())).toBeUndefined();
    });

    it("wrapped instead, the handler's answer is kept before any `after`", async () => {
      const deliver = deliveriesOf(major, await memoryBench.open(), undefined, {
        form: "idempotent",
        chain: (made) => made.after(fail),
      });
      expect([await outcome(deliver()), await outcome(deliver()), deliver.runs]).toEqual([invalid, invalid, 1]);
    });
  });

  describe("a handler that throws", () => {
    it.for<{ name: string; handler: () => unknown; error: unknown }>([
      { name: "at once", handler: fail, error: invalid },
      { name: "later", handler: async () => (await Promise.resolve(), fail()), error: invalid },
      { name: "nothing", handler: () => Promise.reject(undefined), error: undefined },
      { name: "a text", handler: () => Promise.reject("text"), error: "text" },
    ])("$name: the policy sees it, the key is free", async ({ handler, error }) => {
      const asked: unknown[] = [];
      const options: Options = { onError: (thrown) => (asked.push(thrown), "release") };
      const deliver = deliveriesOf(major, await memoryBench.open(), handler, { options });
      expect(await outcome(deliver())).toBe(error);
      expect(asked).toEqual([error]);
      expect(await deliver.record()).toMatchObject({ status: "released" });
    });

    it("an error handler's answer is the caller's, also the replayed one", async () => {
      const deliver = deliveriesOf(major, await memoryBench.open(), () => Promise.reject(declined), {
        options: { onError: "keep" },
        chain: (made) => made.use(major.errorHandler({ logger: false })),
      });
      expect([await deliver(), await deliver(), deliver.runs]).toEqual([
        ...Array<unknown>(2).fill(expect.objectContaining({ statusCode: 402, body: "declined" })),
        1,
      ]);
    });

    it("a policy that throws frees the key and masks nothing", async () => {
      const deliver = deliveriesOf(major, await memoryBench.open(), () => Promise.reject(declined), { options: { onError: fail } });
      expect(await outcome(deliver())).toBe(declined);
      expect(await deliver.record()).toMatchObject({ status: "released" });
    });
  });

  describe("a later `before` that throws", () => {
    it.for<{ policy: Options["onError"]; status: string }>([
      { policy: "release", status: "released" },
      { policy: "keep", status: "failed" },
    ])("ends the run by policy: $policy", async ({ policy, status }) => {
      const deliver = deliveriesOf(major, await memoryBench.open(), undefined, {
        options: { onError: policy },
        chain: (made) => made.before(fail),
      });
      expect(await outcome(deliver())).toBe(invalid);
      expect(await deliver.record()).toMatchObject({ status });
      expect(deliver.runs).toBe(0);
      const second = await outcome(deliver());
      expect(second instanceof ReplayedError).toBe(policy === "keep");
    });
  });

  it.for([
    { name: "answers", handler: () => seen(), answer: expect.objectContaining({ attempt: 1 }) as unknown, status: "completed" },
    { name: "throws", handler: fail, answer: invalid, status: "released" },
  ])(
    "a later `before` that sets a response, and does not answer early, is no answer: the handler $name",
    async ({ handler, answer, status }) => {
      const deliver = deliveriesOf(major, await memoryBench.open(), handler, {
        chain: (made) => made.before((request) => void (request.response = { statusCode: 500 })),
      });
      expect(await outcome(deliver())).toEqual(answer);
      expect(await deliver.record()).toMatchObject({ status });
    },
  );

  describe("two middlewares in one chain: each settles its own", () => {
    it.for<{ name: string; chain: (made: Chain) => Chain; first: string; second: string }>([
      { name: "an `after` of the chain's end throws", chain: (made) => made.after(fail), first: "completed", second: "completed" },
      { name: "a `before` of the chain's end throws", chain: (made) => made.before(fail), first: "released", second: "released" },
    ])("$name", async ({ chain, first, second }) => {
      const bench = await memoryBench.open();
      const types: string[] = [];
      const other = middlewareOn(bench.store, { operation: "second", onEvent: ({ type }) => types.push(type) });
      const deliver = deliveriesOf(major, bench, undefined, { chain: (made) => chain(made.use(other)) });
      expect(await outcome(deliver())).toBe(invalid);
      expect([deliver.types(), types]).toEqual([
        ["claimed", first],
        ["claimed", second],
      ]);
    });
  });

  // What a middleware that stands first cannot see: the key stays closed until the lease lapses.
  describe("limits: its own hooks are skipped by", () => {
    const limits: { name: string; handler?: () => unknown; chain: (made: Chain) => Chain; answer: unknown }[] = [
      { name: "a later `before` that answers early", chain: (made) => made.before(() => "early"), answer: "early" },
      {
        name: "a later `before` that reads the context and answers early",
        chain: (made) => made.before(({ context }) => ({ early: context.awsRequestId })),
        answer: { early: undefined },
      },
      { name: "a later `after` that returns a value", chain: (made) => made.after(() => "other"), answer: "other" },
      {
        name: "a later `onError` that returns a value",
        handler: fail,
        chain: (made) => made.onError(() => "sorry"),
        answer: "sorry",
      },
      {
        name: "a later `onError` that throws",
        handler: () => Promise.reject(declined),
        chain: (made) => made.onError(fail),
        answer: invalid,
      },
    ];

    it.for(limits)("$name: nothing is written, and the next run is after the lease", async ({ handler, chain, answer }) => {
      const bench = await memoryBench.open();
      const deliver = deliveriesOf(major, bench, handler, { chain });
      expect(await outcome(deliver())).toEqual(answer);
      expect(await deliver.record()).toMatchObject({ status: "in_progress", leaseUntil: bench.clock.now() + leaseMs });
      await outcome(deliver()); // refused, whatever the chain makes of that
      expect(deliver.types()).toEqual(["claimed", "in_progress"]);
      bench.clock.jump(leaseMs + 1000);
      expect(await outcome(deliver())).toEqual(answer);
      expect(await deliver.record()).toMatchObject({ status: "in_progress", attempt: 2 });
    });

    it.for(limits)("$name: but not where the handler is wrapped instead", async ({ handler, chain, answer }) => {
      const deliver = deliveriesOf(major, await memoryBench.open(), handler, { form: "idempotent", chain });
      expect(await outcome(deliver())).toEqual(answer);
      expect(await outcome(deliver())).toEqual(answer);
      expect((await deliver.record())?.status).toBe(deliver.runs === 0 ? undefined : handler === undefined ? "completed" : "released");
    });
  });

  it("limit: a later `before` that reads the context, sets a response and goes on passes for the handler that answers it", async () => {
    const set = { statusCode: 500 };
    const deliver = deliveriesOf(major, await memoryBench.open(), fail, {
      chain: (made) => made.before((request) => void (request.response = { ...set, ...(request.context && {}) })),
    });
    expect(await outcome(deliver())).toBe(invalid);
    expect([await outcome(deliver()), deliver.runs]).toEqual([set, 1]); // not run again, at least
  });

  it("an error of before the middleware's own `before` is none of its business", async () => {
    const bench = await memoryBench.open();
    const handler = major
      .middy(() => "done")
      .before(fail)
      .use(middlewareOn(bench.store));
    expect(await outcome(handler(order))).toBe(invalid);
    expect(bench.faults.log).toEqual([]);
  });
});
