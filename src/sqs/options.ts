import type { SQSClient } from "@aws-sdk/client-sqs";
import { optional, shaped, theFunction, wholeNumber } from "../core/check.ts";
import { jsonCodec } from "../core/codec.ts";
import { type KeyInput, sha256, wellFormed } from "../core/key.ts";
import type { IdempotencyOptions, ResolvedOptions } from "../core/options.ts";
import { type Environment, resolveFor } from "../core/resolve.ts";
import type { LambdaContext, SQSRecord } from "./event.ts";
import { findKey, messageKey } from "./message-key.ts";
import { PermanentError } from "./permanent-error.ts";
import { standardSchema, type StandardSchemaV1 } from "./schema.ts";

/** Retention of a source queue as made, of its dead-letter queue at the most, and a day. */
const defaultRetentionSeconds = (4 + 14 + 1) * 86_400;

type Shared<C> = Pick<
  IdempotencyOptions<[record: SQSRecord, context: C], void>,
  "store" | "operation" | "onMissingKey" | "leaseMs" | "onLeaseExpired" | "onError" | "onStoreUnavailable" | "onEvent" | "enabled"
>;

/** See `IdempotencyOptions` for what is not here. */
export interface SqsOptions<Data = undefined, C = LambdaContext> extends Shared<C> {
  /**
   * How long a finished record answers duplicates, seconds. It must outlive the message: retention in the queue, then in its
   * dead-letter queue, and a day. Default: env `IDEMPOTENCY_RETENTION_SECONDS`, else 19 days (4 + 14 + 1).
   */
  retentionSeconds?: number | undefined;
  /** Default: `messageKey`. */
  key?: ((record: SQSRecord) => KeyInput | undefined) | undefined;
  /** The payload that belongs to the key. Default: the body (of a notification of SNS its `Message`) for a producer's key or for one of yours, else none: an id of one message needs none. */
  fingerprint?: ((record: SQSRecord) => unknown) | undefined;
  /** Of the JSON body, and the type of `record.data`. A body that it refuses is a `PermanentError`. */
  schema?: StandardSchemaV1<unknown, Data> | undefined;
  /** How many records of a standard queue's batch run at a time, at least 1. Default: all. A FIFO queue's groups always run side by side. */
  concurrency?: number | undefined;
  /** For the visibility of failed messages. Made when first needed, from the environment, where none is given. */
  sqs?: SQSClient | undefined;
}

/** Options without question marks; what is undefined here is off. */
export interface ResolvedSqsOptions<Data, C> extends Omit<ResolvedOptions<[record: SQSRecord, context: C], unknown>, "key"> {
  /** Undefined: the default one. */
  readonly key: ((record: SQSRecord) => KeyInput | undefined) | undefined;
  readonly schema: StandardSchemaV1<unknown, Data> | undefined;
  readonly concurrency: number;
  readonly sqs: SQSClient | undefined;
}

const ownChecks = {
  key: optional(theFunction),
  schema: optional(standardSchema),
  concurrency: optional(wholeNumber(1), Number.POSITIVE_INFINITY),
  sqs: optional(shaped<SQSClient>({ send: theFunction }, "give an SQSClient")),
};

/** Checks options and fills defaults, once, at wrap time. */
export function resolveSqsOptions<Data, C>(options: SqsOptions<Data, C>, env: Environment): ResolvedSqsOptions<Data, C> {
  const given = resolveFor(options, ownChecks, env, defaultRetentionSeconds);
  const key = given.key === messageKey ? undefined : given.key; // said aloud, it is the default all the same
  return Object.freeze({
    ...given,
    key,
    fingerprint: given.fingerprint ?? (key === undefined ? payloadOf : bodyOf),
    onError: (error: unknown) => (error instanceof PermanentError ? "keep" : given.onError(error)),
    waitMs: 0,
    codec: jsonCodec,
    onReplay: undefined,
  }) as ResolvedSqsOptions<Data, C>;
}

// Its hash, taken here: as a payload each of its quotes would be escaped first, which costs more than all the hashing.
function bodyOf({ body }: Pick<SQSRecord, "body">): string {
  return sha256(wellFormed(body, "body"));
}

function payloadOf(record: SQSRecord): string | undefined {
  const { payload } = findKey(record);
  return payload === undefined ? undefined : bodyOf({ body: payload });
}
