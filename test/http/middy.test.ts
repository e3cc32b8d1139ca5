// Chains of Middy's official middlewares, 6 and 7: what of them is kept, and what each answer passes through.
import { afterEach, describe, expect, it, vi } from "vitest";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { currentExecution, ReplayedError } from "../../src/index.ts";
import { httpIdempotency, idempotentHttp } from "../../src/http/index.ts";
import { type Chain, type Handler, type Major, majors, type Middleware } from "../middy/majors.ts";
import { memoryBench } from "../support/bench.ts";
import { contextOf, forms, gate, leaseMs, operation, retentionSeconds } from "./api.ts";
import { type ChainSetup, deliveriesOn, eventOf, httpError, outcome, recordOf, shown, stateOf } from "./chains.ts";
import { payload2 } from "./front-doors.ts";
import { dynalite, suiteTables } from "./table-store.ts";

const json = { headers: { "Content-Type": "application/json", Origin: "https://shop.example" } };
const boom = new Error("after");
const thrower = (): never => {
  throw boom;
};
const allowed = { "access-control-allow-origin": ["https://shop.example"] };

/** The handler's part: it charges what a parsed body says. */
const pay = async ({ body }: { body: { amount: number } }): Promise<object> => ({
  statusCode: 201,
  headers: { "X-Charges": "1" },
  body: { receipt: String(body.amount) },
});

/** Middy's official ones. */
function official(major: Major): Record<"cors" | "errors" | "serializer" | "parser", (chain: Chain) => Chain> {
  return {
    cors: (chain) => chain.use(major.cors({ origin: "https://shop.example" })),
    errors: (chain) => chain.use(major.errorHandler({ logger: false, fallbackMessage: "sorry" })),
    serializer: (chain) =>
      chain.use(
        major.responseSerializer({
          serializers: [{ regex: /^application\/json$/, serializer: ({ body }) => JSON.stringify(body) }],
          defaultContentType: "application/json",
        }),
      ),
    parser: (chain) => chain.use(major.jsonBodyParser()),
  };
}

function layers(...uses: ((chain: Chain) => Chain)[]): (chain: Chain) => Chain {
  return (chain) => uses.reduce((made, use) => use(made), chain);
}

afterEach(() => void vi.restoreAllMocks());

describe.for(majors)("on $name", (major) => {
  const { cors, errors, serializer, parser } = official(major);
  const tables = suiteTables(dynalite);
  const validator =
    (isValid: () => boolean): ((chain: Chain) => Chain) =>
    (chain) =>
      chain.use(major.validator({ responseSchema: isValid }));

  it.for<{ name: string; setup: ChainSetup }>([
    { name: "all inside of httpIdempotency", setup: { form: "httpIdempotency", inside: layers(cors, serializer, errors, parser) } },
    {
      name: "around idempotentHttp, the parser inside",
      setup: { form: "idempotentHttp", outside: layers(cors, serializer, errors), inside: parser },
    },
    { name: "all inside of idempotentHttp", setup: { form: "idempotentHttp", inside: layers(cors, serializer, errors, parser) } },
  ])("fresh and replayed differ in the marker headers only: $name", async ({ setup }) => {
    const { store, others } = await tables();
    const deliver = deliveriesOn(major, store, pay, { ...setup, options: { keepHeaders: ["x-charges"] } });
    const first = await deliver(json);
    const replay = await deliver(json);
    const answer = {
      status: 201,
      headers: { ...allowed, "x-charges": ["1"], "content-type": ["application/json"] },
      body: '{"receipt":"5"}',
    };
    expect(shown(first)).toMatchObject(answer);
    expect([shown(replay), stateOf(first), stateOf(replay), deliver.runs]).toEqual([shown(first), "created", "replayed", 1]);
    expect(await recordOf(others, deliver)).toMatchObject({ status: "completed", encoding: "http" });
  });

  it("around httpIdempotency no `after` sees a replay or a refusal, and each error passes through", async () => {
    const { store } = await memoryBench.open();
    const deliver = deliveriesOn(major, store, async () => ({ statusCode: 201, body: "" }), { outside: layers(cors, errors) });
    const answers = [await deliver(json), await deliver(json), await deliver({ ...json, key: null })];
    expect(
      answers.map((answer) => [
        (answer as { statusCode: number }).statusCode,
        "access-control-allow-origin" in (shown(answer) as { headers: object }).headers,
      ]),
    ).toEqual([
      [201, true],
      [201, false],
      [400, false],
    ]);
  });

  describe.for(forms)("%s", (form) => {
    it("around idempotentHttp a refusal has CORS headers; inside, none", async () => {
      const { store } = await memoryBench.open();
      const place = form === "idempotentHttp" ? "outside" : "inside";
      const deliver = deliveriesOn(major, store, pay, { form, [place]: layers(cors, errors) });
      const answers = [await deliver({ ...json, key: null }), await deliver({ ...json, key: "a b" })];
      for (const answer of answers) {
        const { headers } = shown(answer) as { headers: object };
        expect((answer as { statusCode: number }).statusCode).toBe(400);
        if (form === "idempotentHttp") expect(headers).toMatchObject(allowed);
        else expect(headers).not.toHaveProperty("access-control-allow-origin");
      }
    });

    it("a preflight is never touched", async () => {
      const { store } = await memoryBench.open();
      const chain = layers(cors, errors);
      const deliver = deliveriesOn(major, store, async () => ({ statusCode: 204 }), { form, outside: chain });
      const bare = chain(major.middy(async () => ({ statusCode: 204 })));
      const preflight = { method: "OPTIONS", headers: json.headers, key: null };
      expect(await deliver(preflight)).toEqual(await bare(eventOf(payload2, preflight), contextOf("request-1")));
      expect(deliver.events).toEqual([]);
    });

    it("an `after` that throws once the handler has answered: the handler's answer is kept", async () => {
      const { store, others } = await tables();
      let isBroken = true;
      const breaking = (chain: Chain): Chain => chain.after(() => (isBroken ? thrower() : undefined));
      const answered = async (): Promise<object> => ({ statusCode: 201, headers: { "content-type": "text/plain" }, body: "paid" });
      const deliver = deliveriesOn(major, store, answered, { form, [form === "idempotentHttp" ? "outside" : "inside"]: breaking });
      expect(await outcome(deliver())).toBe(boom);
      expect([deliver.types(), (await recordOf(others, deliver))?.status]).toEqual([["claimed", "completed"], "completed"]);
      isBroken = false;
      const replay = await deliver();
      expect([shown(replay), stateOf(replay), deliver.runs]).toEqual([
        { status: 201, cookies: [], headers: { "content-type": ["text/plain"] }, body: "paid" },
        "replayed",
        1,
      ]);
    });

    it("… and an error handler that answers for it: the client gets 500, its duplicates what the handler has answered", async () => {
      const { store } = await memoryBench.open();
      let isValid = false;
      const chain = layers(
        errors,
        validator(() => isValid),
      );
      const answered = async (): Promise<object> => ({ statusCode: 201, body: "paid" });
      const deliver = deliveriesOn(major, store, answered, { form, [form === "idempotentHttp" ? "outside" : "inside"]: chain });
      expect(await deliver()).toMatchObject({ statusCode: 500 });
      expect(deliver.types()).toEqual(["claimed", "completed"]);
      isValid = true;
      expect([await deliver(), deliver.runs]).toMatchObject([{ statusCode: 201, body: "paid" }, 1]);
    });

    it("an `after` inside of the handler's chain that throws fails the run of idempotentHttp, not of httpIdempotency", async () => {
      const { store } = await memoryBench.open();
      const deliver = deliveriesOn(major, store, async () => ({ statusCode: 201 }), { form, inside: (chain) => chain.after(thrower) });
      await outcome(deliver());
      // A whole chain is idempotentHttp's handler: what it throws is the handler's error.
      expect(deliver.types()).toEqual(["claimed", form === "idempotentHttp" ? "released" : "completed"]);
    });

    it("an error that the handler has thrown is the first one, whatever an error handler makes of it", async () => {
      const { store, others } = await memoryBench.open();
      const deliver = deliveriesOn(major, store, () => Promise.reject(httpError(503)), {
        form,
        options: { onServerError: "hold" },
        inside: errors,
      });
      expect(await deliver()).toMatchObject({ statusCode: 500 });
      expect(await recordOf(others, deliver)).toMatchObject({ status: "held" });
      expect(await deliver()).toMatchObject({ statusCode: 409 });
    });

    it("a validator or a parser that refuses before the handler: its 4xx is the answer, and kept", async () => {
      const { store } = await memoryBench.open();
      const deliver = deliveriesOn(major, store, pay, { form, inside: layers(errors, parser) });
      const answers = [await deliver({ ...json, body: "{" }), await deliver({ ...json, body: "{" })];
      expect(answers.map(stateOf)).toEqual(["created", "replayed"]);
      expect(shown(answers[1])).toEqual(shown(answers[0]));
      expect(deliver.runs).toBe(0);
    });

    it("its execution is there in the handler, and leaks nowhere", async () => {
      const { store } = await memoryBench.open();
      const seen: string[] = [];
      const look = (where: string) => (): void => {
        try {
          seen.push(`${where} ${currentExecution().attempt}`);
        } catch {
          seen.push(`${where} none`);
        }
      };
      const deliver = deliveriesOn(major, store, async () => (look("handler")(), { statusCode: 201 }), {
        form,
        outside: (chain) => chain.before(look("before")).after(look("after")),
      });
      await deliver();
      look("around")();
      expect(seen).toEqual(["before none", "handler 1", "after none", "around none"]);
    });

    it.for<{ name: string; answer: () => unknown; types: string[] }>([
      {
        name: "fulfilled",
        answer: () => ({ then: (resolve: (value: object) => void) => resolve({ statusCode: 201, body: "paid" }) }),
        types: ["claimed", "completed"],
      },
      {
        name: "of another realm",
        answer: () => runInNewContext('Promise.resolve({ statusCode: 201, body: "paid" })') as unknown,
        types: ["claimed", "completed"],
      },
      {
        name: "rejected",
        answer: () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(boom) }),
        types: ["claimed", "released"],
      },
      {
        name: "of another realm, rejected",
        answer: () => runInNewContext("Promise.reject(boom)", { boom }) as unknown,
        types: ["claimed", "released"],
      },
    ])("an answer like a promise, that Middy 7 hands on: $name", async ({ answer, types }) => {
      const { store } = await memoryBench.open();
      const deliver = deliveriesOn(major, store, answer, { form });
      const first = await outcome(deliver());
      expect(deliver.types()).toEqual(types);
      if (types[1] === "released") return expect(first).toBe(boom);
      expect([shown(first), stateOf(first)]).toMatchObject([{ status: 201, body: "paid" }, "created"]);
      return expect([shown(await deliver()), deliver.runs]).toMatchObject([{ status: 201, body: "paid" }, 1]);
    });

    it("two chains, one in the other, of two operations on one store: each has its key", async () => {
      const { store } = await memoryBench.open();
      const seen: unknown[] = [];
      const inner = deliveriesOn(
        major,
        store,
        async () => {
          seen.push(currentExecution().operation);
          return { statusCode: 201, body: "inner" };
        },
        { form, options: { operation: "inner" } },
      );
      const deliver = deliveriesOn(
        major,
        store,
        async () => {
          const answer = await inner();
          seen.push(currentExecution().operation);
          return { statusCode: 201, body: `outer ${(answer as { body: string }).body}` };
        },
        { form },
      );
      const answers = [await deliver(), await deliver()];
      expect(answers).toMatchObject([{ body: "outer inner" }, { body: "outer inner" }]);
      expect([seen, inner.runs, deliver.runs, inner.types(), deliver.types()]).toEqual([
        ["inner", operation],
        1,
        1,
        ["claimed", "completed"],
        ["claimed", "completed", "replayed"],
      ]);
    });

    it("registered twice by mistake, under one operation: refused, and nothing runs", async () => {
      const { store } = await memoryBench.open();
      const deliver = deliveriesOn(major, store, async () => ({ statusCode: 201 }), {
        form,
        inside: (chain) => chain.use(httpIdempotency({ store, operation, leaseMs, retentionSeconds, scope: "global" }) as Middleware),
      });
      const answer = await deliver();
      expect(answer).toMatchObject({ statusCode: 409 });
      expect(JSON.parse((answer as { body: string }).body)).toMatchObject({ code: "idempotency_in_progress" });
      expect(deliver.runs).toBe(0);
    });
  });

  it("httpIdempotency keeps a value of a run whose serializer never had its turn as a text: nobody makes one of it later", async () => {
    const { store } = await memoryBench.open();
    const deliver = deliveriesOn(major, store, pay, { inside: layers(serializer, errors, (chain) => chain.after(thrower), parser) });
    const answers = [await deliver(json), await deliver(json)];
    expect(answers).toMatchObject([{ statusCode: 500 }, { statusCode: 201, body: '{"receipt":"5"}' }]);
    expect([stateOf(answers[1]), deliver.runs]).toEqual(["replayed", 1]);
  });

  it("a header of the handler's own is found by what stands around, in a replay as well", async () => {
    const { store } = await memoryBench.open();
    const handler = (): object => ({ statusCode: 201, headers: { "Access-Control-Allow-Origin": "https://own.example" }, body: "" });
    const deliver = deliveriesOn(major, store, handler, { form: "idempotentHttp", outside: cors });
    const answers = [await deliver(json), await deliver(json)];
    const origins = answers.map((answer) => payload2.seen(answer).headers["access-control-allow-origin"]);
    expect(origins).toEqual([["https://own.example"], ["https://own.example"]]);
  });

  it.for<{ name: string; result: object }>([
    { name: "no body", result: { statusCode: 204 } },
    { name: "null", result: { statusCode: 200, body: null } },
    { name: "a value", result: { statusCode: 200, body: [1] } },
  ])("a serializer around makes the same of a replay: $name", async ({ result }) => {
    const { store } = await memoryBench.open();
    const deliver = deliveriesOn(major, store, () => result, { form: "idempotentHttp", outside: serializer });
    const answers = [await deliver(json), await deliver(json)] as { body?: unknown }[];
    expect([answers[1]?.body, stateOf(answers[1])]).toEqual([answers[0]?.body, "replayed"]);
  });

  it("httpIdempotency ends the run of a handler that fails by its answer, where a later `after` throws too", async () => {
    const { store } = await memoryBench.open();
    // Middy 7 hands on what is like a promise and is none of its own.
    const failing = { then: (_: unknown, failed: (error: Error) => void) => failed(httpError(503)) };
    const deliver = deliveriesOn(major, store, () => failing, { inside: (chain) => chain.after(thrower) });
    await outcome(deliver(json));
    expect(deliver.types()).toEqual(["claimed", "released"]);
  });

  it.for(forms)("the key is in no log of an error that is thrown again: %s", async (form) => {
    const logged: unknown[] = [];
    const { store } = await memoryBench.open();
    const logger = ((error: unknown) => void logged.push(inspect(error))) as never; // typed as a switch
    const handler = (chain: Chain): Chain => chain.use(major.errorHandler({ logger }));
    const deliver = deliveriesOn(major, store, () => Promise.reject(httpError(404)), { form, outside: handler });
    const answers = [await deliver({ key: "RAW-KEY" }), await deliver({ key: "RAW-KEY" })];
    expect(stateOf(answers[1])).toBe("replayed");
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join("")).not.toContain("RAW-KEY");
  });

  it("a run that has lost its key: another's kept error is what happened, not what an error handler inside makes of its own", async () => {
    const { store, clock } = await memoryBench.open();
    const { open, passed } = gate();
    const options = { onServerError: "keep" } as const;
    const first = deliveriesOn(major, store, () => passed.then(() => Promise.reject(httpError(422))), { options, inside: errors });
    const second = deliveriesOn(major, store, () => Promise.reject(new Error("the bank is away")), { options });
    const late = outcome(first());
    await new Promise(setImmediate);
    clock.jump(leaseMs + 1000);
    await outcome(second());
    open();
    expect(await late).toBeInstanceOf(ReplayedError);
    expect(await late).toMatchObject({ message: "the bank is away", headers: { "idempotency-status": "stale" } });
  });

  it("a hook's text in place of no body is a text, though it is JSON", async () => {
    for (const result of [{ statusCode: 202 }, { statusCode: 202, body: null }]) {
      for (const hook of ["toStored", "fromStored", "onReplay"] as const) {
        const { store } = await memoryBench.open();
        const options = { [hook]: (answer: object) => ({ ...answer, body: '{"state":"done"}' }) };
        const deliver = deliveriesOn(major, store, () => result, { form: "idempotentHttp", options });
        await deliver();
        expect(await deliver()).toMatchObject({ body: '{"state":"done"}' });
      }
    }
  });

  it("null of a run that nobody heard is an empty body", async () => {
    const { store } = await memoryBench.open();
    const deliver = deliveriesOn(major, store, async () => ({ statusCode: 200, body: null }), { inside: (chain) => chain.after(thrower) });
    await outcome(deliver());
    expect(await deliver()).toMatchObject({ statusCode: 200, body: "" });
  });

  describe("a body parser before ours", () => {
    it.for<{ name: string; setup: ChainSetup }>([
      { name: "before httpIdempotency", setup: { form: "httpIdempotency", outside: parser } },
      { name: "around idempotentHttp", setup: { form: "idempotentHttp", outside: parser } },
    ])("$name: 500, nothing runs, and the log names it", async ({ setup }) => {
      const log = vi.spyOn(console, "error").mockImplementation(() => {});
      const { store, faults } = await memoryBench.open();
      const deliver = deliveriesOn(major, store, pay, setup);
      const answer = await deliver(json);
      expect(answer).toMatchObject({ statusCode: 500 });
      expect(JSON.parse((answer as { body: string }).body)).toMatchObject({ code: "idempotency_misconfigured" });
      expect([deliver.runs, faults.log, log.mock.calls.length]).toEqual([0, [], 1]);
      expect(log.mock.calls[0]?.[0]).toMatch(/httpJsonBodyParser/);
    });
  });

  it("idempotentHttp as base handler gets Middy's third argument", async () => {
    const { store } = await memoryBench.open();
    const seen: unknown[] = [];
    const handler = async (...args: unknown[]): Promise<object> => {
      seen.push(args.length, (args[2] as { signal?: unknown }).signal);
      return { statusCode: 201 };
    };
    const once = idempotentHttp(handler as (event: unknown, context: unknown) => Promise<object>, { store, operation, scope: "global" });
    await major.middy(once as Handler)(eventOf(payload2), contextOf("request-1"));
    expect(seen).toEqual([3, expect.any(AbortSignal)]);
  });

  it("a kept error of the handler's that a chain around answers for: as often as it comes", async () => {
    const { store } = await memoryBench.open();
    const deliver = deliveriesOn(major, store, () => Promise.reject(httpError(404)), {
      form: "idempotentHttp",
      outside: layers(cors, errors),
    });
    const answers = [await deliver(json), await deliver(json)];
    expect(answers.map((answer) => shown(answer))).toMatchObject([
      { status: 404, headers: allowed },
      { status: 404, headers: allowed },
    ]);
    // Middy's error handler lays an error's headers on its answer.
    expect(answers.map((answer) => payload2.seen(answer).headers["idempotent-replayed"])).toEqual([undefined, ["true"]]);
    expect(payload2.seen(answers[1]).headers).toMatchObject({
      "idempotency-status": ["replayed"],
      "idempotency-key": ["key-1"],
      "idempotency-original-request": ["request-1"],
      "cache-control": ["no-store"],
    });
    expect(deliver.types()).toEqual(["claimed", "completed", "replayed"]);
  });

  describe("limits that no middleware can see", () => {
    it("a later `before` that answers early: nothing is kept, and the key stays closed until the lease lapses", async () => {
      const bench = await memoryBench.open();
      const deliver = deliveriesOn(major, bench.store, pay, {
        inside: (chain) => chain.before((request) => void (request.earlyResponse = { statusCode: 202 })),
      });
      await deliver();
      expect(await recordOf(bench.others, deliver)).toMatchObject({ status: "in_progress" });
      expect(await deliver()).toMatchObject({ statusCode: 409 });
      bench.clock.jump(leaseMs + 1000);
      await deliver();
      expect(deliver.types()).toEqual(["claimed", "in_progress", "taken_over"]);
    });
  });
});
