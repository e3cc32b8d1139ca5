import { randomUUID } from "node:crypto";
import { CreateTableCommand, type DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";

/** A new, empty table for what was sold. */
export async function stockTable(dynamodb: DynamoDBClient): Promise<string> {
  const TableName = `stock-${randomUUID()}`;
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "item", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "item", KeyType: "HASH" }],
    }),
  );
  return TableName;
}

export async function soldIn(dynamodb: DynamoDBClient, TableName: string, item: string): Promise<number> {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: { item: { S: item } }, ConsistentRead: true }));
  return Number(Item?.["sold"]?.N ?? 0);
}

/** How many completed records a table has, by their operation. */
export async function completedIn(dynamodb: DynamoDBClient, TableName: string): Promise<Record<string, number>> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  const completed: Record<string, number> = {};
  for (const { pk, status } of Items) {
    const operation = pk?.S?.split("#")[0] ?? "";
    if (status?.S === "completed") completed[operation] = (completed[operation] ?? 0) + 1;
  }
  return completed;
}
