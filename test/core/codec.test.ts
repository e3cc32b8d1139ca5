import { PassThrough, Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { type Codec, encodeResult, jsonCodec } from "../../src/core/codec.ts";

function throwing(): never {
  throw new Error("no");
}

function codecOf(encode: (value: unknown) => unknown): Codec<unknown> {
  return { name: "own", encode: encode as Codec<unknown>["encode"], decode: (text) => text };
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

describe("the JSON codec", () => {
  it.for<{ name: string; result: unknown; text: string }>([
    { name: "a text", result: "done", text: '"done"' },
    { name: "null", result: null, text: "null" },
    { name: "an empty text", result: "", text: '""' },
    { name: "undefined members, left out", result: { a: undefined, b: [undefined] }, text: '{"b":[null]}' },
    { name: "a date, as text", result: { at: new Date(0) }, text: '{"at":"1970-01-01T00:00:00.000Z"}' },
    { name: "toJSON", result: { toJSON: () => ({ a: 1 }) }, text: '{"a":1}' },
    { name: "member order, as it is", result: { b: 1, a: 2 }, text: '{"b":1,"a":2}' },
    { name: "half a surrogate pair, escaped", result: "a\uD83D", text: '"a\\ud83d"' },
    { name: "an object with a `pipe` that is no stream", result: { pipe() {}, a: 1 }, text: '{"a":1}' },
    { name: "a body likewise", result: { body: { pipe() {}, getReader() {}, a: 1 } }, text: '{"body":{"a":1}}' },
    { name: "a stream with a JSON form of its own", result: Object.assign(new PassThrough(), { toJSON: () => 1 }), text: "1" },
    { name: "NaN, as Lambda sends it", result: [Number.NaN], text: "[null]" },
  ])("keeps $name", ({ result, text }) => {
    expect(encodeResult(jsonCodec, result)).toEqual({ encoding: "json", text });
    expect(jsonCodec.encode(jsonCodec.decode(text))).toBe(text);
  });

  it("keeps undefined as void", () => {
    expect(encodeResult(jsonCodec, undefined)).toEqual({ encoding: "void" });
  });

  it.for<{ name: string; result: unknown; reason: RegExp }>([
    ...[Readable.from(["a"]), new ReadableStream(), new PassThrough()].flatMap((stream) => [
      { name: `a stream (${stream.constructor.name})`, result: stream, reason: /"json" gave no text/ },
      { name: `a body that is one (${stream.constructor.name})`, result: { statusCode: 200, body: stream }, reason: /"json" gave no text/ },
    ]),
    { name: "a function", result: () => 1, reason: /"json" gave no text for a result of type function/ },
    { name: "a symbol", result: Symbol("a"), reason: /"json" gave no text for a result of type symbol/ },
    {
      name: "a toJSON that answers undefined",
      result: { toJSON: () => undefined },
      reason: /"json" gave no text for a result of type object/,
    },
    { name: "a cycle", result: cycle, reason: /"json" failed: .*circular/i },
    { name: "a bigint", result: { a: 1n }, reason: /"json" failed: .*BigInt/ },
    {
      name: "a getter that throws",
      result: {
        get a() {
          return throwing();
        },
      },
      reason: /"json" failed: no/,
    },
  ])("loses $name, and says why", ({ result, reason }) => {
    expect(encodeResult(jsonCodec, result)).toEqual({ encoding: "lost", reason: expect.stringMatching(reason) as string });
  });
});

describe("a codec of one's own", () => {
  it.for<{ name: string; codec: Codec<unknown>; result: unknown; encoded: unknown }>([
    { name: "its text", codec: codecOf(() => "text"), result: 5, encoded: { encoding: "own", text: "text" } },
    { name: "its empty text", codec: codecOf(() => ""), result: 5, encoded: { encoding: "own", text: "" } },
    { name: "its text for undefined", codec: codecOf(() => "nothing"), result: undefined, encoded: { encoding: "own", text: "nothing" } },
    { name: "no text for undefined", codec: codecOf(() => undefined), result: undefined, encoded: { encoding: "void" } },
    {
      name: "no text for a result",
      codec: codecOf(() => undefined),
      result: 5,
      encoded: { encoding: "lost", reason: expect.stringContaining("own") as string },
    },
    {
      name: "null",
      codec: codecOf(() => null),
      result: undefined,
      encoded: { encoding: "lost", reason: expect.stringContaining("own") as string },
    },
    {
      name: "bytes",
      codec: codecOf(() => new Uint8Array(2)),
      result: 5,
      encoded: { encoding: "lost", reason: expect.stringContaining("own") as string },
    },
    {
      name: "a promise",
      codec: codecOf(async () => "text"),
      result: 5,
      encoded: { encoding: "lost", reason: expect.stringContaining("own") as string },
    },
    {
      name: "half a surrogate pair",
      codec: codecOf(() => "a\uD83D"),
      result: 5,
      encoded: { encoding: "lost", reason: 'codec "own" gave text that is no Unicode' },
    },
    {
      name: "a throw",
      codec: codecOf(throwing),
      result: undefined,
      encoded: { encoding: "lost", reason: 'codec "own" failed: no' },
    },
    {
      name: "a throw of no error",
      codec: codecOf(() => {
        throw "odd";
      }),
      result: 5,
      encoded: { encoding: "lost", reason: expect.stringContaining("odd") as string },
    },
  ])("gives $name", ({ codec, result, encoded }) => {
    expect(encodeResult(codec, result)).toEqual(encoded);
  });
});
