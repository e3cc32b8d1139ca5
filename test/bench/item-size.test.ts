// The size by which a refused write is priced, against what DynamoDB Local counts for a write that is applied.
import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { itemSize } from "../../bench/item-size.ts";
import { clientOf, freshTable } from "../support/table.ts";

const endpoint = inject("dynamodbLocal");

describe.skipIf(endpoint === "")("on DynamoDB Local", () => {
  const client = clientOf(endpoint);
  let tableName: string;
  beforeAll(async () => {
    tableName = await freshTable(client);
  });

  async function unitsOf(item: Record<string, AttributeValue>): Promise<number | undefined> {
    const command = new PutItemCommand({ TableName: tableName, Item: item, ReturnConsumedCapacity: "TOTAL" });
    return (await client.send(command)).ConsumedCapacity?.CapacityUnits;
  }

  it.for<AttributeValue>([
    { S: "" },
    { S: "abc" },
    { S: "é€😀" },
    { B: new Uint8Array(5) },
    { BOOL: true },
    { NULL: true },
    { N: "0" },
    { N: "7" },
    { N: "12" },
    { N: "123" },
    { N: "1000" },
    { N: "0.01" },
    { N: "12.5" },
    { N: "123.45" },
    { N: "-123.45" },
    { N: "1767225600000" },
    { N: "1767225612345" },
    { N: "12345678901234567890" },
    { N: "1e100" },
    { N: "1e-5" },
    { L: [] },
    { M: {} },
    { L: [{ S: "ab" }, { N: "1" }] },
    { M: { ab: { S: "cd" }, e: { N: "5" } } },
    { L: [{ L: [] }, { M: { a: { M: {} } } }] },
    { SS: ["ab", "c"] },
    { NS: ["1", "23"] },
    { BS: [new Uint8Array(2), new Uint8Array(3)] },
  ])("%j: the byte that begins a second KB is the one that is said to", async (value) => {
    const keys = (): Record<string, AttributeValue> => ({ pk: { S: crypto.randomUUID() }, sk: { S: "claim" } });
    const room = 1024 - itemSize({ ...keys(), value, padding: { S: "" } });
    expect(await unitsOf({ ...keys(), value, padding: { S: "x".repeat(room) } })).toBe(1);
    expect(await unitsOf({ ...keys(), value, padding: { S: "x".repeat(room + 1) } })).toBe(2);
  });
});
