// docs/cloudformation.yaml deploys beside a function that exists, and its grants are enough where IAM is enforced.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deployTemplate } from "../engines/deployment-template.ts";
import { root } from "../engines/engine.ts";
import { type Ministack, startMinistack } from "../engines/ministack.ts";
import { until } from "../support/until.ts";
import { say } from "./app.ts";
import { deploy } from "./deployment.ts";
import { type Message, type Stage, stageOf } from "./stage.ts";

const title = "docs/cloudformation.yaml, IAM enforced";
const tableName = "idempotency";
let engine: Ministack | undefined;
let stage: Stage;

beforeAll(async () => {
  engine = await startMinistack({ iam: true });
  const app = { app: "node test/e2e/handler-app.ts", stack: "Handler", context: { tableName } };
  const { outputs: handler } = await deploy(engine, app);
  const template = readFileSync(join(root, "docs/cloudformation.yaml"), "utf8");
  const parameters = {
    TableName: tableName,
    HandlerArn: handler["Arn"] ?? "",
    HandlerRoleName: handler["RoleName"] ?? "",
    HandlerTimeoutSeconds: "5",
  };
  const orders = await deployTemplate(engine, "orders", template, { ...parameters, Operation: "orders" });
  const more = await deployTemplate(engine, "more-orders", template, { ...parameters, CreateTable: "false" });
  stage = stageOf(engine, {
    ...handler,
    IdempotencyTableName: tableName,
    OrdersQueueUrl: orders["QueueUrl"] ?? "",
    OrdersDeadLetterQueueUrl: orders["DeadLetterQueueUrl"] ?? "",
    ShipmentsQueueUrl: more["QueueUrl"] ?? "",
    ShipmentsDeadLetterQueueUrl: more["DeadLetterQueueUrl"] ?? "",
  });
});
afterAll(async () => {
  stage?.close();
  await engine?.stop();
});

it("an order that is sent three times is charged once", async () => {
  for (let i = 0; i < 3; i++) await stage.send("Orders", [order("thrice", "tok_visa")]);
  await until("the queue is empty", async () => ((await stage.messagesIn("Orders")) === 0 ? true : undefined), 90_000);
  const status = (await stage.record("orders", "thrice"))?.["status"]?.S;
  const { charges, calls } = await stage.ledger("thrice");
  const left = await stage.messagesIn("Orders");
  expect({ status, charges, calls, left }).toEqual({ status: "completed", charges: 1, calls: 1, left: 0 });
  say(title, "an order that is sent three times is charged once", {
    called: "SendMessageBatch ×3",
    read: `charges ${charges}, calls ${calls}; record ${status}; messages ${left}`,
  });
});

it("an order that is sent to a second queue as well, which shares the table, is charged once", async () => {
  for (const queue of ["Orders", "Shipments"] as const) await stage.send(queue, [order("both", "tok_visa")]);
  const left = await until(
    "both queues are empty",
    async () => {
      const counts = [await stage.messagesIn("Orders"), await stage.messagesIn("Shipments")];
      return counts.every((count) => count === 0) ? counts : undefined;
    },
    90_000,
  );
  const { charges, calls } = await stage.ledger("both");
  expect({ charges, calls }).toEqual({ charges: 1, calls: 1 });
  say(title, "an order that is sent to a second queue as well is charged once", {
    called: "SendMessageBatch to both queues",
    read: `charges ${charges}, calls ${calls}; messages ${left.join(" and ")}`,
  });
});

it("an order whose card is declined is a dead letter, and is asked for once", async () => {
  const sent = order("declined", "tok_declined");
  await stage.send("Orders", [sent]);
  const dead = await until(
    "a dead letter",
    async () => {
      const bodies = await stage.deadLetters("Orders");
      return bodies.length > 0 ? bodies : undefined;
    },
    90_000,
  );
  expect(dead).toEqual([JSON.stringify(sent.body)]);
  const { charges, calls } = await stage.ledger("declined");
  expect({ charges, calls }).toEqual({ charges: 0, calls: 1 });
  say(title, "an order whose card is declined is a dead letter", {
    called: "SendMessageBatch",
    read: `dead letters ${dead.join()}; charges ${charges}, calls ${calls}`,
  });
});

function order(orderId: string, card: string): Message {
  return { body: { orderId, card, amount: 500 }, key: orderId };
}
