import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { inject, onTestFinished } from "vitest";
import { dynamodbStore, type DynamodbStoreOptions } from "../../src/dynamodb/index.ts";
import { itemKey, toItem } from "../../src/dynamodb/item.ts";
import type { Bench, BenchKind } from "./bench.ts";
import { testClock } from "./clock.ts";
import { planFaults } from "./faults.ts";
import { startProxy } from "./proxy.ts";
import { clientOf, freshTable } from "./table.ts";

/** The bench on DynamoDB Local: `dynamodbStore`, with a proxy between the SDK and the engine. */
export const dynamodbBench: BenchKind = {
  name: "dynamodbStore on DynamoDB Local, through a proxy",
  available: inject("dynamodbLocal") !== "",
  open: () => openTable(),
};

/** A bench whose table can be looked at past the store. */
export interface TableBench extends Bench {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

export async function openTable(options: Pick<DynamodbStoreOptions, "compressAboveBytes" | "inlineLimitBytes"> = {}): Promise<TableBench> {
  const endpoint = inject("dynamodbLocal");
  const faults = planFaults();
  const proxy = await startProxy(endpoint, faults);
  const direct = clientOf(endpoint);
  const tableName = await freshTable(direct);
  const once = clientOf(proxy.endpoint, { maxAttempts: 1 });
  const thrice = clientOf(proxy.endpoint, { maxAttempts: 3 });
  onTestFinished(async () => {
    for (const client of [direct, once, thrice]) client.destroy();
    await proxy.close();
  });
  const clock = testClock({ auto: true });
  const storeOf = (client: DynamoDBClient) => ({ ...dynamodbStore({ ...options, client, tableName }), clock });
  return {
    client: direct,
    tableName,
    clock,
    faults,
    store: storeOf(once),
    retrying: storeOf(thrice),
    others: storeOf(direct),
    remove: async (id) => void (await direct.send(new DeleteItemCommand({ TableName: tableName, Key: itemKey(id) }))),
    put: async (record) => void (await direct.send(new PutItemCommand({ TableName: tableName, Item: toItem(record) }))),
  };
}
