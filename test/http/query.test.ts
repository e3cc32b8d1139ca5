import { describe, expect, it } from "vitest";
import type { FrontDoor, HttpEvent } from "../../src/http/event.ts";
import { queryOf } from "../../src/http/query.ts";

type Listed = Record<string, string[]>;

const v2 = (rawQueryString: string): [HttpEvent, FrontDoor] => [{ rawQueryString }, "v2"];
const v1 = (multi: Listed): [HttpEvent, FrontDoor] => [
  { multiValueQueryStringParameters: multi, queryStringParameters: last(multi) },
  "v1",
];
const albMulti = (multi: Listed): [HttpEvent, FrontDoor] => [{ multiValueQueryStringParameters: multi }, "albMulti"];
const alb = (single: Record<string, string>): [HttpEvent, FrontDoor] => [{ queryStringParameters: single }, "alb"];

function last(multi: Listed): Record<string, string> {
  return Object.fromEntries(Object.entries(multi).map(([name, values]) => [name, values.at(-1) ?? ""]));
}

function valuesOf(...request: [HttpEvent, FrontDoor]): Listed {
  return { ...queryOf(...request).values };
}

describe("a query is decoded", () => {
  it.for<{ name: string; request: [HttpEvent, FrontDoor]; values: Listed }>([
    { name: "none, as a URL", request: v2(""), values: {} },
    {
      name: "none, as a REST API has it",
      request: [{ queryStringParameters: null, multiValueQueryStringParameters: null }, "v1"],
      values: {},
    },
    { name: "none, of an event made by hand", request: [{}, "v2"], values: {} },
    { name: "none, of a load balancer", request: albMulti({}), values: {} },
    { name: "a URL's", request: v2("a=1&b=x%20y%2Cz&c=%C3%A9"), values: { a: ["1"], b: ["x y,z"], c: ["é"] } },
    { name: "a plus", request: v2("a+b=c+d&e=%2B"), values: { "a b": ["c d"], e: ["+"] } },
    { name: "a name that comes twice", request: v2("a=2&b=0&a=1"), values: { a: ["2", "1"], b: ["0"] } },
    { name: "one name in two spellings", request: v2("a=1&%61=2"), values: { a: ["1", "2"] } },
    { name: "names without a value", request: v2("a&b=&=c"), values: { a: [""], b: [""], "": ["c"] } },
    { name: "an equals sign in a value", request: v2("a=b=c"), values: { a: ["b=c"] } },
    { name: "parts that are empty", request: v2("&&a=1&"), values: { a: ["1"] } },
    { name: "a comma, which separates nothing", request: v2("a=1,2"), values: { a: ["1,2"] } },
    { name: "a REST API's, which decodes itself", request: v1({ a: ["%20", "x+y"] }), values: { a: ["%20", "x+y"] } },
    { name: "a load balancer's, which does not", request: albMulti({ "a%20b": ["%2B", "x+y"] }), values: { "a b": ["+", "x y"] } },
    { name: "a load balancer's single one", request: alb({ a: "x%20y" }), values: { a: ["x y"] } },
    {
      name: "single ones of a REST API's event made by hand",
      request: [{ queryStringParameters: { a: "1" } }, "v1"],
      values: { a: ["1"] },
    },
    { name: "of payload format 2.0 made by hand", request: [{ queryStringParameters: { a: "%20" } }, "v2"], values: { a: ["%20"] } },
    {
      name: "single values beside an empty list of them",
      request: [{ multiValueQueryStringParameters: {}, queryStringParameters: { a: "1" } }, "v1"],
      values: { a: ["1"] },
    },
    { name: "values that are none", request: [{ queryStringParameters: { a: null, b: undefined } }, "v1"], values: { a: [""], b: [""] } },
  ])("$name", ({ request, values }) => {
    expect(valuesOf(...request)).toEqual(values);
  });

  it("has any name", () => {
    const { values } = queryOf(...v2("__proto__=1&constructor=2&toString=3&__proto__=4"));
    expect(Object.entries(values)).toEqual([
      ["__proto__", ["1", "4"]],
      ["constructor", ["2"]],
      ["toString", ["3"]],
    ]);
  });

  it.for(["a=%", "a=%zz&b=1", "%ff=1", "b=1&a=%C3"])("counts as it stands where it cannot be: %s", (raw) => {
    const { values, canonical } = queryOf(...v2(raw));
    expect(Object.entries(values).flatMap(([name, list]) => list.map((value) => `${name}=${value}`))).toEqual(raw.split("&"));
    expect(canonical).toContain("undecodable");
  });
});

describe("the canonical query", () => {
  it.for<{ name: string; requests: [HttpEvent, FrontDoor][] }>([
    { name: "the order of names", requests: [v2("b=2&a=1"), v2("a=1&b=2")] },
    { name: "the order between names", requests: [v2("a=1&b=2&a=3"), v2("a=1&a=3&b=2"), v2("b=2&a=1&a=3")] },
    { name: "the order of names that are numbers", requests: [v2("10=a&9=b&x=c"), v2("x=c&9=b&10=a")] },
    { name: "the spelling", requests: [v2("a=%7E%41"), v2("a=~A"), v2("%61=~%41")] },
    {
      name: "the front door",
      requests: [v2("a=x+y&a=%C3%A9&b="), v1({ b: [""], a: ["x y", "é"] }), albMulti({ a: ["x%20y", "%c3%a9"], b: [""] })],
    },
    { name: "a single value of the front door", requests: [v2("a=x%20y"), v1({ a: ["x y"] }), alb({ a: "x+y" })] },
    { name: "no query", requests: [v2(""), v1({}), alb({}), albMulti({}), [{}, "v1"]] },
  ])("is the same whatever $name", ({ requests }) => {
    expect(new Set(requests.map((request) => queryOf(...request).canonical)).size).toBe(1);
  });

  it("tells apart what differs", () => {
    const raws = `
      a=1 a=2 A=1 a=1&a=1 a=1&a=2 a=2&a=1 a=1,2 a=1&b=2 a=1%26b=2 a=1&b=1 b=1 a a=1= = __proto__=1 constructor=1 ["a",["1"]]=
      a=%20 a=% a=%25 a=%2 a=%&b a=%&b=1 b=1&a=% %=a a=e%CC%81 a=%C3%A9 a=undecodable`.split(/\s+/);
    const seen = new Map<string, string>();
    for (const raw of raws) {
      const { canonical } = queryOf(...v2(raw));
      expect(seen.get(canonical), raw).toBeUndefined();
      seen.set(canonical, raw);
    }
  });
});
