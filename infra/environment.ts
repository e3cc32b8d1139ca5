// What a function is told of its table and its retention.
import { type Duration, Stack, Tokenization } from "aws-cdk-lib";
import { CfnFunction, type Function } from "aws-cdk-lib/aws-lambda";
import { retentionVariable, tableNameVariable } from "../src/dynamodb/table.ts";
import { refuse } from "./findings.ts";

/** Retentions that this module has set, in seconds: the longest of a function's holds. */
const retentions = new WeakMap<Function, number>();

export interface Environment {
  readonly tableName: string;
  readonly retention?: Duration | undefined;
}

export function setEnvironment(fn: Function, { tableName, retention }: Environment): void {
  refuseOther(fn, tableNameVariable, tableName);
  fn.addEnvironment(tableNameVariable, tableName);
  if (retention === undefined) return;
  const seconds = retention.toSeconds({ integral: true });
  const before = retentions.get(fn);
  if (before === undefined) refuseOther(fn, retentionVariable, Tokenization.stringifyNumber(seconds));
  if (before !== undefined && before >= seconds) return;
  retentions.set(fn, seconds);
  fn.addEnvironment(retentionVariable, Tokenization.stringifyNumber(seconds));
}

function refuseOther(fn: Function, name: string, value: string): void {
  const child = fn.node.defaultChild;
  if (!CfnFunction.isCfnFunction(child)) return;
  const stack = Stack.of(fn);
  const { variables } = (stack.resolve(child.environment) ?? {}) as { variables?: Record<string, unknown> };
  const given = variables?.[name];
  if (given !== undefined && JSON.stringify(given) !== JSON.stringify(stack.resolve(value)))
    refuse(fn, `environment.${name}`, given, "it is set here, to another value; leave it out of the function's environment");
}
