import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { type Ledger, ledgerIn } from "../support/ledger.ts";
import { suiteDynamodb } from "../support/suite-dynamodb.ts";
import { freshTable } from "../support/table.ts";
import { until } from "../support/until.ts";
import { type AppFunction, bundled, type FunctionName, functionOf } from "./app-functions.ts";

/** A function on fresh tables. */
export interface Bench extends AppFunction {
  row(reference: string): Promise<Ledger>;
  /** How many items beside their records hold a large result. */
  resultItems(): Promise<number>;
}

export interface BenchOptions {
  /** Default: longer than anything here takes. */
  readonly timeoutMs?: number;
  readonly variables?: NodeJS.ProcessEnv;
}

/** Bundles a function once for the tests of a file. */
export function suiteFunction(name: FunctionName): (options?: BenchOptions) => Promise<Bench> {
  const dynamodb = suiteDynamodb();
  let folder = "";
  let file = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lambda-once-app-"));
    file = await bundled(name, folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  return async ({ timeoutMs = 20_000, variables = {} } = {}) => {
    const client = dynamodb();
    const [table, ledger] = [await freshTable(client), await ledgerTable(client)];
    const endpoint = await endpointOf(client);
    const env = {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL: endpoint, // of SQS, too: that a visibility cannot be changed there changes no answer
      IDEMPOTENCY_TABLE: table,
      IDEMPOTENCY_RETENTION_SECONDS: "3600",
      LEDGER_TABLE: ledger,
      ...variables,
    };
    const deployed = functionOf(file, env, timeoutMs);
    onTestFinished(() => deployed.stop());
    return {
      ...deployed,
      row: (reference) => ledgerIn(client, ledger, reference),
      async resultItems() {
        const { Items = [] } = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
        return Items.filter(({ sk }) => sk?.S === "result").length;
      },
    };
  };
}

async function ledgerTable(client: DynamoDBClient): Promise<string> {
  const TableName = `ledger-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "reference", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "reference", KeyType: "HASH" }],
    }),
  );
  return until("the ledger is there", async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    return Table?.TableStatus === "ACTIVE" ? TableName : undefined;
  });
}

async function endpointOf({ config }: DynamoDBClient): Promise<string> {
  const { protocol = "", hostname = "", port } = (await config.endpoint?.()) ?? {};
  return `${protocol}//${hostname}:${port}`;
}
