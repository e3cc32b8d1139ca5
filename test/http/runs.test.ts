// What happens to a run, and what its client is told of it, in both forms.
import { afterEach, describe, expect, it, vi } from "vitest";
import { currentExecution, type Execution } from "../../src/index.ts";
import type { HttpOptions } from "../../src/http/index.ts";
import { majors } from "../middy/majors.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { testClock } from "../support/clock.ts";
import { storeOver } from "../../src/memory/records.ts";
import { apiOn, charge, contextOf, expectReplay, forms, gate, gist, leaseMs, operation, retentionSeconds, type Work } from "./api.ts";
import { deliveriesOn, eventOf, outcome, recordOf } from "./chains.ts";
import { alb, payload2, rest } from "./front-doors.ts";
import { idempotentHttp } from "../../src/http/index.ts";
import { dynalite, dynamodbLocal, suiteTables } from "./table-store.ts";

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A bench whose sleeps do not turn the clock by themselves. */
function still(): { store: Bench["store"]; clock: Bench["clock"] } {
  const clock = testClock();
  return { clock, store: storeOver(new Map(), clock) };
}

afterEach(() => vi.unstubAllEnvs());

describe.for(forms)("%s", (form) => {
  describe.for([dynalite, dynamodbLocal])("on $name", (engine) => {
    describe.skipIf(!engine.available)("what has happened to the record", () => {
      const tables = suiteTables(engine);

      it("created, then replayed with the request that made it", async () => {
        const table = await tables();
        const api = apiOn(table, undefined, { form });
        const first = await api.send(payload2);
        expect([gist(first), first.headers["idempotent-replayed"], first.headers["cache-control"]]).toEqual([
          [201, "created"],
          undefined,
          undefined,
        ]);
        expect(await recordOf(table.others, api)).toMatchObject({
          status: "completed",
          attempt: 1,
          encoding: "http",
          requestId: "request-1",
        });
        const replay = await api.send(payload2);
        expectReplay(replay, first);
        expect(replay.headers["idempotency-original-request"]).toEqual(["request-1"]);
        expect([api.runs, api.types()]).toEqual([1, ["claimed", "completed", "replayed"]]);
      });

      it("released, then free for the next", async () => {
        const table = await tables();
        let status = 503;
        const api = apiOn(table, () => ({ status, headers: { "retry-after": "7" } }), { form });
        const first = await api.send(payload2);
        expect([gist(first), first.headers["retry-after"]]).toEqual([[503, "released"], ["7"]]);
        expect(await recordOf(table.others, api)).toMatchObject({ status: "released", error: { name: "Http503" } });
        status = 201;
        expect([gist(await api.send(payload2)), gist(await api.send(payload2)), api.runs]).toEqual([
          [201, "created"],
          [201, "replayed"],
          2,
        ]);
        expect(api.types()).toEqual(["claimed", "released", "taken_over", "completed", "replayed"]);
      });

      it("unsaved: the client has its answer, and nobody runs it before the lease has lapsed", async () => {
        const table = await tables();
        const api = apiOn(table, undefined, { form });
        table.faults.always({ answer: "unsent" });
        table.faults.on("claim", {});
        expect(gist(await api.send(payload2))).toEqual([201, "unsaved"]);
        table.faults.always({});
        const left = ((await recordOf(table.others, api))?.leaseUntil ?? 0) - table.clock.now();
        if (left > 0) {
          expect([gist(await api.send(payload2)), api.runs]).toEqual([[409, "conflict", "idempotency_in_progress"], 1]);
          table.clock.jump(left + 1000);
        }
        expect([gist(await api.send(payload2)), api.runs]).toEqual([[201, "created"], 2]);
      });

      it("bypassed: the store is away, and policy says to run", async () => {
        const table = await tables();
        const api = apiOn(table, undefined, { form, options: { onStoreUnavailable: "run" } });
        table.faults.on("claim", { answer: "unsent" });
        const first = await api.send(payload2);
        expect([gist(first), first.headers["idempotency-key"]]).toEqual([[201, "bypassed"], ["key-1"]]);
        expect(api.types().slice(0, 2)).toEqual(["store_error", "unprotected"]);
        // Its answer is written all the same, once: the store is back by then.
        expect([gist(await api.send(payload2)), api.runs]).toEqual([[201, "replayed"], 1]);
      });

      it("stale: another run has taken its place, and has answered", async () => {
        const table = await tables();
        const { open, passed } = gate();
        let runs = 0;
        const work: Work = async () => {
          const run = ++runs;
          if (run === 1) await passed;
          return { status: 201, body: `run ${run}` };
        };
        const api = apiOn(table, work, { form });
        const late = api.send(payload2);
        await vi.waitUntil(() => runs === 1);
        table.clock.jump(leaseMs + 1000);
        const second = await api.send(payload2);
        open();
        const stale = await late;
        expect([gist(second), gist(stale), stale.body.toString()]).toEqual([[201, "created"], [201, "stale"], "run 2"]);
        expect([
          stale.headers["idempotent-replayed"],
          stale.headers["idempotency-original-request"],
          stale.headers["cache-control"],
        ]).toEqual([["true"], ["request-2"], ["no-store"]]);
        expect(await recordOf(table.others, api)).toMatchObject({ status: "completed", attempt: 2 });
      });

      it("stale: an answer that is not kept, of a run that has lost its key, is its client's all the same", async () => {
        for (const onServerError of ["release", "hold"] as const) {
          const table = await tables();
          const { open, passed } = gate();
          let runs = 0;
          const work: Work = async () => {
            if (++runs === 2) return { status: 201 };
            await passed;
            return { status: 503 };
          };
          const api = apiOn(table, work, { form, options: { onServerError } });
          const late = api.send(payload2);
          await vi.waitUntil(() => runs === 1);
          table.clock.jump(leaseMs + 1000);
          await api.send(payload2);
          open();
          expect(gist(await late)).toEqual([503, "stale"]);
          expect(await recordOf(table.others, api)).toMatchObject({ status: "completed", attempt: 2 });
        }
      });

      it("superseded: the one that took its place has not answered, or was released", async () => {
        for (const [status, second] of [
          [503, "released"],
          [undefined, "in_progress"],
        ] as const) {
          const table = await tables();
          const [first, rest] = [gate(), gate()];
          let runs = 0;
          const work: Work = async () => {
            runs++;
            if (runs === 1) return first.passed.then(() => ({ status: 201 }));
            if (status === undefined) await rest.passed;
            return { status: status ?? 201 };
          };
          const api = apiOn(table, work, { form });
          const late = api.send(payload2);
          await vi.waitUntil(() => runs === 1);
          table.clock.jump(leaseMs + 1000);
          const other = api.send(payload2);
          await vi.waitUntil(() => runs === 2);
          if (status !== undefined) await other;
          expect(await recordOf(table.others, api)).toMatchObject({ status: second });
          first.open();
          const answer = await late;
          expect([gist(answer), answer.headers["retry-after"]]).toEqual([[409, "stale", "idempotency_superseded"], ["1"]]);
          rest.open();
          await other;
        }
      });

      it("a lapsed lease is taken over, or is of an unknown outcome", async () => {
        for (const onLeaseExpired of ["run", "throw"] as const) {
          const table = await tables();
          const api = apiOn(table, undefined, { form, options: { onLeaseExpired } });
          table.faults.on("settle", { answer: "unsent" }, { answer: "unsent" }, { answer: "unsent" }, { answer: "unsent" });
          table.faults.always({ answer: "unsent" });
          table.faults.on("claim", {});
          await api.send(payload2);
          table.faults.always({});
          table.faults.clear("settle");
          table.clock.jump(2 * leaseMs);
          const expected = onLeaseExpired === "run" ? [201, "created"] : [409, "uncertain", "idempotency_outcome_uncertain"];
          expect([gist(await api.send(payload2)), api.runs]).toEqual([expected, onLeaseExpired === "run" ? 2 : 1]);
        }
      });

      it("a record past its retention, which TTL has not deleted, is none", async () => {
        const table = await tables();
        const api = apiOn(table, undefined, { form });
        await api.send(payload2);
        table.clock.jump(retentionSeconds * 1000 - 1000);
        expect(gist(await api.send(payload2))).toEqual([201, "replayed"]);
        table.clock.jump(3000);
        expect([gist(await api.send(payload2)), api.runs]).toEqual([[201, "created"], 2]);
      });
    });
  });

  describe("a duplicate while the first one runs", () => {
    it.for([
      { left: leaseMs, after: "10" },
      { left: 9000, after: "10" },
      { left: 7999, after: "9" },
      { left: 2001, after: "4" },
      { left: 1000, after: "2" },
      { left: 1, after: "2" },
      { left: 0, after: "1" },
      { left: -999, after: "1" },
    ])("Retry-After with $left ms left of the lease, and a second for clocks that differ: $after", async ({ left, after }) => {
      const { store, clock } = still();
      const api = apiOn({ store }, () => new Promise<never>(() => {}), { form });
      void api.send(payload2);
      await turn();
      clock.jump(leaseMs - left);
      const answer = await api.send(payload2);
      expect([gist(answer), answer.headers["retry-after"]]).toEqual([[409, "conflict", "idempotency_in_progress"], [after]]);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ retryAfter: Number(after) });
    });

    it("Retry-After is never longer than ten seconds", async () => {
      const { store } = still();
      const api = apiOn({ store }, () => new Promise<never>(() => {}), { form, options: { leaseMs: 900_000 } });
      void api.send(payload2);
      await turn();
      expect((await api.send(payload2)).headers["retry-after"]).toEqual(["10"]);
    });

    it("waits for its answer, where policy says so", async () => {
      const { store, clock } = still();
      const { open, passed } = gate();
      const api = apiOn({ store }, () => passed.then(() => ({ status: 201, body: "done" })), {
        form,
        options: { onInProgress: { waitMs: 5000 } },
      });
      const first = api.send(payload2);
      await turn();
      const second = api.send(payload2);
      await clock.advance(3000);
      open();
      await clock.advance(1500);
      expectReplay(await second, await first);
      expect(api.runs).toBe(1);
    });

    it("waits no longer than it is told, nor than its invocation has", async () => {
      for (const [waitMs, leftMs, atMs] of [
        [5000, 30_000, 5000],
        [20_000, 3000, 2500],
      ] as const) {
        const { store, clock } = still();
        const api = apiOn({ store }, () => new Promise<never>(() => {}), { form, options: { onInProgress: { waitMs }, leaseMs: 60_000 } });
        void api.send(payload2);
        await turn();
        const deadline = clock.now() + leftMs;
        let answered: unknown[] | undefined;
        void api
          .send(
            payload2,
            {},
            contextOf("request-2", () => deadline - clock.now()),
          )
          .then((answer) => (answered = gist(answer)));
        await clock.advance(atMs - 10);
        expect(answered).toBeUndefined();
        await clock.advance(20);
        expect(answered).toEqual([409, "conflict", "idempotency_in_progress"]);
      }
    });

    it("waits, and runs where the first one is released", async () => {
      const { store, clock } = still();
      const { open, passed } = gate();
      let status = 503;
      const work: Work = async () => {
        if (status === 503) await passed;
        const answer = { status };
        status = 201;
        return answer;
      };
      const api = apiOn({ store }, work, { form, options: { onInProgress: { waitMs: 5000 } } });
      const first = api.send(payload2);
      await turn();
      const second = api.send(payload2);
      open();
      await clock.advance(4000);
      expect([gist(await first), gist(await second), api.runs]).toEqual([[503, "released"], [201, "created"], 2]);
    });

    it("of another payload does not wait: it is refused at once", async () => {
      const { store } = still();
      const api = apiOn({ store }, () => new Promise<never>(() => {}), { form, options: { onInProgress: { waitMs: 5000 } } });
      void api.send(payload2);
      await turn();
      expect(gist(await api.send(payload2, { body: { amount: 6 } }))).toEqual([422, "mismatch", "idempotency_key_reused"]);
    });
  });

  describe("inside of a run", () => {
    function seenBy(
      options: Partial<HttpOptions>,
      bench: Pick<Bench, "store">,
    ): { work: Work; seen: (Execution | string)[] } & { api: ReturnType<typeof apiOn> } {
      const seen: (Execution | string)[] = [];
      const work: Work = async () => {
        await turn();
        try {
          seen.push(currentExecution());
        } catch (error) {
          seen.push((error as { code: string }).code);
        }
        return { status: 201 };
      };
      return { work, seen, api: apiOn(bench, work, { form, options }) };
    }

    it("its execution is there, and nowhere else", async () => {
      const { api, seen } = seenBy({}, await memoryBench.open());
      await api.send(payload2);
      const keyHash = (api.events[0] as { keyHash: string }).keyHash;
      expect(seen).toEqual([expect.objectContaining({ operation, keyHash, attempt: 1 })]);
      expect((seen[0] as Execution).deriveKey("email")).toMatch(/^[\w-]{43}$/);
      expect(() => currentExecution()).toThrow(expect.objectContaining({ code: "NO_EXECUTION" }));
    });

    it("extends its lease", async () => {
      const bench = await memoryBench.open();
      const work: Work = async () => {
        await currentExecution().extendLease(60_000);
        return { status: 201 };
      };
      const api = apiOn(bench, work, { form });
      const before = bench.clock.now();
      await api.send(payload2);
      expect((await recordOf(bench.others, api))?.leaseUntil).toBeGreaterThanOrEqual(before + 60_000);
    });

    it.for<{ name: string; options: Partial<HttpOptions>; away?: boolean; key?: null; inside: unknown }>([
      { name: "the store is away", options: { onStoreUnavailable: "run" }, away: true, inside: expect.objectContaining({ attempt: 0 }) },
      { name: "switched off", options: { enabled: false }, inside: expect.objectContaining({ attempt: 0 }) },
      ...Object.entries({
        "no caller can be told": { scope: "caller" as const },
        "`scope` gives none": { scope: () => undefined },
        "its body is too large": { maxBodyBytes: 1 },
      }).map(([name, more]) => ({
        name: `switched off, where ${name}`,
        options: { enabled: false, ...more },
        inside: expect.objectContaining({ attempt: 0 }) as unknown,
      })),
      { name: "switched off, no key", options: { enabled: false }, key: null, inside: "NO_EXECUTION" },
      { name: "no key, none required", options: { required: false }, key: null, inside: "NO_EXECUTION" },
    ])("without a claim: $name", async ({ options, away = false, key, inside }) => {
      const bench = await memoryBench.open();
      if (away) bench.faults.on("claim", { answer: "unsent" });
      const { api, seen } = seenBy(options, bench);
      await api.send(payload2, key === undefined ? {} : { key });
      expect(seen).toEqual([inside]);
    });
  });

  describe("switched off", () => {
    it("requests whose key nobody can tell share no key for providers", async () => {
      const keys: string[] = [];
      const work: Work = () => (keys.push(currentExecution().deriveKey("charge")), { status: 201 });
      const api = apiOn(await memoryBench.open(), work, { form, options: { enabled: false, scope: "caller" } });
      for (const path of ["/payments", "/payments", "/refunds"]) await api.send(payload2, { path });
      expect(new Set(keys).size).toBe(3);
    });

    it.for<{ name: string; options?: Partial<HttpOptions>; env?: string }>([
      { name: "enabled: false", options: { enabled: false } },
      { name: "by the environment", env: "true" },
      { name: "by the environment, over the option", options: { enabled: true }, env: "1" },
    ])("$name: everything runs, and nothing is asked or marked", async ({ options, env }) => {
      if (env !== undefined) vi.stubEnv("IDEMPOTENCY_DISABLED", env);
      const bench = await memoryBench.open();
      const api = apiOn(bench, undefined, { form, options: { ...options, scope: "caller", maxBodyBytes: 30 } });
      const requests = [{}, {}, { key: null }, { key: "a b" }, { body: "x".repeat(31) }, { body: "\ud800" }];
      for (const request of requests) {
        const answer = await api.send(payload2, request);
        expect([answer.status, Object.keys(answer.headers)]).toEqual([201, ["content-type"]]);
      }
      expect([api.runs, bench.faults.log, new Set(api.types())]).toEqual([requests.length, [], new Set(["unprotected"])]);
      expect(api.events.every((event) => event.type === "unprotected" && event.reason === "disabled")).toBe(true);
    });
  });

  describe("the key", () => {
    it("is not required: a request without one runs, each time, and says so as an event", async () => {
      const bench = await memoryBench.open();
      const api = apiOn(bench, undefined, { form, options: { required: false } });
      const answers = [await api.send(payload2, { key: null }), await api.send(payload2, { key: null })];
      expect(answers.map(gist)).toEqual([
        [201, undefined],
        [201, undefined],
      ]);
      expect([api.runs, api.events, bench.faults.log]).toMatchObject([
        2,
        [
          { type: "unprotected", reason: "missing_key" },
          { type: "unprotected", reason: "missing_key" },
        ],
        [],
      ]);
      expect([gist(await api.send(payload2)), gist(await api.send(payload2)), api.runs]).toEqual([[201, "created"], [201, "replayed"], 3]);
    });

    it.for<{ name: string; keyFormat: HttpOptions["keyFormat"]; takes: string[]; refuses: string[] }>([
      {
        name: "a UUID",
        keyFormat: "uuid",
        takes: ["8E03978E-40d5-43dd-bc93-6894a57f9324", '"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
        refuses: ["order-1", "8e03978e40d543ddbc936894a57f9324"],
      },
      { name: "a pattern", keyFormat: /^order-\d+$/, takes: ["order-1", '"order-2"'], refuses: ["order-", "order-1x"] },
      // It would remember where it was.
      {
        name: "a pattern with the flags g and y",
        keyFormat: /^order-\d+$/gy,
        takes: ["order-1", "order-22", "order-3"],
        refuses: ["xorder-1"],
      },
      { name: "a pattern without case", keyFormat: /^order$/i, takes: ["ORDER", "order"], refuses: ["orders"] },
    ])("has the format of $name", async ({ keyFormat, takes, refuses }) => {
      const bench = await memoryBench.open();
      const api = apiOn(bench, undefined, { form, options: { keyFormat } });
      for (const key of takes) expect(gist(await api.send(payload2, { key }))).toEqual([201, "created"]);
      for (const key of refuses) expect(gist(await api.send(payload2, { key }))).toEqual([400, "rejected", "idempotency_key_invalid"]);
      expect(api.runs).toBe(takes.length);
    });

    it("comes in the header that options name, and in no other", async () => {
      const api = apiOn(await memoryBench.open(), undefined, { form, options: { header: "X-Request-Id" } });
      const request = { key: null, headers: { "x-request-ID": "order-1" } };
      expect([gist(await api.send(payload2, request)), gist(await api.send(payload2, request)), api.runs]).toEqual([
        [201, "created"],
        [201, "replayed"],
        1,
      ]);
      expect(gist(await api.send(payload2))).toEqual([400, "rejected", "idempotency_key_missing"]);
    });
  });

  describe("the route", () => {
    it("is in the key: another method or template is another key, another path of one template another payload", async () => {
      const api = apiOn(await memoryBench.open(), undefined, { form });
      const pay = (path: string, route: string, method = "POST"): Promise<unknown[]> =>
        api.send(payload2, { path, route, method }).then(gist);
      expect(await pay("/orders/1/pay", "/orders/{id}/pay")).toEqual([201, "created"]);
      expect(await pay("/orders/2/pay", "/orders/{id}/pay")).toEqual([422, "mismatch", "idempotency_key_reused"]);
      expect(await pay("/orders/1/pay", "/orders/{id}/pay", "PATCH")).toEqual([201, "created"]);
      expect(await pay("/orders/1/refund", "/orders/{id}/refund")).toEqual([201, "created"]);
      expect(await pay("/orders/1/pay", "/orders/{id}/pay")).toEqual([201, "replayed"]);
    });

    it("is not: another one is another payload", async () => {
      const api = apiOn(await memoryBench.open(), undefined, { form, options: { routeInKey: false } });
      expect(gist(await api.send(payload2, { path: "/a", route: "/a" }))).toEqual([201, "created"]);
      expect(gist(await api.send(payload2, { path: "/b", route: "/b" }))).toEqual([422, "mismatch", "idempotency_key_reused"]);
      expect(gist(await api.send(payload2, { path: "/a", route: "/a", method: "PATCH" }))).toEqual([
        422,
        "mismatch",
        "idempotency_key_reused",
      ]);
      expect(gist(await api.send(payload2, { path: "/a", route: "/a" }))).toEqual([201, "replayed"]);
    });
  });

  it("headers that belong to the payload: another value, none, and one more are others", async () => {
    const api = apiOn(await memoryBench.open(), undefined, { form, options: { fingerprintHeaders: ["API-Version", "Accept"] } });
    const send = (headers: Record<string, string>): Promise<unknown[]> => api.send(rest, { headers }).then(gist);
    expect(await send({ "api-version": "1" })).toEqual([201, "created"]);
    expect(await send({ "Api-Version": " 1 ", "User-Agent": "other" })).toEqual([201, "replayed"]);
    for (const headers of [{ "api-version": "2" }, {}, { "api-version": "1", accept: "text/html" }, { accept: "1" }]) {
      expect(await send(headers as Record<string, string>)).toEqual([422, "mismatch", "idempotency_key_reused"]);
    }
  });

  describe("methods", () => {
    const methods = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PATCH", "PURGE"];

    it.for<{ name: string; options: Partial<HttpOptions>; covered: string[] }>([
      { name: "by default", options: {}, covered: ["POST", "PATCH"] },
      { name: "PUT and DELETE too", options: { methods: ["POST", "put", "Delete"] }, covered: ["POST", "PUT", "DELETE"] },
      { name: "one of one's own", options: { methods: ["PURGE"] }, covered: ["PURGE"] },
    ])("$name: the others pass, with a key and without", async ({ options, covered }) => {
      for (const door of [payload2, rest, alb]) {
        const bench = await memoryBench.open();
        const api = apiOn(bench, undefined, { form, options });
        for (const method of methods) {
          const states = [await api.send(door, { method }), await api.send(door, { method })].map((answer) => gist(answer)[1]);
          expect([method, ...states]).toEqual([method, ...(covered.includes(method) ? ["created", "replayed"] : [undefined, undefined])]);
          if (!covered.includes(method)) expect(gist(await api.send(door, { method, key: "a b" }))).toEqual([201, undefined]);
        }
        expect(api.types().filter((type) => type === "claimed")).toHaveLength(covered.length);
      }
    });

    it("what passes is not touched: the same result, the same error, and no event is looked into", async () => {
      const { store } = await memoryBench.open();
      const results: unknown[] = [{ statusCode: 200, headers: { a: "b" } }, "text", undefined, null, 5];
      const error = new Error("down");
      for (const result of results) {
        const deliver = deliveriesOn(majors[1] as (typeof majors)[0], store, () => result, { form });
        if (result === undefined && form === "httpIdempotency") continue; // Middy's own business
        expect(await deliver({ method: "GET", key: "a b", body: "\ud800" })).toBe(result);
      }
      const deliver = deliveriesOn(majors[1] as (typeof majors)[0], store, () => Promise.reject(error), { form });
      expect(await outcome(deliver({ method: "OPTIONS" }))).toBe(error);
      expect(deliver.events).toEqual([]);
    });
  });
});

describe("a wrapped handler", () => {
  it("is called with what it was called with, `this` included", async () => {
    const { store } = await memoryBench.open();
    const seen: unknown[] = [];
    async function pay(this: unknown, ...args: unknown[]): Promise<object> {
      seen.push(this, ...args);
      return { statusCode: 201 };
    }
    const once = idempotentHttp(pay as (event: unknown, context: unknown) => Promise<object>, { store, operation, scope: "global" });
    const [self, event, context, third] = [{ self: 1 }, eventOf(payload2), contextOf("request-1"), { signal: 1 }];
    await (once as (...args: unknown[]) => Promise<unknown>).call(self, event, context, third);
    expect(seen).toEqual([self, event, context, third]);
    expect(seen[1]).toBe(event);
  });

  it.for([undefined, null, {}, { Records: [] }, { id: 1 }, "text"])(
    "is not called for an event that is no HTTP request: %s",
    async (event) => {
      const { store } = await memoryBench.open();
      const handler = vi.fn<() => Promise<object>>(async () => ({ statusCode: 201 }));
      const once = idempotentHttp(handler, { store, operation, scope: "global" });
      expect(await outcome(once(event as never, {} as never))).toMatchObject({ code: "CONFIG_INVALID", path: "event" });
      expect(handler).not.toHaveBeenCalled();
    },
  );

  it("is called for it where idempotency is switched off", async () => {
    const { store } = await memoryBench.open();
    const once = idempotentHttp(async (event) => event, { store, operation, scope: "global", enabled: false });
    expect(await once({ source: "warm-up" }, {})).toEqual({ source: "warm-up" });
  });

  it("answers as a promise also where it throws at once", async () => {
    const { store } = await memoryBench.open();
    const thrower = (): never => {
      throw new Error("down");
    };
    const once = idempotentHttp(thrower as () => Promise<object>, { store, operation, scope: "global" });
    await expect(once(eventOf(payload2) as never, {} as never)).rejects.toThrow("down");
  });
});

describe("who takes part in one key", () => {
  it("two callers at once: one runs, each answer is one of the first's or a refusal", async () => {
    const bench = await memoryBench.open();
    const api = apiOn(bench, charge());
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.send(payload2)));
    expect(api.runs).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  });
});
