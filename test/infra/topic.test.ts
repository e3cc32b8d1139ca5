// Who is told: CloudWatch's alarms may publish to a topic of the app, whatever policy and key it has.
import { aws_iam as iam, aws_kms as kms, aws_sns as sns, type Stack, Validations } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { IdempotencyTable } from "../../infra/index.ts";
import { env, newApp, newConsumer, newStack, propertiesOf, resourcesOf, warningIds, warningsOf } from "./support.ts";

interface Statement {
  readonly Action: string | string[];
  readonly Principal: { readonly Service?: string };
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const policies = "AWS::SNS::TopicPolicy";

function openedIn(document: unknown): Statement[] {
  return (document as { Statement: Statement[] }).Statement.filter(({ Principal }) => Principal.Service === "cloudwatch.amazonaws.com");
}

const openedTopics = (stack: Stack) => openedIn(propertiesOf(stack, policies)["PolicyDocument"]);
const openedKeys = (stack: Stack) => openedIn(propertiesOf(stack, "AWS::KMS::Key")["KeyPolicy"]);

const callers = {
  "a consumer": (stack: Stack, topic: sns.ITopic, id = "Orders") => newConsumer(stack, { id, alarmTopic: topic }),
  "a table": (stack: Stack, topic: sns.ITopic, id = "Orders") => {
    const table = new IdempotencyTable(stack, id);
    table.addAlarms({ topic });
    return table;
  },
};

const ofAccount = (account: unknown) => ({ StringEquals: { "aws:SourceAccount": account } });
const ref = { Ref: expect.stringMatching(/^Topic/) as string };

describe.each(Object.entries(callers))("the topic of %s", (_, call) => {
  it.each<[name: string, make: (stack: Stack, topic: () => sns.Topic) => void]>([
    ["that wants TLS", (stack) => new sns.Topic(stack, "Topic", { enforceSSL: true })],
    ["with a statement", (__, topic) => topic().addToResourcePolicy(published())],
    [
      "with a policy apart",
      (stack, topic) => new sns.TopicPolicy(stack, "Apart", { topics: [topic()] }).document.addStatements(published()),
    ],
  ])("%s lets alarms of the account in, once", (__, make) => {
    const stack = newStack({ env });
    make(stack, () => new sns.Topic(stack, "Topic"));
    const topic = stack.node.findChild("Topic") as sns.Topic;
    for (const id of ["Orders", "Refunds"]) call(stack, topic, id);
    const condition = ofAccount(env.account);
    expect(openedTopics(stack)).toMatchObject([{ Action: "sns:Publish", Resource: ref, Condition: condition }]);
    expect(warningIds(stack)).toEqual([]);
  });

  it("without a policy keeps SNS's own", () => {
    const stack = newStack({ env });
    call(stack, new sns.Topic(stack, "Topic"));
    expect(resourcesOf(stack, policies)).toEqual({});
  });

  it("with a policy that comes later lets them in", () => {
    const stack = newStack();
    const topic = new sns.Topic(stack, "Topic");
    call(stack, topic);
    topic.grantPublish(new iam.ServicePrincipal("events.amazonaws.com"));
    expect(openedTopics(stack)).toMatchObject([{ Condition: ofAccount({ Ref: "AWS::AccountId" }) }]);
  });

  it("is no other topic", () => {
    const stack = newStack({ env });
    new sns.Topic(stack, "Other", { enforceSSL: true });
    call(stack, new sns.Topic(stack, "Topic"));
    expect(openedTopics(stack)).toEqual([]);
  });

  it.each<[name: string, key: (key: kms.Key) => kms.IKey]>([
    ["a key", (key) => key],
    ["an alias", (key) => key.addAlias("alarms")],
  ])("with %s of the app may use it, and keeps SNS's policy", (__, keyOf) => {
    const stack = newStack({ env });
    const topic = new sns.Topic(stack, "Topic", { masterKey: keyOf(new kms.Key(stack, "Key")) });
    for (const id of ["Orders", "Refunds"]) call(stack, topic, id);
    expect(openedKeys(stack)).toMatchObject([
      { Action: ["kms:Decrypt", "kms:GenerateDataKey*"], Resource: "*", Condition: ofAccount(env.account) },
    ]);
    expect(resourcesOf(stack, policies)).toEqual({});
    expect(warningIds(stack)).toEqual([]);
  });

  it.each<[name: string, make: (stack: Stack) => sns.Topic]>([
    [
      "an imported key",
      (stack) =>
        new sns.Topic(stack, "Topic", { masterKey: kms.Key.fromKeyArn(stack, "Key", "arn:aws:kms:eu-west-1:111111111111:key/one") }),
    ],
    ["SNS's key", (stack) => new sns.Topic(stack, "Topic", { masterKey: kms.Alias.fromAliasName(stack, "Key", "alias/aws/sns") })],
    [
      "a key that the template names",
      (stack) => {
        const topic = new sns.Topic(stack, "Topic");
        (topic.node.defaultChild as sns.CfnTopic).kmsMasterKeyId = "alias/one";
        return topic;
      },
    ],
  ])("with %s has a warning", (__, make) => {
    const stack = newStack({ env });
    const caller = call(stack, make(stack));
    const [warning, ...others] = warningsOf(stack);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ id: "lambda-once:topic-key", path: "/Stack/Orders/Checks" });
    for (const part of ["The key of Stack/Topic", "kms:Decrypt and kms:GenerateDataKey*", "cloudwatch.amazonaws.com"])
      expect(warning?.message).toContain(part);
    Validations.of(caller).acknowledge({ id: "lambda-once:topic-key", reason: "its policy says so" });
    expect(warningIds(stack)).toEqual([]);
  });

  it("that is imported is left alone", () => {
    const stack = newStack({ env });
    call(stack, sns.Topic.fromTopicArn(stack, "Topic", "arn:aws:sns:eu-west-1:111111111111:alarms"));
    expect(resourcesOf(stack, policies)).toEqual({});
    expect(warningIds(stack)).toEqual([]);
  });
});

it("alarms of another account are let in from there", () => {
  const app = newApp();
  const topics = newStack({ app, id: "Topics", env });
  const tables = newStack({ app, id: "Tables", env: { ...env, account: "222222222222" } });
  callers["a table"](tables, new sns.Topic(topics, "Topic", { topicName: "alarms", enforceSSL: true }));
  expect(openedTopics(topics)).toMatchObject([{ Condition: ofAccount("222222222222") }]);
});

function published(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ["sns:Publish"],
    principals: [new iam.ServicePrincipal("events.amazonaws.com")],
    resources: ["*"],
  });
}
