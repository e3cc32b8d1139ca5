import { isObject } from "../core/check.ts";
import type { KeyInput } from "../core/key.ts";
import { valueAt } from "./parts.ts";

/** A request that brings a webhook of GitHub, of API Gateway (v1 or v2), a function URL or a load balancer. */
export interface GithubRequest {
  readonly headers?: Readonly<Record<string, string | undefined>> | null | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null | undefined;
}

const deliveryHeader = "x-github-delivery";
/** A GUID; API Gateway joins a header that comes twice by a comma. */
const isId = /^[\w-]+$/;

/**
 * The key of a webhook of GitHub: its header `X-GitHub-Delivery`, in any case. Undefined where there is none, or two that
 * differ. GitHub never sends again by itself; who asks for a redelivery gets the same id ("if you request a redelivery,
 * the `X-GitHub-Delivery` header will be the same as in the original delivery"): one that failed runs again, one that is
 * done is answered as before.
 *
 * **Verify the signature first**, outside of what this key guards: else anybody can send an id, and the delivery that
 * really has it is taken for a duplicate. The signature covers the body, not this header.
 *
 * The id is "unique per event": webhooks or apps that hear of one event send it alike. Where several of them share a
 * function, and each is to run, add the header `X-GitHub-Hook-ID` to the key.
 *
 * @see https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#use-the-x-github-delivery-header
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 * @example
 * const handle = idempotent(build, { store, operation: "build", key: githubWebhookKey });
 * export const handler = (request, context) => (isSigned(request) ? handle(request, context) : { statusCode: 401 });
 */
export function githubWebhookKey(request: GithubRequest): KeyInput | undefined {
  const given = ["headers", "multiValueHeaders"].flatMap((name) => deliveriesIn(valueAt(request, name)));
  const [id, ...others] = new Set(given.filter((value) => value !== undefined));
  return typeof id === "string" && isId.test(id) && others.length === 0 ? id : undefined;
}

function deliveriesIn(headers: unknown): unknown[] {
  if (!isObject(headers)) return [];
  return Object.entries(headers).flatMap(([name, value]) => (name.toLowerCase() === deliveryHeader ? value : []));
}
