import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { RecordId, StoredRecord } from "../core/record.ts";
import { type Answer, StoreFailure } from "../core/store.ts";
import type { Sender } from "./client.ts";
import type { Write } from "./expressions.ts";
import { toFailure } from "./failures.ts";
import { fromItem, type Item, itemKey } from "./item.ts";

/** What is asked of the table: a record's conditional writes and consistent reads, and the items beside it. */
export interface Requests {
  put(id: RecordId, input: Write<PutItemCommandInput>): Promise<Answer>;
  /** A put whose refusal means that there is a record: it is always shown. */
  putIfAbsent(id: RecordId, input: Write<PutItemCommandInput>): Promise<Answer>;
  update(id: RecordId, input: Write<UpdateItemCommandInput>): Promise<Answer>;
  read(id: RecordId): Promise<StoredRecord | undefined>;
  putItem(item: Item, abortSignal: AbortSignal | undefined): Promise<void>;
  readItems(keys: readonly Item[]): Promise<{ readonly items: readonly Item[]; readonly unprocessed: readonly Item[] }>;
}

/** Sends requests for one table. Every method throws StoreFailure where DynamoDB gave no answer. */
export function requestsOf(sender: Sender, TableName: string): Requests {
  async function answered<T>(action: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw toFailure(error, action, TableName);
    }
  }

  async function conditional(id: RecordId, action: string, send: () => Promise<unknown>): Promise<Answer> {
    try {
      await send();
      return { applied: true };
    } catch (error) {
      if (!isRefused(error)) throw toFailure(error, action, TableName);
      return { applied: false, record: recordIn(id, error.Item) };
    }
  }

  function put(id: RecordId, input: Write<PutItemCommandInput>): Promise<Answer> {
    return conditional(id, "PutItem", () => sender.send(new PutItemCommand({ TableName, ...input })));
  }

  async function read(id: RecordId): Promise<StoredRecord | undefined> {
    const command = new GetItemCommand({ TableName, Key: itemKey(id), ConsistentRead: true });
    const { Item } = await answered("GetItem", () => sender.send(command));
    return recordIn(id, Item);
  }

  return {
    put,
    async putIfAbsent(id, input) {
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
    },
    update: (id, input) => conditional(id, "UpdateItem", () => sender.send(new UpdateItemCommand({ TableName, ...input }))),
    read,
    async putItem(Item, abortSignal) {
      await answered("PutItem", () => sender.send(new PutItemCommand({ TableName, Item }), { abortSignal }));
    },
    async readItems(keys) {
      const RequestItems = { [TableName]: { Keys: [...keys], ConsistentRead: true } };
      const { Responses, UnprocessedKeys } = await answered("BatchGetItem", () => sender.send(new BatchGetItemCommand({ RequestItems })));
      // One table was asked for: under which name it answers is its own matter.
      const unprocessed = Object.values(UnprocessedKeys ?? {}).flatMap(({ Keys = [] }) => Keys);
      return { items: Object.values(Responses ?? {}).flat(), unprocessed };
    },
  };
}

function recordIn(id: RecordId, item: Item | undefined): StoredRecord | undefined {
  return item === undefined ? undefined : fromItem(id, item);
}

// By name: the client may come from another copy of the SDK than ours.
function isRefused(error: unknown): error is { readonly Item?: Item } {
  return (error as { name?: unknown } | null | undefined)?.name === "ConditionalCheckFailedException";
}
