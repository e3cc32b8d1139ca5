import { isObject } from "../core/check.ts";
import type { KeyInput } from "../core/key.ts";
import { parsed, textAt } from "./parts.ts";

/** A request that brings a webhook of Stripe, of API Gateway (v1 or v2), a function URL or a load balancer. */
export interface StripeRequest {
  /** JSON, in Base64 where `isBase64Encoded` says so; or what a middleware has parsed. */
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean | undefined;
}

/** What says that an object is an event: of API v1, and of v2. */
const eventTypes: ReadonlySet<unknown> = new Set(["event", "v2.core.event"]);

/** An event of Stripe, as `stripe.webhooks.constructEvent` gives it. */
export interface StripeEvent {
  readonly id: string;
}

/**
 * The key of a webhook of Stripe: the event's `id`, from a request or from the event itself. Each delivery of an event has
 * it ("webhook endpoints might occasionally receive the same event more than once"). Undefined where there is none, and for
 * what is no event: several events share the `id` of the object that they are about.
 *
 * **Verify the signature first**, outside of what this key guards: else anybody can send an id, and the event that really
 * has it is taken for a duplicate.
 *
 * "In some cases, two separate Event objects are generated and sent" for one change. Where that matters, and the change
 * happens once to an object, the key is `[event.type, event.data.object.id]`.
 *
 * @see https://docs.stripe.com/webhooks#handle-duplicate-events
 * @see https://docs.stripe.com/api/events/object and https://docs.stripe.com/api/v2/core/events/object for `object`
 * @see https://docs.stripe.com/webhooks#verify-events
 * @example
 * const handle = idempotent(fulfil, { store, operation: "fulfil", key: stripeWebhookKey });
 * export const handler = (request, context) => handle(stripe.webhooks.constructEvent(request.body, signatureOf(request), secret), context);
 */
export function stripeWebhookKey(request: StripeRequest | StripeEvent): KeyInput | undefined {
  const event = eventIn(request);
  return eventTypes.has(textAt(event, "object")) ? textAt(event, "id") : undefined;
}

function eventIn(request: unknown): unknown {
  if (!isObject(request) || !("body" in request)) return request;
  const { body, isBase64Encoded } = request;
  if (typeof body !== "string") return body;
  return parsed(isBase64Encoded === true ? Buffer.from(body, "base64").toString() : body);
}
