// A table of DynamoDB as far as the store speaks to it: the same requests, decided at once and in memory.
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../src/dynamodb/item.ts";
import { partitionKey, sortKey, timeToLiveAttribute } from "../../src/dynamodb/table.ts";

/** What the store's requests have in common with this SDK's commands. */
export interface Command {
  readonly constructor: { readonly name: string };
  readonly input: object;
}

interface Input {
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly ConsistentRead?: boolean;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
  readonly RequestItems?: Record<string, { readonly Keys: readonly Item[]; readonly ConsistentRead?: boolean }>;
}

/** What DynamoDB throws for a condition that does not hold; with the item that refused it, unless there is none. */
export class Refused extends Error {
  override readonly name = "ConditionalCheckFailedException";
  readonly Item: Item | undefined;

  constructor(item: Item | undefined) {
    super("The conditional request failed");
    this.Item = item;
  }
}

export interface MemoryTable {
  /** Decides one request; its answer, in the shape of the SDK's. */
  apply(command: Command): object;
  /** Every item, by its key's text. */
  readonly items: ReadonlyMap<string, Item>;
  /** What TTL does to an item. */
  remove(key: string): void;
  put(item: Item): void;
}

export function memoryTable(): MemoryTable {
  const items = new Map<string, Item>();
  const older = new Map<string, Item>();

  function conditionally(key: string, input: Input): Item | undefined {
    const old = items.get(key);
    if (!holds(input.ConditionExpression, input, old))
      throw new Refused(input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? old : undefined);
    return old;
  }

  // A read that does not ask to be consistent sees what was there before the last write.
  function asRead(isConsistent: boolean | undefined, key: string): Item | undefined {
    return isConsistent === true ? items.get(key) : older.get(key);
  }

  function write(key: string, item: Item): void {
    const old = items.get(key);
    if (old === undefined) older.delete(key);
    else older.set(key, old);
    items.set(key, item);
  }

  function apply({ constructor, input }: Command): object {
    const given = input as Input;
    switch (constructor.name) {
      case "PutItemCommand": {
        const item = given.Item ?? {};
        const key = keyOf(item);
        conditionally(key, given);
        write(key, item);
        return {};
      }
      case "UpdateItemCommand": {
        const key = keyOf(given.Key ?? {});
        const old = conditionally(key, given);
        write(key, updated(old ?? { ...given.Key }, given));
        return {};
      }
      case "GetItemCommand":
        return found(asRead(given.ConsistentRead, keyOf(given.Key ?? {})));
      case "BatchGetItemCommand": {
        const asked = Object.entries(given.RequestItems ?? {});
        const answers = asked.map(
          ([table, { Keys, ConsistentRead }]) => [table, Keys.map((key) => asRead(ConsistentRead, keyOf(key))).filter(isThere)] as const,
        );
        return { Responses: Object.fromEntries(answers) };
      }
      default:
        throw new Error(`the table in memory knows no ${constructor.name}`);
    }
  }

  return { apply, items, remove: (key) => void items.delete(key), put: (item) => void items.set(keyOf(item), item) };
}

export function keyOf(item: Item): string {
  return `${item[partitionKey]?.S}|${item[sortKey]?.S}`;
}

/** Epoch seconds; when TTL may delete an item. */
export function timeToLiveOf(item: Item): number {
  return Number(item[timeToLiveAttribute]?.N ?? Number.POSITIVE_INFINITY);
}

function found(item: Item | undefined): object {
  return item === undefined ? {} : { Item: item };
}

function isThere(item: Item | undefined): item is Item {
  return item !== undefined;
}

// Terms joined by AND: `attribute_not_exists(a)`, `a = :v`, `a < :v`. A comparison with what is not there is false.
function holds(expression: string | undefined, input: Input, old: Item | undefined): boolean {
  if (expression === undefined) return true;
  return expression.split(" AND ").every((term) => {
    const absent = /^attribute_not_exists\((\S+)\)$/.exec(term)?.[1];
    if (absent !== undefined) return old?.[nameIn(absent, input)] === undefined;
    const [, left, operator, right] = /^(\S+) (=|<) (\S+)$/.exec(term) ?? [];
    if (left === undefined || right === undefined) throw new Error(`the table in memory cannot read the condition "${term}"`);
    const [have, value] = [old?.[nameIn(left, input)], valueIn(right, input)];
    if (have === undefined) return false;
    return operator === "=" ? isSame(have, value) : isLess(have, value);
  });
}

// `SET a = :v, b = :w REMOVE c`
function updated(old: Item, input: Input): Item {
  const [, set, remove] = /^SET (.*?)(?: REMOVE (.*))?$/.exec(input.UpdateExpression ?? "") ?? [];
  if (set === undefined) throw new Error(`the table in memory cannot read the update "${input.UpdateExpression}"`);
  const item = { ...old };
  for (const assignment of set.split(", ")) {
    const [name = "", value = ""] = assignment.split(" = ");
    item[nameIn(name, input)] = valueIn(value, input);
  }
  for (const name of remove?.split(", ") ?? []) delete item[nameIn(name, input)];
  return item;
}

function nameIn(text: string, { ExpressionAttributeNames }: Input): string {
  return text.startsWith("#") ? (ExpressionAttributeNames?.[text] ?? text) : text;
}

function valueIn(text: string, { ExpressionAttributeValues }: Input): AttributeValue {
  const value = ExpressionAttributeValues?.[text];
  if (value === undefined) throw new Error(`no value for ${text}`);
  return value;
}

function isSame(a: AttributeValue, b: AttributeValue): boolean {
  return a.S === undefined ? a.N !== undefined && b.N !== undefined && Number(a.N) === Number(b.N) : a.S === b.S;
}

function isLess(a: AttributeValue, b: AttributeValue): boolean {
  return a.N !== undefined && b.N !== undefined && Number(a.N) < Number(b.N);
}
