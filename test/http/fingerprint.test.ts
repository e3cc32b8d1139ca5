// What of a request belongs to its key.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { payloadOf } from "../../src/http/fingerprint.ts";
import { isSame, anyValue, whims, writer } from "./json-texts.ts";

const seed = Number(process.env["SEED"] ?? 6901);
const runs = Number(process.env["RUNS"] ?? 1000);

interface Given {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly type?: string | readonly string[];
  readonly coding?: string;
  readonly headers?: Record<string, string[]>;
  readonly chosen?: readonly string[];
  readonly body?: string | Uint8Array;
}

function payload({ method = "POST", path = "/payments", query = "[]", type, coding, headers = {}, chosen = [], body = "" }: Given): string {
  const all = Object.assign(Object.create(null) as Record<string, string[]>, headers);
  if (type !== undefined) all["content-type"] = [type].flat();
  if (coding !== undefined) all["content-encoding"] = [coding];
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return payloadOf({ method, headers: all, body: bytes }, { path, query }, chosen);
}

const json = "application/json";
const text = '{"amount":5,"to":["a",1.5]}';
const rewritten = ' { "to": ["\\u0061", 15e-1], "amount": 5.0 }';

describe("a payload is the same", () => {
  it.for<{ name: string; payloads: readonly Given[] }>([
    {
      name: "whatever the order of members, spaces and the spelling of numbers",
      payloads: [
        { type: json, body: text },
        { type: json, body: rewritten },
      ],
    },
    {
      name: "whatever the case and the spaces of JSON's type",
      payloads: [json, "APPLICATION/JSON", " application/json ", "application/json;", "application/json ; "].map((type) => ({
        type,
        body: text,
      })),
    },
    {
      name: "whatever a parameter says that is none of the encoding",
      payloads: [json, "application/json; a=b", 'application/json;a="b"', "application/json; v=1; w=2"].map((type) => ({
        type,
        body: text,
      })),
    },
    {
      name: "where the encoding is said to be the one that JSON has",
      payloads: ["", ";charset=utf-8", "; charset=utf-8", "; charset=UTF8", ';charset="UTF-8"', "; a=b; charset=utf-8 "].map((more) => ({
        type: json + more,
        body: text,
      })),
    },
    {
      name: "of a type that is JSON by its suffix",
      payloads: [
        { type: "application/merge-patch+json", body: text },
        { type: "Application/Merge-Patch+JSON; a=b", body: rewritten },
      ],
    },
    {
      name: "whatever headers say that are not chosen",
      payloads: [{ body: "a" }, { body: "a", headers: { "x-a": ["1"], authorization: ["secret"] } }],
    },
    {
      name: "of chosen headers that a front door joins, or does not",
      payloads: [["1", "2"], ["1,2"], [" 1 ", "2\t"]].map((values) => ({ headers: { "x-a": values }, chosen: ["x-a"] })),
    },
    { name: "of bytes", payloads: [{ body: "é" }, { body: Uint8Array.of(0xc3, 0xa9) }] },
  ])("$name", ({ payloads }) => {
    expect(new Set(payloads.map(payload)).size).toBe(1);
  });
});

describe("payloads are told apart by", () => {
  it.for<{ name: string; payloads: readonly Given[] }>([
    { name: "the method", payloads: [{ method: "POST" }, { method: "PATCH" }] },
    {
      name: "the path",
      payloads: [{ path: "/orders/1/pay" }, { path: "/orders/2/pay" }, { path: "/orders/1/pay/" }, { path: "/Orders/1/pay" }],
    },
    { name: "the query", payloads: [{ query: "[]" }, { query: '[["a",["1"]]]' }] },
    {
      name: "what stands where",
      payloads: [
        { path: "/a", query: "b" },
        { path: "/ab", query: "" },
        { path: '/a","b', query: "" },
      ],
    },
    {
      name: "the body",
      payloads: ["", " ", "a", "b", "null", "{}", "[]", text, rewritten, Uint8Array.of(0), Uint8Array.of(0, 0)].map((body) => ({ body })),
    },
    {
      name: "a JSON body",
      payloads: [
        "",
        " ",
        "null",
        "{}",
        "[]",
        "0",
        "-0",
        '""',
        "{",
        text,
        '{"amount":5}',
        '{"amount":"5"}',
        '{"amount":null}',
        '{"amount":6}',
        '{"a":1,"a":2}',
        '{"a":2}',
        '{"a":2,"a":1}',
        '{"a":1}',
        '{"a":1,"\\u0061":2}',
        '{"a":1,"a":1}',
        '{"b":{"a":1,"a":2}}',
        '{"b":{"a":2}}',
        '{"__proto__":{"a":1}}',
        '{"__proto__":{"a":2}}',
        '{"__proto__":null}',
        '{"__proto__":1,"__proto__":null}',
        "9007199254740992",
        "9007199254740993",
        "9007199254740994",
        "1e400",
        "1e401",
        "-1e400",
        "1e-400",
        "1e-401",
        "-0.0",
        "0.1",
        "0.2",
        "0.1000000000000000055511151231257827",
        "0.30000000000000004",
        "0.3",
        "0.300000000000000043",
        "[1,2]",
        "[2,1]",
        "[[1],2]",
        "[null,1]",
        '"é"',
        '"e\u0301"',
        '"\\ud800"',
        '"\\ud801"',
        '"\uFFFD"',
        "\uFEFF{}",
        "\uFEFFnull",
        '["a"]',
        '"a"',
        '{"A":1}',
        "[513]",
        deep(512, "{}"),
        deep(513, "{}"),
        deep(513, "{ }"),
        deep(512, "[]"),
      ].map((body) => ({ type: json, body })),
    },
    {
      name: "bytes that are no UTF-8",
      payloads: [
        [0x22, 0xff, 0x22],
        [0x22, 0xfe, 0x22],
        [0x22, 0xc0, 0x80, 0x22],
        [0x22, 0xed, 0xa0, 0x80, 0x22],
        [0x22, 0xef, 0xbf, 0xbd, 0x22],
        [0xff],
        [],
      ].map((bytes) => ({ type: json, body: Uint8Array.from(bytes) })),
    },
    {
      name: "its type",
      payloads: [undefined, json, "application/merge-patch+json", "application/json-patch+json", "text/json", "text/plain", "null", ""].map(
        (type) => ({
          ...(type !== undefined && { type }),
          body: text,
        }),
      ),
    },
    {
      name: "each parameter of a type that is no JSON",
      payloads: ["text/plain", "text/plain; a=b", "text/plain;a=b", "Text/Plain", "application/jsonp", "application/json, text/plain"].map(
        (type) => ({ type, body: text }),
      ),
    },
    {
      name: "two types, of which nobody knows the right one",
      payloads: [
        { type: json, body: text },
        { type: [json, json], body: text },
      ],
    },
    {
      name: "its coding",
      payloads: [undefined, "gzip", "br", "identity", ""].map((coding) => ({
        type: json,
        ...(coding !== undefined && { coding }),
        body: text,
      })),
    },
    {
      name: "the spaces of a JSON text that is coded",
      payloads: [
        { type: json, coding: "gzip", body: text },
        { type: json, coding: "gzip", body: rewritten },
      ],
    },
    {
      name: "the spaces of what is not said to be JSON",
      payloads: [
        { type: "text/plain", body: text },
        { type: "text/plain", body: rewritten },
      ],
    },
    {
      name: "JSON in another encoding, whose letters nobody here can read",
      payloads: [
        "",
        ";charset=utf-7",
        ";charset=utf-16",
        ";charset=iso-2022-jp",
        ';charset="latin1"',
        ";charset=utf-8;charset=utf-7",
        ";charset=",
      ].map((more) => ({
        type: json + more,
        body: '{"to":"+AGE-"}',
      })),
    },
    {
      name: "a chosen header",
      payloads: [
        {},
        { "x-a": [""] },
        { "x-a": ["1"] },
        { "x-a": ["2"] },
        { "x-a": ["1", "2"] },
        { "x-a": ["2", "1"] },
        { "x-b": ["1"] },
        { "x-a": ["null"] },
      ].map((headers) => ({ headers: headers as Record<string, string[]>, chosen: ["x-a", "x-b"] })),
    },
  ])("$name", ({ payloads }) => {
    const seen = new Map<string, number>();
    for (const [i, given] of payloads.entries()) {
      const one = payload(given);
      const shown = `${JSON.stringify(given).slice(0, 100)} and ${JSON.stringify(payloads[seen.get(one) ?? 0]).slice(0, 100)}`;
      expect(seen.has(one), shown).toBe(false);
      seen.set(one, i);
    }
  });

  // A space in front of the parameter is how most clients write it.
  it.for([
    "; charset=utf-7",
    ";\tcharset=utf-7",
    ";  charset=utf-16",
    "; a=b; charset=latin1",
    "; charset =utf-7",
    "; Charset=ISO-2022-JP",
  ])("JSON in another encoding: %s", (more) => {
    const body = '{"to":"+AGE-"}';
    expect(payload({ type: json + more, body })).not.toBe(payload({ type: json, body }));
  });
});

describe("a payload's text", () => {
  it("holds nothing of the body", () => {
    for (const type of [json, "text/plain"]) expect(payload({ type, body: '{"card":"4111111111111111"}' })).not.toContain("4111");
  });

  it("is short, however large the body is", () => {
    for (const type of [json, "text/plain"]) expect(payload({ type, body: JSON.stringify("a".repeat(100_000)) }).length).toBeLessThan(200);
  });

  it("does not depend on names that all objects have", () => {
    expect(payload({ chosen: ["constructor", "__proto__"] })).toContain('[["constructor",null],["__proto__",null]]');
  });
});

describe(`of random JSON bodies (SEED=${seed}, RUNS=${runs})`, () => {
  it("two share a payload exactly where they are the same value", () => {
    fc.assert(
      fc.property(anyValue, anyValue, whims, whims, (one, other, how, another) => {
        const [first, second, third] = [writer(how)(one), writer(another)(one), writer(another)(other)];
        expect(payload({ type: json, body: second })).toBe(payload({ type: json, body: first }));
        expect(payload({ type: json, body: third }) === payload({ type: json, body: first })).toBe(isSame(one, other));
      }),
      { seed, numRuns: runs },
    );
  });

  it("two changed bytes never share one, where they are no JSON", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }), (one, other) => {
        const isOne = Buffer.compare(one, other) === 0;
        expect(payload({ type: "text/plain", body: one }) === payload({ type: "text/plain", body: other })).toBe(isOne);
      }),
      { seed, numRuns: runs },
    );
  });
});

function deep(levels: number, inner: string): string {
  return "[".repeat(levels - 1) + inner + "]".repeat(levels - 1);
}
