// Looks at what is in a dead-letter queue. SQS has no list of messages: they are received, and become visible again.
import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  paginateListDeadLetterSourceQueues,
  type QueueAttributeName,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { fail } from "../core/check.ts";

export interface Seen {
  readonly messages: readonly Message[];
  /** Whether these are all. */
  readonly complete: boolean;
}

/** What SQS takes, and gives, in one request. */
const perRequest = 10;
/** Long enough for a look at all; whoever is interrupted has them back after that. */
const visibilitySeconds = 600;
const waitSeconds = 1;
/** An answer without messages says little: SQS asks a sample of its servers. */
const emptyPolls = 3;
/** A count that stays above what is handed out is an approximate one. */
const mostEmptyPolls = 10;

export interface DeadLetterQueue {
  /** ARNs of the queues whose dead letters go there. */
  readonly sources: readonly string[];
  /** Shows the messages to `look` while nobody else receives them. They are visible again before it resolves, or rejects. */
  peek<T>(maxMessages: number, look: (seen: Seen) => Promise<T>): Promise<T>;
}

/** @throws IdempotencyError `CONFIG_INVALID` where there is no such queue, or it is nobody's dead-letter queue. */
export async function openDeadLetterQueue(sqs: SQSClient, QueueUrl: string): Promise<DeadLetterQueue> {
  const sources = await sourcesOf(sqs, QueueUrl);
  return {
    sources,
    async peek(maxMessages, look) {
      const byId = new Map<string, Message>();
      try {
        return await look(await receiveAll(sqs, QueueUrl, maxMessages, byId));
      } finally {
        await makeVisible(sqs, QueueUrl, [...byId.values()]);
      }
    },
  };
}

async function sourcesOf(sqs: SQSClient, QueueUrl: string): Promise<readonly string[]> {
  const urls: string[] = [];
  try {
    for await (const page of paginateListDeadLetterSourceQueues({ client: sqs }, { QueueUrl })) urls.push(...(page.queueUrls ?? []));
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    throw fail("deadLetterQueueUrl", QueueUrl, "there is no such queue in this account and region");
  }
  if (urls.length === 0)
    throw fail("deadLetterQueueUrl", QueueUrl, "no queue sends its dead letters there: give the URL of a dead-letter queue");
  return Promise.all(urls.map(async (url) => (await attributesOf(sqs, url, "QueueArn")).QueueArn ?? ""));
}

async function receiveAll(sqs: SQSClient, QueueUrl: string, maxMessages: number, byId: Map<string, Message>): Promise<Seen> {
  for (let empty = 0; byId.size < maxMessages && empty < mostEmptyPolls;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(perRequest, maxMessages - byId.size),
        VisibilityTimeout: visibilitySeconds,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      }),
    );
    // One that was seen before comes with a new receipt handle, and only that one is good.
    for (const message of Messages) byId.set(message.MessageId ?? "", message);
    empty = Messages.length > 0 ? 0 : empty + 1;
    if (empty >= emptyPolls && (await left(sqs, QueueUrl)).visible === 0) break;
  }
  const { visible, inFlight } = await left(sqs, QueueUrl);
  return { messages: [...byId.values()], complete: visible === 0 && inFlight <= byId.size };
}

async function left(sqs: SQSClient, queueUrl: string): Promise<{ visible: number; inFlight: number }> {
  const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const attributes = await attributesOf(sqs, queueUrl, ...names);
  const [visible, inFlight] = names.map((name) => Number(attributes[name]));
  return { visible: visible ?? 0, inFlight: inFlight ?? 0 };
}

async function attributesOf(sqs: SQSClient, QueueUrl: string, ...AttributeNames: QueueAttributeName[]) {
  return (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};
}

async function makeVisible(sqs: SQSClient, QueueUrl: string, messages: readonly Message[]): Promise<void> {
  for (let from = 0; from < messages.length; from += perRequest) {
    const Entries = messages
      .slice(from, from + perRequest)
      .map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
    // What is refused here is in flight no longer.
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }
}
