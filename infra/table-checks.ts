// What of a table can be seen here has to fit: of one's own, and of the one that was created, which may be changed afterwards.
import { Annotations, CfnDeletionPolicy, CfnResource, Stack } from "aws-cdk-lib";
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
  readonly isDestroyed: boolean;
}

/** Checks a table as far as it is a construct of this app, now and at synthesis; of an imported one nothing is known. */
export function checkTable(scope: Construct, table: ITable): void {
  const seen = seenOf(table);
  if (seen === undefined) return sayUnseen(scope);
  check(scope, seen);
  warnAtSynthesis(scope, () => {
    const inTheEnd = seenOf(table) ?? seen;
    check(scope, inTheEnd);
    return findingsOf(inTheEnd);
  });
}

function sayUnseen(scope: Construct): void {
  const message = `Of an imported table nothing can be seen here: its keys should be the strings ${partitionKey} and ${sortKey}, and its TTL on ${timeToLiveAttribute}, without which records stay for ever.`;
  Annotations.of(scope).addInfoV2("lambda-once:imported-table", message);
}

function check(scope: Construct, seen: Seen): void {
  checkKey(scope, seen, "partitionKey", partitionKey);
  checkKey(scope, seen, "sortKey", sortKey);
  checkConsistency(scope, seen);
  checkTimeToLive(scope, seen);
}

function seenOf(table: ITable): Seen | undefined {
  const child = table.node.defaultChild;
  const resolve = (value: unknown): unknown => Stack.of(table).resolve(value);
  if (CfnGlobalTable.isCfnGlobalTable(child)) {
    // A replica in another account: what it is like is said where the table is.
    if (child.globalTableSourceArn !== undefined) return undefined;
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
    isDestroyed: child.cfnOptions.deletionPolicy === CfnDeletionPolicy.DELETE,
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

function findingsOf({ replicas, recovery, isDestroyed }: Seen): readonly Finding[] {
  const { pointInTimeRecoveryEnabled } = (recovery ?? {}) as { pointInTimeRecoveryEnabled?: unknown };
  return [
    ...(replicas > 1 ? [severalRegions(replicas)] : []),
    ...(pointInTimeRecoveryEnabled ? [] : [noRecovery]),
    ...(isDestroyed ? [destroyed] : []),
  ];
}

function severalRegions(replicas: number): Finding {
  return {
    id: "lambda-once:replicas",
    message: `The table is in ${replicas} regions; deliveries should go to one of them at a time: a claim looks at the item of its own region only, and two regions would both run.`,
    context: { replicas },
  };
}

// cdk-nag looks at tables of version 1 only.
const noRecovery: Finding = {
  id: "lambda-once:point-in-time-recovery",
  message:
    "The table has no point-in-time recovery; it should be on: records that are lost are work that runs again, and nothing else brings them back.",
  context: { pointInTimeRecovery: "off" },
};

const destroyed: Finding = {
  id: "lambda-once:table-destroyed",
  message:
    "The table's removalPolicy is DESTROY, so that all records go with the stack; it should be RETAIN where a second run costs something: what is delivered again after that runs again.",
  context: { removalPolicy: "destroy" },
};

/** Whether a value of a resolved template is this text, or only the deployment knows. */
function mayBe(value: unknown, text: string): boolean {
  return value === text || (typeof value === "object" && value !== null);
}

function entries(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
