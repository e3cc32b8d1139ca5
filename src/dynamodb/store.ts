import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { fail, fields } from "../core/check.ts";
import { type RecordId, type StoredRecord, textOf } from "../core/record.ts";
import { isDisabled } from "../core/resolve.ts";
import { type Answer, type Store, StoreFailure } from "../core/store.ts";
import { claimInput, extendInput, putOutcomeInput, releaseInput, settleInput, takeOverInput, type Write } from "./expressions.ts";
import { toFailure } from "./failures.ts";
import { fromItem, type Item, itemKey } from "./item.ts";
import { fitOutcome } from "./results.ts";
import { tableNameVariable } from "./table.ts";
import { watchTries } from "./tries.ts";

export interface DynamodbStoreOptions {
  /** Default: env `IDEMPOTENCY_TABLE`. */
  tableName?: string | undefined;
  /**
   * A plain or a document client. Default: a plain one that gives up early (1 s to connect, 1 s to answer, at most 3
   * tries), since a claim that takes long takes it from the handler.
   */
  client?: DynamoDBClient | DynamoDBDocumentClient | undefined;
}

/** What both clients have in common: they send this SDK's commands, and answer in AttributeValues. */
interface Sender {
  send(command: PutItemCommand | UpdateItemCommand): Promise<unknown>;
  send(command: GetItemCommand): Promise<{ Item?: Item | undefined }>;
  readonly middlewareStack?: DynamoDBClient["middlewareStack"];
}

/**
 * Keeps records in one DynamoDB table: `pk` and `sk` (both strings), TTL on `expiresAt`.
 * A fresh key costs one `PutItem` and one `UpdateItem`, a replay one refused `PutItem`.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where no table is named, the client is none, or an option is unknown.
 * @example
 * const store = dynamodbStore(); // the table in IDEMPOTENCY_TABLE
 */
export function dynamodbStore(options: DynamodbStoreOptions = {}): Store {
  fields(options, "options", ["tableName", "client"]);
  const TableName = tableNameIn(options);
  const sender = senderIn(options);
  watchTries(sender);

  async function put(id: RecordId, input: Write<PutItemCommandInput>): Promise<Answer> {
    return conditional(id, "PutItem", () => sender.send(new PutItemCommand({ TableName, ...input })));
  }

  async function putIfAbsent(id: RecordId, input: Write<PutItemCommandInput>): Promise<Answer> {
    const answer = await put(id, input);
    if (answer.applied || answer.record !== undefined) return answer;
    // This refusal means that there is an item. DynamoDB shows it; an engine that does not is asked once more.
    try {
      return { applied: false, record: await read(id) };
    } catch (error) {
      // Unreachable or not, there is a record: nobody may take this for a key of which nothing is known. It may be ours.
      const { kind, message } = error as StoreFailure;
      throw new StoreFailure(kind === "misconfigured" ? kind : "throttled", message, { maybeApplied: true, cause: error });
    }
  }

  async function update(id: RecordId, input: Write<UpdateItemCommandInput>): Promise<Answer> {
    return conditional(id, "UpdateItem", () => sender.send(new UpdateItemCommand({ TableName, ...input })));
  }

  async function conditional(id: RecordId, action: string, send: () => Promise<unknown>): Promise<Answer> {
    try {
      await send();
      return { applied: true };
    } catch (error) {
      if (!isRefused(error)) throw toFailure(error, action, TableName);
      return { applied: false, record: error.Item === undefined ? undefined : fromItem(id, error.Item) };
    }
  }

  async function read(id: RecordId): Promise<StoredRecord | undefined> {
    let answer: { Item?: Item | undefined };
    try {
      answer = await sender.send(new GetItemCommand({ TableName, Key: itemKey(id), ConsistentRead: true }));
    } catch (error) {
      throw toFailure(error, "GetItem", TableName);
    }
    return answer.Item === undefined ? undefined : fromItem(id, answer.Item);
  }

  return {
    claim: (request) => putIfAbsent(request.id, claimInput(request)),
    takeOver: (seen, request) => put(seen.id, takeOverInput(seen, request)),
    async settle(claim, ended) {
      const { outcome, kept } = fitOutcome(ended);
      const answer = await (outcome.write === "put"
        ? putIfAbsent(claim.id, putOutcomeInput(claim, outcome))
        : update(claim.id, settleInput(claim, outcome)));
      return answer.applied ? { applied: true, kept } : answer;
    },
    extend: (claim, leaseUntil) => update(claim.id, extendInput(claim, leaseUntil)),
    read,
    result: async (record) => textOf(record),
    release: (seen) => update(seen.id, releaseInput(seen)),
  };
}

function tableNameIn({ tableName = process.env[tableNameVariable] || undefined }: DynamodbStoreOptions): string {
  // A name, or an ARN for a table of another account.
  if (typeof tableName === "string" && /^([A-Za-z0-9_.-]{1,255}|arn:.+)$/.test(tableName)) return tableName;
  // Where all is switched off, nothing will be asked of the table.
  if (tableName === undefined && isDisabled(process.env)) return "disabled";
  throw fail("tableName", tableName, `name the table, or set the environment variable ${tableNameVariable}`);
}

function senderIn({ client = defaultClient() }: DynamodbStoreOptions): Sender {
  if (typeof (client as Partial<Sender> | null)?.send !== "function")
    throw fail("client", client, "give a DynamoDBClient or a DynamoDBDocumentClient");
  return client as Sender;
}

function defaultClient(): DynamoDBClient {
  // Without throwOnRequestTimeout the SDK only logs a warning when an answer does not come; socketTimeout is for one that
  // begins and does not end.
  return new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 1000, socketTimeout: 1000, throwOnRequestTimeout: true },
  });
}

// By name as well: the client may come from another copy of the SDK than ours.
function isRefused(error: unknown): error is { readonly Item?: Item } {
  return (
    error instanceof ConditionalCheckFailedException ||
    (error as { name?: unknown } | undefined)?.name === "ConditionalCheckFailedException"
  );
}
