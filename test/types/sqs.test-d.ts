// What the compiler must take and must refuse of `idempotentSqs`; checked by `tsc -p test`, never run.
import { SendMessageBatchCommand, SendMessageCommand, type SendMessageCommandInput, type SQSClient } from "@aws-sdk/client-sqs";
import middy7 from "@middy/core";
import type { Context, SQSBatchResponse, SQSEvent, SQSHandler, SQSRecord } from "aws-lambda";
import middy6 from "middy6-core";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { idempotent, type IdempotencyEvent, type KeyInput, type Store } from "../../src/index.ts";
import {
  idempotentSqs,
  type LambdaContext,
  messageKey,
  PermanentError,
  type SQSBatchResponse as OurBatchResponse,
  type SQSEvent as OurEvent,
  type SqsRecord,
  type SQSRecord as OurRecord,
  type StandardSchemaV1,
  withIdempotencyKey,
} from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";

declare const store: Store;
const base = { store, operation: "charge" } as const;
interface Order {
  readonly orderId: string;
}
declare const order: StandardSchemaV1<unknown, Order>;

// Events and answers are those of `aws-lambda`, both ways.
expectTypeOf<SQSEvent>().toExtend<OurEvent>();
expectTypeOf<OurEvent>().toExtend<SQSEvent>();
expectTypeOf<SQSRecord>().toExtend<OurRecord>();
expectTypeOf<OurRecord>().toExtend<SQSRecord>();
expectTypeOf<OurBatchResponse>().toEqualTypeOf<SQSBatchResponse>();
expectTypeOf<Context>().toExtend<LambdaContext>();

// `data` is the schema's; without one it is undefined.
idempotentSqs(
  (record, context) => {
    expectTypeOf(record).toEqualTypeOf<SqsRecord<{ orderId: string; amount: number }>>();
    expectTypeOf(record.data).toEqualTypeOf<{ orderId: string; amount: number }>();
    expectTypeOf(record.body).toEqualTypeOf<string>();
    expectTypeOf(context).toEqualTypeOf<LambdaContext>();
  },
  { ...base, schema: z.object({ orderId: z.string(), amount: z.string().transform(Number) }) },
);
idempotentSqs((record) => expectTypeOf(record.data).toEqualTypeOf<Order>(), { ...base, schema: order });
idempotentSqs(({ data }: SqsRecord<Order>) => data.orderId, { ...base, schema: order });
idempotentSqs<Order>(({ data }) => data.orderId, { ...base, schema: order });
idempotentSqs((record) => expectTypeOf(record.data).toEqualTypeOf<undefined>(), base);
idempotentSqs((record) => expectTypeOf(record.data).toEqualTypeOf<undefined>(), { ...base, schema: undefined });
// @ts-expect-error no schema gives this data
idempotentSqs(({ data }: SqsRecord<Order>) => data.orderId, base);
// @ts-expect-error no schema gives this data
idempotentSqs<Order>(({ data }) => data.orderId, base);
// @ts-expect-error the schema gives other data
idempotentSqs(({ data }: SqsRecord<{ invoiceId: string }>) => data.invoiceId, { ...base, schema: order });
// @ts-expect-error the schema's data has no such member
idempotentSqs(({ data }) => data.invoiceId, { ...base, schema: z.object({ orderId: z.string() }) });
// @ts-expect-error a schema is an object of the standard form
idempotentSqs(() => {}, { ...base, schema: (value: unknown) => value });

// A handler with the types of `aws-lambda`, with less, and whatever it answers.
const typed = idempotentSqs(async (record: SQSRecord, context: Context) => [record.messageId, context.logStreamName], base);
expectTypeOf(typed).toEqualTypeOf<(event: OurEvent, context: Context) => Promise<OurBatchResponse>>();
idempotentSqs(() => {}, base);
idempotentSqs(() => 5, base);
idempotentSqs(async () => {}, base);
// @ts-expect-error a handler takes a record, not an event
idempotentSqs((event: SQSEvent) => event.Records, base);

// The result is a handler of Lambda's, takes its event, and is a base handler of both majors of Middy.
const handler = idempotentSqs((record) => record.body, base);
expectTypeOf(handler).toExtend<SQSHandler>();
expectTypeOf(typed).toExtend<SQSHandler>();
expectTypeOf(handler).toBeCallableWith({} as SQSEvent, {} as Context);
expectTypeOf(handler).toBeCallableWith(events.sqs(["x"]), {} as LambdaContext);
expectTypeOf(handler).returns.toEqualTypeOf<Promise<OurBatchResponse>>();
middy7(typed).before((request) => expectTypeOf(request.event.Records).toExtend<SQSRecord[]>());
middy6(typed).before((request) => expectTypeOf(request.event.Records).toExtend<SQSRecord[]>());
// @ts-expect-error another event
void handler({ Records: [{ Sns: {} }] }, {} as Context);
// @ts-expect-error no context
void handler({ Records: [] });

// Options.
declare const sqs: SQSClient;
idempotentSqs(() => {}, {
  ...base,
  key(record) {
    expectTypeOf(record).toEqualTypeOf<OurRecord>();
    return [record.attributes.SenderId, record.body];
  },
  fingerprint: (record) => record.body,
  onMissingKey: "run",
  retentionSeconds: 60,
  leaseMs: (record: OurRecord, context: LambdaContext) => record.body.length + context.getRemainingTimeInMillis(),
  onLeaseExpired: "throw",
  onError: (error) => (error instanceof PermanentError ? "keep" : "release"),
  onStoreUnavailable: "run",
  onEvent: (event) => expectTypeOf(event).toEqualTypeOf<IdempotencyEvent>(),
  enabled: true,
  concurrency: 5,
  sqs,
});
idempotentSqs(() => {}, { ...base, key: messageKey });
expectTypeOf(messageKey).returns.toEqualTypeOf<KeyInput>();
// @ts-expect-error no such option
idempotentSqs(() => {}, { ...base, ttl: 60 });
// @ts-expect-error of a message nobody waits for the result
idempotentSqs(() => {}, { ...base, onInProgress: { waitMs: 5 } });
// @ts-expect-error a promise is no key
idempotentSqs(() => {}, { ...base, key: async (record) => record.body });
// @ts-expect-error no store
idempotentSqs(() => {}, { operation: "charge" });
// @ts-expect-error no options
idempotentSqs(() => {});

// What is told can be told apart.
idempotentSqs(() => {}, {
  ...base,
  onEvent(event) {
    if (event.type === "deferred") expectTypeOf(event.visibilitySeconds).toEqualTypeOf<number>();
    if (event.type === "visibility_unchanged") expectTypeOf(event.error).toEqualTypeOf<unknown>();
    if (event.type === "key_lost_on_redrive") expectTypeOf(event.keyHash).toEqualTypeOf<undefined>();
  },
});

// A producer's input keeps its type.
declare const input: SendMessageCommandInput;
expectTypeOf(withIdempotencyKey(input, "key")).toEqualTypeOf<SendMessageCommandInput>();
void new SendMessageCommand(withIdempotencyKey({ QueueUrl: "https://queue", MessageBody: "body" }, "key"));
const Entries = [withIdempotencyKey({ Id: "1", MessageBody: "body" }, "key")];
void new SendMessageBatchCommand({ QueueUrl: "https://queue", Entries });
// @ts-expect-error no text
withIdempotencyKey(input, 5);
// @ts-expect-error no message
withIdempotencyKey({ QueueUrl: "https://queue" }, "key");

// Beside a wrapped function: the middleware's events are not a batch's.
idempotent(async (event: SQSEvent) => event.Records.length, { ...base, key: (event) => event.Records[0]?.messageId });
