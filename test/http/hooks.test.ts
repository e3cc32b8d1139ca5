// The hooks that see an answer before it is kept, and before it is replayed.
import { describe, expect, it } from "vitest";
import type { HttpOptions, HttpRequest, HttpResponse } from "../../src/http/index.ts";
import { IdempotencyError } from "../../src/index.ts";
import { memoryBench } from "../support/bench.ts";
import { apiOn, forms, gate, gist, leaseMs, operation, type Work } from "./api.ts";
import { outcome, raw } from "./chains.ts";
import { alb, frontDoors, payload2, rest } from "./front-doors.ts";

const receipt: Work = () => ({
  status: 201,
  headers: { "Content-Type": "text/plain", Vary: ["A", "B"], "Set-Cookie": [], "X-Secret": "1" },
  cookies: ["session=1"],
  body: "paid",
});

describe.for(forms)("%s", (form) => {
  it.for(frontDoors)("toStored gets what is going to be kept, in one shape: $name", async (door) => {
    const seen: HttpResponse[] = [];
    const toStored = (answer: HttpResponse): HttpResponse => {
      seen.push(answer);
      return answer;
    };
    const api = apiOn(await memoryBench.open(), receipt, { form, options: { toStored, keepHeaders: ["x-secret"] } });
    await api.send(door);
    await api.send(door);
    expect(seen).toMatchObject([{ status: 201, cookies: [], body: "paid", isBase64: false }]);
    expect({ ...seen[0]?.headers }).toMatchObject({ "content-type": ["text/plain"], "x-secret": ["1"] });
    expect(seen[0]?.headers).not.toHaveProperty("set-cookie");
    expect(seen[0]?.headers["vary"]?.join(", ")).toBe("A, B");
  });

  it("toStored is asked for answers that are kept only", async () => {
    let asked = 0;
    const toStored = (answer: HttpResponse): HttpResponse => ((asked += 1), answer);
    for (const status of [409, 503, 201]) {
      const api = apiOn(await memoryBench.open(), () => ({ status }), { form, options: { toStored } });
      await api.send(payload2);
      expect([status, asked]).toEqual([status, status === 201 ? 1 : 0]);
    }
    await outcome(
      apiOn(await memoryBench.open(), () => Promise.reject(new Error("down")), { form, options: { toStored, onServerError: "keep" } }).send(
        payload2,
      ),
    );
    expect(asked).toBe(1);
  });

  it("words for a status go where a hook gives another status", async () => {
    for (const [status, words] of [
      [201, "OK"],
      [202, undefined],
    ] as const) {
      const work = () => ({ raw: { statusCode: 201, statusDescription: "OK", body: "" } });
      const api = apiOn(await memoryBench.open(), work, { form, options: { onReplay: (answer) => ({ ...answer, status }) } });
      await api.send(raw(alb));
      expect(await api.send(raw(alb))).toMatchObject({ statusCode: status });
      const { statusDescription } = (await api.send(raw(alb))) as { readonly statusDescription?: string };
      expect(statusDescription).toBe(words);
    }
  });

  it("a hook may give an answer of any making, and more beside it", async () => {
    class Made {
      readonly answer: HttpResponse;
      constructor(answer: HttpResponse) {
        this.answer = answer;
      }
      get status(): number {
        return this.answer.status;
      }
      get headers(): HttpResponse["headers"] {
        return this.answer.headers;
      }
      get cookies(): string[] {
        return this.answer.cookies;
      }
      get body(): string {
        return `${this.answer.body}, made`;
      }
      get isBase64(): boolean {
        return false;
      }
      readonly again = (): number => 1;
    }
    for (const hook of ["toStored", "fromStored"] as const) {
      const options = { [hook]: (answer: HttpResponse) => new Made(answer), onReplay: (answer: HttpResponse) => answer };
      const api = apiOn(await memoryBench.open(), receipt, { form, options });
      await api.send(payload2);
      expect(String((await api.send(payload2)).body)).toBe("paid, made");
    }
  });

  it.for(["toStored", "fromStored", "onReplay"] as const)("%s may write into what it gets, which is its own", async (hook) => {
    for (const body of [undefined, null, "paid"]) {
      const fill = (answer: HttpResponse): HttpResponse => Object.assign(answer, { body: '{"filled":1}' });
      const work = () => ({ raw: { statusCode: 202, ...(body !== undefined && { body }) } });
      const api = apiOn(await memoryBench.open(), work, { form, options: { [hook]: fill } });
      await outcome(api.send(raw(payload2)));
      const replays = [await api.send(raw(payload2)), await api.send(raw(payload2))];
      expect(replays.map((replay) => replay.body)).toEqual(['{"filled":1}', '{"filled":1}']);
    }
  });

  it.for<{ name: string; header: string }>([
    { name: "a denied header", header: "Set-Cookie" },
    { name: "one that is not kept", header: "x-other" },
    { name: "a trace", header: "X-Amzn-Trace-Id" },
    { name: "cache-control", header: "cache-control" },
  ])("toStored cannot have $name kept", async ({ header }) => {
    const toStored = (answer: HttpResponse): HttpResponse => ({
      ...answer,
      headers: { ...answer.headers, [header]: ["1"] },
      cookies: ["a=1"],
    });
    const api = apiOn(await memoryBench.open(), receipt, { form, options: { toStored } });
    await api.send(payload2);
    const { headers, cookies } = await api.send(payload2);
    expect([cookies, headers[header.toLowerCase()]]).toEqual([[], header === "cache-control" ? ["no-store"] : undefined]);
  });

  it("toStored may give another answer: duplicates get it", async () => {
    const toStored = (): HttpResponse => ({
      status: 200,
      headers: { "Content-Type": ["text/html"] },
      cookies: [],
      body: "cGFpZA==",
      isBase64: true,
    });
    const api = apiOn(await memoryBench.open(), receipt, { form, options: { toStored } });
    expect((await api.send(payload2)).status).toBe(201);
    const replay = await api.send(payload2);
    expect([replay.status, replay.body.toString(), replay.headers["content-type"]]).toEqual([200, "paid", ["text/html"]]);
  });

  it.for<{ name: string; given: unknown }>([
    { name: "nothing", given: undefined },
    { name: "a promise", given: Promise.resolve() },
    { name: "a status that is none", given: { status: 99, headers: {}, cookies: [], body: "", isBase64: false } },
    { name: "a result of Lambda's", given: { statusCode: 200, headers: {}, body: "" } },
    { name: "a header that is no list", given: { status: 200, headers: { etag: "1" }, cookies: [], body: "", isBase64: false } },
    { name: "cookies that are no list", given: { status: 200, headers: {}, cookies: "a=1", body: "", isBase64: false } },
    { name: "a body that is no text", given: { status: 200, headers: {}, cookies: [], body: {}, isBase64: false } },
    { name: "nothing of its coding", given: { status: 200, headers: {}, cookies: [], body: "" } },
  ])("a hook that gives $name: the answer is not to be had, and nothing runs again", async ({ given }) => {
    const hooks: readonly Partial<HttpOptions>[] = [
      { toStored: () => given as never },
      { fromStored: () => given as never },
      { onReplay: () => given as never },
    ];
    for (const [i, options] of hooks.entries()) {
      if (i > 0 && given instanceof Promise) continue; // these two may be asked later
      const api = apiOn(await memoryBench.open(), receipt, { form, options });
      expect(gist(await api.send(payload2))).toEqual([201, "created"]);
      for (const key of ["key-1", '"key-1"'])
        expect(gist(await api.send(payload2, { key }))).toEqual([409, "unavailable", "idempotency_result_unavailable"]);
      expect(api.runs).toBe(1);
    }
  });

  it.for(["fromStored", "onReplay"] as const)("%s that gives what cannot be looked at: not to be had", async (hook) => {
    const given = (answer: HttpResponse): HttpResponse =>
      Object.defineProperty({ ...answer }, "body", {
        get: () => {
          throw new Error("secret");
        },
      });
    const api = apiOn(await memoryBench.open(), receipt, { form, options: { [hook]: given } });
    await api.send(payload2);
    expect(gist(await api.send(payload2))).toEqual([409, "unavailable", "idempotency_result_unavailable"]);
  });

  it("fromStored gets the answer and the duplicate's own request; onReplay what it gives, and the first run", async () => {
    const bench = await memoryBench.open();
    const seen: unknown[] = [];
    const options: Partial<HttpOptions> = {
      fingerprintHeaders: [],
      fromStored: async (answer: HttpResponse, request: HttpRequest) => {
        seen.push(request.headers["x-try"], answer.body);
        return { ...answer, body: "filled in" };
      },
      onReplay: async (answer: HttpResponse, replay: unknown) => {
        seen.push(answer.body, replay);
        return { ...answer, headers: { ...answer.headers, "x-age": ["5"] }, cookies: ["a=1", "b=2"] };
      },
    } as never;
    const api = apiOn(bench, receipt, { form, options });
    const completedAt = bench.clock.now();
    await api.send(payload2, { headers: { "x-try": "1" } });
    bench.clock.jump(5000);
    const replay = await api.send(payload2, { headers: { "x-try": "2" } });
    expect(seen).toEqual([["2"], "paid", "filled in", { attempt: 1, completedAt, requestId: "request-1" }]);
    expect([replay.body.toString(), replay.cookies, replay.headers["x-age"], replay.headers["idempotency-status"]]).toEqual([
      "filled in",
      ["a=1", "b=2"],
      ["5"],
      ["replayed"],
    ]);
    expect(seen).toHaveLength(4);
  });

  it("no hook can take our markers away, nor say them otherwise", async () => {
    const spoof = {
      "idempotency-status": ["created"],
      "idempotent-replayed": ["false"],
      "cache-control": ["public"],
      "Idempotency-Key": ["other"],
    };
    for (const name of ["fromStored", "onReplay"] as const) {
      const hook = (answer: HttpResponse): HttpResponse => ({ ...answer, headers: { ...answer.headers, ...spoof } });
      for (const door of [payload2, rest]) {
        const api = apiOn(await memoryBench.open(), receipt, { form, options: { [name]: hook } });
        await api.send(door);
        expect((await api.send(door)).headers).toMatchObject({
          "idempotency-status": ["replayed"],
          "idempotent-replayed": ["true"],
          "cache-control": ["no-store"],
          "idempotency-key": ["key-1"],
          "idempotency-original-request": ["request-1"],
        });
      }
    }
  });

  it("the handler cannot say the state or the key either", async () => {
    const headers = { "Idempotency-Status": "replayed", "idempotency-KEY": "other" };
    const api = apiOn(await memoryBench.open(), () => ({ status: 201, headers }), { form });
    const first = await api.send(payload2);
    expect(first.headers).toMatchObject({ "idempotency-status": ["created"], "idempotency-key": ["key-1"] });
  });

  it("a run that has lost its key answers through the hooks as well", async () => {
    const bench = await memoryBench.open();
    const { open, passed } = gate();
    let runs = 0;
    const work: Work = async () => {
      const run = ++runs;
      if (run === 1) await passed;
      return { status: 201, body: `run ${run}` };
    };
    const options: Partial<HttpOptions> = { fromStored: (answer) => ({ ...answer, body: `${answer.body}, rebuilt` }) };
    const api = apiOn(bench, work, { form, options });
    const late = api.send(payload2);
    await new Promise(setImmediate);
    bench.clock.jump(leaseMs + 1000);
    await api.send(payload2);
    open();
    const answer = await late;
    expect([gist(answer), answer.body.toString()]).toEqual([[201, "stale"], "run 2, rebuilt"]);
    expect(api.events.every((event) => event.operation === operation)).toBe(true);
  });
});

describe("what `onReplay` throws", () => {
  it.for([new Error("no"), new IdempotencyError("KEY_REUSED", "inner"), new IdempotencyError("STORE_UNAVAILABLE", "inner")])(
    "is thrown as it is, never taken for a refusal of a request that is done: %s",
    async (error) => {
      const onReplay = (): never => {
        throw error;
      };
      const api = apiOn(await memoryBench.open(), receipt, { options: { onReplay } });
      await api.send(payload2);
      await expect(api.send(payload2)).rejects.toBe(error);
    },
  );
});
