// A handler's result: what a front door reads of it.
import { ReadableStream } from "node:stream/web";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { FrontDoor } from "../../src/http/event.ts";
import { withMarks } from "../../src/http/marks.ts";
import { type HttpResponse, isResponse, isStatus, readResult, readStatus } from "../../src/http/response.ts";

const doors = ["v1", "v2", "alb", "albMulti"] as const;
const singles = ["v1", "v2", "alb"] as const;
const marks = { "idempotency-key": "k-1", "idempotency-status": "created", "cache-control": "no-store" };
const listedMarks = { "idempotency-key": ["k-1"], "idempotency-status": ["created"], "cache-control": ["no-store"] };

type Headers = Record<string, string[]>;

/** A result that says what it is by methods of its class only. */
class Made {
  readonly #members: Readonly<Record<string, unknown>>;
  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }
  get statusCode(): unknown {
    return this.#members["statusCode"];
  }
  toJSON(): unknown {
    return this.#members;
  }
}

function throwing(): never {
  throw new Error("no");
}

function response(more: Partial<HttpResponse> = {}): HttpResponse {
  return { status: 200, headers: {}, cookies: [], body: "", isBase64: false, ...more };
}

describe("a result is read", () => {
  it.for<{ name: string; result: unknown; read: Partial<HttpResponse>; on?: readonly FrontDoor[] }>([
    { name: "a status alone", result: { statusCode: 204 }, read: { status: 204 } },
    { name: "a status that is a text", result: { statusCode: "201", body: "a" }, read: { status: 201, body: "a" } },
    { name: "a body", result: { statusCode: 200, body: "paid" }, read: { body: "paid" } },
    { name: "headers that are null", result: { statusCode: 200, headers: null }, read: {} },
    { name: "Base64", result: { statusCode: 200, body: "YQ==", isBase64Encoded: true }, read: { body: "YQ==", isBase64: true } },
    {
      name: "headers in any case",
      result: { statusCode: 200, headers: { ETag: "1", "X-A": "b" } },
      read: { headers: { etag: ["1"], "x-a": ["b"] } },
      on: singles,
    },
    {
      name: "headers that are no texts",
      result: { statusCode: 200, headers: { a: 1, b: true, c: null, d: undefined } },
      read: { headers: { a: ["1"], b: ["true"] } },
      on: singles,
    },
    {
      name: "headers that differ in case only",
      result: { statusCode: 200, headers: { A: "1", a: "2" } },
      read: { headers: { a: ["1", "2"] } },
      on: singles,
    },
    {
      name: "lists",
      result: { statusCode: 200, multiValueHeaders: { "X-A": ["1", "2"], B: ["3"] } },
      read: { headers: { "x-a": ["1", "2"], b: ["3"] } },
      on: ["v1", "albMulti"],
    },
    {
      name: "lists, which are nothing to this front door",
      result: { statusCode: 200, multiValueHeaders: { A: ["1"] } },
      read: {},
      on: ["v2", "alb"],
    },
    {
      name: "single values, which are nothing to this front door",
      result: { statusCode: 200, headers: { A: "1" } },
      read: {},
      on: ["albMulti"],
    },
    {
      name: "lists and single values, of which none counts twice",
      result: { statusCode: 200, headers: { A: "2", b: "3", c: "5" }, multiValueHeaders: { a: ["1", "2"], C: ["4"] } },
      read: { headers: { a: ["1", "2"], b: ["3"], c: ["4", "5"] } },
      on: ["v1"],
    },
    {
      name: "a list that is none",
      result: { statusCode: 200, multiValueHeaders: { a: "1" } },
      read: { headers: { a: ["1"] } },
      on: ["v1", "albMulti"],
    },
    {
      name: "lists with nothing in them",
      result: { statusCode: 200, multiValueHeaders: { a: [null, "1", undefined], b: [null], c: null, d: [] } },
      read: { headers: { a: ["1"] } },
      on: ["v1", "albMulti"],
    },
    { name: "cookies, which are never kept", result: { statusCode: 200, cookies: ["a=1", "b=2"] }, read: {} },
    { name: "cookies that are no list", result: { statusCode: 200, cookies: "a=1" }, read: {} },
    { name: "what is no flag", result: { statusCode: 200, isBase64Encoded: "true" }, read: {} },
    { name: "what its toJSON gives", result: new Made({ statusCode: 201, body: "a" }), read: { status: 201, body: "a" } },
    { name: "a plain text", result: "paid", read: { headers: { "content-type": ["application/json"] }, body: "paid" }, on: ["v2"] },
    {
      name: "an object without a status",
      result: { ok: true },
      read: { headers: { "content-type": ["application/json"] }, body: '{"ok":true}' },
      on: ["v2"],
    },
    { name: "a list", result: [1, "a"], read: { headers: { "content-type": ["application/json"] }, body: '[1,"a"]' }, on: ["v2"] },
    { name: "a number", result: 5, read: { headers: { "content-type": ["application/json"] }, body: "5" }, on: ["v2"] },
    { name: "nothing", result: undefined, read: { headers: { "content-type": ["application/json"] }, body: "null" }, on: ["v2"] },
    { name: "null", result: null, read: { headers: { "content-type": ["application/json"] }, body: "null" }, on: ["v2"] },
  ])("$name", ({ result, read, on = doors }) => {
    for (const door of on) {
      const given = readResult(result, door);
      expect([door, given?.form, given && { ...given.response, headers: { ...given.response.headers } }]).toEqual([
        door,
        read.body === undefined ? "missing" : "text",
        response(read),
      ]);
    }
  });

  it("with the names of its headers, where they are not in lower case", () => {
    expect(readResult({ statusCode: 200, headers: { ETag: "1", vary: "a" } }, "v1")?.names).toEqual({ etag: "ETag" });
    expect(readResult({ statusCode: 200, multiValueHeaders: { ETag: ["1"] }, headers: { etag: "1" } }, "v1")?.names).toEqual({
      etag: "ETag",
    });
    expect(readResult({ statusCode: 200, headers: { etag: "1" } }, "v1")).not.toHaveProperty("names");
  });

  it("with headers of any name", () => {
    const headers = JSON.parse('{"__proto__":"1","Constructor":"2"}') as object;
    for (const door of singles) {
      expect(Object.entries(readResult({ statusCode: 200, headers }, door)?.response.headers ?? {})).toEqual([
        ["__proto__", ["1"]],
        ["constructor", ["2"]],
      ]);
    }
  });
});

/** Results that no front door reads; `v2`: but payload format 2.0, whose body is any value. */
const odd: readonly { readonly name: string; readonly result: unknown; readonly v2?: true }[] = [
  { name: "nothing", result: undefined, v2: true },
  { name: "null", result: null, v2: true },
  { name: "a text", result: "paid", v2: true },
  { name: "a number", result: 201, v2: true },
  { name: "a list", result: [{ statusCode: 200 }], v2: true },
  { name: "no status", result: { body: "paid", headers: { a: "1" } }, v2: true },
  { name: "a function", result: () => ({ statusCode: 200 }) },
  { name: "a symbol", result: Symbol("a") },
  { name: "a bigint", result: 5n },
  { name: "a map", result: new Map([["a", 1]]) },
  { name: "a stream", result: Readable.from(["a"]) },
  { name: "a stream of the web", result: new ReadableStream() },
  { name: "a status that is null", result: { statusCode: null } },
  { name: "the status 99", result: { statusCode: 99 } },
  { name: "the status 600", result: { statusCode: 600 } },
  { name: "half a status", result: { statusCode: 200.5 } },
  { name: "a status that is no number", result: { statusCode: Number.NaN } },
  { name: "a status of words", result: { statusCode: "OK" } },
  { name: "a status with spaces", result: { statusCode: " 200" } },
  { name: "a status that is a list", result: { statusCode: [200] } },
  { name: "a status that throws", result: Object.defineProperty({}, "statusCode", { enumerable: true, get: throwing }) },
  { name: "a toJSON that throws", result: { statusCode: 200, toJSON: throwing } },
  { name: "a toJSON that cannot be looked at", result: Object.defineProperty({ statusCode: 200 }, "toJSON", { get: throwing }) },
  { name: "a proxy that throws", result: new Proxy({}, { get: throwing, ownKeys: throwing, getPrototypeOf: throwing, has: throwing }) },
  { name: "a proxy that is gone", result: revoked() },
];

describe("what no front door reads is not read, and stays as it is", () => {
  it.for(odd)("$name", ({ result, v2 }) => {
    for (const door of doors.filter((one) => one !== "v2" || v2 === undefined)) {
      expect(readResult(result, door), door).toBeUndefined();
      expect(Object.is(withMarks(result, door, marks), result), door).toBe(true);
    }
  });

  it.for<{ name: string; result: object }>([
    { name: "a body that is a stream", result: { statusCode: 200, body: Readable.from(["a"]) } },
    { name: "a body that is a stream of the web", result: { statusCode: 200, body: new ReadableStream() } },
    { name: "a body in itself", result: cyclic() },
    { name: "a body with a bigint", result: { statusCode: 200, body: { amount: 5n } } },
    { name: "a body whose toJSON throws", result: { statusCode: 200, body: { toJSON: throwing } } },
    { name: "a body that is a function", result: { statusCode: 200, body: throwing } },
  ])("what cannot be kept is not, and gets our headers: $name", ({ result }) => {
    for (const door of doors) {
      expect(readResult(result, door), door).toBeUndefined();
      const marked = withMarks(result, door, marks) as { body: unknown };
      expect(Object.is(marked.body, (result as { body: unknown }).body), door).toBe(true);
      expect(marked, door).toMatchObject(door === "albMulti" ? { multiValueHeaders: listedMarks } : { headers: marks });
    }
  });

  it("its status is read all the same, where it has one", () => {
    const unreadable = { statusCode: 503, body: new Map(), headers: { a: {} } };
    for (const door of doors) expect([readResult(unreadable, door), readStatus(unreadable, door)]).toEqual([undefined, 503]);
    for (const { result } of odd) expect(readStatus(result, "v1")).toBeUndefined();
  });

  it.for(["headers", "multiValueHeaders", "body", "cookies", "isBase64Encoded", "other"])("%s that throws when it is read", (name) => {
    for (const door of doors) {
      const result = Object.defineProperty({ statusCode: 200 }, name, { enumerable: true, get: throwing });
      expect(() => readResult(result, door)).not.toThrow();
      expect(Object.is(withMarks(result, door, marks), result)).toBe(true);
    }
  });

  it.for(["headers", "multiValueHeaders"])("%s that no list of them can be made of", (name) => {
    for (const door of doors) {
      for (const value of [revoked(), new Proxy({}, { ownKeys: throwing })]) {
        const result = { statusCode: 200, [name]: value };
        expect(() => readResult(result, door)).not.toThrow();
        expect(() => withMarks(result, door, marks)).not.toThrow();
        expect(withMarks(result, door, marks)).toMatchObject({ statusCode: 200 });
      }
    }
  });
});

describe("what of a result Lambda does not send", () => {
  class Lazy {
    readonly statusCode = 200;
    get body(): string {
      return "paid";
    }
  }

  it.for(doors)("a getter of its class is not read: %s", (door) => {
    expect(readResult(new Lazy(), door)?.response.body).toBe("");
    expect(withMarks(new Lazy(), door, {})).not.toHaveProperty("body");
  });
});

describe("an answer of a hook's", () => {
  it.for<{ name: string; given: unknown }>([
    { name: "usual", given: response() },
    { name: "with all", given: response({ headers: { a: ["1", "2"], b: [] }, cookies: ["a=1"], body: "a", isBase64: true }) },
    { name: "with headers without a prototype", given: response({ headers: Object.create(null) as Headers }) },
    { name: "with more", given: { ...response(), more: 1 } },
    { name: "of the lowest status", given: response({ status: 100 }) },
    { name: "of the highest", given: response({ status: 599 }) },
  ])("is one: $name", ({ given }) => {
    expect(isResponse(given)).toBe(true);
  });

  it.for<{ given: unknown }>(
    [
      undefined,
      null,
      5,
      "paid",
      [],
      {},
      () => response(),
      Promise.resolve(response()),
      ...[99, 600, 200.5, "200", undefined, Number.NaN].map((status) => ({ ...response(), status })),
      ...[undefined, null, "a", { a: "1" }, { a: [1] }, { a: null }, { a: { 0: "1" } }, [["a"]]].map((headers) => ({
        ...response(),
        headers,
      })),
      ...[undefined, null, "a=1", [1], { 0: "a=1" }].map((list) => ({ ...response(), cookies: list })),
      ...[undefined, null, 5, {}, Buffer.from("a")].map((body) => ({ ...response(), body })),
      ...[undefined, null, 0, "false"].map((isBase64) => ({ ...response(), isBase64 })),
      { statusCode: 200, headers: {}, body: "" },
    ].map((given) => ({ given })),
  )("is none: $given", ({ given }) => {
    expect(isResponse(given)).toBe(false);
  });

  it("has a status from 100 to 599", () => {
    expect([100, 200, 599].every(isStatus)).toBe(true);
    expect([99, 600, -200, 200.1, "200", null, undefined, Number.NaN, Number.POSITIVE_INFINITY, 200n].some(isStatus)).toBe(false);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cyclic(): object {
  const result: Record<string, unknown> = { statusCode: 200 };
  result["body"] = { result };
  return result;
}
