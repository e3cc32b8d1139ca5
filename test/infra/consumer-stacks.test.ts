// A consumer whose parts are in several stacks, in a stage, and several times in one.
import { aws_lambda as lambda, aws_kms as kms, aws_sns as sns, aws_sqs as sqs, Duration, type Stack, Stage } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { IdempotencyTable, IdempotentQueueConsumer } from "../../infra/index.ts";
import { allowedIn, env, newApp, newConsumer, newFunction, newStack, type Resource, resourcesOf, warningIds } from "./support.ts";

const references = ["strong", "weak"];

/** The stacks that a stack has to be deployed after, or refers to weakly. */
function needs(stack: Stack): string[] {
  const weak = JSON.stringify(Template.fromStack(stack).toJSON()).matchAll(/"Fn::GetStackOutput":\{"StackName":"(\w+)"/g);
  return [...new Set([...stack.dependencies.map(({ node }) => node.id), ...[...weak].map(([, name]) => name ?? "")])].sort();
}

const namesOf = (stack: Stack, type: string) => Object.keys(resourcesOf(stack, type));
const alarms = "AWS::CloudWatch::Alarm";

describe.each(references)("with %s references", (strength) => {
  const stacks = <Id extends string>(...ids: Id[]) => {
    const app = newApp({ "@aws-cdk/core:defaultCrossStackReferences": strength });
    return Object.fromEntries(ids.map((id) => [id, newStack({ app, id, env })])) as Record<Id, Stack>;
  };

  it("the table is in another stack", () => {
    const { Data, Orders } = stacks("Data", "Orders");
    newConsumer(Orders, { idempotencyTable: new IdempotencyTable(Data, "Idempotency"), dashboard: true });
    expect(needs(Orders)).toEqual(["Data"]);
    expect(needs(Data)).toEqual([]);
    expect(allowedIn(Orders)).toHaveLength(9);
    expect(warningIds(Orders)).toEqual([]);
  });

  it("the queues are in another stack", () => {
    const { Data, Orders } = stacks("Data", "Orders");
    const encryptionMasterKey = new kms.Key(Data, "Key");
    const deadLetterQueue = { queue: new sqs.Queue(Data, "Dead", { retentionPeriod: Duration.days(14) }), maxReceiveCount: 5 };
    const queue = new sqs.Queue(Data, "Queue", { visibilityTimeout: Duration.minutes(5), deadLetterQueue, encryptionMasterKey });
    newConsumer(Orders, { queue, dashboard: true });
    expect(needs(Orders)).toEqual(["Data"]);
    expect(needs(Data)).toEqual([]);
    expect(allowedIn(Orders)).toHaveLength(10);
  });

  it("the handler is in another stack: its alarms and its dashboard are with it", () => {
    const { Queues, Handlers } = stacks("Queues", "Handlers");
    const alarmTopic = new sns.Topic(Queues, "Topic");
    const consumer = newConsumer(Queues, { handler: newFunction(Handlers), alarmTopic, dashboard: true });
    expect(needs(Handlers)).toEqual(["Queues"]);
    expect(needs(Queues)).toEqual([]);
    expect(namesOf(Queues, alarms)).toEqual([]);
    expect(namesOf(Handlers, alarms).length).toBe(consumer.alarms.length - 1);
    expect(namesOf(Handlers, "AWS::CloudWatch::Dashboard")).toHaveLength(1);
    expect(allowedIn(Handlers)).toHaveLength(9);
    expect(warningIds(Queues)).toEqual([]);
  });

  it.each([
    [{ alarms: false, dashboard: true }, 0, 1],
    [{ alarms: true, dashboard: false }, 7, 0],
    [{ alarms: false }, 0, 0],
  ])("the handler is in another stack, with %j", (props, alarmCount, dashboardCount) => {
    const { Queues, Handlers } = stacks("Queues", "Handlers");
    const handler = newFunction(Handlers);
    newConsumer(Queues, { handler, ...props });
    expect(needs(Queues)).toEqual([]);
    expect(namesOf(Handlers, alarms)).toHaveLength(alarmCount);
    expect(namesOf(Handlers, "AWS::CloudWatch::Dashboard")).toHaveLength(dashboardCount);
    expect(handler.node.children.some(({ node }) => node.id.startsWith("QueuesOrders"))).toBe(alarmCount + dashboardCount > 0);
  });

  it("table, queues, consumer and handler are in four stacks", () => {
    const { Data, Queues, Consumers, Handlers } = stacks("Data", "Queues", "Consumers", "Handlers");
    const queue = new sqs.Queue(Queues, "Queue", { visibilityTimeout: Duration.minutes(5) });
    const handler = newFunction(Handlers).addAlias("live") as lambda.IFunction;
    newConsumer(Consumers, { idempotencyTable: new IdempotencyTable(Data, "Idempotency"), queue, handler, dashboard: true });
    expect(needs(Handlers)).toEqual(["Data", "Queues"]);
    for (const stack of [Data, Queues, Consumers]) expect(needs(stack)).toEqual([]);
  });

  it("one handler in another stack has two consumers", () => {
    const { Queues, Handlers } = stacks("Queues", "Handlers");
    const shared = { handler: newFunction(Handlers), idempotencyTable: new IdempotencyTable(Queues, "Idempotency") };
    for (const id of ["Orders", "Refunds"]) newConsumer(Queues, { id, ...shared, dashboard: true });
    expect(namesOf(Handlers, "AWS::CloudWatch::Dashboard")).toHaveLength(2);
    expect(needs(Queues)).toEqual([]);
  });
});

it("two stages are built alike, and each is quiet", () => {
  const app = newApp();
  const stacks = ["Test", "Prod"].map((id) => {
    const stage = new Stage(app, id, { env });
    const stack = newStack({ app: stage });
    newConsumer(stack, { dashboard: true, operation: "orders" });
    return stack;
  });
  const [test, prod] = stacks.map((stack) => Object.values(Template.fromStack(stack).toJSON()["Resources"] as Record<string, Resource>));
  expect(test?.map(({ Type }) => Type)).toEqual(prod?.map(({ Type }) => Type));
  expect(stacks.map(warningIds)).toEqual([[], []]);
});

it("a stage shows its warnings as an app does", () => {
  const stack = newStack({ app: new Stage(newApp(), "Prod", { env }) });
  newConsumer(stack, { maxReceiveCount: 1 });
  expect(warningIds(stack)).toEqual(["lambda-once:max-receive-count"]);
});

it("two consumers are in one stack, on one table", () => {
  const stack = newStack({ env });
  const idempotencyTable = new IdempotencyTable(stack, "Idempotency");
  for (const id of ["Orders", "Refunds"]) newConsumer(stack, { id, idempotencyTable, dashboard: true });
  expect(namesOf(stack, "AWS::SQS::Queue")).toHaveLength(4);
  expect(namesOf(stack, "AWS::DynamoDB::GlobalTable")).toHaveLength(1);
  expect(warningIds(stack)).toEqual([]);
});

it("is a part of an imported table, an imported queue and an imported function", () => {
  const stack = newStack({ env });
  new IdempotentQueueConsumer(stack, "Orders", {
    idempotencyTable: IdempotencyTable.fromTableName(stack, "Idempotency", "claims"),
    queue: sqs.Queue.fromQueueArn(stack, "Queue", "arn:aws:sqs:eu-west-1:111111111111:orders"),
    deadLetterQueue: sqs.Queue.fromQueueArn(stack, "Dead", "arn:aws:sqs:eu-west-1:111111111111:dead"),
    handler: lambda.Function.fromFunctionName(stack, "Handler", "orders"),
    handlerTimeout: Duration.seconds(10),
    operation: "orders",
    dashboard: true,
  });
  expect(namesOf(stack, "AWS::Lambda::EventSourceMapping")).toHaveLength(1);
  expect(namesOf(stack, alarms)).toHaveLength(10);
  expect(namesOf(stack, "AWS::CloudWatch::Dashboard")).toHaveLength(1);
});
