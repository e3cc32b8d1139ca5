// Answers as text, and back.
import { afterEach, describe, expect, it } from "vitest";
import { encodeResult } from "../../src/core/codec.ts";
import { ReplayedError } from "../../src/index.ts";
import type { BodyForm } from "../../src/http/body.ts";
import type { FrontDoor } from "../../src/http/event.ts";
import { type HttpResponse, readResult } from "../../src/http/response.ts";
import { type Answer, answerCodec, type Keeping, replayedError } from "../../src/http/stored.ts";

const none: Keeping = { keepHeaders: new Set(), toStored: undefined };

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on("unhandledRejection", note);
afterEach(() => void unhandled.splice(0));

function throwing(): never {
  throw new Error("no");
}

function fresh(result: unknown): Answer {
  return { kind: "fresh", result, read: readResult(result, "v2") };
}

function kept(answer: Answer, keeping: Partial<Keeping> = {}): string | undefined {
  return answerCodec({ ...none, ...keeping }).encode(answer);
}

function again(answer: Answer, keeping: Partial<Keeping> = {}): Answer {
  const codec = answerCodec({ ...none, ...keeping });
  return codec.decode(codec.encode(answer) ?? "nothing");
}

function hooked(
  toStored: (response: HttpResponse) => unknown,
  result: unknown = { statusCode: 201, headers: { etag: "1" }, body: "paid" },
): Answer {
  return again(fresh(result), { toStored });
}

const paid = {
  statusCode: 201,
  headers: { ETag: "1", "Set-Cookie": "a=1", "X-Tenant": "t", "X-Amzn-Trace-Id": "Root=1", Date: "now", Authorization: "secret" },
  cookies: ["session=secret"],
  body: "paid",
};

describe("a kept answer", () => {
  it("comes back with what the handler says to its status, for load balancers", () => {
    const result = { statusCode: 201, statusDescription: "201 Charged", body: "" };
    const described = (door: FrontDoor): unknown => again({ kind: "fresh", result, read: readResult(result, door) });
    expect(described("alb")).toHaveProperty("read.statusDescription", "201 Charged");
    expect(described("albMulti")).toHaveProperty("read.statusDescription", "201 Charged");
    const hook = { toStored: (response: HttpResponse) => response };
    expect(again({ kind: "fresh", result, read: readResult(result, "alb") }, hook)).not.toHaveProperty("read.statusDescription");
    expect(described("v1")).not.toHaveProperty("read.statusDescription");
  });

  it.for<{ name: string; result: unknown; response: Partial<HttpResponse>; form?: BodyForm; names?: object }>([
    { name: "a status alone", result: { statusCode: 204 }, response: { status: 204 }, form: "missing" },
    { name: "null, for a serializer", result: { statusCode: 200, body: null }, response: {}, form: "null" },
    { name: "a text", result: { statusCode: 200, body: "é\u{1F600}\u0000" }, response: { body: "é\u{1F600}\u0000" } },
    { name: "Base64", result: { statusCode: 200, body: "YQ==", isBase64Encoded: true }, response: { body: "YQ==", isBase64: true } },
    {
      name: "headers that may be, as they were written, and no cookies",
      result: paid,
      response: { status: 201, headers: { etag: ["1"] }, body: "paid" },
      names: { etag: "ETag" },
    },
    {
      name: "a value, for a serializer",
      result: { statusCode: 200, body: { amount: 5 } },
      response: { body: '{"amount":5}' },
      form: "value",
    },
    { name: "half a surrogate pair", result: { statusCode: 200, body: "\uD83D" }, response: { body: "\uD83D" } },
    {
      name: "what payload format 2.0 makes of a value",
      result: { ok: true },
      response: { headers: { "content-type": ["application/json"] }, body: '{"ok":true}' },
    },
  ])("comes back: $name", ({ result, response, form = "text", names }) => {
    const whole = { status: 200, headers: {}, cookies: [], body: "", isBase64: false, ...response };
    expect(again(fresh(result))).toEqual({ kind: "stored", read: { response: whole, form, ...(names && { names }) } });
  });

  it("has headers that were asked for, and none of those that must not be", () => {
    const keepHeaders = new Set(["x-tenant", "set-cookie", "authorization", "x-amzn-trace-id", "date"]);
    expect(again(fresh(paid), { keepHeaders })).toMatchObject({
      read: { response: { headers: { etag: ["1"], "x-tenant": ["t"] }, cookies: [] } },
    });
    expect(kept(fresh(paid), { keepHeaders })).not.toMatch(/secret|a=1|Root|now/);
  });

  it("is none that is larger than what is sent: its replay would be an error", () => {
    const body = "a".repeat(6_291_556);
    const made = encodeResult(answerCodec(none), fresh({ statusCode: 200, body }));
    expect(made).toMatchObject({
      encoding: "lost",
      reason: expect.stringMatching(/the answer has \d+ bytes, the limit is 6291300/) as string,
    });
    expect(encodeResult(answerCodec(none), fresh({ statusCode: 200, body: body.slice(400) })).encoding).toBe("http");
  });

  it("is none of what cannot be kept", () => {
    expect(kept({ kind: "fresh", result: undefined, read: undefined })).toBeUndefined();
  });

  it.for([
    "",
    "null",
    "{}",
    "[]",
    '{"status":200}',
    '{"status":99,"headers":{},"body":""}',
    '{"status":200,"headers":{"a":"1"},"body":""}',
    '"a"',
    "{",
  ])("is no record of somebody else's making: %s", (text) => {
    expect(() => answerCodec(none).decode(text)).toThrow();
  });
});

describe("toStored", () => {
  it("sees a copy of what is going to be kept", () => {
    const seen: HttpResponse[] = [];
    const result = { statusCode: 201, headers: { ETag: "1", "Set-Cookie": "a=1" }, cookies: ["b=2"], body: "paid" };
    const answer = fresh(result);
    const stored = again(answer, {
      toStored(response) {
        seen.push(structuredClone(response));
        response.headers["etag"]?.push("2");
        Object.assign(response, { status: 500 });
        return seen[0];
      },
    });
    expect(seen).toEqual([{ status: 201, headers: { etag: ["1"] }, cookies: [], body: "paid", isBase64: false }]);
    expect(stored).toMatchObject({ read: { response: { status: 201, headers: { etag: ["1"] } } } });
    expect(answer).toEqual(fresh(result));
  });

  it("changes what is kept, but keeps nothing that must not be", () => {
    const given = {
      status: 202,
      headers: { ETag: ["2"], "Set-Cookie": ["a=1"], "X-Tenant": ["t"], Authorization: ["secret"], "CACHE-control": ["public"] },
      cookies: ["session=secret"],
      body: "cGFpZA==",
      isBase64: true,
      secret: "secret",
    };
    const answer = fresh({ statusCode: 201, body: "paid" });
    const keeping = { keepHeaders: new Set(["x-tenant"]), toStored: () => given };
    expect(again(answer, keeping)).toEqual({
      kind: "stored",
      read: {
        response: { status: 202, headers: { etag: ["2"], "x-tenant": ["t"] }, cookies: [], body: "cGFpZA==", isBase64: true },
        form: "text",
      },
    });
    expect(kept(answer, keeping)).not.toMatch(/secret|a=1|public/);
  });

  it("may name a header in two cases: both values are kept", () => {
    const answer = hooked((response) => ({ ...response, headers: { ETag: ["1"], etag: ["2"] } }), { statusCode: 200, body: "" });
    expect(answer).toMatchObject({ read: { response: { headers: { etag: ["1", "2"] } } } });
  });

  it("may make a text of a value", () => {
    expect(hooked((response) => ({ ...response, body: "redacted" }), { statusCode: 200, body: { card: "4111" } })).toMatchObject({
      read: { response: { body: "redacted" }, form: "value" },
    });
  });

  it.for<{ name: string; toStored: (response: HttpResponse) => unknown }>([
    { name: "throws", toStored: throwing },
    { name: "gives nothing", toStored: () => undefined },
    { name: "gives null", toStored: () => null },
    { name: "gives a text", toStored: () => "paid" },
    { name: "gives half an answer", toStored: ({ status }) => ({ status }) },
    { name: "gives a result of Lambda's", toStored: () => ({ statusCode: 200, headers: {}, body: "" }) },
    { name: "gives no status", toStored: (response) => ({ ...response, status: "200" }) },
    { name: "gives headers that are no lists", toStored: (response) => ({ ...response, headers: { etag: "1" } }) },
    { name: "gives a body that is no text", toStored: (response) => ({ ...response, body: { a: 1 } }) },
    { name: "promises", toStored: async (response) => response },
    { name: "promises, and throws", toStored: async () => throwing() },
    { name: "gives a member that throws", toStored: (response) => Object.defineProperty({ ...response }, "body", { get: throwing }) },
    { name: "gives headers that throw", toStored: (response) => ({ ...response, headers: new Proxy({}, { ownKeys: throwing }) }) },
    { name: "gives what cannot be looked at", toStored: () => new Proxy({}, { get: throwing }) },
  ])("that $name has nothing kept, and harms nothing", async ({ toStored }) => {
    const made = encodeResult(answerCodec({ ...none, toStored }), fresh(paid));
    expect(made).toEqual({
      encoding: "lost",
      reason: expect.stringMatching(/^codec "http" failed: toStored (?:threw Error|gave no answer)$/) as string,
    });
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });
});

describe("a kept error", () => {
  const marks = { "idempotent-replayed": "true" };
  const thrown = (error: unknown, keepHeaders: ReadonlySet<string> = new Set()): ReplayedError => {
    const answer = again({ kind: "thrown", error }, { keepHeaders });
    expect(answer.kind).toBe("storedError");
    return replayedError((answer as Extract<Answer, { kind: "storedError" }>).error, marks);
  };

  it("comes back with what error handlers read of it", () => {
    const error = Object.assign(new TypeError("no such order"), {
      statusCode: 404,
      code: "E404",
      expose: true,
      headers: { "Content-Type": "text/plain", "Retry-After": 5 },
      secret: "secret",
    });
    const replayed = thrown(error);
    expect(replayed).toBeInstanceOf(ReplayedError);
    expect({ ...replayed, message: replayed.message, headers: (replayed as { headers?: object }).headers }).toEqual({
      name: "TypeError",
      message: "no such order",
      statusCode: 404,
      code: "E404",
      expose: true,
      headers: { "Content-Type": "text/plain", "Retry-After": "5", ...marks },
    });
  });

  it("has its whole message, which may be the body of an answer", () => {
    const message = JSON.stringify({ errors: "x".repeat(5000) });
    expect(thrown(Object.assign(new Error(message), { statusCode: 422 })).message).toBe(message);
    const unreadable = { etag: { toString: throwing } };
    expect(thrown(Object.assign(new Error(message), { headers: unreadable })).message).toBe(message);
  });

  it("has half a character of it, too, and headers that error handlers may change", () => {
    const error = Object.assign(new Error("a\ud83d"), { headers: { Vary: "a" } });
    const replayed = thrown(error) as ReplayedError & { headers: object };
    expect(replayed.message).toBe("a\ud83d");
    replayed.headers = { Vary: "b" };
    expect(replayed.headers).toEqual({ Vary: "b" });
  });

  it("has no header without a value", () => {
    const error = Object.assign(new Error("no"), { headers: { Allow: undefined, ETag: null, Vary: "a" } });
    expect(thrown(error)).toHaveProperty("headers", { Vary: "a", ...marks });
  });

  it("has no header that must not be kept, in any case", () => {
    const headers = {
      "Set-Cookie": "a=1",
      "WWW-Authenticate": "Bearer",
      authorization: "secret",
      "X-Tenant": "t",
      "X-Other": "o",
      ETag: "1",
    };
    const error = Object.assign(new Error("no"), { headers });
    expect(thrown(error, new Set(["x-tenant", "set-cookie"]))).toHaveProperty("headers", { "X-Tenant": "t", ETag: "1", ...marks });
    expect(kept({ kind: "thrown", error }, { keepHeaders: new Set(["set-cookie"]) })).not.toMatch(/a=1|Bearer|secret|"o"/);
    expect(thrown(Object.assign(new Error("no"), { headers: { "Set-Cookie": "a=1" } }))).toHaveProperty("headers", marks);
  });

  it.for<{ name: string; error: unknown; message: string }>([
    { name: "nothing", error: undefined, message: "undefined" },
    { name: "null", error: null, message: "null" },
    { name: "a text", error: "down", message: "down" },
    { name: "a number", error: 5, message: "5" },
    { name: "an object without a message", error: {}, message: "" },
    { name: "headers that throw", error: Object.defineProperty(new Error("down"), "headers", { get: throwing }), message: "down" },
    {
      name: "headers that cannot be listed",
      error: Object.assign(new Error("down"), { headers: new Proxy({}, { ownKeys: throwing }) }),
      message: "down",
    },
    {
      name: "a header that is no text",
      error: Object.assign(new Error("down"), { headers: { etag: { toString: throwing } } }),
      message: "down",
    },
    { name: "headers that are a text", error: Object.assign(new Error("down"), { headers: "etag" }), message: "down" },
    { name: "an expose that says neither", error: Object.assign(new Error("down"), { expose: "yes" }), message: "down" },
    { name: "a proxy that throws", error: new Proxy({}, { get: throwing }), message: "" },
  ])("is whatever was thrown: $name", ({ error, message }) => {
    const replayed = thrown(error);
    expect(replayed.message).toBe(message);
    expect(replayed).toHaveProperty("headers", marks);
    expect(replayed).not.toHaveProperty("expose");
  });
});
