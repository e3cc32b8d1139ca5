// A schema for the body, of any library that has the standard form.
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { memoryStore } from "../../src/memory/store.ts";
import { idempotentSqs, PermanentError, type StandardSchemaV1 } from "../../src/sqs/index.ts";
import { parseBody } from "../../src/sqs/schema.ts";
import { events } from "../../src/testing/index.ts";
import { contextOf, mockedSqs, silencedErrors } from "./consumer.ts";

type Validate<Data> = StandardSchemaV1<unknown, Data>["~standard"]["validate"];
const standard = <Data>(validate: Validate<Data>): StandardSchemaV1<unknown, Data> => ({
  "~standard": { version: 1, vendor: "test", validate },
});

interface Order {
  readonly orderId: string;
}
const ofZod: StandardSchemaV1<unknown, Order> = z.object({ orderId: z.string() });
/** What each of them says of an order without an id. */
const issue = { message: "no order", path: ["orderId"] };
function check(value: unknown): { value: Order } | { issues: { message: string; path: string[] }[] } {
  return typeof (value as Order | null)?.orderId === "string" ? { value: value as Order } : { issues: [issue] };
}
// ArkType's schemas are functions, and Valibot's answer at once.
const ofFunction = Object.assign(() => {}, standard(check));
const asynchronous = standard(async (value) => Promise.resolve(check(value)));

/** Delivers bodies to a handler with a schema. */
async function delivered<Data>(schema: StandardSchemaV1<unknown, Data>, bodies: readonly unknown[], deliveries = 1) {
  const logged = silencedErrors();
  const { client } = mockedSqs();
  const store = memoryStore();
  const datas: Data[] = [];
  const types: string[] = [];
  const onEvent = ({ type }: { type: string }) => types.push(type);
  const handler = idempotentSqs<Data>(({ data }) => datas.push(data), {
    store,
    operation: "charge",
    sqs: client,
    onEvent,
    key: ({ messageId }: { messageId: string }) => messageId,
    schema,
  } as unknown as Parameters<typeof idempotentSqs<Data>>[1]);
  const event = events.sqs(bodies.map((body) => ({ body })));
  let failed = 0;
  for (let delivery = 0; delivery < deliveries; delivery++) failed = (await handler(event, contextOf())).batchItemFailures.length;
  return { datas, types, failed, errors: logged().map(([, error]) => error as Error) };
}

describe.for([
  { name: "Zod", schema: ofZod },
  { name: "an asynchronous one", schema: asynchronous },
  { name: "one that is a function", schema: ofFunction as unknown as StandardSchemaV1<unknown, Order> },
])("a schema: $name", ({ schema }) => {
  it("gives the handler its data", async () => {
    expect(await delivered(schema, [{ orderId: "a" }, { orderId: "b" }])).toEqual({
      datas: [{ orderId: "a" }, { orderId: "b" }],
      types: ["claimed", "claimed", "completed", "completed"],
      failed: 0,
      errors: [],
    });
  });

  it("fails what it refuses for good: the handler never sees it, however often it is delivered", async () => {
    const { datas, types, failed, errors } = await delivered(schema, [{ orderId: 5 }], 3);
    expect({ datas, types, failed }).toEqual({ datas: [], types: ["claimed", "failed", "replayed", "replayed"], failed: 1 });
    expect(errors[0]).toBeInstanceOf(PermanentError);
    expect(errors[0]?.message).toMatch(/^the schema refuses the body: orderId: /);
    expect(errors[2]?.message).toBe(errors[0]?.message);
  });

  it.for(["", "{", "order-1", "undefined", "\ufeff{}"])("fails what is no JSON for good: %j", async (body) => {
    const { datas, types, errors } = await delivered(schema, [body]);
    expect({ datas, types }).toEqual({ datas: [], types: ["claimed", "failed"] });
    expect(errors).toEqual([new PermanentError("the body is no JSON", { cause: expect.any(SyntaxError) })]);
  });
});

describe("what a schema gives", () => {
  it.for<{ name: string; schema: StandardSchemaV1; body: unknown; data: unknown }>([
    { name: "is what it makes of the body", schema: z.object({ at: z.string().transform(Number) }), body: { at: "5" }, data: { at: 5 } },
    { name: "may leave out", schema: z.object({ a: z.string() }), body: { a: "x", b: "y" }, data: { a: "x" } },
    { name: "may be a default", schema: z.object({ a: z.string().default("x") }), body: {}, data: { a: "x" } },
    { name: "may be null", schema: z.null(), body: "null", data: null },
    { name: "may be undefined", schema: standard(() => ({ value: undefined })), body: "1", data: undefined },
    { name: "has issues that are undefined", schema: standard((value) => ({ value, issues: undefined })), body: "1", data: 1 },
  ])("$name", async ({ schema, body, data }) => {
    expect((await delivered(schema, [body])).datas).toEqual([data]);
  });

  it("is in `data`, beside the message as it came", async () => {
    const event = events.sqs([{ body: { orderId: "a" } }]);
    const [record] = event.Records;
    let seen: unknown;
    const handler = idempotentSqs((given) => void (seen = given), { store: memoryStore(), operation: "charge", schema: ofZod });
    await handler(event, contextOf());
    expect(seen).toEqual({ ...record, data: { orderId: "a" } });
    expect(record).not.toHaveProperty("data");
    const bare = idempotentSqs((given) => void (seen = given), { store: memoryStore(), operation: "charge" });
    await bare(event, contextOf());
    expect(seen).toStrictEqual({ ...record, data: undefined });
  });
});

it("a handler that changes its message does not change the answer", async () => {
  const event = events.sqs(["a"]);
  const ids = event.Records.map(({ messageId }) => messageId);
  const silence = vi.spyOn(console, "error").mockImplementation(() => {});
  const sqs = { send: async () => ({}) } as never;
  const handler = idempotentSqs(
    (record) => {
      record.messageId = "another";
      throw new Error("no");
    },
    { store: memoryStore(), operation: "charge", sqs },
  );
  expect(await handler(event, contextOf())).toEqual({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
  silence.mockRestore();
});

describe("a schema that fails itself", () => {
  const down = new Error("down");
  it.for<{ name: string; validate: Validate<unknown> }>([
    {
      name: "throws",
      validate: () => {
        throw down;
      },
    },
    { name: "rejects", validate: () => Promise.reject(down) },
    { name: "answers nothing", validate: () => undefined as never },
  ])("is an error of the handler, and worth another try: $name", async ({ validate }) => {
    const { types, failed, errors } = await delivered(standard(validate), ["1"]);
    expect({ types, failed }).toEqual({ types: ["claimed", "released"], failed: 1 });
    expect(errors[0]).not.toBeInstanceOf(PermanentError);
  });
});

describe("what the refusal says", () => {
  const refusal = (issues: readonly object[]) =>
    parseBody(
      standard(() => ({ issues: issues as { message: string }[] })),
      "1",
    ).catch((error: Error) => error.message);

  it.for<{ name: string; issues: object[]; says: string }>([
    { name: "one issue", issues: [{ message: "too short" }], says: "too short" },
    { name: "where it is", issues: [{ message: "no number", path: ["lines", 0, { key: "amount" }] }], says: "lines.0.amount: no number" },
    { name: "a symbol in the path", issues: [{ message: "no", path: [Symbol("tag")] }], says: "Symbol(tag): no" },
    { name: "an empty path", issues: [{ message: "no", path: [] }], says: "no" },
    { name: "several", issues: [{ message: "a", path: ["x"] }, { message: "b" }], says: "x: a; b" },
    { name: "none of them", issues: [], says: "" },
    { name: "an issue that is null", issues: [null as unknown as object], says: "null" },
    { name: "a part of the path that is null", issues: [{ message: "no", path: ["x", null, 1] }], says: "x.null.1: no" },
    { name: "a path that is a text", issues: [{ message: "no", path: "abc" }], says: "no" },
    { name: "issues that are no list", issues: { message: "no" } as unknown as object[], says: "no" },
    { name: "an issue without a message", issues: [{ path: ["x"] }], says: "x: " },
  ])("$name", async ({ issues, says }) => {
    expect(await refusal(issues)).toBe(`the schema refuses the body: ${says}`);
  });

  it("is cut: ten issues, each of at most 1,024 characters", async () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({ message: `<${i}>${"x".repeat(5000)}` }));
    const text = String(await refusal(many));
    expect(text).toContain("<9>");
    expect(text).not.toContain("<10>");
    expect(text.length).toBeLessThan(10 * 1030 + 50);
  });
});
