// The oldest AWS SDK and AWS CDK that package.json allows, under the package as it is published.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type * as Sdk from "@aws-sdk/client-dynamodb";
import type * as DocumentSdk from "@aws-sdk/lib-dynamodb";
import type * as Cdk from "aws-cdk-lib";
import type * as Assertions from "aws-cdk-lib/assertions";
import type * as Lambda from "aws-cdk-lib/aws-lambda";
import type * as Constructs from "../../infra/index.ts";
import type * as Library from "../../src/index.ts";
import type * as Dynamodb from "../../src/dynamodb/index.ts";
import { startEmbedded } from "../engines/embedded.ts";
import { clientOf, freshTable } from "../support/table.ts";

const root = join(import.meta.dirname, "../..");
const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { peerDependencies: Record<string, string> };
const oldest = Object.entries(peerDependencies).map(([name, range]) => `${name}@${range.replace("^", "")}`);

mkdirSync(join(root, ".packed"), { recursive: true });
const consumer = mkdtempSync(join(root, ".packed/oldest-"));
afterAll(() => rmSync(consumer, { recursive: true }));

beforeAll(() => {
  const npm = (cwd: string, ...args: string[]) => execFileSync("npm", args, { cwd, stdio: "pipe" });
  npm(root, "run", "package:pack");
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  npm(consumer, "install", "--no-audit", "--no-fund", join(root, ".packed/lambda-once.tgz"), ...oldest);
});

async function load<T>(specifier: string): Promise<T> {
  return (await import(pathToFileURL(createRequire(join(consumer, "consumer.js")).resolve(specifier)).href)) as T;
}

it("runs once and replays, through a plain and a document client", async () => {
  const { idempotent } = await load<typeof Library>("lambda-once");
  const { dynamodbStore } = await load<typeof Dynamodb>("lambda-once/dynamodb");
  const { DynamoDBClient } = await load<typeof Sdk>("@aws-sdk/client-dynamodb");
  const { DynamoDBDocumentClient } = await load<typeof DocumentSdk>("@aws-sdk/lib-dynamodb");
  const engine = await startEmbedded();
  const tableName = await freshTable(clientOf(engine.endpoint));
  const plain = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  for (const client of [plain, DynamoDBDocumentClient.from(plain)]) {
    let runs = 0;
    const operation = `oldest-${client === plain ? "plain" : "document"}`;
    const deliver = idempotent((_: string) => ++runs, { store: dynamodbStore({ client, tableName }), operation, key: (key) => key });
    expect([await deliver("a"), await deliver("a"), runs]).toEqual([1, 1, 1]);
  }
  await engine.stop();
});

it("its default client gives up on a DynamoDB that never answers", async () => {
  const { idempotent } = await load<typeof Library>("lambda-once");
  const { dynamodbStore } = await load<typeof Dynamodb>("lambda-once/dynamodb");
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { AWS_ENDPOINT_URL_DYNAMODB: endpoint, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const deliver = idempotent(() => "done", { store: dynamodbStore({ tableName: "table" }), operation: "silent", key: () => "key" });
  await expect(deliver()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", cause: { kind: "unreachable" } });
  vi.unstubAllEnvs();
  server.close();
});

it("the constructs make what they make", async () => {
  const { App, Stack, Validations } = await load<typeof Cdk>("aws-cdk-lib");
  const { Template } = await load<typeof Assertions>("aws-cdk-lib/assertions");
  const { Code, Function, Runtime } = await load<typeof Lambda>("aws-cdk-lib/aws-lambda");
  const { IdempotencyTable, IdempotentQueueConsumer } = await load<typeof Constructs>("lambda-once/cdk");
  const stack = new Stack(new App(), "Oldest");
  const handler = new Function(stack, "Handler", { runtime: Runtime.NODEJS_22_X, handler: "index.handler", code: Code.fromInline("-") });
  const idempotencyTable = new IdempotencyTable(stack, "Idempotency");
  const props = { idempotencyTable, handler, operation: "orders", dashboard: true, fifo: true };
  const consumer = new IdempotentQueueConsumer(stack, "Orders", props);
  Validations.of(consumer).acknowledge({ id: "lambda-once:fifo-key", reason: "its producers send a key" });
  const template = Template.fromStack(stack);
  template.resourceCountIs("AWS::SQS::Queue", 2);
  template.resourceCountIs("AWS::CloudWatch::CompositeAlarm", 1);
  template.hasResourceProperties("AWS::DynamoDB::GlobalTable", { BillingMode: "PAY_PER_REQUEST" });
});
