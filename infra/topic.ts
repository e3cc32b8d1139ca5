// Who is told by alarms. A topic with a policy or a key of its own lets CloudWatch in only where these say so; without, the alarm goes off and
// nobody is told.
import { Aspects, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnTopic, CfnTopicPolicy, type ITopic, TopicPolicy } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { type Finding, warnAtSynthesis } from "./findings.ts";
import { identityOf } from "./identity.ts";

// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
const cloudwatch = "cloudwatch.amazonaws.com";
const keyActions = ["kms:Decrypt", "kms:GenerateDataKey*"];

/** Lets the alarms of a stack publish to a topic of this app; of an imported one nothing is known. */
export function letAlarmsPublish(scope: Construct, topic: ITopic, alarms: Stack): void {
  const child = topic.node.defaultChild;
  if (!CfnTopic.isCfnTopic(child)) return;
  letInByPolicy(topic, alarms);
  const isKeyOpen = topic.masterKey?.addToResourcePolicy(statementOf(alarms, keyActions, "*")).statementAdded;
  warnAtSynthesis(scope, () => [...(child.kmsMasterKeyId === undefined || isKeyOpen ? [] : [closedKey(topic)]), ...closedPolicies(topic)]);
}

// Not before the app is finished: a topic without a policy has SNS's own, by which the account's alarms may publish, and that goes with the first
// statement of another one.
function letInByPolicy(topic: ITopic, alarms: Stack): void {
  Aspects.of(topic).add({
    visit(node) {
      if (node !== topic) return;
      for (const { document } of policiesOf(topic)) document.addStatements(statementOf(alarms, ["sns:Publish"], topic.topicArn));
    },
  });
}

function policiesOf(topic: ITopic): readonly TopicPolicy[] {
  return topic.node.root.node
    .findAll()
    .filter((node) => node instanceof TopicPolicy)
    .filter(({ node: { defaultChild } }) => CfnTopicPolicy.isCfnTopicPolicy(defaultChild) && isOf(defaultChild, topic));
}

function isOf(policy: CfnTopicPolicy, topic: ITopic): boolean {
  const own = identityOf(topic.topicArn, topic);
  return policy.topics.some((arn) => identityOf(arn, policy) === own);
}

/** What somebody else has written, or has written after us. */
function closedPolicies(topic: ITopic): readonly Finding[] {
  return topic.node.root.node
    .findAll()
    .filter((node) => CfnTopicPolicy.isCfnTopicPolicy(node))
    .filter((policy) => isOf(policy, topic) && !JSON.stringify(Stack.of(policy).resolve(policy.policyDocument)).includes(cloudwatch))
    .map(({ node }) => ({
      id: "lambda-once:topic-policy",
      message: `The policy ${node.path} of ${topic.node.path} should allow sns:Publish to ${cloudwatch}: an alarm that may not publish tells nobody.`,
      context: { policy: node.path },
    }));
}

function statementOf(alarms: Stack, actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [resource],
    principals: [new ServicePrincipal(cloudwatch)],
    conditions: { StringEquals: { "aws:SourceAccount": alarms.account } },
  });
}

function closedKey({ node }: ITopic): Finding {
  return {
    id: "lambda-once:topic-key",
    message: `The key of ${node.path} cannot be opened from here; its policy should allow ${keyActions.join(" and ")} to cloudwatch.amazonaws.com, which that of alias/aws/sns does not: an alarm that may not use it tells nobody.`,
    context: { topic: node.path },
  };
}
