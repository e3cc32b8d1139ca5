// What our headers make of a handler's result.
import { describe, expect, it } from "vitest";
import type { FrontDoor } from "../../src/http/event.ts";
import { withMarks } from "../../src/http/marks.ts";

const doors = ["v1", "v2", "alb", "albMulti"] as const;
const singles = ["v1", "v2", "alb"] as const;
const marks = { "idempotency-key": "k-1", "idempotency-status": "created", "cache-control": "no-store" };
const listedMarks = { "idempotency-key": ["k-1"], "idempotency-status": ["created"], "cache-control": ["no-store"] };

/** The result as Lambda hands it over. */
function sent(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result));
}

describe("a result with our headers", () => {
  it.for(singles)("has them instead of its own, in any case: %s", (door) => {
    const headers = {
      "Idempotency-Key": "other",
      "IDEMPOTENCY-STATUS": "replayed",
      "Cache-Control": "public",
      "cache-control": "private",
      ETag: "1",
    };
    const result = { statusCode: 201, headers, body: "a", isBase64Encoded: false, cookies: ["a=1"], more: 1 };
    expect(withMarks(result, door, marks)).toEqual({ ...result, headers: { ETag: "1", ...marks } });
    expect(headers).toHaveProperty("Cache-Control");
  });

  it.for(singles)("has them instead of its lists, too: %s", (door) => {
    const lists = { "Idempotency-Key": ["other"], "CACHE-CONTROL": ["public", "private"], Vary: ["a", "b"] };
    const result = { statusCode: 201, multiValueHeaders: lists, headers: { "cache-control": "public" } };
    expect(withMarks(result, door, marks)).toEqual({ statusCode: 201, headers: marks, multiValueHeaders: { Vary: ["a", "b"] } });
  });

  it("has them as lists where the load balancer wants lists", () => {
    const lists = { "Idempotency-KEY": ["other"], "Cache-Control": ["public", "private"], Vary: ["a", "b"] };
    expect(withMarks({ statusCode: 201, multiValueHeaders: lists, body: "a" }, "albMulti", marks)).toEqual({
      statusCode: 201,
      multiValueHeaders: { Vary: ["a", "b"], ...listedMarks },
      body: "a",
    });
    expect(withMarks({ statusCode: 201 }, "albMulti", marks)).toEqual({ statusCode: 201, multiValueHeaders: listedMarks });
  });

  it("leaves what a load balancer with lists does not read", () => {
    expect(withMarks({ statusCode: 200, headers: { a: "1" } }, "albMulti", marks)).toMatchObject({ headers: { a: "1" } });
  });

  it.for(doors)("says only of ours what only ours can be said of: %s", (door) => {
    const names = ["Idempotent-Replayed", "Idempotency-Status", "idempotency-original-request"];
    const headers = Object.fromEntries(names.map((name) => [name, "other"]));
    const multiValueHeaders = Object.fromEntries(names.map((name) => [name, ["other"]]));
    const result = door === "albMulti" ? { statusCode: 200, multiValueHeaders } : { statusCode: 200, headers, multiValueHeaders };
    expect(JSON.stringify(withMarks(result, door, {}))).not.toMatch(/other|idempot/i);
  });

  it("has no lists that it did not have", () => {
    for (const door of singles) expect(withMarks({ statusCode: 200 }, door, marks)).toEqual({ statusCode: 200, headers: marks });
  });

  it.for([null, undefined, {}])("where its own are %s", (none) => {
    for (const door of singles) expect(withMarks({ statusCode: 200, headers: none }, door, marks)).toMatchObject({ headers: marks });
    expect(withMarks({ statusCode: 200, multiValueHeaders: none }, "albMulti", marks)).toMatchObject({ multiValueHeaders: listedMarks });
  });

  it.for<{ name: string; result: unknown; body: string }>([
    { name: "a text", result: "paid", body: "paid" },
    { name: "a value", result: { ok: true }, body: '{"ok":true}' },
    { name: "nothing", result: undefined, body: "null" },
  ])("becomes one where payload format 2.0 makes one of $name", ({ result, body }) => {
    expect(withMarks(result, "v2", marks)).toEqual({
      statusCode: 200,
      headers: { "content-type": "application/json", ...marks },
      body,
      isBase64Encoded: false,
    });
  });

  it.for(doors)("is what Lambda would send of it, and they: %s", (door) => {
    const made = { other: 1, toJSON: () => ({ statusCode: 201, body: "a", isBase64Encoded: false }) };
    const { headers: _, multiValueHeaders: __, ...rest } = sent(withMarks(made, door, marks)) as Record<string, unknown>;
    expect(rest).toEqual(sent(made));
  });

  it("takes a frozen one, and changes nothing of it", () => {
    const result = Object.freeze({ statusCode: 200, headers: Object.freeze({ a: "1" }) });
    expect(withMarks(result, "v1", marks)).toEqual({ statusCode: 200, headers: { a: "1", ...marks } });
    expect(result.headers).toEqual({ a: "1" });
  });

  // A name that every object has is one of nobody's marks.
  it.for(doors)("keeps its own of any other name: %s", (door) => {
    const own = JSON.parse('{"constructor":"1","__proto__":"2"}') as object;
    const result = door === "albMulti" ? { statusCode: 200, multiValueHeaders: own } : { statusCode: 200, headers: own };
    const marked = withMarks(result, door, {}) as { headers?: object; multiValueHeaders?: object };
    expect(Object.keys(marked.multiValueHeaders ?? marked.headers ?? {})).toEqual(["constructor", "__proto__"]);
  });
});

describe("an answer that they would make larger than what is sent goes without them", () => {
  // As documented, and what may be meant.
  const limits = [
    { door: "v1", surely: 6_291_456, perhaps: 6_291_556 },
    { door: "v2", surely: 6_291_456, perhaps: 6_291_556 },
    { door: "alb", surely: 1_000_000, perhaps: 1_048_576 },
    { door: "albMulti", surely: 1_000_000, perhaps: 1_048_576 },
  ] as const;
  const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
  /** Of so many bytes, as it is sent. */
  const answer = (bytes: number): object => ({ statusCode: 200, body: "a".repeat(bytes - sizeOf({ statusCode: 200, body: "" })) });
  // A failure is not to print megabytes.
  const isUnmarked = (result: object, door: FrontDoor): boolean => Object.is(withMarks(result, door, marks), result);

  it.for(limits)("by a byte: $door", ({ door, surely }) => {
    const room = surely - (sizeOf(withMarks(answer(100), door, marks)) - 100);
    expect([room, room + 1].map((bytes) => isUnmarked(answer(bytes), door))).toEqual([false, true]);
  });

  it.for(limits)("not where it is larger without them: $door", ({ door, perhaps }) => {
    expect([perhaps, perhaps + 1].map((bytes) => isUnmarked(answer(bytes), door))).toEqual([true, false]);
  });

  // Each as JSON says it: six bytes, two, three.
  it.for(["\u0000", '"', "€"])("by what it is when it is sent: %j", (character) => {
    const bytes = sizeOf(character) - 2;
    for (const { door, surely } of limits) {
      const bodies = [60, 600].map((room) => character.repeat(Math.floor((surely - room) / bytes)));
      expect([door, ...bodies.map((body) => isUnmarked({ statusCode: 200, body }, door))]).toEqual([door, true, false]);
    }
  });

  it("nor does a value that payload format 2.0 takes become a text that is larger", () => {
    const rows = Array.from({ length: 150_000 }, (_, id) => ({ id, name: "row", k: "key" }));
    expect(sizeOf(rows)).toBeLessThan(6_291_456);
    expect(isUnmarked(rows, "v2")).toBe(true);
    expect(isUnmarked(rows.slice(0, 1000), "v2")).toBe(false);
  });
});
