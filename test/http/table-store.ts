// A fresh DynamoDB table for each test, with a proxy in which requests are counted and planned faults strike.
import { type AttributeValue, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, inject, onTestFinished } from "vitest";
import type { Store } from "../../src/core/store.ts";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import type { Engine } from "../engines/engine.ts";
import { startEmbedded } from "../engines/embedded.ts";
import { testClock, type TestClock } from "../support/clock.ts";
import { type Faults, planFaults } from "../support/faults.ts";
import { startProxy } from "../support/proxy.ts";
import { clientOf, freshTable } from "../support/table.ts";

export interface TableStore {
  /** Each request is tried once, and meets the faults. */
  readonly store: Store;
  /** Of another process: past the faults, and not counted. */
  readonly others: Store;
  /** Turned by hand; of both stores. */
  readonly clock: TestClock;
  /** `log` has every request of `store`. */
  readonly faults: Faults;
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** All that the table holds. */
  items(): Promise<Record<string, AttributeValue>[]>;
}

export interface TableEngine {
  readonly name: string;
  readonly available: boolean;
  start(): Promise<Pick<Engine, "endpoint" | "stop">>;
}

export const dynalite: TableEngine = { name: "dynalite", available: true, start: startEmbedded };

/** The run's own, which is named and skipped where Java is missing. */
export const dynamodbLocal: TableEngine = {
  name: "DynamoDB Local",
  available: inject("dynamodbLocal") !== "",
  start: async () => ({ endpoint: inject("dynamodbLocal"), stop: async () => {} }),
};

/** Tables on an engine, for the tests of a file or a `describe`. `auto`: sleeps turn the clock by themselves. */
export function suiteTables({ start }: TableEngine): (options?: { auto?: boolean }) => Promise<TableStore> {
  let engine: Awaited<ReturnType<TableEngine["start"]>> | undefined;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine?.stop());
  return ({ auto = true } = {}) => openTable(engine?.endpoint ?? "", testClock({ auto }));
}

async function openTable(endpoint: string, clock: TestClock): Promise<TableStore> {
  const faults = planFaults();
  const proxy = await startProxy(endpoint, faults);
  const client = clientOf(endpoint);
  const once = clientOf(proxy.endpoint, { maxAttempts: 1 });
  onTestFinished(async () => {
    for (const each of [client, once]) each.destroy();
    await proxy.close();
  });
  const tableName = await freshTable(client);
  const storeOf = (via: DynamoDBClient): Store => ({ ...dynamodbStore({ client: via, tableName }), clock });
  return {
    store: storeOf(once),
    others: storeOf(client),
    clock,
    faults,
    client,
    tableName,
    items: async () => (await client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }))).Items ?? [],
  };
}
