// The constructs in somebody else's app, which has installed the package as it is published.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redriveActions, runtimeActions, tableNameVariable, timeToLiveAttribute } from "../../src/dynamodb/table.ts";
import { operationVariable } from "../../src/redrive/environment.ts";
import { type CdkApp, initializedApp, moduleApp } from "./cdk-app.ts";

const stack = `import * as cdk from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { IdempotencyTable, IdempotentQueueConsumer } from "lambda-once/cdk";

export class OrdersStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    const handler = new lambda.Function(this, "Handler", {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: lambda.Code.fromInline("exports.handler = async () => ({ batchItemFailures: [] });"),
      timeout: cdk.Duration.seconds(10),
    });
    const alarmTopic = new sns.Topic(this, "Alarms");
    const idempotencyTable = new IdempotencyTable(this, "Idempotency");
    idempotencyTable.addAlarms({ topic: alarmTopic });
    new IdempotentQueueConsumer(this, "Orders", { idempotencyTable, handler, operation: "orders", alarmTopic, redrive: true, dashboard: true });
  }
}
`;

const root = join(import.meta.dirname, "../..");
beforeAll(() => {
  execFileSync("npm", ["run", "package:pack"], { cwd: root, stdio: "pipe" });
});

describe.each([
  ["as cdk init writes it, CommonJS, TypeScript 5.9", initializedApp, inCommonJs],
  ["of ES modules", moduleApp, () => {}],
])("an app %s", (_, create, more) => {
  let app: CdkApp;
  beforeAll(async () => {
    app = await create(stack);
  });
  afterAll(() => app.remove());

  it("is synthesized: table, queues, mapping and grants", async () => {
    checkTemplate(await app.synthesize());
  });

  it("compiles, its libraries checked as well", async () => {
    expect(await app.compile("--skipLibCheck", "false")).toBe("");
  });

  it("compiles with exactOptionalPropertyTypes, as far as aws-cdk-lib does", async () => {
    const errors = await app.compile("--skipLibCheck", "false", "--exactOptionalPropertyTypes");
    expect(errors.split("\n").filter((line) => /^\S/.test(line) && !line.startsWith("node_modules/aws-cdk-lib/"))).toEqual([]);
  });

  more(() => app);

  it("would not compile with a wrong prop", async () => {
    const file = create === moduleApp ? "orders-stack.ts" : "lib/orders-stack.ts";
    app.write(file, stack.replace("dashboard: true", "dashboard: 1"));
    expect(await app.compile("--skipLibCheck", "true")).toContain(`${file}(19,126): error TS2322`);
  });
});

/** What docs/cdk.md says to those whose app is CommonJS. */
function inCommonJs(app: () => CdkApp): void {
  it.for([
    { module: "node20", resolution: "node16", says: "nothing" },
    { module: "preserve", resolution: "bundler", says: "nothing" },
    { module: "commonjs", resolution: "node10", says: "TS2307" },
    { module: "node16", resolution: "node16", says: "TS1479" },
  ])('with "module": "$module" tsc says $says', async ({ module, resolution, says }) => {
    const said = await app().compile("--module", module, "--moduleResolution", resolution);
    const errors = [...said.matchAll(/^\S.* error (TS\d+)/gm)].map(([, code]) => code);
    expect(errors, said).toEqual(says === "nothing" ? [] : [says]);
  });

  it("its Jest refuses the package at first", async () => {
    const { status, output } = await app().test();
    expect([status, output]).toEqual([1, expect.stringContaining("Must use import to load ES Module")]);
  });

  it("its Jest takes the package with Node's flag", async () => {
    const { status, output } = await app().test({ NODE_OPTIONS: "--experimental-vm-modules" });
    expect([status, output]).toEqual([0, expect.stringContaining("1 passed")]);
  });

  it("its Jest takes the package where it may transform it", async () => {
    const lines = /```js\n(.*transformIgnorePatterns.*?)```/s.exec(readFileSync(join(root, "docs/cdk.md"), "utf8"))?.[1] ?? "";
    app().edit("jest.config.js", (text) => text.replace(/^ {2}transform: \{.*?^ {2}\},\n/ms, () => lines));
    const { status, output } = await app().test();
    expect([status, output]).toEqual([0, expect.stringContaining("1 passed")]);
  });
}

function checkTemplate(template: Template): void {
  template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
    TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
  });
  template.hasResourceProperties("AWS::SQS::Queue", { RedrivePolicy: { maxReceiveCount: 5 }, VisibilityTimeout: 60 });
  template.hasResourceProperties("AWS::Lambda::EventSourceMapping", { FunctionResponseTypes: ["ReportBatchItemFailures"] });
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: Match.objectLike({ [tableNameVariable]: Match.anyValue() }) },
  });
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: Match.objectLike({ [operationVariable]: "orders" }) },
  });
  // In whatever order: a feature flag of cdk init sorts them.
  const actions = [...JSON.stringify(template.findResources("AWS::IAM::Policy")).matchAll(/"(dynamodb:\w+)"/g)].map(([, action]) => action);
  expect(actions).toHaveLength(runtimeActions.length + redriveActions.length);
  expect(actions).toEqual(expect.arrayContaining([...runtimeActions, ...redriveActions]));
  template.resourceCountIs("AWS::CloudWatch::CompositeAlarm", 1);
  template.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
}
