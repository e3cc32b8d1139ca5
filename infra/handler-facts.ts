// What can be known here of a function: an alias and a version stand for the function behind them.
import { Duration, type IResolvable, Stack } from "aws-cdk-lib";
import { CfnFunction, Function as LambdaFunction, type IFunction, SingletonFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { checkSeconds } from "./durations.ts";
import { refuse } from "./findings.ts";
import { known } from "./queue-facts.ts";

/** Lambda's, where a function has none. */
const defaultTimeout = Duration.seconds(3);
const timeoutRange = { atLeastSeconds: 1, atMostSeconds: 900, allowed: "1 to 900 s" };

/** The function whose environment can be set; `undefined` for an imported one. */
export function functionBehind(handler: IFunction): LambdaFunction | undefined {
  if (handler instanceof LambdaFunction) return handler;
  if (handler instanceof SingletonFunction) return theOneOf(handler);
  // An alias or a version, imported ones too.
  return "lambda" in handler ? functionBehind(handler.lambda as IFunction) : undefined;
}

// It is below the stack, for whoever asks first, and it does not say which one it is.
function theOneOf(singleton: SingletonFunction): LambdaFunction | undefined {
  return Stack.of(singleton)
    .node.children.filter((child) => child instanceof LambdaFunction)
    .find(({ functionArn }) => functionArn === singleton.functionArn);
}

export function timeoutOf(scope: Construct, handler: IFunction, given: Duration | undefined): Duration {
  const fn = functionBehind(handler);
  checkSeconds(scope, "handlerTimeout", given, timeoutRange);
  if (fn === undefined && given === undefined)
    refuse(scope, "handlerTimeout", "missing", "an imported function does not tell its timeout; give it");
  const own = fn === undefined ? undefined : ownTimeout(fn);
  if (given === undefined) return own ?? defaultTimeout;
  if (own !== undefined && !own.isUnresolved() && !given.isUnresolved() && own.toSeconds() !== given.toSeconds())
    refuse(scope, "handlerTimeout", given, `the function says ${own.toHumanString()}; leave this out`);
  return given;
}

/** As the template has it in the end; the one that was known before, where that is a token now or the function is imported. */
export function timeoutInTheEnd(handler: IFunction, before: Duration): Duration {
  const fn = functionBehind(handler);
  const now = fn === undefined ? before : ownTimeout(fn);
  return now.isUnresolved() ? before : now;
}

function ownTimeout(fn: LambdaFunction): Duration {
  const child = fn.node.defaultChild;
  const seconds = CfnFunction.isCfnFunction(child) ? child.timeout : undefined;
  return seconds === undefined ? defaultTimeout : Duration.seconds(seconds);
}

/** Reserved concurrency; `undefined` where there is none or it is not known. */
export function reservedConcurrencyOf(handler: IFunction): number | undefined {
  const child = functionBehind(handler)?.node.defaultChild;
  return CfnFunction.isCfnFunction(child) ? known(numberOf(child.reservedConcurrentExecutions)) : undefined;
}

function numberOf(value: number | IResolvable | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** `undefined` for an imported function. Not by `logGroup`, which may add a custom resource to the stack. */
export function logGroupNameOf(handler: IFunction): string | undefined {
  const fn = functionBehind(handler);
  const child = fn?.node.defaultChild;
  if (fn === undefined || !CfnFunction.isCfnFunction(child)) return undefined;
  const { loggingConfig } = child;
  const given = loggingConfig !== undefined && "logGroup" in loggingConfig ? loggingConfig.logGroup : undefined;
  return given ?? `/aws/lambda/${fn.functionName}`;
}
