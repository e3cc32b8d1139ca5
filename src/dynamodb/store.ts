import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { checkFields, fail, optional, wholeNumber } from "../core/check.ts";
import { isDisabled } from "../core/resolve.ts";
import type { Store } from "../core/store.ts";
import { senderOf } from "./client.ts";
import { claimInput, extendInput, putOutcomeInput, releaseInput, settleInput, takeOverInput } from "./expressions.ts";
import { resultKeeper } from "./keeper.ts";
import { requestsOf } from "./requests.ts";
import { maxItemBytes } from "./results.ts";
import { tableNameVariable } from "./table.ts";

/** Below it, compression saves less than the one KB that write units count in. Bytes. */
const defaultCompressAboveBytes = 512;
/** Above it, items of their own pay from one duplicate for seven first deliveries on (docs/cost.md). Bytes. */
const defaultInlineLimitBytes = 8192;

export interface DynamodbStoreOptions {
  /** Default: env `IDEMPOTENCY_TABLE`. */
  tableName?: string | undefined;
  /**
   * A plain or a document client. Default: a plain one that gives up early (1 s to connect, 1 s to answer, at most 3
   * tries), since a claim that takes long takes it from the handler.
   */
  client?: DynamoDBClient | DynamoDBDocumentClient | undefined;
  /** A result of more bytes is compressed (brotli). Default: 512. */
  compressAboveBytes?: number | undefined;
  /**
   * A result that is larger as it is stored goes to items beside its record, up to 6 MB: a refused duplicate is billed for
   * the size of the record. From 0 to 401,408. Default: 8,192.
   */
  inlineLimitBytes?: number | undefined;
}

const checks = {
  tableName,
  client: senderOf,
  compressAboveBytes: optional(wholeNumber(0), defaultCompressAboveBytes),
  inlineLimitBytes: optional(wholeNumber(0, maxItemBytes), defaultInlineLimitBytes),
} satisfies Record<keyof DynamodbStoreOptions, unknown>;

/**
 * Keeps records in one DynamoDB table: `pk` and `sk` (both strings), TTL on `expiresAt`.
 * A fresh key costs one `PutItem` and one `UpdateItem`, a replay one refused `PutItem`.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where no table is named, the client is none, or an option is unknown.
 * @example
 * const store = dynamodbStore(); // the table in IDEMPOTENCY_TABLE
 */
export function dynamodbStore(options: DynamodbStoreOptions = {}): Store {
  const { tableName, client, ...limits } = checkFields(options, "options", checks);
  const { put, putIfAbsent, update, read, ...items } = requestsOf(client, tableName);
  const results = resultKeeper(items, limits);

  return {
    claim: (request) => putIfAbsent(request.id, claimInput(request)),
    takeOver: (seen, request) => put(seen.id, takeOverInput(seen, request)),
    async settle(claim, outcome) {
      const { members, kept } = await results.keep(claim, outcome);
      const answer = await (outcome.write === "put"
        ? putIfAbsent(claim.id, putOutcomeInput(claim, members))
        : update(claim.id, settleInput(claim, members)));
      return answer.applied || answer.record?.owner === claim.owner ? { ...answer, kept } : answer;
    },
    extend: (claim, leaseUntil) => update(claim.id, extendInput(claim, leaseUntil)),
    read,
    result: (record) => results.text(record),
    release: (seen) => update(seen.id, releaseInput(seen)),
  };
}

function tableName(value: unknown = process.env[tableNameVariable] || undefined, path: string): string {
  // A name, or an ARN for a table of another account.
  if (typeof value === "string" && /^([A-Za-z0-9_.-]{1,255}|arn:.+)$/.test(value)) return value;
  // Where all is switched off, nothing will be asked of the table.
  if (value === undefined && isDisabled(process.env)) return "disabled";
  throw fail(path, value, `name the table, or set the environment variable ${tableNameVariable}`);
}
