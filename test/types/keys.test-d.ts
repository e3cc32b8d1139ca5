// The events of `@types/aws-lambda` are what the key functions take; checked by `tsc -p test`, never run.
import type {
  ALBEvent,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  EventBridgeEvent,
  LambdaFunctionURLEvent,
  S3Event,
  S3EventRecord,
  SNSEvent,
  SNSEventRecord,
} from "aws-lambda";
import { expectTypeOf } from "vitest";
import { idempotent, type KeyInput, type Store } from "../../src/index.ts";
import { eventBridgeKey, githubWebhookKey, s3Key, schedulerKey, snsKey, stripeWebhookKey } from "../../src/keys/index.ts";

type Key = KeyInput | undefined;
type HttpEvent = APIGatewayProxyEvent | ALBEvent | LambdaFunctionURLEvent;

expectTypeOf(snsKey).toBeCallableWith({} as SNSEventRecord);
expectTypeOf(eventBridgeKey).toBeCallableWith({} as EventBridgeEvent<"order", { orderId: string }>);
expectTypeOf(s3Key).toBeCallableWith({} as S3EventRecord);
expectTypeOf(schedulerKey).toBeCallableWith({ scheduleArn: "arn", scheduledTime: "time", tenant: "t" } as const);
expectTypeOf(githubWebhookKey).toBeCallableWith({} as APIGatewayProxyEvent);
expectTypeOf(githubWebhookKey).toBeCallableWith({} as APIGatewayProxyEventV2);
expectTypeOf(githubWebhookKey).toBeCallableWith({} as ALBEvent);
expectTypeOf(githubWebhookKey).toBeCallableWith({} as LambdaFunctionURLEvent);
expectTypeOf(stripeWebhookKey).toBeCallableWith({} as HttpEvent);
expectTypeOf(stripeWebhookKey).toBeCallableWith({} as APIGatewayProxyEventV2);
expectTypeOf(stripeWebhookKey).toBeCallableWith({} as Omit<APIGatewayProxyEvent, "body"> & { body: { id: string } });
expectTypeOf(stripeWebhookKey).toBeCallableWith({ id: "evt_1", object: "event" } as const);

expectTypeOf(snsKey).returns.toEqualTypeOf<Key>();
expectTypeOf(eventBridgeKey).returns.toEqualTypeOf<Key>();
expectTypeOf(s3Key).returns.toEqualTypeOf<Key>();
expectTypeOf(schedulerKey).returns.toEqualTypeOf<Key>();
expectTypeOf(stripeWebhookKey).returns.toEqualTypeOf<Key>();
expectTypeOf(githubWebhookKey).returns.toEqualTypeOf<Key>();

declare const store: Store;
const options = { store, operation: "o" } as const;

// In a handler's options, with the handler's own event; `Records[0]` may not be there.
idempotent(async (event: SNSEvent) => event.Records.length, { ...options, key: (event) => snsKey(event.Records[0]) });
idempotent(async (event: S3Event) => event.Records.length, { ...options, key: (event) => s3Key(event.Records[0]) });
idempotent(async (record: S3EventRecord) => record.eventName, { ...options, key: s3Key });
idempotent(async (event: EventBridgeEvent<string, object>) => event.source, { ...options, key: eventBridgeKey });
idempotent(async (request: APIGatewayProxyEvent) => request.path, { ...options, key: githubWebhookKey });

// @ts-expect-error an event is not its record
snsKey({} as SNSEvent);
// @ts-expect-error an event is not its record
s3Key({} as S3Event);
// @ts-expect-error a schedule that does not say for when
schedulerKey({ scheduleArn: "arn" });
// @ts-expect-error of another source
eventBridgeKey({} as SNSEventRecord);
