// A real engine beside the table in memory: it is sent the same requests, and must answer the same.
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type Item, toItem } from "../../src/dynamodb/item.ts";
import { partitionKey, sortKey } from "../../src/dynamodb/table.ts";
import type { Engine } from "./schedule.ts";
import { type Command, keyOf, type MemoryTable, Refused } from "./table.ts";

/** An engine for one schedule after the other, in one table, which each finds empty. */
export interface Beside {
  engine(): Promise<Engine>;
  /** How many requests both have answered alike. */
  readonly requests: number;
}

export function beside(client: DynamoDBClient, tableName: string): Beside {
  const keys = new Map<string, Item>();
  let requests = 0;

  async function remove(key: string): Promise<void> {
    const Key = keys.get(key);
    keys.delete(key);
    if (Key !== undefined) await client.send(new DeleteItemCommand({ TableName: tableName, Key }));
  }

  async function put(item: Item): Promise<void> {
    note(item);
    await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
  }

  function note(item: Item): void {
    keys.set(keyOf(item), { [partitionKey]: item[partitionKey] ?? { S: "" }, [sortKey]: item[sortKey] ?? { S: "" } });
  }

  async function decide(command: Command, table: MemoryTable): Promise<object> {
    const { Item, Key } = command.input as { Item?: Item; Key?: Item };
    if (Item !== undefined || Key !== undefined) note(Item ?? Key ?? {});
    const [real, modelled] = [await answerOf(() => send(command)), await answerOf(() => table.apply(command))];
    requests++;
    const [engine, model] = [textOf(real), textOf(modelled)];
    if (engine !== model) throw new Error(`on ${JSON.stringify(command.input)} the engine says ${engine}, the table in memory ${model}`);
    if (modelled.refused !== undefined) throw new Refused(modelled.refused.item);
    return modelled.output ?? {};
  }

  async function send({ constructor: { name }, input }: Command): Promise<object> {
    const named = { ...input, TableName: tableName } as never;
    switch (name) {
      case "PutItemCommand":
        return client.send(new PutItemCommand(named));
      case "UpdateItemCommand":
        return client.send(new UpdateItemCommand(named));
      case "GetItemCommand":
        return client.send(new GetItemCommand(named));
      case "BatchGetItemCommand": {
        const { RequestItems } = input as { RequestItems: Record<string, { Keys: Item[] }> };
        return client.send(new BatchGetItemCommand({ RequestItems: { [tableName]: Object.values(RequestItems)[0] ?? { Keys: [] } } }));
      }
      default:
        throw new Error(`no ${name} is sent by the store`);
    }
  }

  return {
    async engine() {
      await Promise.all([...keys.keys()].map(remove));
      return { decide, remove, put: (record) => put(toItem(record)) };
    },
    get requests() {
      return requests;
    },
  };
}

interface Answered {
  readonly output?: { readonly Item?: Item; readonly Responses?: { table: Item[] } };
  readonly refused?: { readonly item: Item | undefined };
}

// Attributes in one order, and bytes of whatever class as text.
function textOf(answered: Answered): string {
  return JSON.stringify(answered, (_, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    if ("type" in value && value.type === "Buffer" && "data" in value) return Buffer.from(value.data as number[]).toString("base64");
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** An answer without what only a real engine adds. */
async function answerOf(ask: () => Promise<object> | object): Promise<Answered> {
  try {
    const { Item, Responses } = (await ask()) as { Item?: Item; Responses?: Record<string, Item[]> };
    if (Item !== undefined) return { output: { Item } };
    if (Responses === undefined) return { output: {} };
    return { output: { Responses: { table: (Object.values(Responses)[0] ?? []).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) } } };
  } catch (error) {
    if ((error as Error).name !== "ConditionalCheckFailedException") throw error;
    return { refused: { item: (error as { Item?: Item }).Item } };
  }
}
