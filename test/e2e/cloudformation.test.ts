// docs/cloudformation.yaml deploys beside a function that exists, and its grants are enough where IAM is enforced.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hashKey } from "../../src/core/key.ts";
import { withIdempotencyKey } from "../../src/sqs/index.ts";
import { root } from "../engines/engine.ts";
import { type Ministack, startMinistack } from "../engines/ministack.ts";
import { clientConfig } from "../engines/ministack-access.ts";
import { countsOf } from "../support/queues.ts";
import { until } from "../support/until.ts";
import { say } from "./app.ts";
import { deploy } from "./deployment.ts";
import { deployTemplate } from "./deployment-template.ts";

const title = "docs/cloudformation.yaml, IAM enforced";
const tableName = "idempotency";
let engine: Ministack;
let sqs: SQSClient;
let dynamodb: DynamoDBClient;
let outputs: Readonly<Record<string, string>>;

beforeAll(async () => {
  engine = await startMinistack({ iam: true });
  [sqs, dynamodb] = [new SQSClient(clientConfig(engine)), new DynamoDBClient(clientConfig(engine))];
  const app = { app: "node test/e2e/handler-app.ts", stack: "Handler", context: { tableName } };
  const { outputs: handler } = await deploy(engine, app);
  const ofTemplate = await deployTemplate(engine, "orders", readFileSync(join(root, "docs/cloudformation.yaml"), "utf8"), {
    TableName: tableName,
    HandlerArn: handler["Arn"] ?? "",
    HandlerRoleName: handler["RoleName"] ?? "",
    HandlerTimeoutSeconds: "5",
    Operation: "orders",
  });
  outputs = { ...handler, ...ofTemplate };
});
afterAll(async () => {
  for (const client of [sqs, dynamodb]) client?.destroy();
  await engine?.stop();
});

it("an order that is sent three times is charged once", async () => {
  for (let i = 0; i < 3; i++) await send("thrice", "tok_visa");
  await emptied(outputs["QueueUrl"] ?? "");
  expect(await statusOf("thrice")).toBe("completed");
  expect(await ledgerOf("thrice")).toEqual({ calls: "1", charges: "1" });
  say(title, "an order that is sent three times is charged once", {
    called: "SendMessage ×3",
    read: "charges 1, calls 1; the record is completed, the queue empty",
  });
});

it("an order whose card is declined is a dead letter, and is asked for once", async () => {
  await send("declined", "tok_declined");
  const receive = new ReceiveMessageCommand({ QueueUrl: outputs["DeadLetterQueueUrl"], WaitTimeSeconds: 1 });
  const dead = await until("a dead letter", async () => (await sqs.send(receive)).Messages?.[0], 90_000);
  expect(dead.Body).toContain("declined");
  expect(await ledgerOf("declined")).toEqual({ calls: "1", charges: undefined });
  say(title, "an order whose card is declined is a dead letter", { called: "SendMessage", read: "1 dead letter; charges 0, calls 1" });
});

async function send(orderId: string, card: string): Promise<void> {
  const message = { QueueUrl: outputs["QueueUrl"], MessageBody: JSON.stringify({ orderId, card, amount: 500 }) };
  await sqs.send(new SendMessageCommand(withIdempotencyKey(message, orderId)));
}

function emptied(url: string): Promise<true> {
  const ask = async () => {
    const { visible, inFlight } = await countsOf(sqs, url);
    return visible + inFlight === 0 ? true : undefined;
  };
  return until("the queue is empty", ask, 90_000);
}

async function statusOf(key: string): Promise<string | undefined> {
  const Key = { pk: { S: `orders#${hashKey(key)}` }, sk: { S: "claim" } };
  return (await dynamodb.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item?.["status"]?.S;
}

async function ledgerOf(reference: string) {
  const { Item = {} } = await dynamodb.send(
    new GetItemCommand({ TableName: outputs["LedgerTableName"], Key: { reference: { S: reference } }, ConsistentRead: true }),
  );
  return { calls: Item["calls"]?.N, charges: Item["charges"]?.N };
}
