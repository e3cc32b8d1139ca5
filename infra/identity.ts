// Whether two texts that only the deployment knows are one.
import { Reference, Stack, Tokenization } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Equal for texts that are equal once deployed, as far as that can be known. */
export function identityOf(scope: IConstruct, text: string): string {
  // References into two stacks look alike where the stacks are built alike: each names a logical id in its own.
  const stacks = Tokenization.reverseString(text)
    .tokens.filter((token) => Reference.isReference(token))
    .map(({ target }) => Stack.of(target).node.path);
  return JSON.stringify([Stack.of(scope).resolve(text), stacks]);
}
