// SQS on a local engine: clients, fresh queues, and what tests ask of them. Knows no test runner.
import { randomUUID } from "node:crypto";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";
import { findElasticmq, startElasticmq } from "../engines/elasticmq.ts";
import type { Engine } from "../engines/engine.ts";
import { findMinistack, startMinistack } from "../engines/ministack.ts";

/** An engine that plays SQS. */
export interface SqsEngine {
  readonly name: "MiniStack" | "ElasticMQ";
  /** Why it cannot run here. */
  readonly missing: string | undefined;
  start(): Promise<Engine>;
}

export const sqsEngines: readonly SqsEngine[] = [
  { name: "MiniStack", missing: missing(findMinistack()), start: startMinistack },
  { name: "ElasticMQ", missing: missing(findElasticmq()), start: startElasticmq },
];

function missing(found: object | { readonly missing: string }): string | undefined {
  return "missing" in found ? found.missing : undefined;
}

/** A client of a local engine; keeps its sockets alive, at most 200. */
export function sqsClientOf(endpoint: string, config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: 200 } },
    ...config,
  });
}

/** A queue and its dead-letter queue. */
export interface Queues {
  readonly url: string;
  readonly arn: string;
  readonly dlqUrl: string;
  readonly dlqArn: string;
}

export interface QueuesOptions {
  /** Default: false. */
  readonly fifo?: boolean;
  /** Default: 30. */
  readonly visibilitySeconds?: number;
  /** Default: 3. */
  readonly maxReceiveCount?: number;
}

/** A new, empty queue with a new, empty dead-letter queue, both standard or both FIFO. */
export async function freshQueues(client: SQSClient, options: QueuesOptions = {}): Promise<Queues> {
  const { fifo = false, visibilitySeconds = 30, maxReceiveCount = 3 } = options;
  const name = `lambda-once-${randomUUID()}`;
  const dlq = await createQueue(client, `${name}-dlq`, fifo, {});
  const queue = await createQueue(client, name, fifo, {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dlq.arn, maxReceiveCount }),
  });
  return { ...queue, dlqUrl: dlq.url, dlqArn: dlq.arn };
}

async function createQueue(
  client: SQSClient,
  name: string,
  fifo: boolean,
  attributes: Partial<Record<QueueAttributeName, string>>,
): Promise<{ url: string; arn: string }> {
  const { QueueUrl } = await client.send(
    new CreateQueueCommand({
      QueueName: fifo ? `${name}.fifo` : name,
      Attributes: { ...attributes, ...(fifo ? { FifoQueue: "true" } : {}) },
    }),
  );
  if (QueueUrl === undefined) throw new Error(`${name} has no URL`);
  const { QueueArn } = await attributesOf(client, QueueUrl, ["QueueArn"]);
  return { url: QueueUrl, arn: QueueArn ?? "" };
}

/** How many messages a queue has, as it says itself: `visible` is approximate on AWS, and on ElasticMQ under load (`drainedCount`). */
export interface Counts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export async function countsOf(client: SQSClient, url: string): Promise<Counts> {
  const found = await attributesOf(client, url, [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
  ]);
  return {
    visible: Number(found.ApproximateNumberOfMessages),
    inFlight: Number(found.ApproximateNumberOfMessagesNotVisible),
    delayed: Number(found.ApproximateNumberOfMessagesDelayed),
  };
}

async function attributesOf(
  client: SQSClient,
  QueueUrl: string,
  AttributeNames: QueueAttributeName[],
): Promise<Partial<Record<QueueAttributeName, string>>> {
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return Attributes ?? {};
}

/** Sends messages, ten at a time, in order; answers their ids. `Id` is filled in. */
export async function sendAll(
  client: SQSClient,
  QueueUrl: string,
  messages: readonly Omit<SendMessageBatchRequestEntry, "Id">[],
): Promise<string[]> {
  const ids: string[] = [];
  for (let first = 0; first < messages.length; first += 10) {
    const Entries = messages.slice(first, first + 10).map((message, i) => ({ ...message, Id: String(i) }));
    const { Successful = [], Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`not sent: ${JSON.stringify(Failed)}`);
    const idOf = new Map(Successful.map(({ Id, MessageId }) => [Id, MessageId]));
    ids.push(...Entries.map(({ Id }) => idOf.get(Id) ?? ""));
  }
  return ids;
}

/** What is visible now, at most ten messages, with all their attributes. */
export async function receive(
  client: SQSClient,
  QueueUrl: string,
  options: { visibilitySeconds?: number; most?: number } = {},
): Promise<Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: options.most ?? 10,
      VisibilityTimeout: options.visibilitySeconds,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    }),
  );
  return Messages;
}

/** Deletes messages that were received; throws where one is not deleted. */
export async function deleteAll(client: SQSClient, QueueUrl: string, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
  const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  if (Failed.length > 0) throw new Error(`not deleted: ${JSON.stringify(Failed)}`);
}

/** Receives and deletes until nothing is visible; answers what was there. */
export async function drain(client: SQSClient, url: string): Promise<Message[]> {
  const drained: Message[] = [];
  for (;;) {
    const messages = await receive(client, url);
    if (messages.length === 0) return drained;
    await deleteAll(client, url, messages);
    drained.push(...messages);
  }
}

/**
 * Empties a queue, and answers how many messages it handed out, which it then does no more, or has in flight or delayed. Not what it
 * counts as visible: under load ElasticMQ now and then goes on to count a message that was moved or deleted, and that it hands to nobody.
 */
export async function drainedCount(client: SQSClient, url: string): Promise<number> {
  const { inFlight, delayed } = await countsOf(client, url);
  return inFlight + delayed + (await drain(client, url)).length;
}
