import type { KeyInput } from "../core/key.ts";
import { keyAttribute } from "../keys/attribute.ts";
import { valueAt } from "../keys/parts.ts";
import { givenKey, insideEnvelope } from "./envelope.ts";
import type { SQSRecord } from "./event.ts";

/** A key, what it comes from, and what belongs to it: under a producer's key the same; an id of one message needs none. */
export interface FoundKey {
  readonly key: KeyInput;
  readonly from: "attribute" | "envelope" | "messageId";
  readonly payload?: string | undefined;
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
  const { body, messageId } = record;
  const attribute = valueAt(record, "messageAttributes", keyAttribute);
  if (attribute !== undefined) {
    return { key: givenKey(valueAt(attribute, "dataType"), valueAt(attribute, "stringValue")), from: "attribute", payload: body };
  }
  const inside = insideEnvelope(body);
  return inside === undefined ? { key: messageId, from: "messageId" } : { ...inside, from: "envelope" };
}
