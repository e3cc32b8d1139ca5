// After Middy's early timeout nobody knows how the handler ends: nothing is written, and the key stays closed.
import { describe, expect, it } from "vitest";
import { currentExecution, type ErrorPolicy, type Execution, type Store } from "../../src/index.ts";
import type { HttpOptions } from "../../src/http/index.ts";
import { type Chain, type Handler, majors } from "../middy/majors.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { contextOf, forms, leaseMs } from "./api.ts";
import { type ChainSetup, type Deliveries, deliveriesOn, httpError, outcome, recordOf, shown, stateOf } from "./chains.ts";
import { dynalite, suiteTables, type TableStore } from "./table-store.ts";

/** Of an invocation; the lease is longer. Milliseconds. */
const hadMs = 5000;
/** Middy's timer fires in the next turn of the event loop. */
const nothingLeft = contextOf("request-1", () => 5);
const timeout: unknown = expect.objectContaining({ name: "TimeoutError" });
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const paid = { statusCode: 201, body: "paid" };

type Benched = Pick<TableStore | Bench, "clock" | "others">;

/** A handler that has used all of its time but 5 ms when Middy looks, and then goes on; and the context of its invocation. */
function slow(
  { clock }: Pick<Benched, "clock">,
  goesOn: () => Promise<unknown> = () => new Promise(() => {}),
): { handler: Handler; context: object } {
  let calls = 0;
  const deadline = clock.now() + hadMs;
  const handler = (): Promise<unknown> => {
    if (++calls === 1) clock.jump(hadMs - 5);
    return goesOn();
  };
  return { handler, context: contextOf("request-1", () => deadline - clock.now()) };
}

/** Holds that a first delivery has left its claim, and a duplicate is told so until the lease has lapsed. */
async function expectClosed({ clock, others }: Benched, deliver: Deliveries): Promise<void> {
  expect(deliver.types()).toEqual(["claimed"]);
  const record = await recordOf(others, deliver);
  expect(record).toMatchObject({ status: "in_progress", attempt: 1 });
  expect(shown(await deliver())).toMatchObject({ status: 409 });
  clock.jump((record?.leaseUntil ?? 0) - clock.now());
  expect([stateOf(await deliver()), deliver.runs]).toEqual(["conflict", 1]);
  expect(deliver.types()).toEqual(["claimed", "in_progress", "in_progress"]);
}

describe.for(majors)("on $name", (major) => {
  const tables = suiteTables(dynalite);
  const errorHandler = (chain: Chain): Chain => chain.use(major.errorHandler({ logger: false, fallbackMessage: "late" }));

  describe.for(forms)("%s", (form) => {
    it("what is left counts from when the handler is called: a run that has waited before may fail, and frees its key", async () => {
      const { store, clock } = await memoryBench.open();
      const deadline = clock.now() + 30_000;
      const slowStore: Store = {
        ...store,
        claim(...args) {
          clock.jump(29_000); // 1000 ms are left
          return store.claim(...args);
        },
      };
      const handler = (): Promise<never> => {
        clock.jump(200);
        return Promise.reject(new Error("down"));
      };
      const deliver = deliveriesOn(major, slowStore, handler, { form, options: { leaseMs: 60_000 } });
      const context = contextOf("request-1", () => deadline - clock.now());
      expect(await outcome(deliver({}, context))).toEqual(new Error("down"));
      expect(deliver.types()).toEqual(["claimed", "released"]);
    });

    it.for<ErrorPolicy>(["release", "keep", "hold"])(
      "the claim is kept until its lease lapses, whatever the policy: %s",
      async (policy) => {
        const table = await tables();
        const handling = Promise.withResolvers<object>();
        const { handler, context } = slow(table, () => handling.promise);
        const deliver = deliveriesOn(major, table.store, handler, { form, options: { onServerError: policy } });
        expect(await outcome(deliver({}, context))).toEqual(timeout);
        await expectClosed(table, deliver);
        table.clock.jump(1000);
        handling.resolve(paid);
        expect([stateOf(await deliver()), deliver.runs]).toEqual(["created", 2]);
        expect(await recordOf(table.others, deliver)).toMatchObject({ status: "completed", attempt: 2 });
      },
    );

    it("with an error handler in the chain: it answers, the client is told that nothing is saved, and the key stays closed", async () => {
      for (const bench of [await tables(), await memoryBench.open()]) {
        const { handler, context } = slow(bench);
        const deliver = deliveriesOn(major, bench.store, handler, { form, inside: errorHandler });
        const answer = await deliver({}, context);
        expect([shown(answer), stateOf(answer)]).toMatchObject([{ status: 500, body: "late" }, "unsaved"]);
        await expectClosed(bench, deliver);
      }
    });

    it.for<{ name: string; setup: ChainSetup }>([
      { name: "around", setup: { outside: errorHandler } },
      { name: "inside and around", setup: { inside: errorHandler, outside: errorHandler } },
    ])("with an error handler $name: it answers, and the key stays closed", async ({ setup }) => {
      const bench = await memoryBench.open();
      const { handler, context } = slow(bench);
      const deliver = deliveriesOn(major, bench.store, handler, { form, ...setup });
      expect(shown(await deliver({}, context))).toMatchObject({ status: 500, body: "late" });
      await expectClosed(bench, deliver);
    });

    it("nothing is freed while the handler runs, and what it comes to later is not recorded", async () => {
      const bench = await memoryBench.open();
      const handling = Promise.withResolvers<object>();
      const { handler, context } = slow(bench, () => handling.promise);
      const deliver = deliveriesOn(major, bench.store, handler, { form });
      expect(await outcome(deliver({}, context))).toEqual(timeout);
      handling.resolve(paid);
      await turn();
      await expectClosed(bench, deliver);
    });

    it("the handler has its execution as long as it runs: its signal aborts before the lease ends", async () => {
      const bench = await memoryBench.open();
      const started = Promise.withResolvers<Execution>();
      const { handler, context } = slow(bench, () => {
        started.resolve(currentExecution());
        void currentExecution().signal; // looked at: its timer runs
        return new Promise(() => {});
      });
      await outcome(deliveriesOn(major, bench.store, handler, { form })({}, context));
      const { signal } = await started.promise;
      expect(signal.aborted).toBe(false);
      await bench.clock.advance(leaseMs - hadMs - 900);
      expect(signal.aborted).toBe(true);
    });

    it("in a run without a claim nothing is written", async () => {
      const bench = await memoryBench.open();
      bench.faults.on("claim", { answer: "unsent" });
      const { handler, context } = slow(bench);
      const deliver = deliveriesOn(major, bench.store, handler, { form, options: { onStoreUnavailable: "run" } });
      expect(await outcome(deliver({}, context))).toEqual(timeout);
      expect([await recordOf(bench.others, deliver), bench.faults.log]).toEqual([undefined, ["claim"]]);
    });

    it("that comes from a chain within the handler: the outcome of the outer one is unknown as well", async () => {
      const bench = await memoryBench.open();
      const inner = major.middy(() => new Promise(() => {}));
      const deliver = deliveriesOn(major, bench.store, () => inner({}, nothingLeft), { form });
      expect(await outcome(deliver())).toEqual(timeout);
      await expectClosed(bench, deliver);
    });
  });

  it.for([201, 404, 503])("in httpIdempotency, with an error handler that answers %i for it: the key stays closed", async (statusCode) => {
    const table = await tables();
    const answering = (chain: Chain): Chain => chain.onError((request) => void (request.response = { statusCode, body: "accepted" }));
    const { handler, context } = slow(table);
    const deliver = deliveriesOn(major, table.store, handler, { inside: answering });
    const answer = await deliver({}, context);
    expect([shown(answer), stateOf(answer)]).toMatchObject([{ status: statusCode, body: "accepted" }, "unsaved"]);
    await expectClosed(table, deliver);
  });

  it("of a chain that idempotentHttp stands inside of: the handler goes on, and its answer is kept", async () => {
    const table = await tables();
    const handling = Promise.withResolvers<object>();
    const inner = deliveriesOn(major, table.store, () => handling.promise, { form: "idempotentHttp" });
    const around = major.middy(() => inner());
    expect(await outcome(around({}, nothingLeft))).toEqual(timeout);
    handling.resolve(paid);
    await expect.poll(() => inner.types()).toEqual(["claimed", "completed"]);
    expect([stateOf(await inner()), inner.runs]).toEqual(["replayed", 1]);
  });

  it("limit: a chain in idempotentHttp whose error handler answers 4xx for the timeout is a chain that has answered", async () => {
    const bench = await memoryBench.open();
    const { handler, context } = slow(bench);
    const answering = (chain: Chain): Chain => chain.onError((request) => void (request.response = { statusCode: 404 }));
    const deliver = deliveriesOn(major, bench.store, handler, { form: "idempotentHttp", inside: answering });
    expect([stateOf(await deliver({}, context)), stateOf(await deliver()), deliver.runs]).toEqual(["created", "replayed", 1]);
  });

  describe("a `timeoutEarlyResponse` that throws an error of its own", () => {
    /** Of a handler that is called with `had` ms left, under a lease that ends then, and still runs with `left`. */
    async function timedOut(
      form: (typeof forms)[number],
      had: number,
      left: number,
      own: Error,
      setup: ChainSetup = {},
    ): Promise<{ deliver: Deliveries; bench: Bench; answer: unknown }> {
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
      const options: Partial<HttpOptions> = { leaseMs: had, ...setup.options };
      const deliver = deliveriesOn(major, bench.store, handler, { form, plugin, ...setup, options });
      return {
        deliver,
        bench,
        answer: await outcome(
          deliver(
            {},
            contextOf("request-1", () => deadline - bench.clock.now()),
          ),
        ),
      };
    }

    describe.for(forms)("%s", (form) => {
      it.for([
        { had: 30_000, left: 999 },
        { had: 5000, left: 499 },
        { had: 100, left: 9 },
      ])("with $left ms left of $had: the key is not freed before its lease lapses", async ({ had, left }) => {
        for (const own of [new Error("late"), httpError(504), httpError(408)]) {
          const { deliver, bench, answer } = await timedOut(form, had, left, own);
          expect(answer).toBe(own);
          expect(await recordOf(bench.others, deliver)).toMatchObject({ status: "in_progress", attempt: 1 });
          expect(await deliver()).toMatchObject({ statusCode: 409 });
        }
      });

      it.for([
        { had: 30_000, left: 1000 },
        { had: 5000, left: 500 },
      ])("limit: with $left ms left of $had it is an error like any other", async ({ had, left }) => {
        const { deliver, bench } = await timedOut(form, had, left, new Error("late"));
        expect(await recordOf(bench.others, deliver)).toMatchObject({ status: "released" });
      });

      it("that an error handler answers for: the client is told that nothing is saved", async () => {
        const { deliver, bench, answer } = await timedOut(form, 30_000, 5, httpError(504), { inside: errorHandler });
        expect([shown(answer), stateOf(answer)]).toMatchObject([{ status: 500 }, "unsaved"]);
        expect(await recordOf(bench.others, deliver)).toMatchObject({ status: "in_progress" });
      });

      it.for<{ policy: ErrorPolicy; status: string }>([
        { policy: "keep", status: "completed" },
        { policy: "hold", status: "held" },
      ])("under $policy it is written as ever", async ({ policy, status }) => {
        const { deliver, bench } = await timedOut(form, 30_000, 5, httpError(504), { options: { onServerError: policy } });
        expect(await recordOf(bench.others, deliver)).toMatchObject({ status });
      });
    });
  });

  it("of an `after`: the handler has answered, and that is kept", async () => {
    const { store } = await memoryBench.open();
    const slow = major.middy(() => new Promise(() => {}));
    const deliver = deliveriesOn(major, store, async () => paid, { inside: (chain) => chain.after(() => slow({}, nothingLeft)) });
    expect(await outcome(deliver())).toEqual(timeout);
    expect([shown(await outcome(deliver())), deliver.runs]).toMatchObject([{ status: 201, body: "paid" }, 1]);
  });

  it("limit: a `timeoutEarlyResponse` that answers is the answer, and kept", async () => {
    const { store } = await memoryBench.open();
    const deliver = deliveriesOn(major, store, () => new Promise(() => {}), {
      plugin: { timeoutEarlyResponse: () => ({ statusCode: 202 }) },
    });
    expect([stateOf(await deliver({}, nothingLeft)), stateOf(await deliver()), deliver.runs]).toEqual(["created", "replayed", 1]);
  });

  it.for(forms)("a context that always says the same never keeps a key from being freed: %s", async (form) => {
    for (const left of [0, -5, 3, 30_000, Number.NaN]) {
      const bench = await memoryBench.open();
      const deliver = deliveriesOn(major, bench.store, () => Promise.reject(new Error("down")), { form });
      await outcome(
        deliver(
          {},
          contextOf("request-1", () => left),
        ),
      );
      expect(await recordOf(bench.others, deliver)).toMatchObject({ status: "released" });
    }
  });
});
