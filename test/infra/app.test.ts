// What `cdk synth` makes of the example app, by the real CLI on a machine with Node only. TTL and recovery show here only: local engines
// drop them when they create the table.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allowedBy, runtimeNames } from "./support.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const out = mkdtempSync(join(tmpdir(), "lambda-once-cdk-"));
let template: Template;

const read = (name: string) => JSON.parse(readFileSync(join(out, name), "utf8")) as Record<string, unknown>;

/** Without an account, and with an empty home. `--strict` takes each warning that nobody has acknowledged for an error. */
async function synthesize(...options: string[]): Promise<void> {
  const { PATH } = process.env;
  await run(join(root, "node_modules/.bin/cdk"), ["synth", "--strict", "--quiet", "--output", out, ...options], {
    cwd: root,
    env: { PATH, HOME: out },
  });
}

beforeAll(async () => {
  await synthesize();
  template = Template.fromJSON(read("LambdaOnceExample.template.json"));
});
afterAll(() => rmSync(out, { recursive: true }));

describe("the idempotency table", () => {
  const tables = "AWS::DynamoDB::GlobalTable";

  it("has the names that the runtime uses", () => {
    template.hasResourceProperties(tables, runtimeNames);
  });

  it("is paid by the request, can be recovered, and stays when its stack goes", () => {
    template.hasResource(tables, {
      Properties: {
        BillingMode: "PAY_PER_REQUEST",
        TimeToLiveSpecification: Match.anyValue(),
        Replicas: [
          Match.objectLike({ DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
        ],
      },
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  });
});

describe("the functions", () => {
  const functions = "AWS::Lambda::Function";
  const claims = ["BatchGetItem", "GetItem", "PutItem", "UpdateItem"].map((action) => `dynamodb:${action} on IdempotencyTable`);
  const consumes = ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage"];

  it.each([
    ["OrdersHandler", "1641600", consumes.map((action) => `sqs:${action} on OrdersQueue`)],
    ["ShipmentsHandler", "1987200", consumes.map((action) => `sqs:${action} on ShipmentsQueue`)],
    ["PaymentsHandler", undefined, []],
  ])("%s runs on Node 24, is told of the table, and may do what it has to", (name, retention, queue) => {
    const found = Object.entries(template.findResources(functions)).filter(([id]) => id.startsWith(name));
    const [properties] = found.map(([, { Properties }]) => Properties as { Environment: { Variables: Record<string, unknown> } });
    expect(properties).toMatchObject({ Runtime: "nodejs24.x", Timeout: 5 });
    expect(properties?.Environment.Variables).toEqual({
      LEDGER_TABLE: { Ref: expect.stringMatching(/^Ledger/) as string },
      IDEMPOTENCY_TABLE: { Ref: expect.stringMatching(/^IdempotencyTable/) as string },
      ...(retention !== undefined && { IDEMPOTENCY_RETENTION_SECONDS: retention }),
    });
    const [role] = Object.keys(template.findResources("AWS::IAM::Role")).filter((id) => id.startsWith(name));
    const policies = Object.values(template.findResources("AWS::IAM::Policy", { Properties: { Roles: [{ Ref: role }] } }));
    expect(allowedBy(policies)).toEqual(
      [
        ...claims,
        "dynamodb:UpdateItem on Ledger",
        `logs:CreateLogStream on ${name}Log`,
        `logs:PutLogEvents on ${name}Log`,
        ...queue,
      ].sort(),
    );
  });

  it("are three, and one for the dead letters of each queue; their roles have neither a managed policy nor a wildcard", () => {
    template.resourceCountIs(functions, 5);
    template.allResourcesProperties("AWS::IAM::Role", { ManagedPolicyArns: Match.absent(), Policies: Match.absent() });
    expect(JSON.stringify(template.findResources("AWS::IAM::Policy"))).not.toContain("*");
  });
});

describe("the payments API", () => {
  it("lets a page of the shop send the key and read what the answer says of it", () => {
    template.hasResourceProperties("AWS::ApiGatewayV2::Api", {
      ProtocolType: "HTTP",
      CorsConfiguration: {
        AllowOrigins: ["https://shop.example.com"],
        AllowMethods: ["POST"],
        AllowHeaders: Match.arrayWith(["authorization", "content-type", "idempotency-key"]),
        ExposeHeaders: [
          "idempotency-key",
          "idempotency-original-request",
          "idempotency-status",
          "idempotent-replayed",
          "link",
          "retry-after",
        ],
      },
    });
  });

  it("answers nobody who has not signed", () => {
    template.resourceCountIs("AWS::ApiGatewayV2::Route", 1);
    template.hasResourceProperties("AWS::ApiGatewayV2::Route", { RouteKey: "POST /payments", AuthorizationType: "AWS_IAM" });
  });

  // MiniStack invokes the function without it.
  it("may invoke its function by this one route, and nothing else may", () => {
    const permissions = Object.values(template.findResources("AWS::Lambda::Permission")) as { Properties: Record<string, unknown> }[];
    expect(permissions.map(({ Properties }) => Properties)).toEqual([
      {
        Action: "lambda:InvokeFunction",
        FunctionName: { "Fn::GetAtt": [expect.stringMatching(/^PaymentsHandler/), "Arn"] },
        Principal: "apigateway.amazonaws.com",
        SourceArn: { "Fn::Join": ["", expect.arrayContaining([expect.stringMatching(/\/\*\/\*\/payments$/)])] },
      },
    ]);
  });

  it("writes an access log, and has a limit", () => {
    template.resourceCountIs("AWS::ApiGatewayV2::Stage", 1);
    template.hasResourceProperties("AWS::ApiGatewayV2::Stage", {
      AccessLogSettings: { DestinationArn: { "Fn::GetAtt": [Match.stringLikeRegexp("AccessLog"), "Arn"] } },
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    });
  });
});

it("has two queues, two dead-letter queues, two dashboards, and an alarm of all of each consumer's", () => {
  template.resourceCountIs("AWS::SQS::Queue", 4);
  template.resourcePropertiesCountIs("AWS::SQS::Queue", { FifoQueue: true }, 2);
  template.resourceCountIs("AWS::Lambda::EventSourceMapping", 2);
  template.resourceCountIs("AWS::CloudWatch::Dashboard", 2);
  template.resourceCountIs("AWS::CloudWatch::CompositeAlarm", 2);
  template.allResourcesProperties("AWS::Lambda::EventSourceMapping", { FunctionResponseTypes: ["ReportBatchItemFailures"] });
});

it("lets its alarms publish to their topic, over TLS only", () => {
  template.hasResourceProperties("AWS::SNS::TopicPolicy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: "Deny", Action: "sns:Publish", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
        Match.objectLike({ Effect: "Allow", Action: "sns:Publish", Principal: { Service: "cloudwatch.amazonaws.com" } }),
      ]),
    },
  });
});

it("has what is said on the command line", async () => {
  await synthesize("-c", "alarmEmail=on-call@example.com", "-c", "allowedOrigin=https://pay.example.com");
  const told = Template.fromJSON(read("LambdaOnceExample.template.json"));
  told.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "on-call@example.com" });
  told.hasResourceProperties("AWS::ApiGatewayV2::Api", {
    CorsConfiguration: Match.objectLike({ AllowOrigins: ["https://pay.example.com"] }),
  });
});
