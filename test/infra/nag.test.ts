// The whole validation: CloudFormation's rules, which CDK has built in, and cdk-nag's AwsSolutions pack.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, aws_kms as kms, aws_sns as sns, aws_sqs as sqs, type Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterEach, describe, expect, it } from "vitest";
import { ExampleStack } from "../../infra/example/stack.ts";
import { IdempotencyTable } from "../../infra/index.ts";
import { env, newConsumer, newStack } from "./support.ts";

const root = join(import.meta.dirname, "../..");
const { context } = JSON.parse(readFileSync(join(root, "cdk.json"), "utf8")) as { context: Record<string, unknown> };
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

interface Violation {
  readonly ruleName: string;
}

/** What each validation finds, `plugin: rule`. */
function findingsOf(app: App): string[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  try {
    app.synth();
  } catch (error) {
    // The report says more.
    if ((error as Error).name !== "ValidationFailed") throw error;
  }
  const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8")) as {
    pluginReports: { pluginName: string; violations: Violation[] }[];
  };
  return report.pluginReports.flatMap(({ pluginName, violations }) => violations.map(({ ruleName }) => `${pluginName}: ${ruleName}`));
}

function newApp(): App {
  const outdir = mkdtempSync(join(tmpdir(), "lambda-once-nag-"));
  folders.push(outdir);
  // What is in the bundles is nothing that is looked at here.
  return new App({ outdir, context: { ...context, "aws:cdk:bundling-stacks": [] } });
}

function acknowledgements(app: App): Record<string, string>[] {
  return app.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .map(({ data }) => data as Record<string, string>);
}

describe("the example app", () => {
  it("has no finding, and at most three acknowledgements, each with a reason", () => {
    const app = newApp();
    new ExampleStack(app, "LambdaOnceExample");
    expect(findingsOf(app)).toEqual([]);
    const acknowledged = acknowledgements(app).flatMap((each) => Object.entries(each));
    expect(acknowledged.map(([id]) => id)).toEqual(["Annotation::lambda-once:fifo-key"]);
    for (const [, reason] of acknowledged) expect(reason.length).toBeGreaterThan(20);
  });

  it("with a queue that takes plain HTTP and has no dead-letter queue is found", () => {
    const app = newApp();
    new sqs.Queue(new ExampleStack(app, "LambdaOnceExample"), "Planted");
    expect(findingsOf(app)).toEqual(["AwsSolutions: AwsSolutions-SQS3", "AwsSolutions: AwsSolutions-SQS4"]);
  });
});

describe("the constructs", () => {
  const ofHandler = /IAM4|IAM5/;
  it.each<[name: string, add: (stack: Stack) => unknown]>([
    ["a consumer with everything", (stack) => newConsumer(stack, { operation: "orders", dashboard: true, alarmTopic: topic(stack) })],
    ["a FIFO consumer", (stack) => acknowledged(newConsumer(stack, { fifo: true }), "lambda-once:fifo-key")],
    [
      "a table with a key",
      (stack) => new IdempotencyTable(stack, "Claims", { encryptionKey: new kms.Key(stack, "Key", { enableKeyRotation: true }) }),
    ],
    [
      "a table with ceilings and alarms",
      (stack) =>
        new IdempotencyTable(stack, "Claims", { maxReadRequestUnits: 50, maxWriteRequestUnits: 50 }).addAlarms({ timeToLive: true }),
    ],
    [
      "queues with keys",
      (stack) =>
        newConsumer(stack, {
          queueProps: { queueName: "orders", encryptionMasterKey: new kms.Key(stack, "Key", { enableKeyRotation: true }) },
          deadLetterQueueProps: { encryptionMasterKey: new kms.Key(stack, "DeadKey", { enableKeyRotation: true }) },
        }),
    ],
  ])("%s: nothing is found, but for the policy that CDK gives to a test's function", (_, add) => {
    const app = newApp();
    add(newStack({ app, env }));
    expect(findingsOf(app).filter((finding) => !ofHandler.test(finding))).toEqual([]);
  });

  it("a visibility below the timeout, made late, is found by CloudFormation's rules", () => {
    const app = newApp();
    const { queue } = newConsumer(newStack({ app, env }));
    (queue.node.defaultChild as sqs.CfnQueue).visibilityTimeout = 5;
    expect(findingsOf(app).join()).toContain("E3505");
  });
});

const topic = (stack: Stack) => new sns.Topic(stack, "Topic", { enforceSSL: true });

function acknowledged(construct: ReturnType<typeof newConsumer>, id: string) {
  Validations.of(construct).acknowledge({ id, reason: "the producer of this test sends a key" });
}
