// How the constructs speak: an error for what cannot work, a warning for what AWS takes without a word.
import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Something that AWS accepts, and that loses the promise or the money of whoever deploys it. */
export interface Finding {
  /** Stable: what `Validations.of(construct).acknowledge({ id, reason })` names. */
  readonly id: FindingId;
  /** What is, what should be, and why. */
  readonly message: string;
  /** The values behind it, for `acknowledge({ where })`. */
  readonly context: Record<string, string | number>;
}

export type FindingId = `lambda-once:${string}`;

/** Adds a warning to the construct; says how to acknowledge it. */
export function warn(scope: IConstruct, { id, message, context }: Finding): void {
  const acknowledge = `Validations.of(construct).acknowledge({ id: "${id}", reason: "…" }) if that is meant.`;
  Validations.of(scope).addWarning(id, `${message} ${acknowledge}`, { context });
}

/** Refuses props that cannot work: the property's path, what was given, and what is allowed. */
export function refuse(scope: IConstruct, path: string, given: unknown, allowed: string): never {
  throw new Error(`${scope.node.path}: ${path} is ${shown(given)}: ${allowed}`);
}

function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return "node" in value ? (value as IConstruct).node.path : JSON.stringify(value);
}
