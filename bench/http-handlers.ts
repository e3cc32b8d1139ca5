// The same handler behind the HTTP door and behind the function wrapper, which is given by hand what the door finds by itself.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamodbStore } from "../src/dynamodb/index.ts";
import { idempotentHttp } from "../src/http/index.ts";
import { idempotent, type Store } from "../src/index.ts";
import { events } from "../src/testing/index.ts";
import type { NthCall } from "./cpu-time.ts";
import { orderList } from "./orders.ts";

type Event = ReturnType<typeof events.apiGatewayV2>;

const body = JSON.stringify({ orders: orderList(1) });
const claims = { iss: "https://issuer.example", sub: "customer-1" };
const template = events.apiGatewayV2({
  path: "/payments",
  route: "/payments",
  headers: {
    "Content-Type": "application/json",
    Accept: "application/json",
    Authorization: `Bearer ${"x".repeat(300)}`,
    Origin: "https://shop.example",
  },
  authorizer: { jwt: { claims } },
  body,
});
const context = { awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd", getRemainingTimeInMillis: () => 30_000 };

/** Each n-th request has a key of its own. */
export function contestants(client: DynamoDBClient): { readonly http: NthCall; readonly wrapper: NthCall } {
  const store: Store = dynamodbStore({ client, tableName: "bench" });
  const http = idempotentHttp(handler, { store, operation: "payments" });
  const wrapper = idempotent(handler, {
    store,
    operation: "payments",
    key: ({ requestContext: { authorizer }, routeKey, headers }: Event) => [
      JSON.stringify(authorizer),
      routeKey,
      headers["idempotency-key"] ?? "",
    ],
    fingerprint: ({ rawPath, rawQueryString, headers, body = "" }: Event) => [
      rawPath,
      rawQueryString,
      headers["content-type"],
      JSON.parse(body) as unknown,
    ],
  });
  return { http: (n) => http(eventOf(n), context), wrapper: (n) => wrapper(eventOf(n), context) };
}

function eventOf(n: number): Event {
  return { ...template, headers: { ...template.headers, "idempotency-key": `"8e03978e-40d5-43dd-bc93-${n}"` } };
}

async function handler(_event: Event, _context: object): Promise<object> {
  const payment = { id: "pay_1", status: "paid", amount: 1200 };
  return { statusCode: 201, headers: { "content-type": "application/json", location: "/payments/pay_1" }, body: JSON.stringify(payment) };
}
