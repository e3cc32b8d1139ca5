// Apps with stacks in several accounts and regions: nothing of one is asked in another, and nothing of other people's is changed.
import { Aspects, Fn, PhysicalName, type Stack, Stage } from "aws-cdk-lib";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { CfnTopicPolicy, Topic } from "aws-cdk-lib/aws-sns";
import { CfnQueue, Queue } from "aws-cdk-lib/aws-sqs";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { IdempotencyTable, IdempotentQueueConsumer, type IdempotentQueueConsumerProps } from "../../infra/index.ts";
import { newApp, newConsumer, newFunction, newStack, propertiesOf, warningIds } from "./support.ts";

const regions = [
  { account: "111111111111", region: "eu-west-1" },
  { account: "111111111111", region: "us-east-1" },
  { account: "222222222222", region: "eu-west-1" },
];

it("a consumer in each of several environments, and in one that is not known", () => {
  const app = newApp();
  const stacks = [...regions, undefined].map((env, i) => newStack({ app, id: `Stack${i}`, ...(env && { env }) }));
  for (const stack of stacks) {
    const topic = new Topic(stack, "Topic", { enforceSSL: true });
    newConsumer(stack, { alarmTopic: topic });
  }
  app.synth();
  expect(stacks.map(warningIds)).toEqual(stacks.map(() => []));
});

it("what is elsewhere gets no name that it had not, and no policy", () => {
  const app = newApp();
  const [here, elsewhere] = [newStack({ app, id: "Here", env: regions[0]! }), newStack({ app, id: "Elsewhere", env: regions[1]! })];
  const queueName = PhysicalName.GENERATE_IF_NEEDED;
  newFunction(elsewhere).addEventSource(new SqsEventSource(new Queue(elsewhere, "Plain", { queueName })));
  new Topic(elsewhere, "Billing", { topicName: PhysicalName.GENERATE_IF_NEEDED, enforceSSL: true });
  newConsumer(here, { alarmTopic: new Topic(here, "Topic", { enforceSSL: true }) });
  app.synth();
  expect(propertiesOf(elsewhere, "AWS::SQS::Queue")).toBeUndefined();
  expect(propertiesOf(elsewhere, "AWS::SNS::Topic")).toBeUndefined();
  expect(JSON.stringify(Template.fromStack(elsewhere).toJSON())).not.toContain("cloudwatch.amazonaws.com");
});

it.for([
  ["an export", () => Fn.importValue("orders-arn")],
  ["a text with what only the deployment knows", () => Fn.sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:orders")],
  ["a parameter", () => "arn:aws:sqs:eu-west-1:111111111111:{{resolve:ssm:/orders}}"],
  ["the stack's own parts", (stack: Stack) => stack.formatArn({ service: "sqs", resource: "orders" })],
] as const)("two stages that import their queues by %s do not share them", ([, arnIn]) => {
  const app = newApp();
  const stacks = ["Beta", "Prod"].map((id) => newStack({ app: new Stage(app, id), id: "Stack" }));
  for (const stack of stacks) {
    const queue = Queue.fromQueueAttributes(stack, "Queue", { queueArn: arnIn(stack), fifo: false });
    const deadLetterQueue = Queue.fromQueueAttributes(stack, "Dead", { queueArn: `${arnIn(stack)}-dead`, fifo: false });
    newConsumer(stack, { queue, deadLetterQueue, alarms: false });
  }
  expect(stacks.map(warningIds)).toEqual([[], []]);
});

describe("what is changed when the construct is there already", () => {
  it("a queue that keeps messages for longer: the records do not last", () => {
    const stack = newStack({ env: regions[0]! });
    const { queue } = newConsumer(stack);
    (queue.node.defaultChild as CfnQueue).messageRetentionPeriod = 13 * 86_400;
    expect(warningIds(stack)).toContain("lambda-once:retention");
  });

  it("by an aspect, too", () => {
    const stack = newStack({ env: regions[0]! });
    newConsumer(stack);
    Aspects.of(stack).add({
      visit(node) {
        if (node instanceof CfnQueue && node.node.path.endsWith("Orders/Queue/Resource")) node.messageRetentionPeriod = 13 * 86_400;
      },
    });
    expect(warningIds(stack)).toContain("lambda-once:retention");
  });

  it("a topic with a policy that nobody can add to: its alarms tell nobody", () => {
    const stack = newStack({ env: regions[0]! });
    const topic = new Topic(stack, "Topic");
    const statement = (service: string) => ({ Effect: "Allow", Action: "sns:Publish", Principal: { Service: service }, Resource: "*" });
    const policy = new CfnTopicPolicy(stack, "Policy", {
      topics: [topic.topicArn],
      policyDocument: { Version: "2012-10-17", Statement: [statement("events.amazonaws.com")] },
    });
    newConsumer(stack, { alarmTopic: topic });
    expect(warningIds(stack)).toEqual(["lambda-once:topic-policy"]);
    policy.policyDocument = { Version: "2012-10-17", Statement: [statement("cloudwatch.amazonaws.com")] };
    expect(warningIds(newStack({ env: regions[0]! }))).toEqual([]);
  });
});

it("a construct of one's own that is built on ours may have props of its own", () => {
  interface TeamProps extends IdempotentQueueConsumerProps {
    readonly team: string;
  }
  class Team extends IdempotentQueueConsumer {
    readonly team: string;
    constructor(scope: Stack, id: string, props: TeamProps) {
      super(scope, id, props);
      this.team = props.team;
    }
  }
  const stack = newStack({ env: regions[0]! });
  const props = { idempotencyTable: new IdempotencyTable(stack, "Table"), handler: newFunction(stack), team: "shop" };
  expect(new Team(stack, "Orders", props).team).toBe("shop");
});
