// Each refusal as a client reads it: RFC 9457's members, our own, and headers. Of every front door, in both forms.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpOptions, ProblemCode } from "../../src/http/index.ts";
import { memoryBench } from "../support/bench.ts";
import { type Api, apiOn, type ApiSetup, contextOf, type Form, forms, gate, leaseMs, type Work } from "./api.ts";
import { outcome, raw } from "./chains.ts";
import { type FrontDoor, frontDoors, payload2 } from "./front-doors.ts";
import type { Received, Result } from "./received.ts";

type Bench = Awaited<ReturnType<typeof memoryBench.open>>;

/** What a client is told, but `type`, `instance` and `detail`. "In ms": of the lease that is left. */
interface Told {
  readonly status: number;
  readonly title: string;
  readonly state: string;
  readonly retryable: boolean;
  readonly safeToUseNewKey?: boolean;
  readonly retryAfter?: number;
  /** Is there a valid key to be echoed? */
  readonly hasKey: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Does an operator find it in the log? */
  readonly isLogged?: boolean;
}

const table: Readonly<Record<ProblemCode, Told>> = {
  idempotency_key_missing: {
    ...told(400, "Idempotency-Key is missing", "rejected", false, true),
    hasKey: false,
  },
  idempotency_key_invalid: { ...told(400, "Idempotency-Key is malformed", "rejected", false, true), hasKey: false },
  idempotency_key_reused: told(422, "Idempotency-Key is already used", "mismatch", false, true),
  idempotency_in_progress: {
    ...told(409, "A request is outstanding for this Idempotency-Key", "conflict", true, false),
    retryAfter: 10,
  },
  idempotency_outcome_uncertain: told(409, "The outcome of the first request is unknown", "uncertain", false, false),
  idempotency_result_unavailable: {
    ...told(409, "The request is done, and its answer is not available", "unavailable", false, false),
    headers: { "idempotency-original-request": "request-1" },
  },
  idempotency_superseded: { ...told(409, "Another request has taken over this Idempotency-Key", "stale", true, false), retryAfter: 1 },
  idempotency_scope_unresolved: { ...told(500, "The caller cannot be told", "rejected", false), isLogged: true },
  idempotency_store_unavailable: {
    ...told(503, "Requests cannot be recorded at the moment", "rejected", true, false),
    retryAfter: 1,
    isLogged: true,
  },
  idempotency_body_too_large: told(413, "The request's body is too large", "rejected", false),
  idempotency_body_invalid: told(400, "The request's body cannot be decoded", "rejected", false),
  idempotency_misconfigured: { ...told(500, "The service is misconfigured", "rejected", false), isLogged: true },
};

function told(status: number, title: string, state: string, retryable: boolean, safeToUseNewKey?: boolean): Told {
  return { status, title, state, retryable, hasKey: true, ...(safeToUseNewKey !== undefined && { safeToUseNewKey }) };
}

/** Makes a client meet a refusal; resolves with it. */
type Provoke = (made: {
  readonly bench: Bench;
  /** Called once. */
  api(work?: Work, options?: Partial<HttpOptions>): Api;
  send(api: Api, request?: Parameters<Api["send"]>[1]): Promise<Received>;
}) => Promise<Received>;

const provoke: Readonly<Record<ProblemCode, Provoke>> = {
  idempotency_key_missing: ({ api, send }) => send(api(), { key: null }),
  idempotency_key_invalid: ({ api, send }) => send(api(), { key: "a b" }),
  async idempotency_key_reused({ api, send }) {
    const made = api();
    await send(made);
    return send(made, { body: { amount: 6 } });
  },
  async idempotency_in_progress({ api, send }) {
    const made = api(() => new Promise<never>(() => {}));
    void send(made);
    await new Promise(setImmediate);
    return send(made);
  },
  async idempotency_outcome_uncertain({ api, send }) {
    const made = api(() => Promise.reject(new Error("down")), { onServerError: "hold" });
    await outcome(send(made));
    return send(made);
  },
  async idempotency_result_unavailable({ api, send }) {
    const made = api(() => ({ raw: { statusCode: 201, body: 1n } }));
    await outcome(send(made));
    return send(made);
  },
  async idempotency_superseded({ bench, api, send }) {
    const { open, passed } = gate();
    const made = api(() => passed.then(() => ({ status: 201 })));
    const first = send(made);
    await new Promise(setImmediate);
    bench.clock.jump(leaseMs + 1000);
    void send(made); // it runs on
    await new Promise(setImmediate);
    bench.faults.on("settle", {}, { answer: "unsent" });
    open();
    return first;
  },
  idempotency_scope_unresolved: ({ api, send }) => send(api(undefined, { scope: () => undefined })),
  idempotency_store_unavailable({ bench, api, send }) {
    bench.faults.on("claim", { answer: "unsent" });
    return send(api());
  },
  idempotency_body_too_large: ({ api, send }) => send(api(undefined, { maxBodyBytes: 3 })),
  idempotency_body_invalid: ({ api, send }) => send(api(), { body: "\ud800" }),
  idempotency_misconfigured: ({ api, send }) => send(api(undefined, { leaseMs: () => Number.NaN })),
};

const codes = Object.keys(table) as ProblemCode[];

const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  vi.spyOn(console, "error").mockImplementation((line: string) => void logged.push(line));
});
afterEach(() => void vi.restoreAllMocks());

async function meet(code: ProblemCode, door: FrontDoor, form: Form, options: Partial<HttpOptions> = {}): Promise<Received> {
  const bench = await memoryBench.open();
  const setup = (more: Partial<HttpOptions>): ApiSetup => ({ form, options: { ...options, ...more } });
  return provoke[code]({
    bench,
    api: (work, more = {}) => apiOn(bench, work, setup(more)),
    send: (api, request) => api.send(door, request),
  });
}

describe.for(frontDoors)("through: $name", (door) => {
  describe.for(forms)("%s", (form) => {
    it.for(codes)("%s", async (code) => {
      const { status, title, state, retryable, safeToUseNewKey, retryAfter, hasKey, headers, isLogged = false } = table[code];
      const answer = await meet(code, door, form);
      expect(answer).toMatchObject({ status, cookies: [] });
      const type = `urn:lambda-once:${code}`;
      const { detail, instance, ...members } = JSON.parse(answer.body.toString()) as Record<string, unknown>;
      // A member that says nothing is absent.
      const known = { ...(safeToUseNewKey !== undefined && { safeToUseNewKey }), ...(retryAfter !== undefined && { retryAfter }) };
      expect(members).toEqual({ type, title, status, code, retryable, ...known });
      expect(instance).toMatch(/^urn:lambda-once:request:request-\d$/);
      expect(detail).toMatch(/^[A-Z].*\.$/);
      expect(answer.headers).toEqual({
        "content-type": ["application/problem+json"],
        "cache-control": ["no-store"],
        "idempotency-status": [state],
        ...(hasKey && { "idempotency-key": ["key-1"] }),
        ...(retryAfter !== undefined && { "retry-after": [String(retryAfter)] }),
        ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, [value]])),
      });
      expect(logged.map((line) => line.startsWith(`operation "payments": ${code}: `))).toEqual(isLogged ? [true] : []);
    });
  });

  it.for(codes)("the form of the answer is the front door's: %s", async (code) => {
    const answer = (await meet(code, raw(door), "idempotentHttp")) as unknown as Result;
    const hasLists = door.name === "load balancer, multi-value headers";
    expect(answer).toMatchObject({ statusCode: table[code].status, isBase64Encoded: false });
    expect(["headers" in answer, "multiValueHeaders" in answer]).toEqual([!hasLists, hasLists]);
  });
});

describe.for(codes)("%s", (code) => {
  const { status, state } = table[code];

  it("names the page that documents it", async () => {
    const answer = await meet(code, payload2, "idempotentHttp", { docsUrl: "https://docs.example/idempotency" });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ type: `https://docs.example/idempotency#${code}` });
    expect(answer.headers["link"]).toEqual(['<https://docs.example/idempotency>; rel="describedby"; type="text/html"']);
  });

  it("has another status where options say so, and nothing else changes", async () => {
    const usual = await meet(code, payload2, "idempotentHttp");
    const other = await meet(code, payload2, "idempotentHttp", { statusCodes: { [code]: 499 } });
    expect([other.status, (JSON.parse(other.body.toString()) as { status: number }).status]).toEqual([499, 499]);
    expect(other.headers).toEqual(usual.headers);
    expect({ ...(JSON.parse(other.body.toString()) as object), status }).toEqual(JSON.parse(usual.body.toString()));
    const others = Object.fromEntries(codes.filter((name) => name !== code).map((name) => [name, 499]));
    expect((await meet(code, payload2, "idempotentHttp", { statusCodes: others })).headers["idempotency-status"]).toEqual([state]);
    expect((await meet(code, payload2, "idempotentHttp", { statusCodes: others })).status).toBe(status);
  });

  it("says nothing of the other request, nor of the key but in its header", async () => {
    const answer = await meet(code, payload2, "idempotentHttp");
    expect(answer.body.toString()).not.toMatch(/key-1|amount|EUR|charge/);
  });
});

describe("a header of one's own for the key", () => {
  it.for(["Request-Token", "X-Request-Id"])("%s is named and echoed", async (header) => {
    const api = apiOn(await memoryBench.open(), undefined, { options: { header } });
    const missing = await api.send(payload2);
    expect(JSON.parse(missing.body.toString())).toMatchObject({
      code: "idempotency_key_missing",
      detail: expect.stringContaining(header.toLowerCase()) as unknown,
    });
    const request = { key: null, headers: { [header]: "order-1" } };
    const echoed = { [header.toLowerCase()]: ["order-1"] };
    const answers = [
      await api.send(payload2, request),
      await api.send(payload2, request),
      await api.send(payload2, { ...request, body: "other" }),
    ];
    expect(answers.map(({ status, headers }) => [status, headers])).toMatchObject([
      [201, echoed],
      [201, echoed],
      [422, echoed],
    ]);
    expect(api.runs).toBe(1);
  });
});

describe("instance", () => {
  it.for<{ name: string; context: unknown; instance: string | undefined }>([
    { name: "Lambda's request", context: contextOf("8e03978e-40d5"), instance: "urn:lambda-once:request:8e03978e-40d5" },
    {
      name: "an id with characters that a URN has no place for",
      context: contextOf("a b/ü"),
      instance: "urn:lambda-once:request:a%20b%2F%C3%BC",
    },
    { name: "no context", context: {}, instance: undefined },
    { name: "a context without an id", context: { getRemainingTimeInMillis: () => 1000 }, instance: undefined },
    { name: "an id that is half a character", context: contextOf("\ud800"), instance: "urn:lambda-once:request:%EF%BF%BD" },
  ])("$name", async ({ context, instance }) => {
    const api = apiOn(await memoryBench.open());
    const answer = await api.send(payload2, { key: null }, context as never);
    expect((JSON.parse(answer.body.toString()) as { instance?: string }).instance).toBe(instance);
  });
});

describe("a key in each answer to a request that has one", () => {
  const sent = '"key-1";v=1';

  it.for(forms)("%s: fresh, released, replayed, refused", async (form) => {
    let status = 500;
    const api = apiOn(await memoryBench.open(), () => ({ status: (status += 1) % 2 === 0 ? 201 : 503 }), { form });
    const answers: Received[] = [];
    for (const body of [1, 1, 1, 2]) answers.push(await api.send(payload2, { key: sent, body }));
    expect(answers.map(({ headers }) => [headers["idempotency-status"]?.[0], headers["idempotency-key"]])).toEqual(
      ["released", "created", "replayed", "mismatch"].map((state) => [state, [sent]]),
    );
  });
});
