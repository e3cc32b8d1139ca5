// The events of ../events, as AWS sends them, with the few members changed that a scenario is about.
import eventBridge from "../events/eventbridge-order-paid.json" with { type: "json" };
import functionUrl from "../events/function-url-stripe-webhook.json" with { type: "json" };
import apiGateway from "../events/api-gateway-v2-payment.json" with { type: "json" };
import queue from "../events/sqs-orders.json" with { type: "json" };

export type PaymentRequest = typeof apiGateway;
export type WebhookRequest = typeof functionUrl;
export type OrderPaid = typeof eventBridge;
export type OrderMessage = (typeof queue.Records)[number];
export interface OrderMessages {
  readonly Records: readonly OrderMessage[];
}

/** POST /payments through an API Gateway HTTP API, with its Idempotency-Key. */
export function payment(key: string, amount = 5200): PaymentRequest {
  const body = JSON.stringify({ ...(JSON.parse(apiGateway.body) as object), amount });
  const headers = { ...apiGateway.headers, "idempotency-key": key, "content-length": String(body.length) };
  return { ...apiGateway, headers, body };
}

/** Stripe's checkout.session.completed, posted to a function URL. */
export function checkoutCompleted(eventId: string): WebhookRequest {
  return { ...functionUrl, body: functionUrl.body.replace(/evt_\w+/, eventId) };
}

/** EventBridge's order.paid. */
export function orderPaid(id: string): OrderPaid {
  return { ...eventBridge, id };
}

/** A batch of the queue's messages, by their numbers: 1, 2 or 3. */
export function orders(...numbers: readonly number[]): OrderMessages {
  return { Records: queue.Records.filter((_, index) => numbers.includes(index + 1)) };
}

/** The same messages again, as a queue delivers them the second time. */
export function redelivered({ Records }: OrderMessages): OrderMessages {
  const again = { ApproximateReceiveCount: "2" };
  return {
    Records: Records.map((record) => ({
      ...record,
      receiptHandle: `${record.receiptHandle}2`,
      attributes: { ...record.attributes, ...again },
    })),
  };
}
