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

/** What a request is for. */
export type Purpose = "claim" | "takeover" | "end" | "extension" | "read" | "part of a result" | "read of a result";

export function purposeOf({ constructor, input }: Command): Purpose {
  const { Item, ConditionExpression = "", ExpressionAttributeValues: values = {} } = input as Input;
  switch (constructor.name) {
    case "GetItemCommand":
      return "read";
    case "BatchGetItemCommand":
      return "read of a result";
    case "PutItemCommand":
      if (Item?.[sortKey]?.S !== claimSortKey) return "part of a result";
      if (Item["status"]?.S !== "in_progress") return "end";
      return ConditionExpression.includes("attribute_not_exists") ? "claim" : "takeover";
    default:
      return values[":status"] === undefined ? "extension" : "end";
  }
}

/** `takeover as attempt 2`, `end as completed`, `end as completed, put anew` */
export function describeCommand(command: Command): string {
  const { Item, ExpressionAttributeValues: values } = command.input as Input;
  const purpose = purposeOf(command);
  if (purpose === "claim" || purpose === "takeover") return `${purpose} as attempt ${Item?.["attempt"]?.N}`;
  if (purpose !== "end") return purpose;
  return Item === undefined ? `end as ${values?.[":status"]?.S}` : `end as ${Item["status"]?.S}, put anew`;
}
