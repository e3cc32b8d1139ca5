import { isObject } from "../core/check.ts";
import type { KeyInput } from "../core/key.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What each envelope has in its text: most bodies are none, and are not parsed for it. */
const traces = ['"TopicArn"', '"detail-type"', '"aws:s3"'];

/**
 * The producer's id inside an envelope that a service puts around what it sends to a queue; undefined where the body is no
 * envelope: with less than all of its marks it may be anybody's own.
 *
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

function snsId({ Type, TopicArn, MessageId }: Fields): KeyInput | undefined {
  return Type === "Notification" && filled(TopicArn) && filled(MessageId) ? MessageId : undefined;
}

function eventBridgeId(event: Fields): KeyInput | undefined {
  const { id, source, detail } = event;
  return filled(id) && filled(source) && filled(event["detail-type"]) && isObject(detail) ? id : undefined;
}

// Amazon S3 may deliver a notification twice, with another event time; object, sequencer and name stay.
function s3Ids({ Records }: Fields): KeyInput | undefined {
  if (!Array.isArray(Records) || Records.length === 0) return undefined;
  const ids = Records.map(s3Id);
  return ids.every((id) => id !== undefined) ? ids : undefined;
}

function s3Id(record: unknown): KeyInput | undefined {
  if (!isObject(record) || record["eventSource"] !== "aws:s3" || !isObject(record["s3"])) return undefined;
  const { eventName, s3 } = record;
  const { bucket, object } = s3 as Fields;
  if (!filled(eventName) || !isObject(bucket) || !isObject(object)) return undefined;
  const { key, versionId, sequencer } = object;
  if (!filled(bucket["name"]) || !filled(key) || !filled(sequencer)) return undefined;
  return [bucket["name"], key, filled(versionId) ? [versionId] : false, sequencer, eventName];
}

function filled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
