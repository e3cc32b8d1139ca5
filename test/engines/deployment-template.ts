// Deploys a plain CloudFormation template, as a team without CDK would.
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import type { Ministack } from "./ministack.ts";
import { clientConfig } from "./ministack-access.ts";

const wait = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

/** Creates a stack of a template (JSON or YAML) and gives its outputs, by their names. Throws with what CloudFormation says. */
export async function deployTemplate(
  engine: Ministack,
  name: string,
  template: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const client = new CloudFormationClient(clientConfig(engine));
  try {
    await client.send(
      new CreateStackCommand({
        StackName: name,
        TemplateBody: template,
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
        Capabilities: ["CAPABILITY_IAM"],
      }),
    );
    await waitUntilStackCreateComplete({ client, ...wait }, { StackName: name }).catch(async (error: unknown) => {
      throw new Error(`${name} was not created: ${await reasons(client, name)}`, { cause: error });
    });
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
  } finally {
    client.destroy();
  }
}

/** Deletes a stack, and waits for it. */
export async function deleteTemplate(engine: Ministack, name: string): Promise<void> {
  const client = new CloudFormationClient(clientConfig(engine));
  try {
    await client.send(new DeleteStackCommand({ StackName: name }));
    await waitUntilStackDeleteComplete({ client, ...wait }, { StackName: name });
  } finally {
    client.destroy();
  }
}

async function reasons(client: CloudFormationClient, name: string): Promise<string> {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: name }));
  const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith("FAILED"));
  return failed.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`).join("; ");
}
