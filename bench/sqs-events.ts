// Batches of messages as Lambda hands them over, and what the handler makes of them.
import type { SQSEvent, SQSRecord } from "../src/sqs/index.ts";
import { resultOf } from "./orders.ts";

const bodyKb = 1;

/** Read from JSON, as an invocation's event is. No two batches of different numbers have a message in common. */
export function eventOf(messages: number, batch: number, isStamped: boolean): SQSEvent {
  const body = JSON.stringify(resultOf("orders", bodyKb));
  const Records = Array.from({ length: messages }, (_, message) => recordOf(body, `${batch}`.padStart(8, "0"), message, isStamped));
  return JSON.parse(JSON.stringify({ Records })) as SQSEvent;
}

function recordOf(body: string, batch: string, message: number, isStamped: boolean): SQSRecord {
  const id = `${batch}-ddc7-8e15-54ea-${`${message}`.padStart(12, "0")}`;
  return {
    messageId: id,
    receiptHandle: "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a".repeat(4),
    body,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "1767225600000",
      SenderId: "AIDAIENQZJOLO23YVJ4VO",
      ApproximateFirstReceiveTimestamp: "1767225600010",
    },
    messageAttributes: isStamped ? { "idempotency-key": { dataType: "String", stringValue: `order-${id}` } } : {},
    md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:orders",
    awsRegion: "us-east-1",
  };
}
