// The consumers of a queue that are compared: each runs the same handler of a message, once per key.
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Context } from "aws-lambda";
import { dynamodbStore } from "../src/dynamodb/index.ts";
import { idempotentSqs, type SQSBatchResponse, type SQSEvent, type SqsOptions, type SQSRecord } from "../src/sqs/index.ts";
import { partitionKey, sortKey } from "../src/dynamodb/table.ts";
import type { Changes, Table } from "./libraries.ts";
import type { ConsumerName } from "./sqs-names.ts";

export type Consume = (event: SQSEvent) => Promise<SQSBatchResponse>;

export interface Consumer {
  /** The key attributes of its table. */
  readonly keyNames: readonly string[];
  /** Whether its messages have the attribute `idempotency-key`. */
  readonly isStamped: boolean;
  wrap(work: (record: SQSRecord) => Promise<void>, table: Table, sqs: SQSClient): Consume;
}

const name = "bench";
// What all of them look at of Lambda's context.
const context = {
  awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  functionName: name,
  getRemainingTimeInMillis: () => 30_000,
};

export function consumers(changes: Changes["sqs"] = {}): Readonly<Record<ConsumerName, Consumer>> {
  return {
    messageId: ourConsumer(false, { ...changes, key: ({ messageId }) => messageId }),
    default: ourConsumer(false, changes),
    attribute: ourConsumer(true, changes),
    peer,
  };
}

function ourConsumer(isStamped: boolean, options: Pick<SqsOptions, "concurrency" | "key">): Consumer {
  return {
    keyNames: [partitionKey, sortKey],
    isStamped,
    wrap(work, table, sqs) {
      const handler = idempotentSqs(work, { ...options, store: dynamodbStore(table), operation: name, sqs });
      return (event) => handler(event, context);
    },
  };
}

/** @see https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/#batch-integration */
const peer: Consumer = {
  keyNames: ["id"],
  isStamped: false,
  wrap(work, { client, tableName }) {
    const processor = new BatchProcessor(EventType.SQS);
    const persistenceStore = new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client: client });
    const config = new IdempotencyConfig({ eventKeyJmesPath: "messageId" });
    const handler = makeIdempotent(work, { persistenceStore, config, keyPrefix: name });
    return (event) => {
      config.registerLambdaContext(context as Context);
      // A batch that failed as a whole is answered with its messages, as ours is, not thrown.
      return processPartialResponse(event, handler, processor, { context: context as Context, throwOnFullBatchFailure: false });
    };
  },
};
