import type { KeyInput } from "../core/key.ts";
import { textAt, valueAt } from "./parts.ts";

/** One record of a notification of Amazon S3, as far as its key needs it. */
export interface S3Record {
  readonly eventName: string;
  readonly s3: {
    readonly bucket: { readonly name: string };
    readonly object: {
      readonly key: string;
      readonly versionId?: string | null | undefined;
      readonly sequencer?: string | undefined;
    };
  };
}

/**
 * The key of a notification of Amazon S3: bucket, object key, version where there is one, sequencer and event name. Not
 * the event time: duplicates are told by the sequencer ("duplicate event notifications for a specific object event have
 * the same value for the sequencer key"), of which nothing says that their times agree.
 *
 * Undefined where one of them is not there. **That is so for events that neither create nor delete an object** (tags,
 * ACLs, restores and others): S3 promises a sequencer for PUTs and DELETEs alone, and what is left would be the same for
 * two different events, the second of which would be lost. There take a key of what the handler does, such as bucket,
 * key, version and event name where once for each version is right.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @see https://repost.aws/knowledge-center/s3-duplicate-sqs-messages
 * @example
 * key: (event: S3Event) => s3Key(event.Records[0])
 */
export function s3Key(record: S3Record | undefined): KeyInput | undefined {
  const eventName = textAt(record, "eventName");
  const bucket = textAt(record, "s3", "bucket", "name");
  const key = textAt(record, "s3", "object", "key");
  const version = versionPart(valueAt(record, "s3", "object", "versionId"));
  const sequencer = textAt(record, "s3", "object", "sequencer");
  if (eventName === undefined || bucket === undefined || key === undefined) return undefined;
  if (version === undefined || sequencer === undefined) return undefined;
  return [bucket, objectPart(key), version, sequencer, eventName];
}

// A key of 1,024 bytes comes URL-encoded, with up to three times as many: more than one part of a key may have.
function objectPart(key: string): KeyInput {
  return Buffer.byteLength(key) <= 1024 ? key : (key.match(/.{1,256}/gsu) ?? []);
}

// Of a type of its own, so that no version looks like none.
function versionPart(versionId: unknown): KeyInput | undefined {
  if (versionId === undefined || versionId === null || versionId === "") return false;
  return typeof versionId === "string" ? [versionId] : undefined;
}
