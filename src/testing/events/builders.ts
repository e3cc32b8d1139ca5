import { alb } from "./alb.ts";
import { apiGatewayV1 } from "./api-v1.ts";
import { apiGatewayV2, functionUrl } from "./api-v2.ts";
import { eventBridge } from "./bridge.ts";
import { s3 } from "./s3.ts";
import { sns } from "./sns.ts";
import { sqs } from "./sqs.ts";

/** Builders of events, by what sends them. */
export interface Events {
  readonly apiGatewayV1: typeof apiGatewayV1;
  readonly apiGatewayV2: typeof apiGatewayV2;
  readonly functionUrl: typeof functionUrl;
  readonly alb: typeof alb;
  readonly sqs: typeof sqs;
  readonly sns: typeof sns;
  readonly eventBridge: typeof eventBridge;
  readonly s3: typeof s3;
}

/**
 * Builders of events in the shape that AWS documents, for tests of handlers. The same options make the same event, ids
 * and all: a duplicate delivery is made by building it once more. Another id, moment or body makes another event.
 *
 * @example
 * await handler(events.sqs([{ body: { orderId: "order-1" } }]), context);
 */
export const events: Events = { apiGatewayV1, apiGatewayV2, functionUrl, alb, sqs, sns, eventBridge, s3 };
