import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EventBridgeEvent, S3Event, SNSEvent } from "aws-lambda";
import { events } from "../../src/testing/index.ts";
import type { ScheduledInput } from "../../src/keys/index.ts";

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, "events", `${name}.json`), "utf8"));
}

interface GithubDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

export const snsEvent = read("sns") as SNSEvent;
export const eventBridgeEvent = read("event-bridge") as EventBridgeEvent<string, object>;
export const s3Event = read("s3") as S3Event;
export const scheduledInput = read("scheduler") as ScheduledInput;
export const stripeEvent = read("stripe") as { readonly id: string };
export const githubDelivery = read("github") as GithubDelivery;

/** One POST as each kind of HTTP event has it; with bytes for a body, in Base64. */
export function requestsOf(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const request = { method: "POST", path: "/webhook", headers, body };
  return {
    "API Gateway v1": events.apiGatewayV1(request),
    "API Gateway v2": events.apiGatewayV2(request),
    "function URL": events.functionUrl(request),
    ALB: events.alb(request),
    "ALB, lists of values": events.alb({ ...request, multiValueHeaders: true }),
  };
}

/** A copy with one member changed, by its path: `["s3", "object", "key"]`. With `undefined`, without it. */
export function changed(value: unknown, path: readonly string[], to: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return to;
  const { [name]: inner, ...others } = value as Record<string, unknown>;
  const next = changed(inner, rest, to);
  return next === undefined ? others : { ...others, [name]: next };
}
