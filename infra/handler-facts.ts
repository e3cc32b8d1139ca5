// What can be known here of a function: an alias and a version stand for the function behind them.
import { Duration, type IResolvable } from "aws-cdk-lib";
import { Alias, CfnFunction, Function as LambdaFunction, type IFunction, Version } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { refuse } from "./findings.ts";
import { known } from "./queue-facts.ts";

/** Lambda's, where a function has none. */
const defaultTimeout = Duration.seconds(3);

/** The function whose environment can be set; `undefined` for an imported one. */
export function functionBehind(handler: IFunction): LambdaFunction | undefined {
  if (handler instanceof LambdaFunction) return handler;
  if (handler instanceof Alias) return functionBehind(handler.lambda);
  if (handler instanceof Version) return functionBehind(handler.lambda);
  return undefined;
}

export function timeoutOf(scope: Construct, handler: IFunction, given: Duration | undefined): Duration {
  const fn = functionBehind(handler);
  if (fn === undefined && given === undefined)
    refuse(scope, "handlerTimeout", "missing", "an imported function does not tell its timeout; give it");
  const own = fn === undefined ? undefined : (fn.timeout ?? defaultTimeout);
  if (given === undefined) return own ?? defaultTimeout;
  if (own !== undefined && !own.isUnresolved() && !given.isUnresolved() && own.toSeconds() !== given.toSeconds())
    refuse(scope, "handlerTimeout", given.toHumanString(), `the function says ${own.toHumanString()}; leave this out`);
  return given;
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
