// A batch handler of a test's own, and all that it does.
import { ChangeMessageVisibilityBatchCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { onTestFinished, vi } from "vitest";
import { hashKey, type KeyInput } from "../../src/core/key.ts";
import type { IdempotencyEvent, Store, StoredRecord } from "../../src/index.ts";
import {
  idempotentSqs,
  type LambdaContext,
  type SQSBatchResponse,
  type SQSEvent,
  type SqsOptions,
  type SqsRecord,
} from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import type { Bench } from "../support/bench.ts";
import { operation } from "../support/deliveries.ts";

export type Message = Parameters<typeof events.sqs>[0][number];
export type Work = (record: SqsRecord, context: LambdaContext) => unknown;
export type Options = Partial<SqsOptions>;

/** What was asked of SQS for one message. */
export interface Change {
  readonly body: string | undefined;
  readonly seconds: number | undefined;
}

export interface Consumer {
  /** Delivers messages as one batch. */
  deliver(messages: readonly Message[], context?: LambdaContext): Promise<SQSBatchResponse>;
  deliverEvent(event: SQSEvent, context?: LambdaContext): Promise<SQSBatchResponse>;
  /** The handler itself, for any event and context. */
  handler(event: unknown, context: unknown): Promise<SQSBatchResponse>;
  /** Bodies of the messages whose handler was called, in that order. */
  readonly ran: string[];
  readonly events: IdempotencyEvent[];
  readonly types: () => string[];
  /** What `console.error` was called with. */
  readonly logged: () => unknown[][];
  /** Changes of visibility, in order. */
  readonly changes: () => Change[];
  /** The record of a key, as the store has it. */
  record(key: KeyInput): Promise<StoredRecord | undefined>;
}

/** A message that its producer gave a key. */
export function keyed(key: string, body: unknown = key): Message & object {
  return { body, messageAttributes: { "idempotency-key": key } };
}

/** Lambda's context: 30 s are left, or what is told. */
export function contextOf(leftMs: () => number = () => 30_000): LambdaContext {
  return { awsRequestId: "request-1", functionName: "consumer", getRemainingTimeInMillis: leftMs };
}

/** An SQS that does what it is asked. */
export function mockedSqs() {
  const client = new SQSClient({ region: "us-east-1" });
  const mock = mockClient(client);
  mock.on(GetQueueUrlCommand).resolves({ QueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/orders" });
  mock.on(ChangeMessageVisibilityBatchCommand).resolves({});
  return { client, mock };
}

/** `console.error` is silent until the test ends; answers what it was called with. */
export function silencedErrors(): () => unknown[][] {
  const spy = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => spy.mockRestore());
  const before = spy.mock.calls.length;
  return () => spy.mock.calls.slice(before);
}

export function consumerOn(
  bench: { readonly store: Store; readonly others?: Bench["others"] },
  work: Work = () => {},
  options: Options = {},
): Consumer {
  const { client, mock } = mockedSqs();
  const logged = silencedErrors();
  const told: IdempotencyEvent[] = [];
  const ran: string[] = [];
  const bodies = new Map<string | undefined, string>();
  const handler = idempotentSqs(
    (record, context: LambdaContext) => {
      ran.push(record.body);
      return work(record, context);
    },
    { store: bench.store, operation, onEvent: (event) => told.push(event), sqs: client, ...options },
  );
  function deliverEvent(event: SQSEvent, context = contextOf()): Promise<SQSBatchResponse> {
    for (const { receiptHandle, body } of event.Records) bodies.set(receiptHandle, body);
    return handler(event, context);
  }
  return {
    deliverEvent,
    handler: handler as Consumer["handler"],
    deliver: (messages, context) => deliverEvent(events.sqs(messages), context),
    ran,
    events: told,
    types: () => told.map(({ type }) => type),
    logged,
    changes: () =>
      mock
        .commandCalls(ChangeMessageVisibilityBatchCommand)
        .flatMap(({ args: [{ input }] }) => input.Entries ?? [])
        .map(({ ReceiptHandle, VisibilityTimeout }) => ({ body: bodies.get(ReceiptHandle), seconds: VisibilityTimeout })),
    record: (key) => (bench.others ?? bench.store).read({ operation, keyHash: hashKey(key) }),
  };
}

/** What of each message of a batch has failed: its body, in the order of the answer. */
export function failedBodies({ Records }: SQSEvent, { batchItemFailures }: SQSBatchResponse): (string | undefined)[] {
  return batchItemFailures.map(({ itemIdentifier }) => Records.find(({ messageId }) => messageId === itemIdentifier)?.body);
}
