// The consumer of the orders' queue: takes what was ordered out of the stock, once per order, whatever is delivered twice.
// Environment: IDEMPOTENCY_TABLE, STOCK_TABLE. ReportBatchItemFailures must be on in its event source mapping.
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { dynamodbStore } from "lambda-once/dynamodb";
import { idempotentSqs, type SqsRecord } from "lambda-once/sqs";
import { Order } from "./order.ts";

// With limits of its own: the SDK's client waits for an answer for as long as the function lives.
const dynamodb = new DynamoDBClient({
  requestHandler: { connectionTimeout: 1000, requestTimeout: 1000, throwOnRequestTimeout: true },
});

export const handler = idempotentSqs(
  async ({ data: { item, quantity } }: SqsRecord<Order>) => {
    // Not idempotent by itself: each call sells once more.
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: process.env["STOCK_TABLE"],
        Key: { item: { S: item } },
        UpdateExpression: "ADD sold :quantity",
        ExpressionAttributeValues: { ":quantity": { N: String(quantity) } },
      }),
    );
  },
  { store: dynamodbStore({ client: dynamodb }), operation: "fulfil-order", schema: Order },
);
