// The kit's types: its events fit the handlers that they are built for.
import type {
  ALBEvent,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  EventBridgeEvent,
  LambdaFunctionURLEvent,
  S3Event,
  SNSEvent,
  SQSEvent,
} from "aws-lambda";
import { expectTypeOf, it, test } from "vitest";
import { memoryStore } from "../../src/memory/store.ts";
import type { Clock, Store } from "../../src/index.ts";
import { type Capability, events, faultyStore, storeConformance, testClock } from "../../src/testing/index.ts";

expectTypeOf(events.apiGatewayV1()).toExtend<APIGatewayProxyEvent>();
expectTypeOf(events.apiGatewayV2()).toExtend<APIGatewayProxyEventV2>();
expectTypeOf(events.functionUrl()).toExtend<LambdaFunctionURLEvent>();
expectTypeOf(events.alb()).toExtend<ALBEvent>();
expectTypeOf(events.sqs(["body", { body: { orderId: 1 } }])).toExtend<SQSEvent>();
expectTypeOf(events.sns("message")).toExtend<SNSEvent>();
expectTypeOf(events.eventBridge({ detailType: "Paid", detail: { orderId: 1 } })).toExtend<EventBridgeEvent<"Paid", { orderId: number }>>();
expectTypeOf(events.s3({ key: "a.json" })).toExtend<S3Event>();
// Without a helper type: what a handler takes.
const handler = async (_event: SQSEvent): Promise<void> => {};
void handler(events.sqs(["body"]));

// @ts-expect-error a body stands in { body }
events.sqs([{ orderId: 1 }]);
// @ts-expect-error a method is a text
events.alb({ method: 1 });
// @ts-expect-error an object is named by its key
events.s3({});
// @ts-expect-error a function URL has no route
events.functionUrl({ route: "/a" });

const clock = testClock();
expectTypeOf(clock).toExtend<Clock & { advance(ms: number): Promise<void> }>();
expectTypeOf(faultyStore(memoryStore({ clock }), [])).toEqualTypeOf<Store>();
faultyStore(memoryStore(), [
  { call: "claim", does: "lose-answer" },
  { call: "settle", nth: 2, does: { delayMs: 5 } },
]);
// @ts-expect-error no such call
faultyStore(memoryStore(), [{ call: "put", does: "throttle" }]);
// @ts-expect-error a clock is not called
faultyStore(memoryStore(), [{ call: "clock", does: "throttle" }]);
// @ts-expect-error no such effect
faultyStore(memoryStore(), [{ call: "claim", does: "explode" }]);

// Any runner's test serves.
expectTypeOf<Capability>().toEqualTypeOf<"record-of-refusal">();
storeConformance({ make: async () => memoryStore(), test: it });
storeConformance({ make: async () => memoryStore(), test, lacks: ["record-of-refusal"] });
declare const nodeTest: typeof import("node:test").test; // eslint-disable-line typescript/consistent-type-imports
storeConformance({ make: async () => memoryStore(), test: nodeTest });
// @ts-expect-error no such capability
storeConformance({ make: async () => memoryStore(), test: it, lacks: ["ttl"] });
