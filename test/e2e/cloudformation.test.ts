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
import { type Stage, stageOf } from "./stage.ts";

const title = "docs/cloudformation.yaml, IAM enforced";
const tableName = "idempotency";
let engine: Ministack;
let stage: Stage;

beforeAll(async () => {
  engine = await startMinistack({ iam: true });
  const app = { app: "node test/e2e/handler-app.ts", stack: "Handler", context: { tableName } };
  const { outputs: handler } = await deploy(engine, app);
  const ofTemplate = await deployTemplate(engine, "orders", readFileSync(join(root, "docs/cloudformation.yaml"), "utf8"), {
    TableName: tableName,
    HandlerArn: handler["Arn"] ?? "",
    HandlerRoleName: handler["RoleName"] ?? "",
    HandlerTimeoutSeconds: "5",
    Operation: "orders",
  });
  const { QueueUrl = "", DeadLetterQueueUrl = "" } = ofTemplate;
  stage = stageOf(engine, {
    ...handler,
    IdempotencyTableName: tableName,
    OrdersQueueUrl: QueueUrl,
    OrdersDeadLetterQueueUrl: DeadLetterQueueUrl,
  });
});
afterAll(() => engine?.stop());

it("an order that is sent three times is charged once", async () => {
  for (let i = 0; i < 3; i++) await send("thrice", "tok_visa");
  await until("the queue is empty", async () => ((await stage.messagesIn("Orders")) === 0 ? true : undefined), 90_000);
  expect((await stage.record("orders", "thrice"))?.["status"]?.S).toBe("completed");
  expect(await stage.ledger("thrice")).toMatchObject({ calls: 1, charges: 1 });
  say(title, "an order that is sent three times is charged once", {
    called: "SendMessageBatch ×3",
    read: "charges 1, calls 1; the record is completed, the queue empty",
  });
});

it("an order whose card is declined is a dead letter, and is asked for once", async () => {
  await send("declined", "tok_declined");
  const dead = await until("a dead letter", async () => (await stage.deadLetters("Orders"))[0], 90_000);
  expect(dead).toContain("declined");
  expect(await stage.ledger("declined")).toMatchObject({ calls: 1, charges: 0 });
  say(title, "an order whose card is declined is a dead letter", { called: "SendMessageBatch", read: "1 dead letter; charges 0, calls 1" });
});

function send(orderId: string, card: string): Promise<void> {
  return stage.send("Orders", [{ body: { orderId, card, amount: 500 }, key: orderId }]);
}
