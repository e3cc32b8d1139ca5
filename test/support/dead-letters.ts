// Dead letters that really came through a source queue, and how AWS brings them back.
import { randomUUID } from "node:crypto";
import { type Message, SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from "@aws-sdk/client-sqs";
import { countsOf, deleteAll, freshQueues, type Queues, receive, sendAll } from "./queues.ts";
import { until } from "./until.ts";

export interface DeadLetters extends Queues {
  /** As the producer was told them. */
  readonly ids: readonly string[];
}

/** Fresh queues, and `messages` in their dead-letter queue, at most ten. */
export async function deadLetters(
  client: SQSClient,
  messages: readonly Omit<SendMessageBatchRequestEntry, "Id">[],
  options: { readonly fifo?: boolean } = {},
): Promise<DeadLetters> {
  const queues = await freshQueues(client, { ...options, visibilitySeconds: 0, maxReceiveCount: 1 });
  const ids = await sendAll(client, queues.url, messages);
  await until(`${messages.length} dead letters`, async () => {
    await receive(client, queues.url);
    return (await countsOf(client, queues.dlqUrl)).visible === messages.length ? true : undefined;
  });
  return { ...queues, ids };
}

/** A message in the dead-letter queue, once there is one; it stays visible. */
export async function deadLetter(client: SQSClient, { dlqUrl }: Queues): Promise<Message> {
  return until(`a message is in ${dlqUrl}`, async () => (await receive(client, dlqUrl, { most: 1, visibilitySeconds: 0 }))[0]);
}

/**
 * Moves what is visible in the dead-letter queue to its source queue as AWS does it by its developer guide: ReceiveMessage,
 * SendMessageBatch, DeleteMessageBatch, so that every message gets a new id and keeps its body and attributes. For engines whose own
 * move task does otherwise (test/engines/sqs-differences.test.ts).
 */
export async function redriveByHand(client: SQSClient, { url, dlqUrl }: Queues): Promise<number> {
  let moved = 0;
  for (;;) {
    const messages = await receive(client, dlqUrl);
    if (messages.length === 0) return moved;
    const Entries = messages.map(({ Body, MessageAttributes, Attributes }, i) => ({
      Id: String(i),
      MessageBody: Body,
      MessageAttributes,
      // The producer's deduplication id would have the message swallowed within five minutes of its first sending; and the message's own
      // has ElasticMQ swallow it when it is dead once more, since the dead-letter queue has seen that id.
      ...(Attributes?.MessageGroupId === undefined
        ? {}
        : { MessageGroupId: Attributes.MessageGroupId, MessageDeduplicationId: randomUUID() }),
    }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    if (Failed.length > 0) throw new Error(`not sent: ${JSON.stringify(Failed)}`);
    await deleteAll(client, dlqUrl, messages);
    moved += messages.length;
  }
}
