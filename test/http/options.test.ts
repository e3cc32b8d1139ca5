import { describe, expect, it } from "vitest";
import { httpIdempotency, type HttpOptions, idempotentHttp, type ProblemCode } from "../../src/http/index.ts";
import { resolveHttpOptions } from "../../src/http/options.ts";
import { problems } from "../../src/http/problem.ts";
import type { IdempotencyError } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";

const valid: HttpOptions = { store: memoryStore(), operation: "payments" };
const codec = { name: "own", encode: String, decode: String };

/** Options that may be all wrong. */
function resolve(options: unknown, env: Record<string, string> = {}): ReturnType<typeof resolveHttpOptions> {
  return resolveHttpOptions({ ...valid, ...(options as object) }, env);
}

function refusal(resolved: () => unknown): IdempotencyError {
  try {
    resolved();
  } catch (error) {
    return error as IdempotencyError;
  }
  throw new Error("these options were taken");
}

const texts = [5, true, {}, () => "a", []];
const noHeaders = ["", " ", "a b", "a:", "a,b", 'a"', "é", "a\n", "x/y", "(a)", ...texts, null];
const deniedHeaders = [
  "Set-Cookie",
  "authorization",
  "Cookie",
  "Transfer-Encoding",
  "connection",
  "X-Amzn-Trace-Id",
  "X-Auth-Token",
  "ot-tracer-spanid",
  "x-amz-meta-a",
  "traceparent",
];
const noFunctions = [null, true, "yes", {}, []];

describe("a wrong option is CONFIG_INVALID, with its path", () => {
  it.for<{ path: string; wrong: readonly unknown[]; name?: string }>([
    { path: "ttl", wrong: [60] },
    { path: "Header", wrong: ["Idempotency-Key"] },
    { path: "keyPrefix", wrong: [undefined] },
    { path: "store", wrong: [undefined, null, "table"] },
    { path: "operation", wrong: [undefined, "", "a b", 5] },
    {
      path: "header",
      wrong: [...noHeaders, ...deniedHeaders, "Idempotency-Status", "idempotent-replayed", "Cache-Control", "Content-Length", "Date"],
    },
    { path: "header", wrong: ["Location", "ETag", "Access-Control-Allow-Origin", "X-Auth-Token", "Sec-Fetch-Site", "X-Real-Ip", "Pragma"] },
    { path: "header", wrong: ["X-Api-Key", "Content-Type", "host", "Origin", "X-Forwarded-For", "user-agent", "X-CSRF-Token"] },
    { path: "required", wrong: [null, "yes", 1, 0] },
    { path: "methods", wrong: [null, "POST", {}, new Set(["POST"]), 5, []] },
    {
      path: "methods[0]",
      wrong: ["GET", "HEAD", "OPTIONS", "TRACE", "get", "Options", "ANY", "any", "*", "all", "$default", ...noHeaders].map((method) => [
        method,
      ]),
      name: "methods",
    },
    {
      path: "methods[1]",
      wrong: [
        ["POST", "GET"],
        ["POST", null],
      ],
      name: "methods",
    },
    { path: "keyFormat", wrong: [null, "UUID", "ulid", "^a$", {}, () => true, true] },
    { path: "scope", wrong: [null, "tenant", "Global", "", {}, true, 5] },
    { path: "routeInKey", wrong: [null, "no", 0] },
    { path: "fingerprintHeaders", wrong: [null, "x-version", {}, 5, ["Idempotency-Key"]] },
    { path: "fingerprintHeaders[0]", wrong: noHeaders.map((name) => [name]), name: "fingerprintHeaders" },
    { path: "fingerprintHeaders[2]", wrong: [["a", "b", "c d"]], name: "fingerprintHeaders" },
    { path: "maxBodyBytes", wrong: [null, -1, 0.5, "10", Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 10n] },
    { path: "keepStatus", wrong: [...noFunctions, [200], 200] },
    { path: "onServerError", wrong: [null, "throw", "Keep", true, () => "keep"] },
    { path: "keepHeaders", wrong: [null, "x-tenant", {}, new Set(["x-tenant"]), ["x-tenant", "Idempotency-Key"]] },
    { path: "keepHeaders[0]", wrong: [...noHeaders, ...deniedHeaders, "Cache-Control", "Age"].map((name) => [name]), name: "keepHeaders" },
    { path: "keepHeaders[1]", wrong: [["x-tenant", "Set-Cookie"]], name: "keepHeaders" },
    { path: "toStored", wrong: noFunctions },
    { path: "fromStored", wrong: noFunctions },
    { path: "onReplay", wrong: noFunctions },
    { path: "statusCodes", wrong: [null, 409, "409", true, []] },
    {
      path: "statusCodes.idempotency_key_reused",
      wrong: [399, 600, 200, 422.5, "422", null].map((status) => ({ idempotency_key_reused: status })),
      name: "statusCodes",
    },
    { path: "statusCodes.key_reused", wrong: [{ key_reused: 422 }, { idempotency_key_reused: 409, key_reused: 422 }], name: "statusCodes" },
    { path: "statusCodes.KEY_REUSED", wrong: [{ KEY_REUSED: 422 }], name: "statusCodes" },
    {
      path: "docsUrl",
      wrong: [
        "",
        "docs",
        "/docs",
        "ftp://a.example",
        "https://",
        "https://a b",
        "https://a.example/#keys",
        "https://a.example/>",
        'https://a.example/"',
        "https://a.example/é",
        "javascript:alert(1)",
        new URL("https://a.example/"),
        null,
        5,
      ],
    },
    { path: "onInProgress", wrong: [null, "wait", 5, true] },
    { path: "onInProgress.waitMs", wrong: [{}, { waitMs: 0 }, { waitMs: "5" }, { waitMs: 0.5 }], name: "onInProgress" },
    { path: "onInProgress.wait", wrong: [{ wait: 5 }, { waitMs: 5, wait: 5 }], name: "onInProgress" },
    { path: "retentionSeconds", wrong: [0, "60", null] },
    { path: "leaseMs", wrong: [99, "60", null] },
    { path: "onLeaseExpired", wrong: ["hold", null] },
    { path: "onStoreUnavailable", wrong: ["open", null] },
    { path: "onEvent", wrong: noFunctions },
    { path: "enabled", wrong: [null, "no", 1] },
  ])("$path", ({ path, wrong, name = path }) => {
    for (const value of wrong) {
      const given = { ...valid, [name]: value };
      const doors = [
        () => resolveHttpOptions(given as HttpOptions, {}),
        () => httpIdempotency(given as HttpOptions),
        () => idempotentHttp(() => "", given as HttpOptions),
      ];
      for (const door of doors)
        expect(refusal(door), `${path}: ${String(value)}`).toMatchObject({ name: "IdempotencyError", code: "CONFIG_INVALID", path });
    }
  });

  it.for<{ name: string; given: unknown; wayOut: RegExp }>([
    { name: "key", given: () => "k", wayOut: /`header` and `scope`/ },
    { name: "fingerprint", given: () => "a", wayOut: /`fingerprintHeaders`/ },
    { name: "codec", given: codec, wayOut: /`toStored` and `fromStored`/ },
    { name: "onMissingKey", given: "run", wayOut: /`required`/ },
    { name: "onError", given: "keep", wayOut: /`keepStatus` and `onServerError`/ },
  ])("$name, which the request or the table decides, with the way out", ({ name, given, wayOut }) => {
    for (const value of [given, null]) {
      expect(refusal(() => resolve({ [name]: value }))).toMatchObject({
        code: "CONFIG_INVALID",
        path: name,
        message: expect.stringMatching(wayOut),
      });
    }
    expect(() => resolve({ [name]: undefined })).not.toThrow();
  });

  it.for<unknown>([undefined, null, 5, "payments", () => valid])("no options at all: %s", (options) => {
    expect(refusal(() => resolveHttpOptions(options as HttpOptions, {}))).toMatchObject({ code: "CONFIG_INVALID", path: "options" });
    expect(refusal(() => httpIdempotency(options as HttpOptions))).toMatchObject({ code: "CONFIG_INVALID", path: "options" });
  });

  it.for<unknown>([undefined, null, "handler", {}, {}])("no handler: %s", (handler) => {
    expect(refusal(() => idempotentHttp(handler as () => string, valid))).toMatchObject({ code: "CONFIG_INVALID", path: "handler" });
  });

  it.for([
    { name: "a header that is denied", options: { keepHeaders: ["Set-Cookie"] }, says: "a replay must not have it" },
    { name: "cache-control", options: { keepHeaders: ["cache-control"] }, says: "a replay always says no-store" },
    { name: "a safe method", options: { methods: ["GET"] }, says: "always pass" },
    { name: "no method at all", options: { methods: [] }, says: "nothing would be protected" },
    { name: "all methods", options: { methods: ["ANY"] }, says: 'name each, as in ["POST", "PUT"]' },
    { name: "no name of a method", options: { methods: [""] }, says: "give the name of a method" },
    { name: "a tenant's name", options: { scope: "tenant" }, says: "or a function that gives a tenant" },
    { name: "a pattern as a text", options: { keyFormat: "^a$" }, says: "or a regular expression" },
    { name: "the key's header", options: { header: "Authorization" }, says: "a header of its own" },
  ])("says why: $name", ({ options, says }) => {
    expect(refusal(() => resolve(options)).message).toContain(says);
  });

  // An object that only says that it is a pattern.
  it("keyFormat that plays a pattern", () => {
    expect(refusal(() => resolve({ keyFormat: { [Symbol.toStringTag]: "RegExp" } }))).toMatchObject({
      code: "CONFIG_INVALID",
      path: "keyFormat",
    });
  });

  it("a lease that outlives the record", () => {
    expect(refusal(() => resolve({ retentionSeconds: 5, leaseMs: 5001 }))).toMatchObject({
      code: "CONFIG_INVALID",
      path: "retentionSeconds",
    });
  });
});

describe("options that are left out", () => {
  it("are these", () => {
    const { store, policyOf, ...resolved } = resolve({});
    expect(store).toBe(valid.store);
    expect(resolved).toMatchObject({
      operation: "payments",
      header: "idempotency-key",
      required: true,
      methods: new Set(["POST", "PATCH"]),
      keyFormat: "any",
      scope: "caller",
      routeInKey: true,
      fingerprintHeaders: [],
      maxBodyBytes: 10 * 1024 * 1024,
      keepHeaders: new Set(),
      toStored: undefined,
      fromStored: undefined,
      onReplay: undefined,
      statusCodes: {},
      docsUrl: undefined,
      waitMs: 0,
      retentionSeconds: 86_400,
      enabled: true,
      onStoreUnavailable: "throw",
      onLeaseExpired: "run",
    });
    expect([200, 404, 409, 503, undefined].map(policyOf)).toEqual(["keep", "keep", "release", "release", "release"]);
  });

  it("are the same where they are undefined", () => {
    const named = ["header", "required", "methods", "keyFormat", "scope", "routeInKey", "fingerprintHeaders", "maxBodyBytes", "keepStatus"];
    const others = ["onServerError", "keepHeaders", "toStored", "fromStored", "statusCodes", "docsUrl", "onInProgress", "onReplay"];
    const given = Object.fromEntries([...named, ...others].map((name) => [name, undefined]));
    const [one, other] = [resolve(given), resolve({})];
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });

  it("may be told from outside", () => {
    expect(resolve({}, { IDEMPOTENCY_RETENTION_SECONDS: "60" }).retentionSeconds).toBe(60);
    expect(resolve({}, { IDEMPOTENCY_DISABLED: "1" }).enabled).toBe(false);
  });
});

describe("an option", () => {
  it.for<{ name: string; options: Partial<HttpOptions>; resolved: object }>([
    { name: "names of headers, in lower case", options: { header: "X-Request-Id" }, resolved: { header: "x-request-id" } },
    { name: "another id of a trace", options: { header: "x-correlation-id" }, resolved: { header: "x-correlation-id" } },
    { name: "a token of any kind", options: { header: "X_Key.1~|!" }, resolved: { header: "x_key.1~|!" } },
    {
      name: "methods, in capitals, each once",
      options: { methods: ["put", "DELETE", "Put"] },
      resolved: { methods: new Set(["PUT", "DELETE"]) },
    },
    { name: "a method of one's own", options: { methods: ["REPORT"] }, resolved: { methods: new Set(["REPORT"]) } },
    {
      name: "headers of the payload",
      options: { fingerprintHeaders: ["X-Version", "accept"] },
      resolved: { fingerprintHeaders: ["x-version", "accept"] },
    },
    {
      name: "headers to keep",
      options: { keepHeaders: ["X-Tenant", "ETag", "x-tenant"] },
      resolved: { keepHeaders: new Set(["x-tenant", "etag"]) },
    },
    { name: "no body", options: { maxBodyBytes: 0 }, resolved: { maxBodyBytes: 0 } },
    { name: "a wait", options: { onInProgress: { waitMs: 5 } }, resolved: { waitMs: 5 } },
    { name: "no wait", options: { onInProgress: "throw" }, resolved: { waitMs: 0 } },
    { name: "a UUID", options: { keyFormat: "uuid" }, resolved: { keyFormat: "uuid" } },
    { name: "everybody's keys", options: { scope: "global" }, resolved: { scope: "global" } },
    { name: "a page", options: { docsUrl: "https://a.example/docs?v=1" }, resolved: { docsUrl: "https://a.example/docs?v=1" } },
    { name: "a page without TLS", options: { docsUrl: "http://localhost:3000" }, resolved: { docsUrl: "http://localhost:3000" } },
    {
      name: "the limits of statuses",
      options: { statusCodes: { idempotency_key_reused: 400, idempotency_in_progress: 599 } },
      resolved: { statusCodes: { idempotency_key_reused: 400, idempotency_in_progress: 599 } },
    },
  ])("is taken: $name", ({ options, resolved }) => {
    expect(resolve(options)).toMatchObject(resolved);
  });

  it("takes another status for each refusal that there is", () => {
    const codes = Object.keys(problems) as ProblemCode[];
    const statusCodes = Object.fromEntries(codes.map((code) => [code, 418]));
    expect({ ...resolve({ statusCodes }).statusCodes }).toEqual(statusCodes);
    expect(codes).toHaveLength(12);
  });

  it.for([/^k\d$/g, /^k\d$/y, /^k\d$/gy, /^K\d$/gi])(
    "takes a pattern that remembers where it was, and asks it each time: %s",
    (pattern) => {
      const { keyFormat } = resolve({ keyFormat: pattern });
      expect(Array.from({ length: 3 }, () => (keyFormat as RegExp).test("k1"))).toEqual([true, true, true]);
      expect((keyFormat as RegExp).test("x")).toBe(false);
      expect(pattern.lastIndex).toBe(0);
    },
  );

  // With the flag y, a pattern matches at the beginning only.
  it("takes a pattern for no more than it says", () => {
    const { keyFormat } = resolve({ keyFormat: /ord-\d+$/y });
    expect((keyFormat as RegExp).test("forged-ord-1")).toBe(false);
  });

  it("keeps a pattern of its own, with the other flags", () => {
    const pattern = /^[a-z]$/iu;
    const { keyFormat } = resolve({ keyFormat: pattern });
    expect(keyFormat).not.toBe(pattern);
    expect(keyFormat).toEqual(pattern);
  });

  it.for(["release", "keep", "hold"] as const)("decides over a 5xx: %s", (onServerError) => {
    const { policyOf } = resolve({ onServerError, keepStatus: (status: number) => status === 409 });
    expect([409, 200, 500, undefined].map(policyOf)).toEqual(["keep", "release", onServerError, onServerError]);
  });

  it("cannot be changed afterwards", () => {
    const methods = ["PUT"];
    const resolved = resolve({ methods });
    methods.push("DELETE");
    expect(resolved.methods).toEqual(new Set(["PUT"]));
    expect(Object.isFrozen(resolved)).toBe(true);
  });
});
