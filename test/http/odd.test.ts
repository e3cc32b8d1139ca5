// Results that no front door could read, or that cannot be kept: their callers get them as they are, and nobody runs again.
import { describe, expect, it } from "vitest";
import { Readable } from "node:stream";
import { majors } from "../middy/majors.ts";
import { memoryBench } from "../support/bench.ts";
import { deliveriesOn, recordOf, shown, stateOf } from "./chains.ts";
import { forms } from "./api.ts";
import { alb, albMulti, type FrontDoor, payload1, payload2, rest } from "./front-doors.ts";
import { ownHeaders } from "./received.ts";
import { dynalite, suiteTables } from "./table-store.ts";

const major = majors.at(-1) as (typeof majors)[number];

const cyclic: Record<string, unknown> = { statusCode: 200 };
cyclic["body"] = cyclic;
const inner: Record<string, unknown> = {};
inner["self"] = inner;

function hostile(name: string, rest: object = { statusCode: 201, body: "paid" }): object {
  return Object.defineProperty({ ...rest }, name, {
    enumerable: true,
    get: () => {
      throw new Error(`the getter of ${name}`);
    },
  });
}

const proxied = new Proxy(
  {},
  {
    get: (_, name) => {
      if (name === "then") return undefined; // a promise looks
      throw new Error("a proxy");
    },
    ownKeys: () => {
      throw new Error("a proxy");
    },
  },
);

interface Odd {
  readonly name: string;
  readonly result: () => unknown;
  /** Default: each. */
  readonly doors?: readonly FrontDoor[];
}

const structured = [rest, payload1, alb, albMulti];
const all = [rest, payload1, payload2, alb, albMulti];
const body = (value: unknown) => (): object => ({ statusCode: 201, headers: { "content-type": "text/plain" }, body: value });

const unreadable: readonly Odd[] = [
  { name: "nothing", result: () => undefined, doors: structured },
  { name: "null", result: () => null, doors: structured },
  { name: "a text", result: () => "paid", doors: structured },
  { name: "a number", result: () => 5, doors: structured },
  { name: "no status", result: () => ({ body: "paid" }), doors: structured },
  { name: "a list", result: () => [1], doors: structured },
  { name: "the status 99", result: () => ({ statusCode: 99, body: "" }) },
  { name: "the status 600", result: () => ({ statusCode: 600, body: "" }) },
  { name: "a status that is no number", result: () => ({ statusCode: "OK", body: "" }) },
  { name: "a status with a fraction", result: () => ({ statusCode: 200.5, body: "" }) },
  { name: "the status NaN", result: () => ({ statusCode: Number.NaN }) },
  { name: "a stream", result: () => Readable.from(["paid"]) },
  { name: "a stream of the web's", result: () => new Response("paid").body },
  { name: "a stream for its body", result: () => body(Readable.from(["paid"]))() },
  { name: "bytes for its body", result: body(Buffer.from("paid")) },
  { name: "a form for its body", result: () => body(new URLSearchParams("a=1"))() },
  { name: "a map in its body", result: () => body({ amounts: new Map([["a", 5]]) })() },
  { name: "a function", result: () => () => "paid" },
  { name: "a function for its body", result: body(() => "paid") },
  { name: "a symbol", result: () => Symbol("paid") },
  { name: "a symbol for its body", result: body(Symbol("paid")) },
  { name: "a bigint", result: () => 5n },
  { name: "a bigint for its body", result: body(5n) },
  { name: "a bigint in its body", result: body({ amount: 5n }) },
  { name: "itself for its body", result: () => cyclic },
  { name: "a body that has itself in it", result: body(inner) },
  {
    name: "a body whose `toJSON` throws",
    result: body({
      toJSON: () => {
        throw new Error("toJSON");
      },
    }),
  },
  { name: "a getter of the status that throws", result: () => hostile("statusCode", { body: "paid" }) },
  { name: "a getter of the body that throws", result: () => hostile("body") },
  { name: "a getter of the headers that throws", result: () => hostile("headers") },
  {
    name: "a getter in the headers that throws",
    result: () => ({ statusCode: 201, headers: hostile("x-a", {}), body: "paid" }),
    doors: all.filter((door) => door !== albMulti),
  },
  {
    name: "a header whose text throws",
    result: () => ({ statusCode: 201, headers: { etag: Object.create(null) as object }, body: "paid" }),
    doors: [rest, payload1, payload2, alb],
  },
  { name: "a proxy that throws", result: () => proxied },
];

const nothing = (): object => Object.create(null) as object;
const readable: readonly Odd[] = [
  { name: "no body", result: () => ({ statusCode: 204 }) },
  { name: "an empty body", result: body("") },
  { name: "no headers", result: () => ({ statusCode: 201, headers: undefined, body: "paid" }), doors: structured },
  {
    name: "a body in Base64",
    result: () => ({ statusCode: 201, headers: { "content-type": "image/gif" }, body: "R0lGODlh", isBase64Encoded: true }),
  },
  { name: "half a character in its body", result: body("a\ud800b") },
  { name: "null for its body", result: body(null) },
  { name: "an object for its body", result: body({ receipt: 5 }) },
  { name: "a number for its body", result: body(5) },
  {
    name: "numbers and switches for headers",
    result: () => ({ statusCode: 201, headers: { etag: 5, vary: true }, body: "" }),
    doors: [rest, payload1, payload2],
  },
  {
    name: "a date for a header",
    result: () => ({ statusCode: 201, headers: { "Last-Modified": new Date(0) }, body: "" }),
    doors: [rest, payload1, payload2],
  },
  {
    name: "a URL for a header",
    result: () => ({ statusCode: 302, headers: { Location: new URL("https://shop.example/paid") }, body: "" }),
    doors: [rest, payload1, payload2, alb],
  },
  { name: "headers that are undefined", result: () => ({ statusCode: 201, headers: { etag: undefined, vary: "Origin" }, body: "" }) },
  {
    name: "lists of headers",
    result: () => ({ statusCode: 201, headers: { Vary: "A" }, multiValueHeaders: { Link: ["<a>", "<b>"], Vary: ["A", "B"] }, body: "" }),
    doors: [rest, payload1, albMulti],
  },
  {
    name: "nothing with a prototype",
    result: () =>
      Object.assign(nothing(), {
        statusCode: 201,
        headers: Object.assign(nothing(), { etag: "1" }),
        body: Object.assign(nothing(), { receipt: 5 }),
      }),
    doors: [rest, payload1, payload2],
  },
  {
    name: "a form of its own as JSON",
    result: () => ({ paid: true, toJSON: () => ({ statusCode: 201, headers: { etag: "1" }, body: "paid" }) }),
    doors: [payload2],
  },
  { name: "members that front doors do not know", result: () => ({ statusCode: 201, headers: {}, body: "paid", charged: 5 }) },
];

/** Holds that a caller gets a result as it is: itself, or with headers of ours where it has a status. */
function expectGiven(answer: unknown, given: unknown): void {
  if (Object.is(answer, given)) return;
  const withoutHeaders = (result: unknown): object => ({ ...(result as object), headers: undefined, multiValueHeaders: undefined });
  expect([typeof given, typeof answer]).toEqual(["object", "object"]);
  expect(withoutHeaders(answer)).toEqual(withoutHeaders(given));
}

/** What Lambda makes of a result before a front door reads it. */
function sent(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result) ?? "null") as unknown;
}

/** What a client sees of a result, without what marks a replay; or that it is a 502. */
function seenBy(door: FrontDoor, result: unknown): unknown {
  try {
    const { status, headers, body } = door.seen(sent(result));
    return { status, headers: ownHeaders(headers), body: body.toString("base64") };
  } catch (error) {
    return (error as Error).message.slice(0, 4);
  }
}

describe.for(forms)("%s", (form) => {
  describe.for(all)("through: $name", (door) => {
    const tables = suiteTables(dynalite);

    it.for(unreadable.filter(({ doors = all }) => doors.includes(door)))(
      "$name: its caller gets it, it is done, and no duplicate runs",
      async ({ result }) => {
        const { store, others } = await tables();
        const given = result();
        const deliver = deliveriesOn(major, store, () => given, { form, door });
        expectGiven(await deliver(), given);
        expect(await recordOf(others, deliver)).toMatchObject({ status: "completed", encoding: "lost" });
        expect(deliver.types()).toEqual(["claimed", "completed", "result_not_kept"]);
        const { status, headers, body } = door.seen(await deliver());
        expect([status, headers["idempotency-status"], headers["idempotency-original-request"]]).toEqual([
          409,
          ["unavailable"],
          ["request-1"],
        ]);
        expect(JSON.parse(body.toString())).toMatchObject({ code: "idempotency_result_unavailable" });
        expect(deliver.runs).toBe(1);
      },
    );

    it.for(readable.filter(({ doors = all }) => doors.includes(door)))(
      "$name: fresh, marked and replayed are the same to a client",
      async ({ result }) => {
        const { store } = await tables();
        const deliver = deliveriesOn(major, store, result, { form, door });
        const bare = seenBy(door, result());
        const answers = [await deliver(), await deliver()];
        expect(answers.map((answer) => seenBy(door, answer))).toEqual([bare, bare]);
        expect([deliver.runs, deliver.types()]).toEqual([1, ["claimed", "completed", "replayed"]]);
      },
    );
  });

  it.for<{ name: string; result: () => unknown; seen: string }>([
    {
      name: "an object",
      result: () => ({ receipt: 5, at: new Date(0), left: undefined }),
      seen: '{"receipt":5,"at":"1970-01-01T00:00:00.000Z"}',
    },
    { name: "a text", result: () => "paid", seen: "paid" },
    { name: "an empty text", result: () => "", seen: "" },
    { name: "a text that is JSON", result: () => '{"receipt":5}', seen: '{"receipt":5}' },
    { name: "null", result: () => null, seen: "null" },
    { name: "undefined", result: () => undefined, seen: "null" },
    { name: "a number", result: () => 5, seen: "5" },
    { name: "false", result: () => false, seen: "false" },
    { name: "a list", result: () => [1, "a"], seen: '[1,"a"]' },
    {
      name: "an object without a prototype",
      result: () => Object.assign(Object.create(null) as object, { receipt: 5 }),
      seen: '{"receipt":5}',
    },
    { name: "an object that says that it has no status", result: () => ({ statusCode: undefined, receipt: 5 }), seen: '{"receipt":5}' },
    { name: "a Buffer", result: () => Buffer.from("a"), seen: '{"type":"Buffer","data":[97]}' },
  ])("payload format 2.0 takes $name for the body of a 200: fresh and replayed are the same to a client", async ({ result, seen }) => {
    const { store } = await memoryBench.open();
    const deliver = deliveriesOn(major, store, result, { form });
    const answers = [await deliver(), await deliver(), await deliver()];
    const answer = { status: 200, cookies: [], headers: { "content-type": ["application/json"] }, body: seen };
    expect(answers.map((given) => shown(sent(given)))).toEqual([answer, answer, answer]);
    expect([answers.map((given) => stateOf(given)), deliver.runs]).toEqual([["created", "replayed", "replayed"], 1]);
  });
});
