import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { partitionKey, sortKey } from "../../src/dynamodb/table.ts";

/** A client of a local engine. */
export function clientOf(endpoint: string, config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, ...config });
}

/** A new, empty table as the construct makes it. */
export async function freshTable(client: DynamoDBClient): Promise<string> {
  const TableName = `lambda-once-${randomUUID()}`;
  const names = [partitionKey, sortKey];
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: names.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? "HASH" : "RANGE" })),
    }),
  );
  // dynalite makes a table a turn of its event loop later, also when told to take no time.
  while ((await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus !== "ACTIVE") await setImmediate();
  return TableName;
}
