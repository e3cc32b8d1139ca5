// How a run ends: by whose status, once, and with what is around it there again.
import { describe, expect, it } from "vitest";
import { currentExecution, type Execution, idempotent, type IdempotencyEvent } from "../../src/index.ts";
import type { HttpOptions, HttpResponse } from "../../src/http/index.ts";
import { type Chain, type Handler, majors } from "../middy/majors.ts";
import { memoryBench } from "../support/bench.ts";
import { apiOn, contextOf, forms, gist, leaseMs } from "./api.ts";
import { deliveriesOn, type Deliveries, httpError, outcome, recordOf, shown, stateOf } from "./chains.ts";
import { payload2 } from "./front-doors.ts";

const paid = { statusCode: 201, body: "paid" };
const boom = new Error("after");

/** The execution that is there, or why none is. */
function seen(): Execution | string {
  try {
    return currentExecution();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe.for(majors)("on $name", (major) => {
  describe("an error that an error handler inside has answered for: its own status decides over the key", () => {
    const official = (chain: Chain): Chain => chain.use(major.errorHandler({ logger: false, fallbackMessage: "sorry" }));
    const answering =
      (statusCode: number) =>
      (chain: Chain): Chain =>
        chain.onError((request) => void (request.response = { statusCode, body: "sorry" }));

    it.for<{ name: string; error: Error; inside: (chain: Chain) => Chain; options?: Partial<HttpOptions>; status: number; ends: string }>([
      {
        name: "400 that is not to be shown, of which Middy's makes 500",
        error: httpError(400, { expose: false }),
        inside: official,
        status: 500,
        ends: "completed",
      },
      {
        name: "the same, where 5xx are held",
        error: httpError(400, { expose: false }),
        inside: official,
        options: { onServerError: "hold" },
        status: 500,
        ends: "completed",
      },
      { name: "409, answered with 404", error: httpError(409), inside: answering(404), status: 404, ends: "released" },
      { name: "503, answered with 200", error: httpError(503), inside: answering(200), status: 200, ends: "released" },
      {
        name: "503, answered with 200, where 5xx are held",
        error: httpError(503),
        inside: answering(200),
        options: { onServerError: "hold" },
        status: 200,
        ends: "held",
      },
      { name: "none, so that the answer's does", error: new Error("down"), inside: answering(200), status: 200, ends: "completed" },
    ])("$name: $ends", async ({ error, inside, options = {}, status, ends }) => {
      const { store, others } = await memoryBench.open();
      const deliver = deliveriesOn(major, store, () => Promise.reject(error), { inside, options });
      const first = await deliver();
      const state = { completed: "created", released: "released", held: "uncertain" }[ends];
      expect([shown(first), stateOf(first)]).toMatchObject([{ status, body: "sorry" }, state]);
      expect([deliver.types(), (await recordOf(others, deliver))?.status]).toEqual([["claimed", ends], ends]);
      if (ends !== "completed") return;
      const replay = await deliver();
      expect([shown(replay), stateOf(replay), deliver.runs]).toEqual([shown(first), "replayed", 1]);
    });
  });

  describe.for(forms)("%s", (form) => {
    it.for<{ name: string; body: unknown; headers?: object }>([
      { name: "a body that is not kept", body: new Map() },
      { name: "a map in its body", body: { message: "no", of: new Map() } },
      { name: "a header that is none", body: "no", headers: { "retry-after": ["2"] } },
    ])("an answer with $name: its status decides all the same", async ({ body, headers = {} }) => {
      const cases: readonly [statusCode: number, options: Partial<HttpOptions>, ends: string][] = [
        [503, {}, "released"],
        [429, {}, "released"],
        [503, { onServerError: "hold" }, "held"],
        [503, { onServerError: "keep" }, "completed"],
        [404, { keepStatus: (status) => status < 400 }, "released"],
        [404, {}, "completed"],
        [201, {}, "completed"],
      ];
      for (const [statusCode, options, ends] of cases) {
        const { store, others } = await memoryBench.open();
        const deliver = deliveriesOn(major, store, async () => ({ statusCode, headers, body }), { form, options });
        await deliver();
        const record = await recordOf(others, deliver);
        const isLost = ends === "completed" ? "lost" : undefined;
        expect([statusCode, record?.status, record?.encoding]).toEqual([statusCode, ends, isLost]);
      }
    });

    it.for<{ name: string; handedOn: (work: Promise<never>) => unknown }>([
      { name: "rejects", handedOn: (work) => work },
      // Middy 7 hands it on as it is.
      { name: "rejects by what is like a promise", handedOn: (work) => ({ then: work.then.bind(work) }) },
    ])("a run that has lost its key and $name: its client gets the answer of the one that took it", async ({ handedOn }) => {
      const { store, clock } = await memoryBench.open();
      const other = deliveriesOn(major, store, async () => paid, { form });
      const work = async (): Promise<never> => {
        clock.jump(leaseMs + 1000);
        await other();
        throw httpError(404);
      };
      const late = deliveriesOn(major, store, () => handedOn(work()), { form });
      const answer = await late();
      expect([shown(answer), stateOf(answer)]).toEqual([shown(await other()), "stale"]);
      expect([late.runs, other.runs]).toEqual([1, 1]);
    });

    it.for<{ name: string; handed: boolean }>([
      { name: "Middy's early timeout", handed: false },
      { name: "an early timeout under an error of one's own", handed: true },
    ])("after $name nothing extends the lease of the handler that goes on", async ({ handed }) => {
      const bench = await memoryBench.open();
      const { clock, faults } = bench;
      const [goesOn, extended] = [Promise.withResolvers<void>(), Promise.withResolvers<unknown>()];
      const deadline = clock.now() + 5000;
      const handler = async (): Promise<void> => {
        clock.jump(4995);
        await goesOn.promise;
        extended.resolve(
          await currentExecution()
            .extendLease(60_000)
            .catch((error: unknown) => error),
        );
      };
      const own = new Error("late");
      const plugin = {
        timeoutEarlyResponse: (): never => {
          throw own;
        },
      };
      const deliver = deliveriesOn(major, bench.store, handler, { form, ...(handed && { plugin }) });
      const context = contextOf("request-1", () => deadline - clock.now());
      expect(await outcome(deliver({}, context))).toEqual(handed ? own : expect.objectContaining({ name: "TimeoutError" }));
      const left = await recordOf(bench.others, deliver);
      expect(left).toMatchObject({ status: "in_progress", attempt: 1 });
      goesOn.resolve();
      expect(await extended.promise).toMatchObject({ code: "LEASE_LOST" });
      expect([await recordOf(bench.others, deliver), faults.log, deliver.types()]).toEqual([left, ["claim"], ["claimed"]]);
      clock.jump(leaseMs);
      expect([stateOf(await deliver()), deliver.types()]).toEqual(["created", ["claimed", "taken_over", "completed"]]);
    });
  });

  describe("a run of httpIdempotency ends once, where an `after` around it throws when it has ended", () => {
    const throwing = (chain: Chain): Chain =>
      chain.after(() => {
        throw boom;
      });
    const endings: { name: string; handler: Handler; state: string; options?: Partial<HttpOptions> }[] = [
      { name: "completed", handler: async () => paid, state: "completed" },
      { name: "released", handler: async () => ({ statusCode: 503 }), state: "released" },
      { name: "held", handler: async () => ({ statusCode: 503 }), state: "held", options: { onServerError: "hold" } },
    ];

    it.for(endings)("$name: the record stays as it was", async ({ handler, state, options }) => {
      const bench = await memoryBench.open();
      let asked = 0;
      const toStored = (answer: HttpResponse): HttpResponse => ((asked += 1), answer);
      const deliver = deliveriesOn(major, bench.store, handler, { outside: throwing, options: { ...options, toStored } });
      expect(await outcome(deliver())).toBe(boom);
      expect([deliver.types(), bench.faults.log, asked]).toEqual([["claimed", state], ["claim", "settle"], state === "completed" ? 1 : 0]);
      expect(await recordOf(bench.others, deliver)).toMatchObject({ status: state, attempt: 1 });
    });

    it.for(endings)("$name, without a claim: its ending is written as where nothing throws", async ({ handler, options }) => {
      const logs: (readonly string[])[] = [];
      for (const outside of [(chain: Chain): Chain => chain, throwing]) {
        const bench = await memoryBench.open();
        bench.faults.on("claim", { answer: "unsent" });
        const all = { ...options, onStoreUnavailable: "run" as const };
        const deliver = deliveriesOn(major, bench.store, handler, { outside, options: all });
        await outcome(deliver());
        logs.push(bench.faults.log);
      }
      expect(logs[0]).toContain("settle");
      expect(logs[1]).toEqual(logs[0]);
    });
  });

  describe("httpIdempotency in an execution of somebody else's: that is there again when the handler has ended", () => {
    const outer: unknown = expect.objectContaining({ operation: "outer" });
    const mine: unknown = expect.objectContaining({ operation: "payments" });

    it.for<{ name: string; options?: Partial<HttpOptions>; key?: null; inside: unknown }>([
      { name: "under a key", inside: mine },
      { name: "switched off", options: { enabled: false }, inside: mine },
      { name: "switched off, without a key", options: { enabled: false }, key: null, inside: "NO_EXECUTION" },
      { name: "without a key", options: { required: false }, key: null, inside: "NO_EXECUTION" },
    ])("$name", async ({ options = {}, key, inside }) => {
      for (const fails of [false, true]) {
        const { store } = await memoryBench.open();
        const looked: unknown[] = [];
        const look = async (): Promise<void> => {
          looked.push(seen());
          await Promise.resolve();
          looked.push(seen());
        };
        const handler = async (): Promise<object> => {
          await look();
          if (fails) throw httpError(503);
          return paid;
        };
        const hooks = { before: look, after: look, onError: look };
        const deliver: Deliveries = deliveriesOn(major, store, handler, {
          options,
          outside: (chain) => chain.use(hooks),
          inside: (chain) => chain.use(hooks),
        });
        const wrapped = idempotent(
          async () => {
            await outcome(deliver(key === undefined ? {} : { key }));
            await look();
          },
          { store, operation: "outer", key: () => 1, leaseMs },
        );
        await wrapped();
        const [before, handled, after] = [Array(4).fill(outer), [inside, inside], Array(6).fill(outer)];
        expect(looked, `fails: ${fails}`).toEqual([...before, ...handled, ...after]);
        expect(seen()).toBe("NO_EXECUTION");
      }
    });
  });
});

describe.for(forms)("%s", (form) => {
  it.for(["unsent", "lost", "throttled", "denied"] as const)(
    "a lease that could not be extended (%s) says nothing of the answer, which is saved",
    async (answer) => {
      const bench = await memoryBench.open();
      bench.faults.on("extend", { answer });
      const extensions: unknown[] = [];
      const work = async (): Promise<{ status: number }> => {
        extensions.push(
          await currentExecution()
            .extendLease(60_000)
            .catch((error: unknown) => error),
        );
        return { status: 201 };
      };
      const api = apiOn(bench, work, { form });
      expect(gist(await api.send(payload2))).toEqual([201, "created"]);
      expect(extensions).toMatchObject([{ name: "IdempotencyError" }]);
      const failed: IdempotencyEvent | undefined = api.events.find(({ type }) => type === "store_error");
      expect([failed, api.types()]).toMatchObject([{ during: "extend" }, ["claimed", "store_error", "completed"]]);
      expect([gist(await api.send(payload2)), api.runs]).toEqual([[201, "replayed"], 1]);
    },
  );
});
