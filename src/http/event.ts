import { IdempotencyError } from "../core/errors.ts";
import type { Fields } from "./values.ts";

/** Where a request comes in, as far as the form of its event and of its answer goes. */
export type FrontDoor =
  /** A REST API, or an HTTP API with payload format 1.0. */
  | "v1"
  /** An HTTP API with payload format 2.0, or a function URL. */
  | "v2"
  /** A load balancer; its target group decides whether headers are lists. */
  | "alb"
  | "albMulti";

/** Does a load balancer read the answer? */
export function isLoadBalancer(frontDoor: FrontDoor): boolean {
  return frontDoor === "alb" || frontDoor === "albMulti";
}

/** What is read of an event of either front door. Everything may be missing: an event may be made by hand. */
export interface HttpEvent {
  readonly version?: unknown;
  readonly httpMethod?: unknown;
  readonly path?: unknown;
  readonly rawPath?: unknown;
  readonly resource?: unknown;
  readonly routeKey?: unknown;
  readonly pathParameters?: Fields | null | undefined;
  readonly rawQueryString?: unknown;
  readonly queryStringParameters?: Fields | null | undefined;
  readonly multiValueQueryStringParameters?: Fields | null | undefined;
  readonly headers?: Fields | null | undefined;
  readonly multiValueHeaders?: Fields | null | undefined;
  readonly cookies?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
  readonly requestContext?: RequestContext | undefined;
}

export interface RequestContext {
  readonly stage?: unknown;
  readonly domainName?: unknown;
  readonly elb?: unknown;
  readonly http?: Fields | undefined;
  readonly identity?: Fields | null | undefined;
  readonly authorizer?: Fields | null | undefined;
}

/**
 * Tells a front door by its event; undefined: it is that of none.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export function findFrontDoor(event: unknown): FrontDoor | undefined {
  const { requestContext, httpMethod, multiValueHeaders } = (event ?? {}) as HttpEvent;
  if (typeof requestContext?.http?.["method"] === "string") return "v2";
  if (typeof httpMethod !== "string") return undefined;
  if (requestContext?.elb === undefined) return "v1";
  return multiValueHeaders === undefined || multiValueHeaders === null ? "alb" : "albMulti";
}

/** @throws IdempotencyError `CONFIG_INVALID` for an event of no front door: nothing can be answered there, and nothing runs. */
export function frontDoorOf(event: unknown): FrontDoor {
  const frontDoor = findFrontDoor(event);
  if (frontDoor !== undefined) return frontDoor;
  throw new IdempotencyError(
    "CONFIG_INVALID",
    "the event is no HTTP request of API Gateway, a function URL or a load balancer; wrap handlers of other events with idempotent()",
    { path: "event" },
  );
}
