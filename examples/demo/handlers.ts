// Four Lambda functions of a shop, as one would write them, each wrapped.
import { currentExecution, idempotent, IdempotencyError, type IdempotencyEvent, type Store } from "lambda-once";
import type { Context } from "./context.ts";
import type { OrderMessage, OrderMessages, OrderPaid, PaymentRequest, WebhookRequest } from "./events.ts";
import type { Shop } from "./shop.ts";

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export type Handler<E, R> = (event: E, context: Context) => Promise<R>;

export interface Functions {
  /** Takes a payment: POST /payments. A click that comes while the first one is under way waits for its answer. */
  readonly pay: Handler<PaymentRequest, HttpAnswer>;
  /** Sends the goods when Stripe says that they are paid. A delivery that comes too early is told to come again. */
  readonly fulfil: Handler<WebhookRequest, HttpAnswer>;
  /** Reserves the stock of each order in a batch; a message that fails comes back by itself. */
  readonly reserve: Handler<OrderMessages, BatchAnswer>;
  /** Thanks for a paid order, with points. */
  readonly thank: Handler<OrderPaid, void>;
}

const day = 86_400;

export function openFunctions(shop: Shop, store: Store, onEvent: (event: IdempotencyEvent) => void): Functions {
  const pay = idempotent<[PaymentRequest, Context], HttpAnswer>(
    async (event) => {
      const { orderId, amount, currency } = JSON.parse(event.body) as { orderId: string; amount: number; currency: string };
      const customer = event.requestContext.authorizer.jwt.claims.sub;
      const chargeId = await shop.charge(customer, amount);
      await shop.email(customer, `Receipt for ${orderId}`);
      return json(201, { chargeId, orderId, amount, currency });
    },
    {
      store,
      operation: "pay",
      // One customer's key is never another's.
      key: ({ requestContext, headers }) => [requestContext.authorizer.jwt.claims.sub, headers["idempotency-key"]],
      fingerprint: (event) => JSON.parse(event.body) as unknown,
      onInProgress: { waitMs: 5000 },
      onEvent,
    },
  );

  const fulfil = idempotent<[WebhookRequest, Context], HttpAnswer>(
    async (event) => {
      // A real one checks the signature first, before it is wrapped: what is not from Stripe deserves no key.
      const { object: session } = checkoutIn(event).data;
      const left = await shop.take(session.metadata.sku, Number(session.metadata.quantity));
      await shop.email(session.customer_email, `${session.client_reference_id} is on its way`);
      return json(200, { received: true, left });
    },
    { store, operation: "fulfil", key: (event) => checkoutIn(event).id, retentionSeconds: 7 * day, onEvent },
  );

  const reserveOne = idempotent<[OrderMessage, Context], void>(
    async (message) => {
      const { sku, quantity } = JSON.parse(message.body) as { sku: string; quantity: number };
      await shop.take(sku, quantity);
    },
    {
      store,
      operation: "reserve",
      key: (message) => message.messageAttributes["idempotency-key"].stringValue,
      fingerprint: (message) => message.body,
      // As long as a message can come back: four days in the queue, fourteen in its dead-letter queue, one to spare.
      retentionSeconds: 19 * day,
      onEvent,
    },
  );

  const thank = idempotent<[OrderPaid, Context], void>(
    async ({ detail }) => {
      // The provider gets a key of its own: it dedupes what this table cannot, a crash between its work and our record.
      await shop.credit(detail.customer, Math.floor(detail.amount / 100), currentExecution().deriveKey("points"));
      await shop.email(detail.customer, "Thank you");
    },
    { store, operation: "thank", key: (event) => event.id, onEvent },
  );

  return { pay: rendered(pay), fulfil: rendered(fulfil), reserve: batch(reserveOne), thank };
}

function checkoutIn(event: WebhookRequest): Checkout {
  return JSON.parse(event.body) as Checkout;
}

interface Checkout {
  readonly id: string;
  readonly data: {
    readonly object: {
      readonly client_reference_id: string;
      readonly customer_email: string;
      readonly metadata: { readonly sku: string; readonly quantity: string };
    };
  };
}

/** Refusals become answers that an HTTP client understands; every other error stays an error. */
function rendered<E>(handler: Handler<E, HttpAnswer>): Handler<E, HttpAnswer> {
  return async (event, context) => {
    try {
      return await handler(event, context);
    } catch (error) {
      if (!(error instanceof IdempotencyError)) throw error;
      const { code, retryable, safeToUseNewKey, retryAfterMs } = error;
      const answer = json(code === "IN_PROGRESS" ? 409 : code === "KEY_REUSED" ? 422 : 500, { code, retryable, safeToUseNewKey });
      if (retryAfterMs === undefined) return answer;
      return { ...answer, headers: { ...answer.headers, "retry-after": String(Math.ceil(retryAfterMs / 1000)) } };
    }
  };
}

/** One message at fault does not bring the others back. */
function batch(handler: Handler<OrderMessage, void>): Handler<OrderMessages, BatchAnswer> {
  return async ({ Records }, context) => {
    const outcomes = await Promise.allSettled(Records.map((record) => handler(record, context)));
    const failed = Records.filter((_, index) => outcomes[index]?.status === "rejected");
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

function json(statusCode: number, body: unknown): HttpAnswer {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
