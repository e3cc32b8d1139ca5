// Whether two texts that only the deployment knows are one.
import { Reference, Stack, Tokenization } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Equal for texts that are equal once deployed, as far as that can be known; `owner` is what the text is about. */
export function identityOf(scope: IConstruct, text: string, owner: IConstruct = scope): string {
  const resolved = JSON.stringify(Stack.of(scope).resolve(text));
  // References into two stacks look alike where the stacks are built alike: each names a logical id in its own.
  const stacks = Tokenization.reverseString(text)
    .tokens.filter((token) => Reference.isReference(token))
    .map(({ target }) => Stack.of(target).node.path);
  // So does a stack's own account or region, where only the deployment knows it.
  if (/"AWS::(?!Partition")/.test(resolved)) stacks.push(deployedWith(Stack.of(owner)).node.path);
  return JSON.stringify([resolved, stacks]);
}

function deployedWith(stack: Stack): Stack {
  return stack.nestedStackParent === undefined ? stack : deployedWith(stack.nestedStackParent);
}
