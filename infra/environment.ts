// What a function is told of its table and its retention.
import { type Duration, Stack, Token, Tokenization } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { CfnFunction, type Function, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { IConstruct } from "constructs";
import { retentionVariable, tableNameVariable } from "../src/dynamodb/table.ts";
import { checkSeconds, secondsOf } from "./durations.ts";
import { type Finding, refuse, warnAtSynthesis } from "./findings.ts";
import { identityOf } from "./identity.ts";

export interface Environment {
  readonly tableName: string;
  readonly retention?: Duration | undefined;
}

// What the runtime takes.
const retentionRange = { atLeastSeconds: 1, atMostSeconds: 10 * 365 * 86_400, allowed: "1 s to 10 years" };

export function checkRetention(scope: IConstruct, retention: Duration | undefined): void {
  checkSeconds(scope, "retention", retention, retentionRange);
}

/** The runtime is told a name, which it looks for where it runs. */
export function checkPlace(scope: IConstruct, table: ITable, fn: IFunction): void {
  for (const name of ["region", "account"] as const) {
    const [its, own] = [table.env[name], fn.env[name]];
    if (its === own || Token.isUnresolved(its) || Token.isUnresolved(own)) continue;
    const allowed = `it is in the ${name} ${its}, and ${fn.node.path}, which would look for its name there, in ${own}; take a table of that ${name}`;
    refuse(scope, "table", table, allowed);
  }
}

/** What this module has set. */
const told = new WeakMap<Function, Environment>();

/** Of several retentions the longest one holds. */
export function setEnvironment(fn: Function, { tableName, retention }: Environment): void {
  const before = told.get(fn);
  if (before === undefined) refuseOther(fn, tableNameVariable, tableName);
  else if (identityOf(before.tableName, fn) !== identityOf(tableName, fn))
    refuse(fn, `environment.${tableNameVariable}`, rendered(fn, before.tableName), "a function has one table; bind it to that one only");
  fn.addEnvironment(tableNameVariable, tableName);
  const longest = longestOf(fn, before?.retention, retention);
  if (longest !== undefined) {
    const seconds = Tokenization.stringifyNumber(longest.toSeconds());
    if (before?.retention === undefined) refuseOther(fn, retentionVariable, seconds);
    fn.addEnvironment(retentionVariable, seconds);
  }
  told.set(fn, { tableName, retention: longest });
  if (before === undefined) warnAtSynthesis(fn, () => changedIn(fn));
}

/** What somebody else has set since: the last one wins, without a word. */
function changedIn(fn: Function): readonly Finding[] {
  const { tableName, retention } = told.get(fn) ?? {};
  const wanted = {
    [tableNameVariable]: tableName,
    [retentionVariable]: retention && Tokenization.stringifyNumber(retention.toSeconds()),
  };
  return Object.entries(wanted).flatMap(([name, value]) => {
    const given = variableOf(fn, name);
    return value === undefined || given === rendered(fn, value) ? [] : [changed(fn, name, value, given)];
  });
}

function changed(fn: Function, variable: string, value: string, given = "missing"): Finding {
  return {
    id: "lambda-once:environment-changed",
    message: `${variable} was set to ${rendered(fn, value)} for this function, and is ${given} now; it should stay: the runtime's records would be elsewhere, or answer for another time.`,
    context: { variable },
  };
}

function longestOf(fn: Function, before: Duration | undefined, now: Duration | undefined): Duration | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  // A token is equal to itself.
  if (before.toSeconds() === now.toSeconds()) return before;
  const [beforeSeconds, nowSeconds] = [secondsOf(before), secondsOf(now)];
  if (beforeSeconds !== undefined && nowSeconds !== undefined) return beforeSeconds > nowSeconds ? before : now;
  return refuse(
    fn,
    "retention",
    now,
    `the function has ${before.toHumanString()} from somebody else, and which one is longer is known at deployment only; give both the same`,
  );
}

/** Sets a variable that the function has not, or has with this value. */
export function setVariable(fn: Function, name: string, value: string): void {
  refuseOther(fn, name, value);
  fn.addEnvironment(name, value);
}

function refuseOther(fn: Function, name: string, value: string): void {
  const given = variableOf(fn, name);
  const wanted = rendered(fn, value);
  if (given !== undefined && given !== wanted)
    refuse(fn, `environment.${name}`, given, `it is set here, to ${wanted}; leave it out of the function's environment`);
}

/** As `rendered`; `undefined` where the function does not have it. */
function variableOf(fn: Function, name: string): string | undefined {
  const child = fn.node.defaultChild;
  if (!CfnFunction.isCfnFunction(child)) return undefined;
  const { variables } = (Stack.of(fn).resolve(child.environment) ?? {}) as { variables?: Record<string, unknown> };
  return variables?.[name] === undefined ? undefined : JSON.stringify(variables[name]);
}

function rendered(fn: Function, value: string): string {
  return JSON.stringify(Stack.of(fn).resolve(value));
}
