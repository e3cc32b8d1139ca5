import type { KeyInput } from "../core/key.ts";
import { valueAt } from "../keys/parts.ts";
import { envelopeKey } from "./envelope.ts";
import type { SQSRecord } from "./event.ts";
import { keyAttribute, keyOfAttribute } from "./key-attribute.ts";

/** A key, and what it comes from. */
export interface FoundKey {
  readonly key: KeyInput;
  readonly from: "attribute" | "envelope" | "messageId";
}

/**
 * The default key of a message, first found:
 *
 * 1. the message attribute `idempotency-key` (String or Number), which its producer set (`withIdempotencyKey`);
 * 2. the producer's id inside an envelope in the body: of SNS (without raw delivery) the same attribute of the notification,
 *    else `MessageId`; of EventBridge `id`; of an S3 notification bucket, key, version, sequencer and event name of each of
 *    its records;
 * 3. `messageId`. It survives redeliveries, also into a dead-letter queue, and not a redrive, which makes a new message of it.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 * @throws IdempotencyError `KEY_INVALID` where the attribute is there and neither String nor Number: a producer meant it.
 */
export function messageKey(record: SQSRecord): KeyInput {
  return findKey(record).key;
}

export function findKey(record: SQSRecord): FoundKey {
  const stamped = stampedKey(record);
  if (stamped !== undefined) return { key: stamped, from: "attribute" };
  const inside = envelopeKey(record.body);
  return inside === undefined ? { key: record.messageId, from: "messageId" } : { key: inside, from: "envelope" };
}

/** The key that its producer set. */
export function stampedKey(record: SQSRecord): string | undefined {
  const attribute = valueAt(record, "messageAttributes", keyAttribute);
  return attribute === undefined ? undefined : keyOfAttribute(valueAt(attribute, "dataType"), valueAt(attribute, "stringValue"));
}
