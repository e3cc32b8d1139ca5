import middy from "@middy/core";
import cors from "@middy/http-cors";
import httpErrorHandler from "@middy/http-error-handler";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import { idempotent, type Store } from "lambda-once";
import { idempotency } from "lambda-once/middy";

/** A payment as API Gateway delivers it (HTTP API, payload 2.0). */
export interface PaymentEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly requestContext: { readonly authorizer: { readonly jwt: { readonly claims: { readonly sub: string } } } };
  readonly body: string;
}

interface Payment {
  readonly orderId: string;
  readonly amount: number;
}

/** Which parts of a chain ran, in order. */
export type Log = string[];

type Chain = (store: Store, log: Log) => (event: PaymentEvent) => Promise<unknown>;

/** The base handler is wrapped: it reads the parsed body, and each replay passes through the whole chain. */
export const wrappedHandler: Chain = (store, log) => {
  const pay = idempotent(
    charge(log, (event: Omit<PaymentEvent, "body"> & { readonly body: Payment }) => event.body),
    {
      store,
      operation: "pay.wrapped",
      key: (event) => [callerIn(event), event.body.orderId],
      fingerprint: ({ body }) => body,
    },
  );
  return run(
    middy(pay)
      .use(cors({ origin: "https://shop.example.com" }))
      .use(httpErrorHandler({ logger: false }))
      .use(httpJsonBodyParser())
      .use(logged(log)),
  );
};

/** The middleware stands first: it reads the raw event, keeps the final response, and answers a duplicate with that at once. */
export const middlewareFirst: Chain = (store, log) => {
  const once = idempotency({
    store,
    operation: "pay.middleware",
    key: (event: PaymentEvent) => [callerIn(event), event.headers["idempotency-key"] ?? ""],
    fingerprint: ({ body }: PaymentEvent) => body,
  });
  const pay = charge(log, (event: PaymentEvent) => JSON.parse(event.body) as Payment);
  return run(
    middy(pay)
      .use(once)
      .use(cors({ origin: "https://shop.example.com" }))
      .use(httpErrorHandler({ logger: false }))
      .use(logged(log)),
  );
};

// A part of each key: what one caller paid is no answer for another.
function callerIn({ requestContext }: Pick<PaymentEvent, "requestContext">): string {
  return requestContext.authorizer.jwt.claims.sub;
}

function charge<Event>(log: Log, paymentIn: (event: Event) => Payment) {
  return async (event: Event) => {
    log.push("handler");
    return { statusCode: 201, body: JSON.stringify({ charged: paymentIn(event).amount }) };
  };
}

function logged(log: Log): middy.MiddlewareObj {
  return { before: () => void log.push("before"), after: () => void log.push("after") };
}

// Middy's chains are typed by the event as their middlewares make it; what API Gateway delivers is this.
function run(chain: unknown): (event: PaymentEvent) => Promise<unknown> {
  const context = { awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd", getRemainingTimeInMillis: () => 30_000 };
  return (event) => (chain as (event: PaymentEvent, context: object) => Promise<unknown>)({ ...event }, context);
}
