import { isObject } from "../../core/check.ts";

type Fields = Record<string, unknown>;

/**
 * The SQS records of an event: of a batch, of a list, which EventBridge Pipes delivers, or the event itself, where it is
 * one. None of any other event.
 */
export function sqsRecordsOf(event: unknown): SqsRecord[] {
  return listedIn(event).filter(isSqsRecord);
}

/** What differs from delivery to delivery of a record. */
export interface SqsRecord extends Fields {
  receiptHandle: string;
  attributes: Fields;
}

function listedIn(event: unknown): readonly unknown[] {
  if (Array.isArray(event)) return event;
  if (isObject(event) && Array.isArray(event["Records"])) return event["Records"];
  return [event];
}

function isSqsRecord(record: unknown): record is SqsRecord {
  return isObject(record) && typeof record["receiptHandle"] === "string" && isObject(record["attributes"]);
}

/**
 * Which messages of a delivery the queue keeps by what the handler answered: those that a `batchItemFailures` names. As Lambda
 * does, undefined, for all, where it names what was not delivered, and where there is none.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function keptMessages(event: unknown, answer: unknown): readonly string[] | undefined {
  const failures = isObject(answer) ? answer["batchItemFailures"] : undefined;
  if (!Array.isArray(failures)) return undefined;
  const delivered = new Set(listedIn(event).map(messageIdOf));
  const ids = (failures as unknown[]).map((failure) => (isObject(failure) ? failure["itemIdentifier"] : undefined));
  return ids.every((id) => typeof id === "string" && delivered.has(id)) ? (ids as string[]) : undefined;
}

/** An event of these messages only. Lists of it are new, what is in them is the same. */
export function withMessages(event: unknown, ids: readonly unknown[]): unknown {
  const kept = listedIn(event).filter((record) => ids.includes(messageIdOf(record)));
  if (Array.isArray(event)) return kept;
  return isObject(event) && Array.isArray(event["Records"]) ? { ...event, Records: kept } : event;
}

function messageIdOf(record: unknown): unknown {
  return isObject(record) ? record["messageId"] : undefined;
}

/** When the last message of these events was sent, epoch milliseconds; 0 where none says so. */
export function lastSentMs(events: readonly unknown[]): number {
  const moments = events.flatMap(sqsRecordsOf).map(({ attributes }) => Number(attributes["SentTimestamp"]));
  return Math.max(0, ...moments.filter(Number.isSafeInteger));
}
