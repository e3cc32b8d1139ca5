// What only the deployment knows: nothing throws, nothing is compared, and it comes out as it went in.
import { aws_lambda as lambda, aws_sqs as sqs, CfnParameter, Duration, Lazy, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { logicalId, newConsumer, newFunction, newStack, resourcesOf, warningIds } from "./support.ts";

type Props = Parameters<typeof newConsumer>[1];

const number = (stack: Stack, id = "Number") => new CfnParameter(stack, id, { type: "Number" }).valueAsNumber;
const late = (value: number) => Lazy.number({ produce: () => value });
const ref = { Ref: "Number" };

type Row = [name: string, props: (stack: Stack) => Props, type: string, start: string, path: string[], value: unknown];

const rows: Row[] = [
  [
    "timeout",
    (stack) => ({ handler: newFunction(stack, { id: "OrdersHandler", timeout: Duration.seconds(number(stack)) }) }),
    "AWS::SQS::Queue",
    "OrdersQueue",
    ["VisibilityTimeout"],
    5400,
  ],
  [
    "handlerTimeout",
    (stack) => ({ handler: newFunction(stack), handlerTimeout: Duration.seconds(number(stack)) }),
    "AWS::SQS::Queue",
    "OrdersQueue",
    ["VisibilityTimeout"],
    5400,
  ],
  [
    "maxBatchingWindow",
    (stack) => ({ maxBatchingWindow: Duration.seconds(number(stack)), batchSize: 100 }),
    "AWS::Lambda::EventSourceMapping",
    "",
    ["MaximumBatchingWindowInSeconds"],
    ref,
  ],
  [
    "maxBatchingWindow, in the visibility",
    (stack) => ({ maxBatchingWindow: Duration.seconds(number(stack)) }),
    "AWS::SQS::Queue",
    "OrdersQueue",
    ["VisibilityTimeout"],
    360,
  ],
  ["batchSize", (stack) => ({ batchSize: number(stack) }), "AWS::Lambda::EventSourceMapping", "", ["BatchSize"], ref],
  [
    "maxConcurrency",
    (stack) => ({ maxConcurrency: number(stack) }),
    "AWS::Lambda::EventSourceMapping",
    "",
    ["ScalingConfig", "MaximumConcurrency"],
    ref,
  ],
  [
    "reservedConcurrentExecutions",
    (stack) => ({ handler: newFunction(stack, { reservedConcurrentExecutions: number(stack) }), maxConcurrency: 50 }),
    "AWS::Lambda::Function",
    "",
    ["ReservedConcurrentExecutions"],
    ref,
  ],
  [
    "maxReceiveCount",
    (stack) => ({ maxReceiveCount: number(stack) }),
    "AWS::SQS::Queue",
    "OrdersQueue",
    ["RedrivePolicy", "maxReceiveCount"],
    ref,
  ],
  [
    "maxReceiveCount, known late",
    () => ({ maxReceiveCount: late(7) }),
    "AWS::SQS::Queue",
    "OrdersQueue",
    ["RedrivePolicy", "maxReceiveCount"],
    7,
  ],
  [
    "visibilityTimeout",
    (stack) => ({ queueProps: { visibilityTimeout: Duration.seconds(number(stack)) } }),
    "AWS::SQS::Queue",
    "OrdersQueue",
    ["VisibilityTimeout"],
    ref,
  ],
  [
    "retentionPeriod",
    (stack) => ({ queueProps: { retentionPeriod: Duration.seconds(number(stack)) } }),
    "AWS::SQS::Queue",
    "OrdersQueue",
    ["MessageRetentionPeriod"],
    ref,
  ],
  [
    "retentionPeriod of dead letters",
    (stack) => ({ deadLetterQueueProps: { retentionPeriod: Duration.seconds(number(stack)) } }),
    "AWS::SQS::Queue",
    "OrdersDeadLetterQueue",
    ["MessageRetentionPeriod"],
    ref,
  ],
  [
    "retention",
    (stack) => ({ retention: Duration.seconds(number(stack)) }),
    "AWS::Lambda::Function",
    "",
    ["Environment", "Variables", "IDEMPOTENCY_RETENTION_SECONDS"],
    ref,
  ],
  [
    "retention, known late",
    () => ({ retention: Duration.seconds(late(600)) }),
    "AWS::Lambda::Function",
    "",
    ["Environment", "Variables", "IDEMPOTENCY_RETENTION_SECONDS"],
    "600",
  ],
  [
    "queueName",
    (stack) => ({ queueProps: { queueName: new CfnParameter(stack, "Name").valueAsString } }),
    "AWS::SQS::Queue",
    "OrdersQueue",
    ["QueueName"],
    { Ref: "Name" },
  ],
  [
    "queueName, whose dead letters may come from anywhere",
    (stack) => ({ queueProps: { queueName: new CfnParameter(stack, "Name").valueAsString } }),
    "AWS::SQS::Queue",
    "OrdersDeadLetterQueue",
    ["RedriveAllowPolicy", "redrivePermission"],
    "allowAll",
  ],
  [
    "operation",
    (stack) => ({ operation: new CfnParameter(stack, "Name").valueAsString }),
    "AWS::CloudWatch::Alarm",
    "OrdersAlarmsMismatch",
    ["Dimensions", "0", "Value"],
    { Ref: "Name" },
  ],
];

describe("a token is taken", () => {
  it.each(rows)("%s", (_, props, type, start, path, value) => {
    const stack = newStack();
    newConsumer(stack, { dashboard: true, ...props(stack) });
    let found: unknown = resourcesOf(stack, type)[logicalId(stack, type, start)]?.Properties;
    for (const name of path) found = (found as Record<string, unknown>)[name];
    expect(found).toEqual(value);
    expect(warningIds(stack)).toEqual([]);
    // How a number that is a token looks where it was taken for a number.
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/-?\d(\.\d+)?e[+-]?\d{2,}|Token\[/);
  });
});

it("queues are compared as far as they are known", () => {
  const stack = newStack();
  const arn = (id: string) => new CfnParameter(stack, id).valueAsString;
  const queue = sqs.Queue.fromQueueArn(stack, "Queue", arn("QueueArn"));
  const deadLetterQueue = sqs.Queue.fromQueueArn(stack, "Dead", arn("DeadArn"));
  const handler = lambda.Function.fromFunctionArn(stack, "Imported", arn("HandlerArn"));
  const { retention } = newConsumer(stack, {
    queue,
    deadLetterQueue,
    handler,
    handlerTimeout: Duration.seconds(number(stack)),
    dashboard: true,
  });
  expect(retention.toDays()).toBe(29);
  expect(warningIds(stack).filter((id) => id.startsWith("lambda-once:"))).toEqual(["lambda-once:environment"]);
});
