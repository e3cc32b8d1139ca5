// Whether two texts that only the deployment knows are one.
import { type IResolvable, Reference, Stack, Tokenization } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Equal for texts that are equal once deployed, as far as that can be known; `owner` is who says the text. References are not resolved: in a stack
 * of another environment CDK refuses that, or gives what they name a physical name that it had not.
 */
export function identityOf(text: string, owner: IConstruct): string {
  const identified: unknown = Tokenization.reverseString(text)
    .mapTokens({ mapToken: (token) => identityOfToken(token, owner) })
    .join({ join: (before: unknown, after: unknown) => `${textOf(before)}${textOf(after)}` });
  // A dynamic reference is looked up where it is deployed.
  return textOf(identified).includes("{{resolve:") ? `${textOf(identified)} ${placeOf(owner)}` : textOf(identified);
}

function identityOfToken(token: IResolvable, owner: IConstruct): string {
  if (!Reference.isReference(token)) return of(JSON.stringify(Stack.of(owner).resolve(token)), owner);
  // References into two stacks look alike where the stacks are built alike; by the path of what they name they do not.
  const { target, displayName } = token;
  return displayName.startsWith("AWS::") ? of(`{"Ref":"${displayName}"}`, target) : `<${target.node.path} ${displayName}>`;
}

/** What only the deployment of a stack knows is another thing in each of them: all but the partition. */
function of(resolved: string, owner: IConstruct): string {
  return resolved === '{"Ref":"AWS::Partition"}' ? resolved : `<${resolved} ${placeOf(owner)}>`;
}

function placeOf(owner: IConstruct): string {
  return deployedWith(Stack.of(owner)).node.path;
}

function deployedWith(stack: Stack): Stack {
  return stack.nestedStackParent === undefined ? stack : deployedWith(stack.nestedStackParent);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
