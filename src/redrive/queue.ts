// A dead-letter queue, by the few requests that a redrive makes.
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  paginateListDeadLetterSourceQueues,
  type QueueAttributeName,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { fail } from "../core/check.ts";

/** What SQS takes, and gives, in one request. */
export const perRequest = 10;
const waitSeconds = 1;

/** Approximate: on AWS, what has just changed is counted up to a minute later. */
export interface Counts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface DeadLetterQueue {
  readonly url: string;
  readonly arn: string;
  /** Whether it sends what was received too often to a dead-letter queue of its own. */
  readonly hasRedrivePolicy: boolean;
  /** The URLs of the queues whose dead letters go there, by their ARNs. */
  readonly sources: ReadonlyMap<string, string>;
  /** At most ten; nobody else receives them for so long. None may mean none, or a moment's silence. */
  receive(most: number, visibilitySeconds: number): Promise<readonly Message[]>;
  /** By receipt handles. One that is not in flight any more is let be. */
  makeVisible(receiptHandles: readonly string[]): Promise<void>;
  /** Answers what was not deleted and why, by `messageId`. At most ten. */
  remove(messages: readonly Message[]): Promise<ReadonlyMap<string, string>>;
  counts(): Promise<Counts>;
}

/** A receive without messages says little: SQS asks a sample of its servers. */
const fewIdleReceives = 2;
/** A count that stays above what is handed out is an approximate one. */
const manyIdleReceives = 10;

/** Whether nothing more is to be had, after so many receives in a row with nothing new. */
export async function isDry(queue: DeadLetterQueue, idleReceives: number): Promise<boolean> {
  if (idleReceives >= manyIdleReceives) return true;
  return idleReceives >= fewIdleReceives && (await queue.counts()).visible === 0;
}

/** @throws IdempotencyError `CONFIG_INVALID` where there is no such queue, or it is nobody's dead-letter queue. */
export async function openDeadLetterQueue(sqs: SQSClient, QueueUrl: string): Promise<DeadLetterQueue> {
  const urls = await sourcesOf(sqs, QueueUrl);
  const { QueueArn: arn = "", RedrivePolicy = "" } = await attributesOf(sqs, QueueUrl, "QueueArn", "RedrivePolicy");
  const sources = new Map(urls.map((url) => [siblingOf(arn, url), url]));
  return {
    url: QueueUrl,
    arn,
    hasRedrivePolicy: RedrivePolicy !== "",
    sources,
    async receive(most, VisibilityTimeout) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(perRequest, most),
          VisibilityTimeout,
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ["All"],
          MessageAttributeNames: ["All"],
        }),
      );
      return Messages;
    },
    async makeVisible(receiptHandles) {
      for (let from = 0; from < receiptHandles.length; from += perRequest) {
        await makeAllVisible(sqs, QueueUrl, receiptHandles.slice(from, from + perRequest));
      }
    },
    async remove(messages) {
      if (messages.length === 0) return new Map();
      const Entries = messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
      const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      return new Map(Failed.map(({ Id, Code, Message: text }) => [messages[Number(Id)]?.MessageId ?? "", `${Code}: ${text}`]));
    },
    async counts() {
      const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"] as const;
      const attributes = await attributesOf(sqs, QueueUrl, ...names);
      const [visible = 0, inFlight = 0, delayed = 0] = names.map((name) => Number(attributes[name] ?? 0));
      return { visible, inFlight, delayed };
    },
  };
}

const triesToMakeVisible = 3;

async function makeAllVisible(sqs: SQSClient, QueueUrl: string, receiptHandles: readonly string[], tries = 1): Promise<void> {
  const Entries = receiptHandles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
  const { Failed = [] } = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  // What is not in flight any more is the sender's fault.
  const hidden = Failed.filter(({ SenderFault }) => SenderFault !== true);
  if (hidden.length === 0) return;
  if (tries === triesToMakeVisible)
    throw new Error(
      `${hidden.length} messages could not be made visible again (${hidden[0]?.Code}): they are hidden for at most 10 minutes`,
    );
  const again = hidden.map(({ Id }) => receiptHandles[Number(Id)] ?? "");
  await makeAllVisible(sqs, QueueUrl, again, tries + 1);
}

/** @throws IdempotencyError `CONFIG_INVALID` where each look would move messages on. */
export function checkMayLook({ url, hasRedrivePolicy }: DeadLetterQueue): void {
  if (hasRedrivePolicy)
    throw fail(
      "deadLetterQueueUrl",
      url,
      "it has a dead-letter queue of its own, where each look, which is a receive, may send its messages: take its redrive policy away before",
    );
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
  return urls;
}

/**
 * A dead-letter queue and its sources are in one account and region, so that their ARNs differ by name only: nobody has to be asked, nor may be.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
function siblingOf(arn: string, url: string): string {
  return [...arn.split(":").slice(0, -1), url.split("/").at(-1)].join(":");
}

async function attributesOf(sqs: SQSClient, QueueUrl: string, ...AttributeNames: QueueAttributeName[]) {
  return (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};
}
