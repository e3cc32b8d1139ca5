import { type Check, checkFields, fail, optional } from "../../core/check.ts";
import { filledText, listOf, named, text } from "../checks.ts";
import { accountId, base64Of, isBytes, momentCheck, region, textOf } from "./parts.ts";
import { md5 } from "./md5.ts";
import { digitsOf, uuidOf } from "../aws-forms.ts";

/** A message in a queue. */
export interface SqsMessage {
  /** A text as it is, everything else as JSON. */
  readonly body: unknown;
  /** Default: made of body, attributes and moment, so that the same message has the same id in every batch. */
  readonly messageId?: string | undefined;
  /** System attributes by SQS's names, in place of or beside those that every message has: `{ ApproximateReceiveCount: "2" }`. */
  readonly attributes?: SqsAttributes | undefined;
  /** The producer's: a text is a `String`, a number a `Number`, bytes are `Binary`. */
  readonly messageAttributes?: Readonly<Record<string, string | number | Uint8Array>> | undefined;
}

export interface SqsAttributes {
  readonly ApproximateReceiveCount?: string;
  readonly SentTimestamp?: string;
  readonly SenderId?: string;
  readonly ApproximateFirstReceiveTimestamp?: string;
  /** Of a FIFO queue, which the default queue is where a message has one. */
  readonly MessageGroupId?: string;
  /** Default, in a FIFO queue: made of the body. */
  readonly MessageDeduplicationId?: string;
  /** Default, in a FIFO queue: by the place in the batch. */
  readonly SequenceNumber?: string;
  readonly AWSTraceHeader?: string;
  readonly DeadLetterQueueSourceArn?: string;
}

export interface SqsOptions {
  /** Default: a queue named `orders`, or `orders.fifo` where a message has a `MessageGroupId`. */
  readonly queueArn?: string | undefined;
  /** When the messages were sent, epoch milliseconds. Default: the first of January 2026, UTC. */
  readonly atMs?: number | undefined;
}

export interface SqsEvent {
  Records: SqsEventRecord[];
}

export interface SqsEventRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Required<Pick<SqsAttributes, AlwaysThere>> & Omit<SqsAttributes, AlwaysThere>;
  messageAttributes: Record<string, SqsMessageAttribute>;
  md5OfBody: string;
  eventSource: string;
  eventSourceARN: string;
  awsRegion: string;
}

type AlwaysThere = "ApproximateReceiveCount" | "SentTimestamp" | "SenderId" | "ApproximateFirstReceiveTimestamp";

interface SqsMessageAttribute {
  stringValue?: string;
  binaryValue?: string;
  stringListValues: string[];
  binaryListValues: string[];
  dataType: string;
}

const attributeNames: Record<keyof SqsAttributes, true> = {
  ApproximateReceiveCount: true,
  SentTimestamp: true,
  SenderId: true,
  ApproximateFirstReceiveTimestamp: true,
  MessageGroupId: true,
  MessageDeduplicationId: true,
  SequenceNumber: true,
  AWSTraceHeader: true,
  DeadLetterQueueSourceArn: true,
};
const attributeChecks = Object.fromEntries(Object.keys(attributeNames).map((name) => [name, optional(text)]));
const messageChecks = {
  body: textOf,
  messageId: optional(filledText),
  attributes: optional<SqsAttributes>((value, path) => definedOf(checkFields(value, path, attributeChecks)), {}),
  messageAttributes: optional(named(messageAttribute, "give an object of attributes"), {}),
} satisfies Record<keyof SqsMessage, Check<unknown>>;
const optionChecks = { queueArn: optional(filledText), atMs: momentCheck } satisfies Record<keyof SqsOptions, Check<unknown>>;

type Message = { readonly [Name in keyof typeof messageChecks]: ReturnType<(typeof messageChecks)[Name]> };

/**
 * A batch from a queue. A text stands for a message with that body; an object body stands in `{ body }`. Two messages of
 * the same content in one batch are two messages. `md5OfMessageAttributes` is left out.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, or a wrong value; `path` says of which record.
 */
export function sqs(records: readonly (string | SqsMessage)[], options: SqsOptions = {}): SqsEvent {
  const messages = listOf(messageOf, "give a list of messages")(records, "records");
  const { atMs, queueArn = defaultQueue(messages) } = checkFields(options, "options", optionChecks);
  const seen = new Map<string, number>();
  const Records = messages.map((message, place) => {
    const content = digitsOf(message.body, message.messageAttributes, message.attributes.MessageGroupId, atMs);
    const nth = (seen.get(content) ?? 0) + 1;
    seen.set(content, nth);
    return recordOf(message, message.messageId ?? uuidOf(content, nth), { atMs, queueArn, place });
  });
  return { Records };
}

function messageOf(given: unknown, path: string): Message {
  return checkFields(typeof given === "string" ? { body: given } : given, path, messageChecks);
}

function defaultQueue(messages: readonly Message[]): string {
  const isFifo = messages.some(({ attributes }) => attributes.MessageGroupId !== undefined);
  return `arn:aws:sqs:${region}:${accountId}:orders${isFifo ? ".fifo" : ""}`;
}

function recordOf(message: Message, messageId: string, at: { atMs: number; queueArn: string; place: number }): SqsEventRecord {
  const { body, messageAttributes } = message;
  const attributes = {
    ApproximateReceiveCount: "1",
    SentTimestamp: String(at.atMs),
    SenderId: "AROAEXAMPLEEXAMPLE123:producer",
    ApproximateFirstReceiveTimestamp: String(at.atMs + 1),
    ...(at.queueArn.endsWith(".fifo") && fifoAttributes(body, at.place)),
    ...message.attributes,
  };
  return {
    messageId,
    // A new one comes with each receipt.
    receiptHandle: Buffer.from(digitsOf(messageId, attributes.ApproximateReceiveCount), "hex").toString("base64"),
    body,
    attributes,
    messageAttributes: { ...messageAttributes },
    md5OfBody: md5(body),
    eventSource: "aws:sqs",
    eventSourceARN: at.queueArn,
    awsRegion: region,
  };
}

function fifoAttributes(body: string, place: number): SqsAttributes {
  const firstNumber = 18_850_000_000_000_000_000n;
  return { MessageGroupId: "1", MessageDeduplicationId: digitsOf(body), SequenceNumber: String(firstNumber + BigInt(place) * 256n) };
}

function messageAttribute(value: unknown, path: string): SqsMessageAttribute {
  const lists = { stringListValues: [], binaryListValues: [] };
  if (typeof value === "string") return { stringValue: value, ...lists, dataType: "String" };
  if (typeof value === "number") return { stringValue: String(value), ...lists, dataType: "Number" };
  if (isBytes(value)) return { binaryValue: base64Of(value), ...lists, dataType: "Binary" };
  throw fail(path, value, "give a text, a number or bytes");
}

function definedOf(attributes: object): SqsAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
