// What readers of the door found, each as its own test.
import { describe, expect, it } from "vitest";
import { httpIdempotency, idempotentHttp } from "../../src/http/index.ts";
import { queryOf } from "../../src/http/query.ts";
import { IdempotencyError } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { events } from "../../src/testing/index.ts";
import { contextOf } from "./api.ts";

const context = contextOf("request-1");
const event = (): object => events.apiGatewayV2({ path: "/payments", headers: { "Idempotency-Key": "key-1" }, body: { amount: 5 } });

it("an empty list of values beside a query is no query: normalizers of events put one there", () => {
  const queries = ["A", "B"].map((account) => queryOf({ queryStringParameters: { account }, multiValueQueryStringParameters: {} }, "alb"));
  expect(queries.map(({ values }) => values["account"])).toEqual([["A"], ["B"]]);
  expect(queries[0]?.canonical).not.toBe(queries[1]?.canonical);
});

describe("what `onReplay` throws", () => {
  it.for([new Error("no"), new IdempotencyError("KEY_REUSED", "inner"), new IdempotencyError("STORE_UNAVAILABLE", "inner")])(
    "is thrown as it is, never taken for a refusal of a request that is done: %s",
    async (error) => {
      const handler = idempotentHttp(async () => ({ statusCode: 201, body: "paid" }), {
        store: memoryStore(),
        operation: "payments",
        scope: "global",
        onReplay: () => {
          throw error;
        },
      });
      expect(await handler(event(), context)).toMatchObject({ statusCode: 201 });
      await expect(handler(event(), context)).rejects.toBe(error);
    },
  );
});

it("the header of the key is kept of no answer: the record would hold the key", () => {
  const options = { store: memoryStore(), operation: "payments", keepHeaders: ["X-Key"], header: "x-key" };
  expect(() => httpIdempotency(options)).toThrow(/keepHeaders is "x-key"/);
});
