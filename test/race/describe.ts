// Requests in the words of the protocol, for traces.
import { claimSortKey, sortKey } from "../../src/dynamodb/table.ts";
import type { Item } from "../../src/dynamodb/item.ts";
import type { Command } from "./table.ts";

interface Input {
  readonly Item?: Item;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Item;
}

/** `12.250 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3).padStart(8)} s`;
}

export function describeCommand({ constructor, input }: Command): string {
  const { Item, ConditionExpression = "", ExpressionAttributeValues: values = {} } = input as Input;
  switch (constructor.name) {
    case "GetItemCommand":
      return "read";
    case "BatchGetItemCommand":
      return "read of a result";
    case "PutItemCommand":
      if (Item?.[sortKey]?.S !== claimSortKey) return "part of a result";
      if (Item?.["status"]?.S !== "in_progress") return `put as ${Item?.["status"]?.S}`;
      return `${ConditionExpression.includes("attribute_not_exists") ? "claim" : "takeover"} as attempt ${Item?.["attempt"]?.N}`;
    default:
      return values[":status"] === undefined ? "extension of the lease" : `end as ${values[":status"]?.S}`;
  }
}
