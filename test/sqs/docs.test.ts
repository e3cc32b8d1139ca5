// What docs/sqs.md shows is compiled and run, and its numbers, names and permissions are held against the code.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ChangeMessageVisibilityBatchCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { tableNameVariable } from "../../src/dynamodb/table.ts";
import type { IdempotencyEvent } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { outcomeOf } from "../../src/sqs/outcome.ts";
import * as door from "../../src/sqs/index.ts";
import { events, testClock } from "../../src/testing/index.ts";
import { startEmbedded } from "../engines/embedded.ts";
import { type Engine, root } from "../engines/engine.ts";
import { snippetsIn } from "../package/snippets.ts";
import { clientOf, freshTable } from "../support/table.ts";

const page = readFileSync(join(root, "docs/sqs.md"), "utf8");
const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = "", text = ""]) => ({ language, text }));
const snippets = blocks.filter(({ language }) => language === "ts").map(({ text }) => text);

const { folder, compile, play } = snippetsIn("sqs-docs");
let engine: Engine;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  engine = await startEmbedded();
  dynamodb = clientOf(engine.endpoint);
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  dynamodb.destroy();
  await engine.stop();
});

const aws = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
async function playProgram(program: string): Promise<string> {
  writeFileSync(join(folder, "program.ts"), program);
  const tableName = await freshTable(dynamodb);
  return play("program.ts", { ...aws, AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint, [tableNameVariable]: tableName });
}

it("its snippets compile; a wrong line in one would not", async () => {
  expect(snippets.length).toBeGreaterThan(5);
  expect(await compile(snippets)).toBe("");
  const wrong = snippets.map((snippet) => snippet.replace("record.data.amount", "record.data.price"));
  expect(await compile(wrong)).toContain("price");
});

/** The snippet whose output the page shows. */
const computed = "console.log(`visibility timeout";

describe("runs as it says", () => {
  it.for(snippets.map((snippet, i) => [i + 1, snippet] as const))("snippet %i", async ([, snippet]) => {
    const printed = await playProgram(snippet);
    const next = blocks[blocks.findIndex(({ text }) => text === snippet) + 1];
    if (snippet.includes(computed)) expect(next).toEqual({ language: "text", text: printed });
  });

  it("the arithmetic is one of them", () => {
    expect(snippets.filter((snippet) => snippet.includes(computed))).toHaveLength(1);
  });

  it("the quick start charges once, whatever is delivered twice, and fails what the schema refuses", async () => {
    const [quickStart = ""] = snippets;
    writeFileSync(join(folder, "quick-start.ts"), quickStart);
    const printed = await playProgram(`
      import { events } from "lambda-once/testing";
      import { handler } from "./quick-start.ts";
      const context = { awsRequestId: "1", functionName: "charge", getRemainingTimeInMillis: () => 30_000 };
      const batch = events.sqs([{ body: { orderId: "order-1", amount: 5 } }, { body: "no order" }]);
      console.error = () => {};
      for (let i = 0; i < 2; i++) console.log(JSON.stringify(await handler(batch, context)));
      console.log(JSON.stringify({ batchItemFailures: [{ itemIdentifier: batch.Records[1].messageId }] }));
    `);
    const [charge, ...answers] = printed.trim().split("\n");
    expect(charge).toBe("charge 5 for order-1");
    expect(answers).toHaveLength(3);
    expect(new Set(answers).size).toBe(1);
  });
});

describe("its numbers are the code's", () => {
  const record = (receives: number) => {
    const [one] = events.sqs([{ body: "x", attributes: { ApproximateReceiveCount: String(receives) } }]).Records;
    return one as door.SQSRecord;
  };

  it.for([1, 4, 8, 9, 10, 14])("the backoff after %i receives", (receives) => {
    expect(page).toContain("`min(900, 2^receives)`");
    const seconds = [0, 1 - 1e-9].map((random) => {
      vi.spyOn(Math, "random").mockReturnValue(random);
      return outcomeOf(new Error("x"), "release", record(receives), 0);
    });
    const most = Math.min(900, 2 ** receives) * 1000;
    expect(seconds).toEqual([0, most].map((visibleAtMs) => ({ kind: "failed", visibleAtMs })));
  });

  it("when a duplicate of a running message comes back", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1 - 1e-9);
    const told: IdempotencyEvent[] = [];
    const clock = testClock();
    const end = Promise.withResolvers<void>();
    const sqs = mockClient(SQSClient);
    const handler = door.idempotentSqs(() => end.promise, {
      store: memoryStore({ clock }),
      operation: "charge",
      onEvent: (event) => told.push(event),
      sqs: sqs as unknown as SQSClient,
    });
    const deliver = () =>
      handler(events.sqs([{ body: "x" }]), { awsRequestId: "1", functionName: "f", getRemainingTimeInMillis: () => 60_000 });
    const first = deliver();
    await deliver();
    end.resolve();
    await first;
    expect(told).toContainEqual(expect.objectContaining({ type: "deferred", visibilitySeconds: 91 }));
    expect(page).toContain("a duplicate of a running message comes back within 91 s");
  });
});

it("its permissions are what the handler asks for", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const sqs = mockClient(SQSClient);
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/orders" });
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
  const client = clientOf(engine.endpoint);
  const asked: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        asked.push(String(commandName).replace("Command", ""));
        return next(args);
      },
    { step: "initialize" },
  );
  const tableName = await freshTable(dynamodb);
  const handler = door.idempotentSqs(({ body }) => (body === "held" ? Promise.reject(new Error("x")) : Promise.resolve()), {
    store: dynamodbStore({ client, tableName }),
    operation: "charge",
    onError: "hold",
    sqs: sqs as unknown as SQSClient,
  });
  const batch = events.sqs([{ body: "fresh" }, { body: "held" }]);
  for (let delivery = 0; delivery < 2; delivery++) {
    await handler(batch, { awsRequestId: "1", functionName: "f", getRemainingTimeInMillis: () => 30_000 });
  }
  client.destroy();
  const [ofSqs = [], ofDynamodb = []] = blocks
    .filter(({ language }) => language === "yaml")
    .flatMap(({ text }) => [...text.matchAll(/Action: \[(.*)\]/g)].map(([, actions = ""]) => actions.split(", ")));
  expect([...new Set(asked)].map((name) => `dynamodb:${name}`).toSorted()).toEqual(ofDynamodb.toSorted());
  const changes = sqs.calls().map(({ args: [command] }) => command.constructor.name);
  // A batch of changes is allowed by the action of a single one.
  const actions = [...new Set(changes)].map((name) => `sqs:${name.replace(/(Batch)?Command$/, "")}`);
  expect(ofSqs).toEqual(expect.arrayContaining(actions));
  expect(actions).toHaveLength(2);
});

it("names all that there is, and each event of its own", () => {
  const types = ["deferred", "key_lost_on_redrive", "visibility_unchanged"];
  for (const name of [...Object.keys(door), ...types]) expect(page).toContain(`\`${name}\``);
});
