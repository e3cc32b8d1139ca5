// How the constructs speak: an error for what cannot work, a warning for what AWS takes without a word.
import { Duration, Validations } from "aws-cdk-lib";
import { Construct, type IConstruct } from "constructs";

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

/** Warns at synthesis, after every aspect: until then the app may change what is looked at. */
export function warnAtSynthesis(scope: Construct, find: () => readonly Finding[]): void {
  // Below the construct: until aws-cdk-lib 2.270 what is acknowledged on a construct holds for those below it, and not for what it says itself later.
  const checks = (scope.node.tryFindChild("Checks") as Construct | undefined) ?? new Construct(scope, "Checks");
  // Not by an aspect, which sees constructs that come later in the tree before their own aspects do.
  const validate = (): string[] => {
    for (const finding of find()) warn(checks, finding);
    return [];
  };
  checks.node.addValidation({ validate });
}

/** Adds a warning to the construct; says how to acknowledge it. */
function warn(scope: IConstruct, { id, message, context }: Finding): void {
  const acknowledge = `Validations.of(construct).acknowledge({ id: "${id}", reason: "…" }) if that is meant.`;
  Validations.of(scope).addWarning(id, `${message} ${acknowledge}`, { context });
}

/** Refuses props that cannot work: the property's path, what was given, and what is allowed. */
export function refuse(scope: IConstruct, path: string, given: unknown, allowed: string): never {
  throw new Error(`${scope.node.path}: ${path} is ${shown(given)}: ${allowed}`);
}

// Constructs refer to each other in circles, and a set of props may have one in it.
function shown(value: unknown): string {
  if (Construct.isConstruct(value)) return value.node.path;
  if (value instanceof Duration) return value.toHumanString();
  return typeof value === "object" && value !== null ? `{ ${Object.keys(value).join(", ")} }` : String(value);
}
