// What `cdk synth` makes of the example app. TTL and recovery show here only: local engines drop them when they create the table.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, expect, it } from "vitest";
import { partitionKey, sortKey, timeToLiveAttribute } from "../../src/dynamodb/table.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const out = mkdtempSync(join(tmpdir(), "lambda-once-cdk-"));
const tables = "AWS::DynamoDB::GlobalTable";
let template: Template;

beforeAll(async () => {
  // Neither an account nor a home: synthesis needs Node only.
  const { PATH } = process.env;
  await run(join(root, "node_modules/.bin/cdk"), ["synth", "--quiet", "--output", out], { cwd: root, env: { PATH, HOME: out } });
  template = Template.fromJSON(JSON.parse(readFileSync(join(out, "LambdaOnceExample.template.json"), "utf8")) as Record<string, unknown>);
});
afterAll(() => rmSync(out, { recursive: true }));

it("has one table, with the names that the runtime uses", () => {
  template.resourceCountIs(tables, 1);
  template.hasResourceProperties(tables, {
    KeySchema: [
      { AttributeName: partitionKey, KeyType: "HASH" },
      { AttributeName: sortKey, KeyType: "RANGE" },
    ],
    AttributeDefinitions: Match.arrayWith([
      { AttributeName: partitionKey, AttributeType: "S" },
      { AttributeName: sortKey, AttributeType: "S" },
    ]),
    TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
  });
});

it("is paid by the request, can be recovered, and stays when its stack goes", () => {
  template.hasResourceProperties(tables, {
    BillingMode: "PAY_PER_REQUEST",
    Replicas: [
      Match.objectLike({ DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
    ],
  });
  template.hasResource(tables, { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
});

it("asks for nothing else", () => {
  expect(Object.values(template.toJSON()["Resources"] as object)).toHaveLength(1);
});
