// The function that brings a consumer's dead letters back: made with what it needs, or taken as it is, and granted what it does.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Duration, Tokenization } from "aws-cdk-lib";
import { Grant, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, type IFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { retentionVariable, tableNameVariable } from "../src/dynamodb/table.ts";
import { deadLetterQueueActions, deadLetterQueueVariable, operationVariable, sourceQueueVariable } from "../src/redrive/environment.ts";
import type { IdempotentQueueConsumerProps } from "./consumer-props.ts";
import { checkPlace, setVariable } from "./environment.ts";
import { type Finding, refuse } from "./findings.ts";
import { functionBehind } from "./handler-facts.ts";

const timeout = Duration.minutes(15);

/** What it is about: of the consumer. */
export interface Redriven {
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue | undefined;
  readonly retention: Duration;
}

/** Undefined where none is wanted. */
export function redriveFunctionFor(scope: Construct, props: IdempotentQueueConsumerProps, redriven: Redriven): IFunction | undefined {
  const { redrive = false, redriveFunction } = props;
  if (!redrive && redriveFunction === undefined) return undefined;
  const { queue, deadLetterQueue, retention } = redriven;
  checkRedrive(scope, props, deadLetterQueue);
  const fn = redriveFunction ?? createFunction(scope);
  if (deadLetterQueue === undefined) return fn;
  grantQueues(fn, queue, deadLetterQueue);
  props.idempotencyTable.grantRedrive(fn);
  const own = functionBehind(fn);
  const variables = {
    [tableNameVariable]: props.idempotencyTable.table.tableName,
    [retentionVariable]: Tokenization.stringifyNumber(retention.toSeconds()),
    [deadLetterQueueVariable]: deadLetterQueue.queueUrl,
    [sourceQueueVariable]: queue.queueArn,
    ...(props.operation !== undefined && { [operationVariable]: props.operation }),
  };
  if (own !== undefined) for (const [name, value] of Object.entries(variables)) setVariable(own, name, value);
  return fn;
}

function checkRedrive(scope: Construct, props: IdempotentQueueConsumerProps, deadLetterQueue: IQueue | undefined): void {
  const { redrive = false, redriveFunction, operation, idempotencyTable } = props;
  if (redrive && redriveFunction !== undefined)
    refuse(scope, "redriveFunction", redriveFunction, "redrive: true makes one; leave one of them out");
  const path = redrive ? "redrive" : "redriveFunction";
  if (deadLetterQueue === undefined)
    refuse(scope, path, redriveFunction ?? true, "there is no dead-letter queue to bring messages back from");
  if (redrive && operation === undefined) refuse(scope, "operation", "missing", "redrive: true needs what the handler's code says");
  if (redriveFunction !== undefined) checkPlace(scope, idempotencyTable.table, redriveFunction);
}

// Not the queues' own grants: they grant more.
function grantQueues(fn: IFunction, queue: IQueue, deadLetterQueue: IQueue): void {
  Grant.addToPrincipal({ grantee: fn, actions: [...deadLetterQueueActions], resourceArns: [deadLetterQueue.queueArn] });
  Grant.addToPrincipal({ grantee: fn, actions: ["sqs:SendMessage"], resourceArns: [queue.queueArn] });
  deadLetterQueue.encryptionMasterKey?.grantDecrypt(fn);
  queue.encryptionMasterKey?.grantEncryptDecrypt(fn);
}

/** Of an imported function, which cannot be told anything from here. */
export function untoldRedrive(fn: IFunction | undefined): Finding | undefined {
  if (fn === undefined || functionBehind(fn) !== undefined) return undefined;
  const variables = [tableNameVariable, retentionVariable, deadLetterQueueVariable, sourceQueueVariable, operationVariable].join(", ");
  return {
    id: "lambda-once:redrive-environment",
    message: `The redriveFunction is imported, and its environment cannot be set from here; it should have ${variables} where it is made, or say in its code what they say.`,
    context: { variables },
  };
}

function createFunction(scope: Construct): LambdaFunction {
  const parts = new Construct(scope, "Redrive");
  const logGroup = new LogGroup(parts, "Log", { retention: RetentionDays.ONE_YEAR });
  // Not the managed policy, which lets it write any log.
  const role = new Role(parts, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logGroup.grantWrite(role);
  return new LambdaFunction(parts, "Function", {
    description: `Brings dead letters of ${scope.node.path} back; a dry run unless its event says { "dryRun": false }`,
    code: Code.fromAsset(bundleFolder()),
    handler: "index.handler",
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 512,
    timeout,
    logGroup,
    role,
  });
}

// Beside infra in this repository, and beside dist in the package.
function bundleFolder(): string {
  const folders = ["../redrive-function", "../../redrive-function"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = folders.find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`There is no ${folders.join(" and no ")}: npm run build:redrive makes it`);
  return found;
}
