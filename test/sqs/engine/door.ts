// The door between a real queue and a real table, and all that is delivered to it.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SendMessageBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import { hashKey } from "../../../src/core/key.ts";
import { dynamodbStore } from "../../../src/dynamodb/index.ts";
import type { IdempotencyEvent, StoredRecord } from "../../../src/index.ts";
import { idempotentSqs, type SendMessageInput, type SqsOptions, type SqsRecord, withIdempotencyKey } from "../../../src/sqs/index.ts";
import { type Mapping, type MappingOptions, startMapping } from "../../mapping/mapping.ts";
import { freshQueues, type Queues, type QueuesOptions, sendAll } from "../../support/queues.ts";
import { freshTable } from "../../support/table.ts";

export interface DoorOptions {
  readonly client: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly work: (record: SqsRecord) => unknown;
  readonly queues?: QueuesOptions;
  readonly mapping?: Partial<MappingOptions>;
  readonly sqs?: Partial<SqsOptions>;
}

export interface Delivery {
  readonly body: string;
  readonly receiveCount: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface Door {
  readonly queues: Queues;
  readonly mapping: Mapping;
  /** In their order. */
  readonly deliveries: readonly Delivery[];
  /** Bodies, in the order in which their handler was called. */
  readonly runs: readonly string[];
  readonly events: readonly IdempotencyEvent[];
  /** Sends a message with a producer's key. */
  send(key: string, body: string, group?: string): Promise<void>;
  record(key: string): Promise<StoredRecord | undefined>;
}

const operation = "door";

export async function openDoor({ client, dynamodb, work, queues: ofQueues, mapping: ofMapping, sqs }: DoorOptions): Promise<Door> {
  const queues = await freshQueues(client, ofQueues);
  const store = dynamodbStore({ client: dynamodb, tableName: await freshTable(dynamodb) });
  const deliveries: Delivery[] = [];
  const runs: string[] = [];
  const events: IdempotencyEvent[] = [];
  const handler = idempotentSqs(
    (record) => {
      runs.push(record.body);
      return work(record);
    },
    { store, operation, sqs: client, onEvent: (event) => events.push(event), ...sqs },
  );
  const mapping = startMapping({
    client,
    queue: queues,
    handler(event, context) {
      const at = Date.now();
      for (const { body, attributes } of event.Records) {
        deliveries.push({ body, receiveCount: Number(attributes.ApproximateReceiveCount), at });
      }
      return handler(event, context);
    },
    ...ofMapping,
  });
  return {
    queues,
    mapping,
    deliveries,
    runs,
    events,
    async send(key, MessageBody, group) {
      const fifo = group === undefined ? {} : { MessageGroupId: group, MessageDeduplicationId: MessageBody };
      const message: SendMessageInput & Omit<SendMessageBatchRequestEntry, "Id"> = { MessageBody, ...fifo };
      await sendAll(client, queues.url, [withIdempotencyKey(message, key)]);
    },
    record: (key) => store.read({ operation, keyHash: hashKey(key) }),
  };
}
