import { describeError } from "../core/errors.ts";
import { isThrottleLike, StoreFailure, type StoreFailureKind } from "../core/store.ts";
import { triesOf } from "./tries.ts";

/** The parts of an SDK error that tell what happened. */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $retryable?: { readonly throttling?: boolean };
}

const conflict = /^(Transaction|ReplicatedWrite)ConflictException$/;
const throttle =
  /^(Throttling(Exception)?|(EC2)?ThrottledException|ProvisionedThroughputExceededException|RequestLimitExceeded|TooManyRequestsException|RequestThrottled(Exception)?|BandwidthLimitExceeded|SlowDown)$/;
/** Connections that were never there: whatever was to be sent was not. */
const neverSent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
/** What the SDK throws before it has anything to send. */
const notSendable = /^(Credentials|Token)ProviderError$/;

/**
 * Sorts what the SDK throws, once, for everybody. A refused condition is no failure and does not come here.
 *
 * All tries count, not only the last one: the write may have been applied as soon as one answer was lost, and a request
 * that was throttled once is throttled, though its last try found nobody.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export function toFailure(thrown: unknown, action: string, tableName: string): StoreFailure {
  const last = (thrown ?? {}) as SdkError;
  const tries = (triesOf(thrown) ?? [thrown]).map((error) => (error ?? {}) as SdkError);
  // Tries that nobody watched may have ended in any way.
  const unwatched = (last.$metadata?.attempts ?? 1) > tries.length;
  const maybeApplied = unwatched || tries.some((error) => kindOf(error) === "unreachable" && !neverSent.test(String(error.code)));
  const kind = kindOf(last) === "unreachable" && tries.some((error) => isThrottleLike(kindOf(error))) ? "throttled" : kindOf(last);
  const { name, message } = describeError(thrown);
  return new StoreFailure(kind, sentence(kind, `${name}: ${message}`, action, tableName), { maybeApplied, cause: thrown });
}

function kindOf({ name: thrown, message, $metadata, $retryable }: SdkError): StoreFailureKind {
  const name = String(thrown);
  if (conflict.test(name)) return "conflict";
  const status = $metadata?.httpStatusCode ?? 0;
  if (throttle.test(name) || $retryable?.throttling === true || status === 429) return "throttled";
  // A table, permission, region or credential that is wrong answers the same to every try.
  if (status >= 400 && status < 500 && status !== 408) return "misconfigured";
  return notSendable.test(name) || message === "Region is missing" ? "misconfigured" : "unreachable";
}

function sentence(kind: StoreFailureKind, what: string, action: string, tableName: string): string {
  const request = `${action} on table "${tableName}" (${what})`;
  switch (kind) {
    case "misconfigured":
      return `DynamoDB refused ${request}; check the table's name, region and key schema (pk, sk), and that the role may dynamodb:${action} on it`;
    case "throttled":
      return `DynamoDB throttled ${request}`;
    case "conflict":
      return `another write to the item was under way, so DynamoDB refused ${request}`;
    case "unreachable":
      return `DynamoDB gave no answer to ${request}`;
  }
}
