import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { inject, onTestFinished } from "vitest";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { itemKey, toItem } from "../../src/dynamodb/item.ts";
import type { BenchKind } from "./bench.ts";
import { testClock } from "./clock.ts";
import { planFaults } from "./faults.ts";
import { startProxy } from "./proxy.ts";
import { clientOf, freshTable } from "./table.ts";

/** The bench on DynamoDB Local: `dynamodbStore`, with a proxy between the SDK and the engine. */
export const dynamodbBench: BenchKind = {
  name: "dynamodbStore on DynamoDB Local, through a proxy",
  available: inject("dynamodbLocal") !== "",
  async open() {
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
    const storeOf = (client: typeof direct) => ({ ...dynamodbStore({ client, tableName }), clock });
    return {
      clock,
      faults,
      store: storeOf(once),
      retrying: storeOf(thrice),
      others: storeOf(direct),
      remove: async (id) => void (await direct.send(new DeleteItemCommand({ TableName: tableName, Key: itemKey(id) }))),
      put: async (record) => void (await direct.send(new PutItemCommand({ TableName: tableName, Item: toItem(record) }))),
    };
  },
};
