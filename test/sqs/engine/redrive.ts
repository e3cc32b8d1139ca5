// A finished message in a dead-letter queue, and its redrive. Knows no test runner.
//
// How it comes to be there: its work is done and its record completed, but the batch's answer never arrives, because another
// message of the batch takes the environment down, or the function times out behind it. So nothing is deleted, and each time
// that the batch comes back it spends a receive of every message in it. When maxReceiveCount is used up, the queue moves them
// all to its dead-letter queue, finished ones too. Here `loseAnswer` is that other message.
import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { SendMessageBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import { dynamodbStore } from "../../../src/dynamodb/index.ts";
import { idempotentSqs, type SendMessageInput, withIdempotencyKey } from "../../../src/sqs/index.ts";
import { events } from "../../../src/testing/index.ts";
import { startMapping } from "../../mapping/mapping.ts";
import { deadLetter, redriveByHand } from "../../support/dead-letters.ts";
import { endOfMove, startMove } from "../../support/moves.ts";
import { drainedCount, freshQueues, type Queues, sendAll } from "../../support/queues.ts";
import { freshTable } from "../../support/table.ts";

/** What the key of the message comes from. */
export type KeyFrom = "messageId" | "the producer" | "an SNS envelope";

/**
 * Who brings the message back: the engine's own move task, or its three steps one by one, since it "uses the SendMessageBatch,
 * ReceiveMessage, and DeleteMessageBatch APIs on behalf of the user":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
export type MovedBy = "move task" | "resend";

export interface RedriveOptions {
  readonly client: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly fifo: boolean;
  readonly keyFrom: KeyFrom;
  readonly movedBy: MovedBy;
}

export type Step =
  | { readonly kind: "sent"; readonly messageId: string }
  | { readonly kind: "dead"; readonly messageId: string }
  | { readonly kind: "redriven"; readonly moved: number }
  | {
      readonly kind: "delivered";
      readonly messageId: string;
      readonly receiveCount: number;
      readonly ran: boolean;
      readonly isAnswerLost: boolean;
    };

export interface Redriven {
  readonly steps: readonly Step[];
  /** How often the work was done. */
  readonly effects: number;
  /** How many records the table has. */
  readonly records: number;
  /** What the queue and its dead-letter queue still hand out, or have in flight. */
  readonly left: number;
}

export const maxReceiveCount = 2;
const body = JSON.stringify({ orderId: "order-1", amount: 5 });

/** Plays the whole way of one message, on the engine's own dead-letter queue and move task. */
export async function redrive({ client, dynamodb, fifo, keyFrom, movedBy }: RedriveOptions): Promise<Redriven> {
  const queues = await freshQueues(client, { fifo, visibilitySeconds: 1, maxReceiveCount });
  const tableName = await freshTable(dynamodb);
  const steps: Step[] = [];
  let isAnswerLost = true;
  let effects = 0;
  const handler = idempotentSqs(async () => void effects++, {
    store: dynamodbStore({ client: dynamodb, tableName }),
    operation: "charge",
    sqs: client,
  });
  const mapping = startMapping({
    client,
    queue: queues,
    concurrency: 1,
    handler: async (event, context) => {
      const before = effects;
      const answer = await handler(event, context);
      for (const { messageId, attributes } of event.Records) {
        const receiveCount = Number(attributes.ApproximateReceiveCount);
        steps.push({ kind: "delivered", messageId, receiveCount, ran: effects > before, isAnswerLost });
      }
      return answer;
    },
    onInvocation: (invocation) => {
      if (isAnswerLost) invocation.loseAnswer();
    },
  });
  try {
    const [messageId = ""] = await sendAll(client, queues.url, [messageOf(keyFrom, fifo)]);
    steps.unshift({ kind: "sent", messageId });
    steps.push({ kind: "dead", messageId: (await deadLetter(client, queues)).MessageId ?? "" });
    isAnswerLost = false;
    const place = steps.length; // it may be delivered before the move has ended
    const moved = await (movedBy === "resend" ? redriveByHand(client, queues) : moveByTask(client, queues));
    steps.splice(place, 0, { kind: "redriven", moved });
    await mapping.idle();
  } finally {
    await mapping.stop();
  }
  const { Count: records = 0 } = await dynamodb.send(new ScanCommand({ TableName: tableName, Select: "COUNT" }));
  const left = (await drainedCount(client, queues.url)) + (await drainedCount(client, queues.dlqUrl));
  return { steps, effects, records, left };
}

function messageOf(keyFrom: KeyFrom, fifo: boolean): Omit<SendMessageBatchRequestEntry, "Id"> {
  const MessageBody = keyFrom === "an SNS envelope" ? snsEnvelope() : body;
  const message = { MessageBody, ...(fifo ? { MessageGroupId: "customer-1", MessageDeduplicationId: "order-1" } : {}) };
  return keyFrom === "the producer" ? withIdempotencyKey<typeof message & SendMessageInput>(message, "order-1") : message;
}

/** What SNS sends to a queue, without raw delivery. */
function snsEnvelope(): string {
  const [record] = events.sns(body).Records;
  const { TopicArn, MessageId, Message, Timestamp } = record?.Sns ?? {};
  return JSON.stringify({ Type: "Notification", MessageId, TopicArn, Message, Timestamp });
}

async function moveByTask(client: SQSClient, { dlqArn }: Queues): Promise<number> {
  await startMove(client, { SourceArn: dlqArn });
  const task = await endOfMove(client, dlqArn);
  return task?.ApproximateNumberOfMessagesMoved ?? 0;
}
