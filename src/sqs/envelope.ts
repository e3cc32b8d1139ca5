import { isObject } from "../core/check.ts";
import { IdempotencyError } from "../core/errors.ts";
import type { KeyInput } from "../core/key.ts";
import { keyAttribute, keyOfAttribute } from "../keys/attribute.ts";
import { parsed, textAt, valueAt } from "../keys/parts.ts";
import { s3Key, type S3Record } from "../keys/s3.ts";

/** The key inside an envelope, and what belongs to it where a producer chose it. */
interface Enveloped {
  readonly key: KeyInput;
  readonly payload?: string | undefined;
}

/** What each envelope has in its text: most bodies are none, and are not parsed for it. */
const traces = ['"TopicArn"', '"detail-type"', '"aws:s3"'];

/**
 * The producer's id inside an envelope that a service puts around what it sends to a queue; undefined where the body is no
 * envelope: with less than all of its marks it may be anybody's own.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html#http-notification-json
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @throws IdempotencyError `KEY_INVALID` where a notification of SNS has the attribute for it, and that is no key.
 */
export function insideEnvelope(body: unknown): Enveloped | undefined {
  if (typeof body !== "string" || !traces.some((trace) => body.includes(trace))) return undefined;
  const content = parsed(body);
  return inNotification(content) ?? inBridged(content) ?? inS3Records(content);
}

/** @throws IdempotencyError `KEY_INVALID` for what is no key in an attribute for one: a producer meant it. */
export function givenKey(type: unknown, value: unknown): string {
  const key = keyOfAttribute(type, value);
  if (key !== undefined) return key;
  const what = value === "" ? "is empty" : `is of type ${String(type)}`;
  throw new IdempotencyError("KEY_INVALID", `the message attribute "${keyAttribute}" ${what}: send a String or a Number`);
}

// Where delivery is not raw, what a publisher sets as the message's attribute arrives in the notification's, and what belongs
// to it is the publisher's message: the rest of the envelope differs each time. Raw, that message is the whole body.
function inNotification(content: unknown): Enveloped | undefined {
  const key = textAt(content, "MessageId");
  if (valueAt(content, "Type") !== "Notification" || textAt(content, "TopicArn") === undefined || key === undefined) return undefined;
  const attribute = valueAt(content, "MessageAttributes", keyAttribute);
  if (attribute === undefined) return { key };
  return { key: givenKey(valueAt(attribute, "Type"), valueAt(attribute, "Value")), payload: textAt(content, "Message") };
}

function inBridged(event: unknown): Enveloped | undefined {
  const key = textAt(event, "id");
  const isWhole = textAt(event, "source") !== undefined && textAt(event, "detail-type") !== undefined;
  return key !== undefined && isWhole && isObject(valueAt(event, "detail")) ? { key } : undefined;
}

function inS3Records(content: unknown): Enveloped | undefined {
  const records = valueAt(content, "Records");
  if (!Array.isArray(records) || records.length === 0) return undefined;
  const keys = (records as unknown[]).map((record) =>
    valueAt(record, "eventSource") === "aws:s3" ? s3Key(record as S3Record) : undefined,
  );
  return keys.every((key) => key !== undefined) ? { key: keys } : undefined;
}
