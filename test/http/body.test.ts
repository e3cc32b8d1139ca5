// A body between a handler, its record and a serializer around both.
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { bodyIn, bodyOut, rewrittenForm } from "../../src/http/body.ts";

class Receipt {
  readonly amount: number;
  readonly #secret = 1;
  constructor(amount: number) {
    this.amount = amount + this.#secret - 1;
  }
}

class Said {
  toJSON(): object {
    return {};
  }
}

class Hidden {
  readonly #amount = 5;
  get amount(): number {
    return this.#amount;
  }
}

const foreign = runInContext("({ nothing: {}, list: [] })", createContext()) as object;

describe("a body is kept as what a serializer gets again", () => {
  it.for<{ name: string; given: unknown; text: string; form: string; again?: unknown }>([
    { name: "none", given: undefined, text: "", form: "missing" },
    { name: "null", given: null, text: "", form: "null" },
    { name: "a text", given: "paid", text: "paid", form: "text" },
    { name: "an empty text", given: "", text: "", form: "text" },
    { name: "a number", given: 5, text: "5", form: "value" },
    { name: "false", given: false, text: "false", form: "value" },
    { name: "an object", given: { a: { b: [] } }, text: '{"a":{"b":[]}}', form: "value" },
    { name: "empty ones", given: [{}, [], Object.create(null)], text: "[{},[],{}]", form: "value", again: [{}, [], {}] },
    { name: "those of another realm", given: foreign, text: '{"nothing":{},"list":[]}', form: "value", again: { nothing: {}, list: [] } },
    { name: "what shows its members", given: new Receipt(5), text: '{"amount":5}', form: "value", again: { amount: 5 } },
    { name: "what has a form of its own", given: { toJSON: () => "a" }, text: '"a"', form: "value", again: "a" },
    { name: "what says that it is empty", given: new Said(), text: "{}", form: "value", again: {} },
    { name: "a link", given: new URL("https://a.example"), text: '"https://a.example/"', form: "value", again: "https://a.example/" },
    // As every serializer to JSON would write them.
    {
      name: "dates, and what is not there",
      given: { at: new Date(0), rate: Number.NaN, by: undefined },
      text: '{"at":"1970-01-01T00:00:00.000Z","rate":null}',
      form: "value",
      again: { at: "1970-01-01T00:00:00.000Z", rate: null },
    },
  ])("$name", ({ given, text, form, again = given }) => {
    const body = bodyIn(given);
    expect(body).toEqual({ text, form });
    expect(body && bodyOut(body)).toEqual(again);
  });
});

describe("a body that JSON does not give back is none that is kept", () => {
  const lost: Readonly<Record<string, () => unknown>> = {
    bytes: () => Buffer.from("paid"),
    "other bytes": () => new Uint8Array(2),
    "a buffer": () => new ArrayBuffer(2),
    "a stream": () => Readable.from(["paid"]),
    "a stream of the web's": () => new ReadableStream(),
    "what comes in parts": () => (async function* parts() {})(),
    "an iterator": () => [1].values(),
    "what a generator gives": () => (function* parts() {})(),
    "a form": () => new URLSearchParams("a=1"),
    "a form of parts": () => new FormData(),
    "a file": () => new Blob(["paid"]),
    "an answer": () => new Response("paid"),
    headers: () => new Headers({ a: "1" }),
    "a map": () => new Map([["a", 1]]),
    "a set": () => new Set([1]),
    "an error": () => new Error("paid"),
    "a promise": () => Promise.resolve("paid"),
    "what shows nothing": () => new Hidden(),
    "a function": () => () => "paid",
  };
  const cases = Object.entries(lost).map(([name, make]) => ({ name, make }));

  it.for(cases)("$name", ({ make }) => {
    expect(bodyIn(make())).toBeUndefined();
  });

  // What no serializer to JSON would tell from `{}` is kept as that.
  const empty = ["an error", "a promise", "what shows nothing"];

  it.for(cases.filter(({ name }) => name !== "a function"))("$name, deep in it", ({ name, make }) => {
    const body = bodyIn({ list: [1, { it: make() }] });
    expect(body).toEqual(empty.includes(name) ? { text: '{"list":[1,{"it":{}}]}', form: "value" } : undefined);
  });

  it("a number that JSON writes and does not read", () => {
    const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
    expect(bodyIn({ id: rawJSON("12345678901234567890") })).toBeUndefined();
    expect(bodyIn({ id: rawJSON("12345") })).toEqual({ text: '{"id":12345}', form: "value" });
  });
});

describe("a body that a hook has made anew", () => {
  it.for([
    { name: "a text", body: { text: "a", form: "text" }, made: "b", form: "text" },
    { name: "in place of none", body: { text: "", form: "missing" }, made: "b", form: "text" },
    { name: "in place of null", body: { text: "", form: "null" }, made: "{}", form: "text" },
    { name: "none, left as it was", body: { text: "", form: "missing" }, made: "", form: "missing" },
    { name: "null, left as it was", body: { text: "", form: "null" }, made: "", form: "null" },
    { name: "a value of another value", body: { text: "{}", form: "value" }, made: "[]", form: "value" },
  ] as const)("$name", ({ body, made, form }) => {
    expect(rewrittenForm(body, made)).toBe(form);
  });

  it("a value that is no JSON any more is a text", () => {
    expect(bodyOut({ text: "a hook's", form: "value" })).toBe("a hook's");
  });
});
