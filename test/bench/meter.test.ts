// What DynamoDB Local does not count is priced by the item that exists: every figure of a replay rests on it.
import { BatchGetItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, it } from "vitest";
import { dollarsOf, meter } from "../../bench/meter.ts";
import { clientOf, freshTable } from "../support/table.ts";

const endpoint = inject("dynamodbLocal");
const Key = { pk: { S: "key" }, sk: { S: "claim" } };
// "pk" + "key" + "sk" + "claim" + "result"
const namesBytes = 2 + 3 + 2 + 5 + 6;

describe.skipIf(endpoint === "")("a bill on DynamoDB Local", () => {
  it.for([
    { bytes: namesBytes + 1, units: 1 },
    { bytes: 1024, units: 1 },
    { bytes: 1025, units: 2 },
    { bytes: 3072, units: 3 },
    { bytes: 3073, units: 4 },
  ])("a put refused by an item of $bytes bytes is $units write units, as many as writing it", async ({ bytes, units }) => {
    const client = clientOf(endpoint);
    const TableName = await freshTable(client);
    const bill = meter(client);
    const Item = { ...Key, result: { S: "x".repeat(bytes - namesBytes) } };
    const put = new PutItemCommand({
      TableName,
      Item,
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await client.send(put);
    expect(bill()).toEqual({ requests: 1, writeUnits: units, readUnits: 0 });
    const small = new PutItemCommand({ ...put.input, Item: Key });
    await expect(client.send(small)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    expect(bill()).toEqual({ requests: 1, writeUnits: units, readUnits: 0 });
    expect(bill()).toEqual({ requests: 0, writeUnits: 0, readUnits: 0 });
  });

  it("consistent reads are read units, one by one and in batches", async () => {
    const client = clientOf(endpoint);
    const TableName = await freshTable(client);
    await client.send(new PutItemCommand({ TableName, Item: { ...Key, result: { S: "x".repeat(5000) } } }));
    const bill = meter(client);
    await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    expect(bill()).toEqual({ requests: 1, writeUnits: 0, readUnits: 2 });
    await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key], ConsistentRead: true } } }));
    expect(bill()).toEqual({ requests: 1, writeUnits: 0, readUnits: 2 });
  });
});

it("a million write units are $0.625, a million read units $0.125", () => {
  expect(dollarsOf({ requests: 9, writeUnits: 3, readUnits: 2 })).toBe(2.125);
});
