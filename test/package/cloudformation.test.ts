// docs/cloudformation.yaml is what the constructs make, for each timeout that it knows, and what AWS's own validation takes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function, Runtime } from "aws-cdk-lib/aws-lambda";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { afterAll, describe, expect, it } from "vitest";
import { IdempotencyTable, IdempotentQueueConsumer } from "../../infra/index.ts";
import * as names from "../../src/dynamodb/table.ts";
import { newStack } from "../infra/support.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/cloudformation.yaml"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "lambda-once-cloudformation-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Properties = Record<string, unknown>;
interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Properties;
}
interface Content {
  readonly Conditions: Record<string, unknown>;
  readonly Resources: Record<string, Resource>;
  readonly Mappings: { readonly Timeouts: Record<string, Record<string, number>> };
  readonly Parameters: { readonly HandlerTimeoutSeconds: { readonly AllowedValues: readonly string[] } };
  readonly Outputs: Record<string, { readonly Value: unknown }>;
}

/** CloudFormation's YAML as JSON; throws what AWS's validation has against it. */
function read(yaml: string): Content {
  const templateFile = join(folder, "template.yaml");
  writeFileSync(templateFile, yaml);
  const app = new App({ outdir: mkdtempSync(join(folder, "app-")), context: { "@aws-cdk/core:validateAgainstDefaultRules": true } });
  const stack = new Stack(app, "Plain");
  new CfnInclude(stack, "Included", { templateFile });
  return Template.fromStack(stack).toJSON() as Content;
}

function constructs(timeoutSeconds: number): { readonly resources: readonly Resource[]; readonly retentionSeconds: number } {
  const stack = newStack({ id: "Constructs" });
  const handler = new Function(stack, "Handler", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("-"),
    timeout: Duration.seconds(timeoutSeconds),
  });
  const idempotencyTable = new IdempotencyTable(stack, "Idempotency");
  const consumer = new IdempotentQueueConsumer(stack, "Orders", { idempotencyTable, handler, operation: "orders" });
  const { Resources } = Template.fromStack(stack).toJSON() as Content;
  return { resources: Object.values(Resources), retentionSeconds: consumer.retention.toSeconds() };
}

/** Those of a type, by what tells them apart; what is looked up in the mapping is looked up. */
function alarms(resources: readonly Resource[], timeouts?: Record<string, number>): Record<string, Properties> {
  const all = resources.filter(({ Type }) => Type === "AWS::CloudWatch::Alarm");
  return Object.fromEntries(
    all.map(({ Properties: { Dimensions: _, AlarmActions: __, ...properties } }) => {
      const name = String(properties["AlarmDescription"]);
      return [name, { ...properties, Threshold: Math.round(Number(found(properties["Threshold"], timeouts))) }];
    }),
  );
}

function found(value: unknown, timeouts: Record<string, number> = {}): unknown {
  const name = (value as { "Fn::FindInMap"?: [string, object, string] })["Fn::FindInMap"]?.[2];
  return name === undefined ? value : timeouts[name];
}

/** Throws where the template is not what the constructs make. */
function compare(yaml: string): void {
  const { Resources, Mappings, Outputs } = read(yaml);
  const plain = Object.values(Resources);
  for (const [timeout, timeouts] of Object.entries(Mappings.Timeouts)) {
    const { resources, retentionSeconds } = constructs(Number(timeout));
    expect(alarms(resources), timeout).toMatchObject(alarms(plain, timeouts));
    expect(queues(plain, timeouts), timeout).toEqual(queues(resources));
    expect(Outputs["RetentionSeconds"]?.Value).toBe(String(retentionSeconds));
    expect(plain.find(isMapping)?.Properties).toMatchObject({ FunctionResponseTypes: ["ReportBatchItemFailures"], BatchSize: 10 });
  }
}

const isMapping = ({ Type }: Resource) => Type === "AWS::Lambda::EventSourceMapping";

/** The numbers of both queues, CloudFormation's defaults included. */
function queues(resources: readonly Resource[], timeouts?: Record<string, number>): unknown[] {
  return resources
    .filter(({ Type }) => Type === "AWS::SQS::Queue")
    .map(({ Properties: { VisibilityTimeout = 30, MessageRetentionPeriod = 345_600, SqsManagedSseEnabled, RedrivePolicy } }) => ({
      VisibilityTimeout: found(VisibilityTimeout, timeouts),
      MessageRetentionPeriod,
      SqsManagedSseEnabled,
      maxReceiveCount: (RedrivePolicy as { maxReceiveCount?: number } | undefined)?.maxReceiveCount,
    }));
}

describe("docs/cloudformation.yaml", () => {
  it("has the queues, alarms and retention of the constructs, at each timeout", () => compare(text));

  it.for([
    ["VisibilitySeconds: 60,", "VisibilitySeconds: 61,"],
    ["NearMs: 8000", "NearMs: 8001"],
    ["Threshold: 777600", "Threshold: 777601"],
    ["maxReceiveCount: 5", "maxReceiveCount: 4"],
    ['Value: "1641600"', 'Value: "1641601"'],
    ["[ReportBatchItemFailures]", "[]"],
  ] as const)("would not be let through with another number: %s", ([right, wrong]) => {
    expect(text).toContain(right);
    expect(() => compare(text.replace(right, wrong))).toThrow();
  });

  it("has a row for each timeout that it allows, and no others", () => {
    const { Parameters, Mappings } = read(text);
    expect(Object.keys(Mappings.Timeouts).toSorted()).toEqual(Parameters.HandlerTimeoutSeconds.AllowedValues.toSorted());
  });

  it("has the names and actions of the runtime", () => {
    const { IdempotencyTable, HandlerPolicy } = read(text).Resources;
    expect(IdempotencyTable).toMatchObject({
      DeletionPolicy: "Retain",
      Properties: {
        KeySchema: [
          { AttributeName: names.partitionKey, KeyType: "HASH" },
          { AttributeName: names.sortKey, KeyType: "RANGE" },
        ],
        TimeToLiveSpecification: { AttributeName: names.timeToLiveAttribute, Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
    });
    expect(HandlerPolicy).toMatchObject({
      Properties: { PolicyDocument: { Statement: [{ Action: [...names.runtimeActions] }, { Action: expect.any(Array) as unknown }] } },
    });
    for (const variable of [names.tableNameVariable, names.retentionVariable]) expect(text).toContain(`#   ${variable} `);
  });

  it("leaves out the table where it exists, and grants it by its name all the same", () => {
    const { Resources, Conditions } = read(text);
    expect(Conditions["CreatesTable"]).toEqual({ "Fn::Equals": [{ Ref: "CreateTable" }, "true"] });
    expect(Object.keys(Resources).filter((name) => Resources[name]?.Condition === "CreatesTable")).toEqual(["IdempotencyTable"]);
    const { IdempotencyTable: _, ...others } = Resources;
    expect(JSON.stringify(others)).not.toContain('"IdempotencyTable"');
    expect(JSON.stringify(others["HandlerPolicy"])).toContain(":table/${TableName}");
  });

  it("is held against AWS's validation: a property that is not there is refused", () => {
    expect(() => read(text.replace("SqsManagedSseEnabled: true", "VisibilityTimeout: 43201"))).toThrow();
  });
});
