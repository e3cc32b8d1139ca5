import { fail, isObject } from "../core/check.ts";

/**
 * A batch that Lambda read from a queue.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
 */
export interface SQSEvent {
  Records: SQSRecord[];
}

/** One message of a batch, as `aws-lambda` types it too. */
export interface SQSRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: SQSRecordAttributes;
  messageAttributes: Record<string, SQSMessageAttribute>;
  md5OfBody: string;
  md5OfMessageAttributes?: string;
  eventSource: string;
  eventSourceARN: string;
  awsRegion: string;
}

export interface SQSRecordAttributes {
  AWSTraceHeader?: string | undefined;
  ApproximateReceiveCount: string;
  SentTimestamp: string;
  SenderId: string;
  ApproximateFirstReceiveTimestamp: string;
  SequenceNumber?: string | undefined;
  MessageGroupId?: string | undefined;
  MessageDeduplicationId?: string | undefined;
  DeadLetterQueueSourceArn?: string | undefined;
}

export interface SQSMessageAttribute {
  stringValue?: string | undefined;
  binaryValue?: string | undefined;
  stringListValues?: string[] | undefined;
  binaryListValues?: string[] | undefined;
  dataType: string;
}

/** What Lambda deletes nothing of: the messages that are to come back. */
export interface SQSBatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/** The part of Lambda's context that a record handler is promised; annotate a wider one, such as `Context` of `aws-lambda`. */
export interface LambdaContext {
  awsRequestId: string;
  functionName: string;
  getRemainingTimeInMillis(): number;
}

/** A system attribute. What comes from a test's own hand may have none. */
export function attributeOf(record: SQSRecord, name: keyof SQSRecordAttributes): string | undefined {
  return (record as Partial<SQSRecord>).attributes?.[name];
}

/** The group whose order a FIFO queue keeps. A standard queue's message may have a group too, for fairness, and no order. */
export function fifoGroupOf(record: SQSRecord): string | undefined {
  const arn: unknown = record.eventSourceARN;
  return typeof arn === "string" && arn.endsWith(".fifo") ? (attributeOf(record, "MessageGroupId") ?? "") : undefined;
}

/**
 * The records of an SQS event. Without a `messageId` a message could not be named in the answer, and Lambda would delete it.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for anything else than an SQS event: another source is wired to this handler.
 */
export function recordsOf(event: unknown): readonly SQSRecord[] {
  const records = isObject(event) ? event["Records"] : undefined;
  if (!Array.isArray(records))
    throw fail("event", event, "give an SQS event, { Records: [...] }; is this function wired to another source?");
  for (const [index, record] of records.entries()) {
    const path = `event.Records[${index}]`;
    if (!isObject(record)) throw fail(path, record, "give an SQS record");
    const { messageId } = record;
    if (typeof messageId !== "string" || messageId === "") {
      throw fail(`${path}.messageId`, messageId, "an SQS record has one; is this function wired to another source?");
    }
  }
  return records as SQSRecord[];
}
