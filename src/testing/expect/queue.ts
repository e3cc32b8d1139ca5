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

/** When the last message of these events was sent, epoch milliseconds; 0 where none says so. */
export function lastSentMs(events: readonly unknown[]): number {
  const moments = events.flatMap(sqsRecordsOf).map(({ attributes }) => Number(attributes["SentTimestamp"]));
  return Math.max(0, ...moments.filter(Number.isSafeInteger));
}
