// Who is told by alarms. A topic with a policy or a key of its own lets CloudWatch in only where these say so; without, the alarm goes off and
// nobody is told.
import { Aspects, type Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnTopic, CfnTopicPolicy, type ITopic, TopicPolicy } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { type Finding, warnAtSynthesis } from "./findings.ts";
import { identityOf } from "./identity.ts";

// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
const keyActions = ["kms:Decrypt", "kms:GenerateDataKey*"];

/** Lets the alarms of a stack publish to a topic of this app; of an imported one nothing is known. */
export function letAlarmsPublish(scope: Construct, topic: ITopic, alarms: Stack): void {
  const child = topic.node.defaultChild;
  if (!CfnTopic.isCfnTopic(child)) return;
  letInByPolicy(topic, alarms);
  const isKeyOpen = topic.masterKey?.addToResourcePolicy(statementOf(alarms, keyActions, "*")).statementAdded;
  warnAtSynthesis(scope, () => (child.kmsMasterKeyId === undefined || isKeyOpen ? [] : [closedKey(topic)]));
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
  const own = identityOf(topic, topic.topicArn);
  return topic.node.root.node
    .findAll()
    .filter((node) => node instanceof TopicPolicy)
    .filter(({ node: { defaultChild } }) => {
      const topics = CfnTopicPolicy.isCfnTopicPolicy(defaultChild) ? defaultChild.topics : [];
      return topics.some((arn) => identityOf(topic, arn) === own);
    });
}

function statementOf(alarms: Stack, actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [resource],
    principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
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
