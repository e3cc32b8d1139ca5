// The one shape of a request, and the bytes of a body.
import { describe, expect, it } from "vitest";
import type { FrontDoor, HttpEvent } from "../../src/http/event.ts";
import { targetOf } from "../../src/http/path.ts";
import { bodyOf, headOf, requestOf } from "../../src/http/request.ts";

/** HTTP API with payload format 2.0, or function URL. */
function v2(members: object = {}, context: object = {}): HttpEvent {
  const http = { method: "POST", path: "/payments" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/payments",
    requestContext: { http, stage: "$default", ...context },
    ...members,
  };
}

/** REST API. */
function v1(members: object = {}, context: object = {}): HttpEvent {
  return { httpMethod: "POST", path: "/payments", resource: "/{proxy+}", requestContext: { stage: "prod", ...context }, ...members };
}

/** HTTP API with payload format 1.0. */
function v1OfHttpApi(members: object = {}, context: object = {}): HttpEvent {
  return v1({ version: "1.0", ...members }, context);
}

function alb(members: object = {}): HttpEvent {
  return { httpMethod: "POST", path: "/payments", headers: {}, requestContext: { elb: {} }, ...members };
}

describe("the front door", () => {
  it.for<{ name: string; event: HttpEvent; door: FrontDoor }>([
    { name: "a REST API", event: v1(), door: "v1" },
    { name: "an HTTP API with payload format 1.0", event: v1OfHttpApi(), door: "v1" },
    { name: "an HTTP API with payload format 2.0", event: v2(), door: "v2" },
    { name: "a load balancer with single headers", event: alb(), door: "alb" },
    { name: "one whose lists are null", event: alb({ multiValueHeaders: null }), door: "alb" },
    { name: "a load balancer with lists", event: alb({ headers: undefined, multiValueHeaders: {} }), door: "albMulti" },
    { name: "an event made by hand", event: { httpMethod: "POST" }, door: "v1" },
    { name: "one of payload format 2.0", event: { requestContext: { http: { method: "POST" } } }, door: "v2" },
  ])("$name", ({ event, door }) => {
    expect(headOf(event).frontDoor).toBe(door);
  });

  it.for<{ event: unknown }>([
    { event: undefined },
    { event: null },
    { event: "POST /payments" },
    { event: 5 },
    { event: [] },
    { event: {} },
    { event: { Records: [{ eventSource: "aws:sqs", body: "{}" }] } },
    { event: { httpMethod: null, requestContext: null } },
    { event: { httpMethod: 5 } },
    { event: { requestContext: { http: {} } } },
    { event: { requestContext: { http: { method: null } } } },
    { event: { "detail-type": "Payment", source: "shop", detail: {} } },
  ])("none has made $event", ({ event }) => {
    expect(() => headOf(event as HttpEvent)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", path: "event" }));
  });
});

describe("the method is in capitals", () => {
  it.for([v1({ httpMethod: "patch" }), v2({}, { http: { method: "Patch" } }), alb({ httpMethod: "PATCH" })])("%s", (event) => {
    expect(headOf(event).method).toBe("PATCH");
  });
});

it("of two methods, the one in the request's context counts on payload format 2.0", () => {
  expect(headOf(v2({ httpMethod: "GET" })).method).toBe("POST");
});

describe("the path", () => {
  it.for<{ name: string; event: HttpEvent; path: string }>([
    { name: "a REST API's has no stage", event: v1(), path: "/payments" },
    { name: "a REST API's that begins as its stage does", event: v1({ path: "/prod/payments" }), path: "/prod/payments" },
    { name: "a REST API's that is called as its stage", event: v1({ path: "/prod" }), path: "/prod" },
    { name: "a load balancer's", event: alb({ path: "/a/b" }), path: "/a/b" },
    { name: "without a named stage", event: v2(), path: "/payments" },
    { name: "without a named stage, where it is called so", event: v2({ rawPath: "/$default/payments" }), path: "/$default/payments" },
    { name: "with a named stage", event: v2({ rawPath: "/dev/payments" }, { stage: "dev" }), path: "/payments" },
    { name: "with a named stage, twice", event: v2({ rawPath: "/dev/dev" }, { stage: "dev" }), path: "/dev" },
    { name: "that is the stage alone", event: v2({ rawPath: "/dev" }, { stage: "dev" }), path: "/" },
    { name: "that is the stage and a slash", event: v2({ rawPath: "/dev/" }, { stage: "dev" }), path: "/" },
    { name: "that begins with the letters of a stage", event: v2({ rawPath: "/developers" }, { stage: "dev" }), path: "/developers" },
    { name: "of a domain of one's own", event: v2({ rawPath: "/shop/payments" }, { stage: "dev" }), path: "/shop/payments" },
    { name: "of payload format 1.0, with a named stage", event: v1OfHttpApi({ path: "/prod/payments" }), path: "/payments" },
    {
      name: "of payload format 1.0, without one",
      event: v1OfHttpApi({ path: "/payments" }, { stage: "$default" }),
      path: "/payments",
    },
    { name: "of an event made by hand", event: { requestContext: { http: { method: "POST", path: "/a" } } }, path: "/a" },
    { name: "that is not there", event: { httpMethod: "POST" }, path: "/" },
    { name: "that is no text", event: v2({ rawPath: 5 }), path: "/" },
    { name: "as the front door hands it over", event: v2({ rawPath: "/a%20b/../é/" }), path: "/a%20b/../é/" },
  ])("$name", ({ event, path }) => {
    expect(targetOf(event, headOf(event).frontDoor).path).toBe(path);
  });
});

describe("the path as it is compared", () => {
  it.for<{ name: string; event: HttpEvent; compared: string }>([
    ...["/payments/5", "/dev/payments/5", "/shop/payments/5", "/shop/v1/dev/payments/5"].map((path) => ({
      name: `is a REST API's template's, without what a domain puts in front: ${path}`,
      event: v1({ path, resource: "/payments/{id}" }),
      compared: "/payments/5",
    })),
    ...["/", "/shop", "/shop/", "/shop/v1"].map((path) => ({
      name: `is a REST API's root: ${path}`,
      event: v1({ path, resource: "/" }),
      compared: "/",
    })),
    { name: "has its slash at the end", event: v1({ path: "/shop/payments/", resource: "/payments" }), compared: "/payments/" },
    { name: "is whole where its template does not end it", event: v1({ path: "/shop/a", resource: "/payments" }), compared: "/shop/a" },
    {
      name: "is whole with nothing for its variable",
      event: v1({ path: "/payments//", resource: "/payments/{id}" }),
      compared: "/payments//",
    },
    { name: "is whole where it is shorter than its template", event: v1({ path: "/5", resource: "/{shop}/{id}" }), compared: "/5" },
    { name: "is whole of a catch-all", event: v1({ path: "/shop/payments" }), compared: "/shop/payments" },
    { name: "is whole without a slash at its beginning", event: alb({ path: "payments" }), compared: "payments" },
    { name: "is whole of a load balancer", event: alb({ path: "/a/b" }), compared: "/a/b" },
    // An id with a slash in it looks like a base path there.
    {
      name: "is whole of an HTTP API, which decodes it",
      event: v2({ rawPath: "/orders/orders/5", routeKey: "POST /orders/{id}" }),
      compared: "/orders/orders/5",
    },
    ...[
      v2({ rawPath: "/a/b/orders", routeKey: "POST /{shop}/orders", pathParameters: { shop: "a/b" } }),
      v1({ path: "/a%2Fb/orders", resource: "/{shop}/orders" }),
      v1({ path: "/base/a%2fb/orders", resource: "/{shop}/orders" }),
      v1OfHttpApi({ path: "/prod/base/a/b/orders", resource: "/{shop}/orders", pathParameters: { shop: "a/b" } }),
    ].map((event, i) => ({ name: `is a template's with its parameters, on each front door: ${i}`, event, compared: "/a%2Fb/orders" })),
    {
      name: "is an HTTP API's template without variables, whatever is in front",
      event: v1OfHttpApi({ path: "/shop/orders", resource: "/orders" }, { stage: "$default" }),
      compared: "/orders",
    },
    {
      name: "is whole where a parameter is missing",
      event: v2({ rawPath: "/a/orders", routeKey: "POST /{shop}/orders", pathParameters: { id: "a" } }),
      compared: "/a/orders",
    },
    {
      name: "is whole of payload format 1.0, without parameters",
      event: v1OfHttpApi({ path: "/prod/a/orders", resource: "/{shop}/orders" }),
      compared: "/a/orders",
    },
    { name: "is whole with nothing for one of its variables", event: v1({ path: "/base//x", resource: "/{a}/{b}" }), compared: "/base//x" },
    {
      name: "is a template's, whose segments came escaped",
      event: v1({ path: "/shop/%6Frders/1", resource: "/orders/{id}" }),
      compared: "/orders/1",
    },
    {
      name: "of a function URL is decoded here",
      event: v2({ rawPath: "/users/ann%40x.com" }, { domainName: "abc.lambda-url.us-east-1.on.aws" }),
      compared: "/users/ann@x.com",
    },
    ...[
      ["/u/%41%2fx", "/u/A%2Fx"],
      ["/%41%25%e9%C3%A9", "/A%25%E9%C3%A9"],
      ["/%c3%a9%3f%C3%A9", "/é%3Fé"],
    ].map(([path, compared = ""]) => ({ name: `is decoded around what would part it: ${path}`, event: alb({ path }), compared })),
    { name: "is decoded, as HTTP APIs have it", event: v1({ path: "/caf%C3%A9/%41" }), compared: "/café/A" },
    { name: "of an HTTP API is decoded already", event: v2({ rawPath: "/café/100%" }), compared: "/café/100%" },
    ...["/a%2Fb", "/a%3Fb", "/a%23b", "/100%25", "/100%", "/%FF"].map((path) => ({
      name: `keeps what would part it: ${path}`,
      event: alb({ path }),
      compared: path,
    })),
  ])("$name", ({ event, compared }) => {
    expect(targetOf(event, headOf(event).frontDoor).compared).toBe(compared);
  });
});

describe("the route", () => {
  it.for<{ name: string; event: HttpEvent; route: string }>([
    { name: "a REST API's template", event: v1({ resource: "/payments/{id}" }), route: "/payments/{id}" },
    { name: "an HTTP API's template", event: v2({ routeKey: "POST /payments/{id}" }), route: "/payments/{id}" },
    { name: "an HTTP API's for any method", event: v2({ routeKey: "ANY /payments/{id}" }), route: "/payments/{id}" },
    { name: "a root", event: v2({ routeKey: "POST /" }), route: "/" },
    { name: "a REST API's root", event: v1({ resource: "/" }), route: "/" },
    { name: "of payload format 1.0", event: v1OfHttpApi({ resource: "/payments/{id}" }), route: "/payments/{id}" },
    { name: "the default, whose path counts", event: v2({ routeKey: "$default" }), route: "/payments" },
    { name: "a REST API's greedy one", event: v1({ resource: "/{proxy+}" }), route: "/payments" },
    { name: "a greedy one with something in front", event: v1({ path: "/a/b/c", resource: "/a/{rest+}" }), route: "/a/b/c" },
    { name: "an HTTP API's greedy one", event: v2({ routeKey: "ANY /{proxy+}" }), route: "/payments" },
    { name: "payload format 1.0's default", event: v1OfHttpApi({ resource: "$default" }, { stage: "$default" }), route: "/payments" },
    { name: "a catch-all's path without the stage", event: v2({ rawPath: "/dev/a" }, { stage: "dev" }), route: "/a" },
    { name: "a load balancer's, which knows none", event: alb({ path: "/a/b", resource: "/{x}" }), route: "/a/b" },
    { name: "none at all", event: v1({ resource: undefined }), route: "/payments" },
    { name: "one that is no text", event: v1({ resource: null }), route: "/payments" },
    { name: "an empty one", event: v2({ routeKey: "" }), route: "/payments" },
  ])("$name", ({ event, route }) => {
    expect(requestOf(event, headOf(event), new Uint8Array()).request.route).toBe(route);
  });
});

describe("headers", () => {
  function headersOf(members: object): Record<string, string[]> {
    return { ...headOf(v1(members)).headers };
  }

  it.for<{ name: string; members: object; headers: Record<string, string[]> }>([
    { name: "none", members: {}, headers: {} },
    { name: "null", members: { headers: null, multiValueHeaders: null }, headers: {} },
    { name: "of mixed case", members: { headers: { "Idempotency-KEY": "k" } }, headers: { "idempotency-key": ["k"] } },
    { name: "that differ in case only", members: { headers: { "X-A": "1", "x-a": "2" } }, headers: { "x-a": ["1", "2"] } },
    {
      name: "lists, which know more than the last value",
      members: { headers: { "X-A": "2", b: "3" }, multiValueHeaders: { "X-A": ["1", "2"], b: ["3"] } },
      headers: { "x-a": ["1", "2"], b: ["3"] },
    },
    {
      name: "a list of another case than the single value",
      members: { headers: { "x-a": "2" }, multiValueHeaders: { "X-A": ["1", "2"] } },
      headers: { "x-a": ["1", "2"] },
    },
    { name: "lists that differ in case only", members: { multiValueHeaders: { a: ["1"], A: ["2"] } }, headers: { a: ["1", "2"] } },
    {
      name: "a single value that no list has",
      members: { headers: { a: "1" }, multiValueHeaders: { b: ["2"] } },
      headers: { a: ["1"], b: ["2"] },
    },
    { name: "beside an empty list", members: { headers: { a: "1" }, multiValueHeaders: { a: [] } }, headers: { a: ["1"] } },
    { name: "a list that is none", members: { multiValueHeaders: { a: "1" } }, headers: { a: ["1"] } },
    {
      name: "what is no text",
      members: { headers: { a: 1, b: null, c: undefined, d: {} }, multiValueHeaders: { e: [5, "6"] } },
      headers: { e: ["6"] },
    },
    { name: "an empty text", members: { headers: { a: "" } }, headers: { a: [""] } },
    { name: "joined with commas, which are one", members: { headers: { a: "1,2" } }, headers: { a: ["1,2"] } },
    { name: "cookies of payload format 2.0", members: { cookies: ["a=1", "b=2"] }, headers: { cookie: ["a=1; b=2"] } },
    { name: "no cookies", members: { cookies: [] }, headers: {} },
    { name: "cookies that are no list", members: { cookies: "a=1" }, headers: {} },
  ])("$name", ({ members, headers }) => {
    expect(headersOf(members)).toEqual(headers);
  });

  it("have any name", () => {
    const headers = JSON.parse('{"__proto__":"1","constructor":"2"}') as object;
    expect(Object.entries(headOf(v1({ headers })).headers)).toEqual([
      ["__proto__", ["1"]],
      ["constructor", ["2"]],
    ]);
    expect(headOf(v1()).headers["constructor"]).toBeUndefined();
  });
});

describe("a body", () => {
  const limit = 16;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

  it.for<{ name: string; event: HttpEvent; bytes: string }>([
    { name: "none", event: {}, bytes: "" },
    { name: "null", event: { body: null }, bytes: "" },
    { name: "null that is said to be Base64", event: { body: null, isBase64Encoded: true }, bytes: "" },
    { name: "an empty text", event: { body: "" }, bytes: "" },
    { name: "an empty text in Base64", event: { body: "", isBase64Encoded: true }, bytes: "" },
    { name: "a text", event: { body: "paid" }, bytes: "paid" },
    { name: "a text in UTF-8", event: { body: "é" }, bytes: "\u00C3\u00A9" },
    { name: "a byte order mark", event: { body: "\uFEFFa" }, bytes: "\u00EF\u00BB\u00BFa" },
    { name: "a whole surrogate pair", event: { body: "\u{1F600}" }, bytes: "\u00F0\u009F\u0098\u0080" },
    { name: "Base64", event: { body: "cGFpZA==", isBase64Encoded: true }, bytes: "paid" },
    { name: "Base64 that is no UTF-8", event: { body: "/wD+", isBase64Encoded: true }, bytes: "\u00FF\u0000\u00FE" },
    { name: "what looks like Base64 and is not said to be", event: { body: "cGFpZA==" }, bytes: "cGFpZA==" },
    { name: "the same, said aloud", event: { body: "cGFpZA==", isBase64Encoded: false }, bytes: "cGFpZA==" },
    { name: "as many bytes as there may be", event: { body: "é".repeat(8) }, bytes: "\u00C3\u00A9".repeat(8) },
    { name: "as many in Base64", event: { body: Buffer.alloc(16, "a").toString("base64"), isBase64Encoded: true }, bytes: "a".repeat(16) },
  ])("$name", ({ event, bytes }) => {
    const body = bodyOf(event, limit);
    expect(body.kind === "bytes" ? text(body.bytes) : body).toBe(bytes);
  });

  it.for<{ name: string; body: string }>([
    { name: "no Base64", body: "no base64!" },
    { name: "a text", body: "paid?" },
    { name: "JSON", body: '{"a":1}' },
    { name: "without padding", body: "cGFpZA" },
    { name: "with half of its padding", body: "cGFpZA=" },
    { name: "with more padding", body: "cGFpZA===" },
    { name: "with padding that is not needed", body: "cGFp====" },
    { name: "with bits left over", body: "cGFpZB==" },
    { name: "of the form for URLs", body: "_wD-" },
    { name: "with a line end", body: "cGFp\nZA==" },
    { name: "with a line end after it", body: "cGFpZA==\n" },
    { name: "with a space", body: "cGFp ZA==" },
    { name: "one character", body: "c" },
    { name: "padding only", body: "====" },
    { name: "something after the padding", body: "cGFpZA==cGFp" },
    { name: "a letter outside ASCII", body: "cGFpé" },
    { name: "a letter whose low byte is a right one", body: "cGFp\u0143GFp" },
  ])("in Base64 is invalid: $name", ({ body }) => {
    expect(bodyOf({ body, isBase64Encoded: true }, limit)).toEqual({ kind: "invalid" });
  });

  it.for(["\uD83D", "a\uDE00", "\uDE00\uD83D"])("with half a surrogate pair is invalid", (body) => {
    expect(bodyOf({ body }, limit)).toEqual({ kind: "invalid" });
  });

  it.for<{ body: unknown }>([
    { body: { amount: 5 } },
    { body: [1] },
    { body: 5 },
    { body: true },
    { body: false },
    { body: Buffer.from("a") },
  ])("that is $body has been parsed", ({ body }) => {
    expect(bodyOf({ body }, limit)).toEqual({ kind: "parsed" });
    expect(bodyOf({ body, isBase64Encoded: true }, limit)).toEqual({ kind: "parsed" });
  });

  it.for<{ name: string; event: HttpEvent; most: number }>([
    { name: "one byte more", event: { body: "a".repeat(17) }, most: limit },
    { name: "one byte more, of fewer characters", event: { body: `${"é".repeat(8)}a` }, most: limit },
    { name: "one byte more in Base64", event: { body: Buffer.alloc(17).toString("base64"), isBase64Encoded: true }, most: limit },
    { name: "a byte where there may be none", event: { body: "a" }, most: 0 },
    { name: "no Base64 above the limit, which is not decoded", event: { body: "!".repeat(64), isBase64Encoded: true }, most: limit },
  ])("is too large: $name", ({ event, most }) => {
    expect(bodyOf(event, most)).toEqual({ kind: "too_large" });
  });

  it("may be nothing where there may be no byte", () => {
    expect(bodyOf({}, 0)).toEqual({ kind: "bytes", bytes: new Uint8Array() });
    expect(bodyOf({ body: "" }, 0).kind).toBe("bytes");
  });
});

describe("a request", () => {
  it("is what functions of the options get: no more, and the event as it came", () => {
    const event = v2({ rawQueryString: "b=2&a=1", headers: { "X-A": "1" } });
    const bytes = Buffer.from("paid");
    const { request, query } = requestOf(event, headOf(event), bytes);
    expect(Object.keys(request).sort()).toEqual(["body", "event", "headers", "method", "path", "query", "route"]);
    expect(request).toMatchObject({
      method: "POST",
      path: "/payments",
      route: "/payments",
      query: { a: ["1"], b: ["2"] },
      headers: { "x-a": ["1"] },
    });
    expect(request.event).toBe(event);
    expect(request.body).toBe(bytes);
    expect(query).toBe('[["a",["1"]],["b",["2"]]]');
  });
});
