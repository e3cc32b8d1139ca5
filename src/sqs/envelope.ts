import { isObject } from "../core/check.ts";
import type { KeyInput } from "../core/key.ts";
import { valueAt } from "../keys/parts.ts";
import { s3Key, type S3Record } from "../keys/s3.ts";
import { keyAttribute, keyOfAttribute } from "./key-attribute.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What each envelope has in its text: most bodies are none, and are not parsed for it. */
const traces = ['"TopicArn"', '"detail-type"', '"aws:s3"'];

/**
 * The producer's id inside an envelope that a service puts around what it sends to a queue; undefined where the body is no
 * envelope: with less than all of its marks it may be anybody's own.
 *
 * @throws IdempotencyError `KEY_INVALID` where a notification of SNS has the attribute for it, and that is no key.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html#http-notification-json
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function envelopeKey(body: unknown): KeyInput | undefined {
  if (typeof body !== "string" || !traces.some((trace) => body.includes(trace))) return undefined;
  const content = parsed(body);
  return isObject(content) ? (snsId(content) ?? eventBridgeId(content) ?? s3Ids(content)) : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

// Where delivery is not raw, what a publisher sets as the message's attribute arrives in the notification's.
function snsId({ Type, TopicArn, MessageId, MessageAttributes }: Fields): KeyInput | undefined {
  if (Type !== "Notification" || !filled(TopicArn) || !filled(MessageId)) return undefined;
  const attribute = valueAt(MessageAttributes, keyAttribute);
  return attribute === undefined ? MessageId : keyOfAttribute(valueAt(attribute, "Type"), valueAt(attribute, "Value"));
}

function eventBridgeId(event: Fields): KeyInput | undefined {
  const { id, source, detail } = event;
  return filled(id) && filled(source) && filled(event["detail-type"]) && isObject(detail) ? id : undefined;
}

function s3Ids({ Records }: Fields): KeyInput | undefined {
  if (!Array.isArray(Records) || Records.length === 0) return undefined;
  const ids = (Records as unknown[]).map((record) =>
    isObject(record) && record["eventSource"] === "aws:s3" ? s3Key(record as unknown as S3Record) : undefined,
  );
  return ids.every((id) => id !== undefined) ? ids : undefined;
}

function filled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
