// Small apps, and what is read off their templates.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, type FunctionProps, Runtime } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { afterAll } from "vitest";
import { partitionKey, sortKey, timeToLiveAttribute } from "../../src/dynamodb/table.ts";
import { IdempotencyTable, IdempotentQueueConsumer, type IdempotentQueueConsumerProps } from "../../infra/index.ts";

export const env = { account: "111111111111", region: "eu-west-1" };

/** The names that the runtime uses, as a template has them. */
export const runtimeNames = {
  KeySchema: [
    { AttributeName: partitionKey, KeyType: "HASH" },
    { AttributeName: sortKey, KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: partitionKey, AttributeType: "S" },
    { AttributeName: sortKey, AttributeType: "S" },
  ],
  TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
};

// A folder of its own, or each app would leave one of its own behind.
const outdir = mkdtempSync(join(tmpdir(), "lambda-once-apps-"));
afterAll(() => rmSync(outdir, { recursive: true }));

/** Without the validation of whole templates, which takes seconds; `test/infra/nag.test.ts` has it. */
export function newApp(context: Record<string, unknown> = {}): App {
  return new App({ outdir: mkdtempSync(join(outdir, "app-")), builtinCloudFormationValidation: false, context });
}

export function newStack({ app = newApp(), id = "Stack", ...props }: StackProps & { app?: Construct; id?: string } = {}): Stack {
  return new Stack(app, id, props);
}

export function newFunction(scope: Construct, { id = "Handler", ...props }: Partial<FunctionProps> & { id?: string } = {}): LambdaFunction {
  return new LambdaFunction(scope, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = () => {}"),
    timeout: Duration.seconds(10),
    ...props,
  });
}

/** A consumer named Orders, with a table and a handler of its stack where none are given. */
export function newConsumer(stack: Stack, { id = "Orders", ...props }: Partial<IdempotentQueueConsumerProps> & { id?: string } = {}) {
  return new IdempotentQueueConsumer(stack, id, {
    idempotencyTable: props.idempotencyTable ?? new IdempotencyTable(stack, `${id}Table`),
    handler: props.handler ?? newFunction(stack, { id: `${id}Handler` }),
    ...props,
  });
}

export interface Resource extends Record<string, unknown> {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

export function resourcesOf(stack: Stack, type: string): Record<string, Resource> {
  return Template.fromStack(stack).findResources(type) as Record<string, Resource>;
}

/** The only resource of its type. */
export function propertiesOf(stack: Stack, type: string): Record<string, unknown> {
  const found = Object.values(resourcesOf(stack, type));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} resources of ${type}`);
  return found[0].Properties;
}

/** The ids of the warnings, sorted. */
export function warningIds(stack: Stack): string[] {
  return warningsOf(stack).map(({ id }) => id);
}

export function warningsOf(stack: Stack): { readonly id: string; readonly path: string; readonly message: string }[] {
  return Annotations.fromStack(stack)
    .findWarning("*", Match.anyValue())
    .map(({ id: path, entry }) => {
      const message = entry.data as string;
      return { id: /\[ack: Annotation::(.+)\]$/.exec(message)?.[1] ?? message, path, message };
    })
    .sort((one, other) => one.id.localeCompare(other.id));
}

/** What the policies of a stack allow: `action on resource`, sorted. */
export function allowedIn(stack: Stack): string[] {
  return allowedBy(Object.values(resourcesOf(stack, "AWS::IAM::Policy")));
}

export function allowedBy(policies: readonly Record<string, unknown>[]): string[] {
  return policies
    .flatMap(({ Properties }) => (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => [Action].flat().flatMap((action) => [Resource].flat().map((on) => `${action} on ${nameOf(on)}`)))
    .sort();
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** The logical id in a reference, without its hash, or the text. */
function nameOf(resource: unknown): string {
  if (typeof resource === "string") return resource;
  const { "Fn::GetAtt": attribute, Ref: reference, "Fn::Join": joined } = resource as Intrinsic;
  const id = attribute?.[0] ?? reference;
  if (id === "AWS::Partition") return "aws";
  return id?.replace(/[0-9A-F]{8}$/, "") ?? (joined === undefined ? JSON.stringify(resource) : joined[1].map(nameOf).join(joined[0]));
}

interface Intrinsic {
  readonly "Fn::GetAtt"?: [string, string];
  readonly "Fn::Join"?: [string, unknown[]];
  readonly Ref?: string;
}

/** The logical ids of the resources of a type, by what they begin with. */
export function logicalId(stack: Stack, type: string, start: string): string {
  const id = Object.keys(resourcesOf(stack, type)).find((name) => name.startsWith(start));
  if (id === undefined) throw new Error(`no ${type} that begins with ${start}`);
  return id;
}

/** What a call throws; its message names the construct, the prop, what was given and what is allowed. */
export function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}
