import { type Check, checkFields, optional, wholeNumber } from "../../core/check.ts";
import { filledText, text } from "../checks.ts";
import { accountId, momentCheck, region } from "./parts.ts";
import { digitsOf } from "../aws-forms.ts";

/** What happened to an object. */
export interface S3Options {
  /** As it is; the event has it as a URL has it. */
  readonly key: string;
  /** Default: `orders`. */
  readonly bucket?: string | undefined;
  /** Default: `ObjectCreated:Put`. */
  readonly eventName?: string | undefined;
  /** Bytes. Default: 1,024. */
  readonly size?: number | undefined;
  /** Default: made of bucket, key and size. */
  readonly eTag?: string | undefined;
  /** Of a bucket with versions. Default: there is none. */
  readonly versionId?: string | undefined;
  /** Orders what happened to a key. Default: made of the moment and the object. */
  readonly sequencer?: string | undefined;
  /** When it happened, epoch milliseconds. Default: the first of January 2026, UTC. */
  readonly atMs?: number | undefined;
}

export interface S3Event {
  Records: {
    eventVersion: string;
    eventSource: string;
    awsRegion: string;
    eventTime: string;
    eventName: string;
    userIdentity: { principalId: string };
    requestParameters: { sourceIPAddress: string };
    responseElements: { "x-amz-request-id": string; "x-amz-id-2": string };
    s3: {
      s3SchemaVersion: string;
      configurationId: string;
      bucket: { name: string; ownerIdentity: { principalId: string }; arn: string };
      object: { key: string; size: number; eTag: string; versionId?: string; sequencer: string };
    };
  }[];
}

const checks = {
  key: filledText,
  bucket: optional(filledText, "orders"),
  eventName: optional(filledText, "ObjectCreated:Put"),
  size: optional(wholeNumber(0), 1024),
  eTag: optional(text),
  versionId: optional(text),
  sequencer: optional(text),
  atMs: momentCheck,
} satisfies Record<keyof S3Options, Check<unknown>>;

/**
 * A notification of a bucket, in version 2.1 of its structure, which later ones add members to.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, or a wrong value.
 */
export function s3(options: S3Options): S3Event {
  const { key, bucket, eventName, size, eTag, versionId, sequencer, atMs } = checkFields(options, "options", checks);
  const digits = digitsOf(bucket, key, eventName, size, versionId, atMs);
  const principalId = "AWS:AROAEXAMPLEEXAMPLE123:uploader";
  const object = {
    key: encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
    size,
    eTag: eTag ?? digitsOf(bucket, key, size).slice(0, 32),
    ...(versionId !== undefined && { versionId }),
    sequencer: sequencer ?? `00${Math.floor(atMs / 1000).toString(16)}${digits.slice(0, 8)}`.toUpperCase(),
  };
  const record = {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: region,
    eventTime: new Date(atMs).toISOString(),
    eventName,
    userIdentity: { principalId },
    requestParameters: { sourceIPAddress: "203.0.113.24" },
    responseElements: {
      "x-amz-request-id": digits.slice(0, 16).toUpperCase(),
      "x-amz-id-2": Buffer.from(digits, "hex").toString("base64"),
    },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: "orders-created",
      bucket: { name: bucket, ownerIdentity: { principalId: accountId }, arn: `arn:aws:s3:::${bucket}` },
      object,
    },
  };
  return { Records: [record] };
}
