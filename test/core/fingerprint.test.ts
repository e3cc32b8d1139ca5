import { runInNewContext } from "node:vm";
import canonicalize from "canonicalize";
import { describe, expect, it } from "vitest";
import { IdempotencyError, payloadKey } from "../../src/index.ts";
import { canonicalJson, fingerprintOf } from "../../src/core/fingerprint.ts";
import { randomJson } from "./vectors/random-json.ts";
import { double, noNumbers, numbers, samples } from "./vectors/rfc8785.ts";

const seed = Number(process.env["SEED"] ?? 8785);
const count = Number(process.env["VALUES"] ?? 5000);

function refusal(value: unknown): IdempotencyError {
  let text: string;
  try {
    text = canonicalJson(value);
  } catch (error) {
    expect(error).toBeInstanceOf(IdempotencyError);
    return error as IdempotencyError;
  }
  throw new Error(`was fingerprinted as ${text.slice(0, 100)}`);
}

function nested(depth: number): unknown {
  return Array.from({ length: depth }).reduce((inner) => ({ in: inner }), 1);
}

function throwing(): never {
  throw new Error("no");
}

class Point {
  readonly #hidden = 1;
  readonly x = 1;
  sum(): number {
    return this.#hidden + this.x;
  }
}

describe("canonical JSON, RFC 8785", () => {
  it.for(samples)("$name", ({ input, canonical }) => {
    expect(canonicalJson(JSON.parse(input))).toBe(canonical);
    expect(canonicalJson(JSON.parse(canonical))).toBe(canonical);
  });

  it.for(numbers)("appendix B: $bits is $text", ({ bits, text }) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });

  it.for(noNumbers.map((bits) => ({ bits, number: double(bits) })))("appendix B: $bits, $number, has no text", ({ number }) => {
    expect(refusal(number).code).toBe("KEY_INVALID");
  });

  it(`is what the package canonicalize makes of ${count} random JSON values (SEED=${seed}, VALUES=${count})`, () => {
    const values = randomJson(seed);
    for (let i = 0; i < count; i++) {
      const { value } = values.next();
      expect(canonicalJson(value), `value ${i}`).toBe(canonicalize(value));
    }
  });
});

describe("a fingerprint", () => {
  it.for([
    { name: "null", value: null, golden: "1:dCNOmK_nSY-12vHzasLXiswzlGT5UHA7jAGYkvmCuQs" },
    { name: "{}", value: {}, golden: "1:RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o" },
    { name: "[]", value: [], golden: "1:T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU" },
    { name: "a text", value: "text", golden: "1:Hh0PJR06dvorG_yBFkB4VyYjQDiH2wKYi1BLBJLp8HY" },
    { name: "an object", value: { b: [true, null], a: 1 }, golden: "1:HMacf6I2Fsouw-5w0kOQpiJciDLbikyBTH4Of5Qvhmg" },
    { name: "an order", value: { id: "order-1", amount: 5 }, golden: "1:YsKZzpWPAgt2KTFXfk7EhhZ69ucXHGWuWmcZxLH_nhU" },
    { name: "a date", value: new Date(Date.UTC(2026, 0, 1)), golden: "1:3r6AU-ts8MwMgi7G5JrkTEoHFDF12ZEZzolLUvexSZY" },
    { name: "a bigint", value: 5n, golden: "1:kmmGrva--YISYHRbTTQiLStXqcCoZKwzietVGRxyOfw" },
    { name: "bytes", value: Uint8Array.of(1, 2, 3), golden: "1:xuPiGNRv_dL1MhEyeJM99tyvN6B1P5fupE4WfRsmLWg" },
    { name: "undefined in a list", value: [undefined], golden: "1:55dJWejTcc7ujfPLcpby-PxoalaB7xXpgKLAQPnniow" },
  ])("of $name keeps its value from release to release", ({ value, golden }) => {
    expect(fingerprintOf(value)).toBe(golden);
    expect(golden).toMatch(/^1:[A-Za-z0-9_-]{43}$/);
  });

  const shared = { a: [1] };
  it.for<{ name: string; one: unknown; other: unknown }>([
    { name: "member order", one: { a: 1, b: { c: 2, d: 3 } }, other: { b: { d: 3, c: 2 }, a: 1 } },
    { name: "a member that is undefined and one that is absent", one: { a: 1, b: undefined }, other: { a: 1 } },
    { name: "a hole and undefined in a list", one: [undefined, 1], other: Object.assign(Array(1), { 1: 1 }) },
    { name: "-0 and 0", one: -0, other: 0 },
    { name: "a Buffer and the same bytes", one: Buffer.from("abc"), other: new TextEncoder().encode("abc") },
    { name: "a view of bytes and the same bytes", one: Uint8Array.of(0, 1, 2, 3).subarray(1, 3), other: Uint8Array.of(1, 2) },
    { name: "an object without a prototype", one: Object.assign(Object.create(null) as object, { a: 1 }), other: { a: 1 } },
    { name: "what toJSON gives", one: { at: { toJSON: () => ({ b: 1 }) } }, other: { at: { b: 1 } } },
    { name: "an instance with toJSON", one: new URL("https://example.com/"), other: "https://example.com/" },
    {
      name: "a getter and its value",
      one: {
        get a() {
          return 1;
        },
      },
      other: { a: 1 },
    },
    { name: "a member that is not enumerable and none", one: Object.defineProperty({ a: 1 }, "b", { value: 2 }), other: { a: 1 } },
    { name: "an object that comes twice and its copies", one: [shared, { shared }], other: [{ a: [1] }, { shared: { a: [1] } }] },
    {
      name: "plain data of another realm",
      one: runInNewContext("({ a: [1, { b: null }], c: 'd' })"),
      other: { a: [1, { b: null }], c: "d" },
    },
    { name: "a date of another realm", one: runInNewContext("new Date(0)"), other: new Date(0) },
    { name: "bytes of another realm", one: runInNewContext("Uint8Array.of(1, 2)"), other: Uint8Array.of(1, 2) },
  ])("is the same for $name", ({ one, other }) => {
    expect(canonicalJson(one)).toBe(canonicalJson(other));
    expect(fingerprintOf(one)).toBe(fingerprintOf(other));
  });

  it.for<{ name: string; values: readonly unknown[] }>([
    {
      name: "nothing at all",
      values: [
        undefined,
        null,
        "",
        0,
        false,
        [],
        {},
        [null],
        [undefined],
        [[]],
        [{}],
        "undefined",
        "null",
        "@undefined",
        ["@undefined"],
        Array(2),
      ],
    },
    {
      name: "one",
      values: [1, "1", 1n, "1n", true, [1], ["1"], [1n], { 1: 1 }, { 0: 1 }, '@bigint"1"', { bigint: "1" }, { "@bigint": "1" }],
    },
    {
      name: "a moment",
      values: [
        new Date(0),
        new Date(1),
        "1970-01-01T00:00:00.000Z",
        0,
        '@date"1970-01-01T00:00:00.000Z"',
        { "@date": "1970-01-01T00:00:00.000Z" },
      ],
    },
    {
      name: "bytes",
      values: [
        Uint8Array.of(1, 2, 3),
        Uint8Array.of(1, 2),
        new Uint8Array(),
        [1, 2, 3],
        { 0: 1, 1: 2, 2: 3 },
        "AQID",
        "\u0001\u0002\u0003",
        '@bytes"AQID"',
        { type: "Buffer", data: [1, 2, 3] },
      ],
    },
    { name: "case", values: ["a", "A", { a: 1 }, { A: 1 }, { a: "A" }, { a: "a" }, "é", "É"] },
    { name: "Unicode forms", values: ["é", "e\u0301", { é: 1 }, { "e\u0301": 1 }] },
    { name: "list order", values: [[1, 2], [2, 1], [[1], 2], [1, [2]], [[1, 2]]] },
    {
      name: "structure in text",
      values: [{ a: 1, b: 2 }, { 'a":1,"b': 2 }, '{"a":1,"b":2}', ["a", 1, "b", 2], { a: { b: 2 } }, { a: 1, c: 2 }],
    },
    { name: "undefined in a list", values: [[1, undefined], [1, null], [1], [undefined, 1], [1, undefined, undefined]] },
    { name: "__proto__", values: [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":2}}'), {}, { a: 1 }] },
  ])("tells apart $name", ({ values }) => {
    expect(new Set(values.map(fingerprintOf)).size).toBe(values.length);
  });

  it("takes 512 levels, of objects and of lists", () => {
    expect(canonicalJson(nested(512))).toHaveLength(512 * '{"in":}'.length + 1);
    expect(canonicalJson(Array.from({ length: 512 }).reduce((inner) => [inner], 1))).toHaveLength(512 * "[]".length + 1);
  });
});

describe("KEY_INVALID", () => {
  const cycle: { list: unknown[] } = { list: [] };
  cycle.list.push(1, cycle);
  const endless: { toJSON(): unknown } = { toJSON: () => ({ ...endless }) };

  it.for<{ name: string; value: unknown; path?: string }>([
    { name: "NaN", value: Number.NaN },
    { name: "infinity", value: { a: Number.POSITIVE_INFINITY }, path: "payload.a" },
    { name: "negative infinity", value: [{ b: [Number.NEGATIVE_INFINITY] }], path: "payload[0].b[0]" },
    { name: "a function", value: { a: () => 1 }, path: "payload.a" },
    { name: "a symbol", value: [Symbol("a")], path: "payload[0]" },
    { name: "a member named by a symbol", value: { a: { [Symbol("b")]: 1 } }, path: "payload.a" },
    { name: "a member of a list named by a symbol", value: { a: Object.assign([1], { [Symbol("b")]: 1 }) }, path: "payload.a" },
    { name: "an object in itself", value: cycle, path: "payload.list[1]" },
    {
      name: "a toJSON that answers with itself",
      value: {
        a: {
          toJSON() {
            return this;
          },
        },
      },
      path: "payload.a",
    },
    { name: "a toJSON without end", value: { a: endless }, path: "payload.a" },
    { name: "a Map", value: { a: new Map([["b", 1]]) }, path: "payload.a" },
    { name: "a Set", value: new Set([1]) },
    { name: "a class instance", value: [new Point()], path: "payload[0]" },
    { name: "a boxed number", value: { a: new Number(1) }, path: "payload.a" },
    { name: "a boxed text", value: { a: new String("a") }, path: "payload.a" },
    { name: "an Error", value: { a: new Error("b") }, path: "payload.a" },
    { name: "a RegExp", value: { a: /b/ }, path: "payload.a" },
    { name: "a promise", value: Promise.resolve(1) },
    {
      name: "the arguments of a call",
      value: {
        a: (function () {
          return arguments;
        })(),
      },
      path: "payload.a",
    },
    { name: "a raw buffer", value: { a: new ArrayBuffer(2) }, path: "payload.a" },
    { name: "numbers of another width", value: { a: new Int16Array(2) }, path: "payload.a" },
    { name: "an invalid Date", value: { a: [new Date(Number.NaN)] }, path: "payload.a[0]" },
    { name: "half a surrogate pair", value: { a: "b\uD83D" }, path: "payload.a" },
    { name: "half a surrogate pair in a name", value: { a: { "\uDE00": 1 } }, path: "payload.a" },
    { name: "a Map of another realm", value: { a: runInNewContext("new Map()") }, path: "payload.a" },
    { name: "a list with a member that is a number and no index", value: { a: Object.assign([1], { "01": 2 }) }, path: "payload.a" },
    { name: "a list with a member beyond all indexes", value: { a: Object.assign([1], { 4294967295: 2 }) }, path: "payload.a" },
    { name: "a date with members of its own", value: { a: Object.assign(new Date(0), { b: 2 }) }, path: "payload.a" },
    {
      name: "a class that plays bytes",
      value: {
        a: new (class Played {
          readonly [Symbol.toStringTag] = "Uint8Array";
        })(),
      },
      path: "payload.a",
    },
    {
      name: "plain data that plays a date",
      value: { a: { [Symbol.toStringTag]: "Date", toISOString: () => "1970-01-01T00:00:00.000Z" } },
      path: "payload.a",
    },
    { name: "a list with named members", value: { a: Object.assign([1], { b: 2 }) }, path: "payload.a" },
    {
      name: "a getter that throws",
      value: {
        a: {
          get b() {
            return throwing();
          },
        },
      },
      path: "payload.a.b",
    },
    { name: "a toJSON that throws", value: { a: { toJSON: throwing } }, path: "payload.a" },
    { name: "a proxy that throws", value: { a: new Proxy({}, { ownKeys: throwing }) }, path: "payload.a" },
    { name: "513 levels", value: nested(513), path: "payload.in.in" },
    { name: "100,000 levels", value: nested(100_000), path: "payload.in.in" },
  ])("$name, named by its path", ({ value, path = "payload" }) => {
    const error = refusal(value);
    expect(error.code).toBe("KEY_INVALID");
    expect(error.message).toContain(path);
  });

  it("names the class of an instance", () => {
    expect(refusal({ a: new Point() }).message).toContain("payload.a is an instance of Point");
  });

  it("says nothing of the payload's values", () => {
    const secret = "4111111111111111";
    for (const value of [{ a: `${secret}\uD83D` }, { a: secret, b: Number.NaN }]) expect(refusal(value).message).not.toContain(secret);
  });
});

describe("payloadKey", () => {
  it.for([
    { value: undefined, says: "undefined" },
    { value: null, says: "null" },
    { value: "", says: "an empty string" },
  ])("$value is KEY_MISSING", ({ value, says }) => {
    expect(() => payloadKey(value)).toThrow(
      expect.objectContaining({ code: "KEY_MISSING", message: expect.stringContaining(says) as string }),
    );
  });

  it.for([0, false, [], {}, " ", "a", { id: 1 }, [null]].map((value) => ({ value })))("$value is a key: its fingerprint", ({ value }) => {
    expect(payloadKey(value)).toBe(fingerprintOf(value));
  });

  it("of what has no canonical form is KEY_INVALID", () => {
    expect(() => payloadKey(Number.NaN)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
  });
});
