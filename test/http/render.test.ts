// How a kept answer is written for each front door.
import { describe, expect, it } from "vitest";
import type { FrontDoor } from "../../src/http/event.ts";
import { render } from "../../src/http/render.ts";
import { type HttpResponse, readResult } from "../../src/http/response.ts";

const doors = ["v1", "v2", "alb", "albMulti"] as const;

type Headers = Record<string, string[]>;

function response(more: Partial<HttpResponse> = {}): HttpResponse {
  return { status: 200, headers: {}, cookies: [], body: "", isBase64: false, ...more };
}

describe("a kept answer is written", () => {
  const kept = response({ status: 201, headers: { etag: ["1"], vary: ["a", "b"], empty: [] }, body: "paid" });
  const cookies = ["a=1", "b=2"];

  it.for<{ door: FrontDoor; given: HttpResponse; written: object }>([
    { door: "v2", given: kept, written: { headers: { etag: "1", vary: "a, b" } } },
    { door: "v2", given: response({ status: 201, cookies, body: "paid" }), written: { headers: {}, cookies } },
    {
      door: "v1",
      given: response({ ...kept, headers: { etag: ["1"], vary: ["a", "b"] } }),
      written: { headers: { etag: "1" }, multiValueHeaders: { vary: ["a", "b"] } },
    },
    { door: "v1", given: response({ status: 201, headers: { etag: ["1"] }, body: "paid" }), written: { headers: { etag: "1" } } },
    {
      door: "v1",
      given: response({ status: 201, cookies, body: "paid" }),
      written: { headers: {}, multiValueHeaders: { "set-cookie": cookies } },
    },
    {
      door: "alb",
      given: response({ status: 201, headers: { etag: ["1"], vary: ["a", "b"] }, body: "paid" }),
      written: { headers: { etag: "1", vary: "a, b" } },
    },
    // It has one header of a name.
    {
      door: "alb",
      given: response({ status: 201, cookies, body: "paid" }),
      written: { headers: { "set-cookie": "b=2" } },
    },
    {
      door: "albMulti",
      given: response({ status: 201, headers: { etag: ["1"], vary: ["a", "b"] }, cookies, body: "paid" }),
      written: { multiValueHeaders: { etag: ["1"], vary: ["a", "b"], "set-cookie": cookies } },
    },
  ])("for $door: $written", ({ door, given, written }) => {
    expect(render({ response: given, form: "text" }, door)).toEqual({
      statusCode: 201,
      body: "paid",
      isBase64Encoded: false,
      ...written,
    });
  });

  it.for(doors)("with its coding: %s", (door) => {
    expect(render({ response: response({ body: "YQ==", isBase64: true }), form: "text" }, door)).toMatchObject({
      body: "YQ==",
      isBase64Encoded: true,
    });
  });

  it.for(doors)("as a value where the serializer is to come: %s", (door) => {
    expect(render({ response: response({ body: '{"amount":5}' }), form: "value" }, door).body).toEqual({ amount: 5 });
    expect(render({ response: response({ body: '{"amount":5}' }), form: "text" }, door).body).toBe('{"amount":5}');
    expect(render({ response: response({ body: "a hook's text" }), form: "value" }, door).body).toBe("a hook's text");
  });

  it.for(doors)("and read again, is what it was: %s", (door) => {
    const headers: Headers = { "content-type": ["text/plain"], etag: ["1"] };
    const again = readResult(render({ response: response({ status: 404, headers, body: "é" }), form: "text" }, door), door);
    expect(again && { ...again.response, headers: { ...again.response.headers } }).toEqual(response({ status: 404, headers, body: "é" }));
  });

  it.for(["alb", "albMulti"] as const)("with the words that the handler had for its status: %s", (door) => {
    const own = { form: "text" as const, statusDescription: "201 Charged" };
    expect(render({ response: response({ status: 201 }), ...own }, door)).toHaveProperty("statusDescription", "201 Charged");
    expect(render({ response: response({ status: 201 }), form: "text" }, door)).not.toHaveProperty("statusDescription");
  });

  it("with names as the handler wrote them", () => {
    const given = response({ headers: { etag: ["1"], "x-a": ["1"], constructor: ["1"] } });
    for (const door of doors) {
      const { headers, multiValueHeaders } = render({ response: given, form: "text", names: { etag: "ETag" } }, door);
      expect(Object.keys(multiValueHeaders ?? headers ?? {})).toEqual(["ETag", "x-a", "constructor"]);
    }
  });

  it("with cookies that a hook gives as a header", () => {
    const given = response({ headers: { "Set-Cookie": ["b=2", "c=3"] }, cookies: ["a=1"] });
    expect(render({ response: given, form: "text" }, "v2")).toMatchObject({ headers: {}, cookies: ["a=1", "b=2", "c=3"] });
    expect(render({ response: given, form: "text" }, "v1").multiValueHeaders).toEqual({ "set-cookie": ["a=1", "b=2", "c=3"] });
  });

  it.for(doors)("without a body where there was none: %s", (door) => {
    expect(render({ response: response(), form: "missing" }, door)).not.toHaveProperty("body");
    expect(render({ response: response(), form: "null" }, door)).toHaveProperty("body", null);
    expect(render({ response: response(), form: "text" }, door)).toHaveProperty("body", "");
  });
});
