// What becomes of a key by the status of its answer, returned and thrown.
import { describe, expect, it } from "vitest";
import { type ErrorPolicy, ReplayedError } from "../../src/index.ts";
import type { HttpOptions } from "../../src/http/index.ts";
import { majors } from "../middy/majors.ts";
import { memoryBench } from "../support/bench.ts";
import { type Api, apiOn, type Form, forms, gist } from "./api.ts";
import { deliveriesOn, httpError, outcome, recordOf, shown } from "./chains.ts";
import { payload2 } from "./front-doors.ts";
import type { Received } from "./received.ts";
import { dynalite, suiteTables, type TableStore } from "./table-store.ts";

const ways = ["returned", "thrown"] as const;
type Way = (typeof ways)[number];

/** What becomes of a record; the state that the first client is told, and what the second one gets. */
const endings = {
  keep: { record: "completed", told: "created", runs: 1 },
  release: { record: "released", told: "released", runs: 2 },
  hold: { record: "held", told: "uncertain", runs: 1 },
} as const;

type Benched = Pick<TableStore, "store" | "others">;

/** A handler that always ends with a status; no status: it throws an error that has none. */
function apiEnding(bench: Benched, status: number | undefined, way: Way, form: Form, options: Partial<HttpOptions> = {}): Api {
  const work = (): { status: number; body: string } => {
    if (status === undefined) throw new Error("down");
    if (way === "thrown") throw httpError(status, { code: "E1" });
    return { status, body: `it is ${status}` };
  };
  return apiOn(bench, work, { form, options });
}

/** Sends twice, and holds what a policy says of the record and of both answers. */
async function expectEnding(bench: Benched, api: Api, policy: ErrorPolicy, status: number | undefined, way: Way): Promise<void> {
  const { record, told, runs } = endings[policy];
  const first = await outcome(api.send(payload2));
  expect([status, (await recordOf(bench.others, api))?.status]).toEqual([status, record]);
  const second = await outcome(api.send(payload2));
  expect([status, api.runs]).toEqual([status, runs]);
  if (way === "returned") expect(gist(first as Received)).toEqual([status, told]);
  else expect(first).toMatchObject(status === undefined ? { message: "down" } : { statusCode: status });
  if (policy === "hold") expect(gist(second as Received)).toEqual([409, "uncertain", "idempotency_outcome_uncertain"]);
  else if (way === "returned") expect(gist(second as Received)).toEqual([status, policy === "keep" ? "replayed" : told]);
  else if (policy === "release") expect(second).toMatchObject(status === undefined ? { message: "down" } : { statusCode: status });
  else expectThrownAgain(second, status);
}

function expectThrownAgain(error: unknown, status: number | undefined): void {
  expect(error).toBeInstanceOf(ReplayedError);
  const kept = { name: "HttpError", message: `no: ${status}`, statusCode: status, code: "E1", expose: (status ?? 0) < 500 };
  expect(error).toMatchObject(status === undefined ? { name: "Error", message: "down" } : kept);
}

const passing = [401, 403, 407, 408, 409, 423, 424, 425, 429];
const statuses = Array.from({ length: 500 }, (_, i) => i + 100);

function byDefault(status: number): ErrorPolicy {
  if (status < 200 || status >= 500 || passing.includes(status)) return "release";
  return "keep";
}

describe.for(forms)("%s", (form) => {
  describe.for(ways)("%s", (way) => {
    const tables = suiteTables(dynalite);

    it.for([200, 201, 204, 302, 304, 400, 402, 404, 410, 422, 451, ...passing, 500, 502, 503, 504])("%i, on a table", async (status) => {
      const table = await tables();
      await expectEnding(table, apiEnding(table, status, way, form), byDefault(status), status, way);
    });

    it("each status from 100 to 599", async () => {
      for (const status of statuses) {
        const bench = await memoryBench.open();
        await expectEnding(bench, apiEnding(bench, status, way, form), byDefault(status), status, way);
      }
    });

    it.for<ErrorPolicy>(["release", "keep", "hold"])("onServerError: %s is of 5xx only", async (onServerError) => {
      for (const status of [200, 404, 409, 500, 503, 599]) {
        const bench = await memoryBench.open();
        const policy = status >= 500 ? onServerError : byDefault(status);
        await expectEnding(bench, apiEnding(bench, status, way, form, { onServerError }), policy, status, way);
      }
    });

    it.for<{ name: string; keepStatus: (status: number) => boolean; keeps: (status: number) => boolean }>([
      { name: "one more", keepStatus: (status) => status === 409 || status === 503, keeps: (status) => status === 409 || status === 503 },
      { name: "none", keepStatus: () => false, keeps: () => false },
      { name: "all", keepStatus: () => true, keeps: () => true },
      {
        name: "throws, and the table counts",
        keepStatus: () => {
          throw new Error("keepStatus");
        },
        keeps: (status) => byDefault(status) === "keep",
      },
      {
        name: "gives a promise, and the table counts",
        keepStatus: (() => Promise.reject(new Error("keepStatus"))) as never,
        keeps: (status) => byDefault(status) === "keep",
      },
    ])("keepStatus: $name", async ({ keepStatus, keeps }) => {
      for (const onServerError of ["release", "keep", "hold"] as const) {
        for (const status of [201, 404, 409, 503]) {
          const bench = await memoryBench.open();
          const policy = keeps(status) ? "keep" : status >= 500 ? onServerError : "release";
          await expectEnding(bench, apiEnding(bench, status, way, form, { keepStatus, onServerError }), policy, status, way);
        }
      }
    });
  });

  it.for<ErrorPolicy>(["release", "keep", "hold"])("an error without a status, onServerError: %s", async (onServerError) => {
    const bench = await memoryBench.open();
    await expectEnding(bench, apiEnding(bench, undefined, "thrown", form, { onServerError }), onServerError, undefined, "thrown");
  });

  it.for([99, 600, 404.5, -1, Number.NaN, "404"])("an error with the status %s has none", async (statusCode) => {
    const bench = await memoryBench.open();
    const api = apiOn(bench, () => Promise.reject(Object.assign(new Error("odd"), { statusCode })), {
      form,
      options: { onServerError: "hold" },
    });
    await outcome(api.send(payload2));
    expect(await recordOf(bench.others, api)).toMatchObject({ status: "held" });
  });

  it.for([undefined, null, "text", 5, Symbol("s"), () => {}])("thrown, and no error: %s is released", async (thrown) => {
    const bench = await memoryBench.open();
    const api = apiOn(bench, () => Promise.reject(thrown), { form });
    const [first] = await Promise.allSettled([api.send(payload2)]);
    expect(first).toEqual({ status: "rejected", reason: thrown });
    expect(await recordOf(bench.others, api)).toMatchObject({ status: "released" });
  });
});

describe.for(majors)("a kept error and an error handler, on $name", (major) => {
  const errorHandler = major.errorHandler({ logger: false, fallbackMessage: "sorry" });
  const places = [
    { name: "around idempotentHttp", form: "idempotentHttp", place: "outside" },
    { name: "inside of idempotentHttp", form: "idempotentHttp", place: "inside" },
    { name: "around httpIdempotency", form: "httpIdempotency", place: "outside" },
    { name: "inside of httpIdempotency", form: "httpIdempotency", place: "inside" },
  ] as const;

  describe.for(places)("$name", ({ form, place }) => {
    it.for<{ name: string; error: () => Error; answer: object; options?: Partial<HttpOptions> }>([
      { name: "404", error: () => httpError(404), answer: { status: 404, body: "no: 404" } },
      {
        name: "one that says nothing of `expose`",
        error: () => Object.assign(new Error("declined"), { statusCode: 402 }),
        answer: { status: 402, body: "declined" },
      },
      { name: "JSON for a message", error: () => httpError(422, { message: '{"a":1}' }), answer: { status: 422, body: '{"a":1}' } },
      { name: "400 that is not to be shown", error: () => httpError(400, { expose: false }), answer: { status: 500, body: "sorry" } },
      { name: "503 that may be shown", error: () => httpError(503, { expose: true }), answer: { status: 503, body: "no: 503" } },
      { name: "503 that may not", error: () => httpError(503), answer: { status: 500, body: "sorry" } },
      { name: "one without a status", error: () => new Error("secret"), answer: { status: 500, body: "sorry" } },
      {
        name: "headers that may be kept",
        error: () => httpError(410, { headers: { "Retry-After": "5", Link: "</gone>; rel=help", "Content-Language": "en" } }),
        answer: {
          status: 410,
          headers: { "retry-after": ["5"], link: ["</gone>; rel=help"], "content-language": ["en"], "content-type": ["text/plain"] },
        },
      },
      {
        name: "a header of one's own",
        error: () => httpError(410, { headers: { "X-Reason": "sold" } }),
        answer: { headers: { "x-reason": ["sold"] } },
        options: { keepHeaders: ["x-reason"] },
      },
    ])("$name: fresh and replayed are the same", async ({ error, answer, options }) => {
      const { store } = await memoryBench.open();
      const deliver = deliveriesOn(major, store, () => Promise.reject(error()), {
        form,
        options: { onServerError: "keep", ...options },
        [place]: (chain: ReturnType<typeof major.middy>) => chain.use(errorHandler),
      });
      const fresh = shown(await deliver());
      expect(fresh).toMatchObject(answer);
      expect([shown(await deliver()), shown(await deliver()), deliver.runs]).toEqual([fresh, fresh, 1]);
    });

    it("headers that belong to one answer are not replayed", async () => {
      const { store } = await memoryBench.open();
      const headers = { "Set-Cookie": "session=1", Authorization: "Bearer 1", "X-Amzn-Trace-Id": "1", "Retry-After": "5" };
      const deliver = deliveriesOn(major, store, () => Promise.reject(httpError(410, { headers })), {
        form,
        [place]: (chain: ReturnType<typeof major.middy>) => chain.use(errorHandler),
      });
      expect(shown(await deliver())).toMatchObject({ cookies: ["session=1"], headers: { authorization: ["Bearer 1"] } });
      const replayed = shown(await deliver());
      expect(replayed).toMatchObject({ status: 410, cookies: [], headers: { "retry-after": ["5"] } });
      expect(JSON.stringify(replayed)).not.toMatch(/authorization|x-amzn/i);
      expect(deliver.runs).toBe(1);
    });
  });
});
