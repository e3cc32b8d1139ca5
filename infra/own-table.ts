// A table that somebody else has made: what of it can be seen here has to fit.
import { CfnResource, Stack } from "aws-cdk-lib";
import { CfnGlobalTable, CfnTable, type ITable } from "aws-cdk-lib/aws-dynamodb";
import type { Construct, IConstruct } from "constructs";
import { partitionKey, sortKey, timeToLiveAttribute } from "../src/dynamodb/table.ts";
import { type Finding, refuse, warnAtSynthesis } from "./findings.ts";

/** What of a table's template matters here; anything of it may be an object that only the deployment knows. */
interface Seen {
  readonly keySchema: unknown;
  readonly attributeDefinitions: unknown;
  readonly timeToLiveSpecification: unknown;
  readonly recovery: unknown;
  readonly consistency: unknown;
  readonly replicas: number;
}

/** Checks a table of one's own as far as it is a construct of this app; of an imported one nothing is known. */
export function checkOwnTable(scope: Construct, table: ITable): void {
  const seen = seenOf(table);
  if (seen === undefined) return;
  checkKey(scope, seen, "partitionKey", partitionKey);
  checkKey(scope, seen, "sortKey", sortKey);
  checkConsistency(scope, seen);
  checkTimeToLive(scope, seen);
  warnAtSynthesis(scope, () => findingsOf(seenOf(table) ?? seen));
}

function seenOf(table: ITable): Seen | undefined {
  const child = table.node.defaultChild;
  const resolve = (value: unknown): unknown => Stack.of(table).resolve(value);
  if (CfnGlobalTable.isCfnGlobalTable(child)) {
    const replicas = entries(resolve(child.replicas));
    const here = replicas.find(({ region }) => JSON.stringify(region) === JSON.stringify(resolve(Stack.of(table).region)));
    return {
      ...common(child, resolve),
      recovery: here?.["pointInTimeRecoverySpecification"],
      consistency: resolve(child.multiRegionConsistency),
      replicas: replicas.length,
    };
  }
  if (!CfnTable.isCfnTable(child)) return undefined;
  return {
    ...common(child, resolve),
    recovery: resolve(child.pointInTimeRecoverySpecification),
    consistency: undefined,
    replicas: 1 + table.node.findAll().filter(isReplica).length,
  };
}

function common(child: CfnTable | CfnGlobalTable, resolve: (value: unknown) => unknown) {
  return {
    keySchema: resolve(child.keySchema),
    attributeDefinitions: resolve(child.attributeDefinitions),
    timeToLiveSpecification: resolve(child.timeToLiveSpecification),
  };
}

// How version 1 of the table's construct makes its replicas.
function isReplica(node: IConstruct): boolean {
  return CfnResource.isCfnResource(node) && node.cfnResourceType === "Custom::DynamoDBReplica";
}

function checkKey(scope: IConstruct, { keySchema, attributeDefinitions }: Seen, prop: "partitionKey" | "sortKey", name: string): void {
  const keyType = prop === "partitionKey" ? "HASH" : "RANGE";
  const found = entries(keySchema).find((key) => key["keyType"] === keyType)?.["attributeName"];
  if (!mayBe(found, name)) refuse(scope, `table.${prop}`, found ?? "missing", `the runtime's records have it; name it "${name}"`);
  const type = entries(attributeDefinitions).find((attribute) => attribute["attributeName"] === name)?.["attributeType"];
  if (found === name && !mayBe(type, "S"))
    refuse(scope, `table.${prop}.type`, type, "the runtime writes strings; give AttributeType.STRING");
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
function checkConsistency(scope: IConstruct, { consistency }: Seen): void {
  if (consistency !== "STRONG") return;
  const allowed = "such a table has no TTL, and its records would stay for ever; take EVENTUAL, or one region";
  refuse(scope, "table.multiRegionConsistency", consistency, allowed);
}

function checkTimeToLive(scope: IConstruct, { timeToLiveSpecification }: Seen): void {
  const { attributeName, enabled } = (timeToLiveSpecification ?? {}) as { attributeName?: unknown; enabled?: unknown };
  const given = enabled === false ? "off" : (attributeName ?? "missing");
  if (mayBe(given, timeToLiveAttribute)) return;
  refuse(scope, "table.timeToLiveAttribute", given, `without it records would stay for ever; give "${timeToLiveAttribute}"`);
}

function findingsOf({ replicas, recovery }: Seen): readonly Finding[] {
  const { pointInTimeRecoveryEnabled } = (recovery ?? {}) as { pointInTimeRecoveryEnabled?: unknown };
  return [
    ...(replicas > 1 ? [severalRegions(replicas)] : []),
    ...(pointInTimeRecoveryEnabled ? [] : [noRecovery("The table has no point-in-time recovery")]),
  ];
}

function severalRegions(replicas: number): Finding {
  return {
    id: "lambda-once:replicas",
    message: `The table is in ${replicas} regions; deliveries should go to one of them at a time: a claim looks at the item of its own region only, and two regions would both run.`,
    context: { replicas },
  };
}

/** cdk-nag looks at tables of version 1 only. */
export function noRecovery(what: string): Finding {
  return {
    id: "lambda-once:point-in-time-recovery",
    message: `${what}; it should be on: records that are lost are work that runs again, and nothing else brings them back.`,
    context: { pointInTimeRecovery: "off" },
  };
}

/** Whether a value of a resolved template is this text, or only the deployment knows. */
function mayBe(value: unknown, text: string): boolean {
  return value === text || (typeof value === "object" && value !== null);
}

function entries(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
