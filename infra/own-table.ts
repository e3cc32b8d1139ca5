// A table that somebody else has made: what of it can be seen here has to fit.
import { Stack, Token } from "aws-cdk-lib";
import { CfnGlobalTable, CfnTable, type ITable } from "aws-cdk-lib/aws-dynamodb";
import type { IConstruct } from "constructs";
import { partitionKey, sortKey, timeToLiveAttribute } from "../src/dynamodb/table.ts";
import { refuse, warn } from "./findings.ts";

/** What of a table's template matters here. Numbers and texts may be tokens; what is not an object was not written as one. */
interface Seen {
  readonly keySchema: unknown;
  readonly attributeDefinitions: unknown;
  readonly timeToLiveSpecification: unknown;
  readonly recovery: unknown;
  readonly multiRegionConsistency?: string | undefined;
  readonly replicas: number;
}

/** Checks a table of one's own as far as it is a construct of this app; of an imported one nothing is known. */
export function checkOwnTable(scope: IConstruct, table: ITable): void {
  const seen = seenOf(table);
  if (seen === undefined) return;
  checkKey(scope, seen, partitionKey, "HASH");
  checkKey(scope, seen, sortKey, "RANGE");
  checkRegions(scope, seen);
  checkTimeToLive(scope, seen);
  checkRecovery(scope, seen);
}

function seenOf(table: ITable): Seen | undefined {
  const child = table.node.defaultChild;
  const resolve = (value: unknown): unknown => Stack.of(table).resolve(value);
  if (CfnGlobalTable.isCfnGlobalTable(child)) {
    const replicas = (resolve(child.replicas) ?? []) as Record<string, unknown>[];
    const here = replicas.find(({ region }) => JSON.stringify(region) === JSON.stringify(resolve(Stack.of(table).region))) ?? replicas[0];
    return {
      ...common(child, resolve),
      recovery: here?.["pointInTimeRecoverySpecification"],
      multiRegionConsistency: child.multiRegionConsistency,
      replicas: replicas.length,
    };
  }
  if (!CfnTable.isCfnTable(child)) return undefined;
  return { ...common(child, resolve), recovery: resolve(child.pointInTimeRecoverySpecification), replicas: 1 };
}

function common(child: CfnTable | CfnGlobalTable, resolve: (value: unknown) => unknown) {
  return {
    keySchema: resolve(child.keySchema),
    attributeDefinitions: resolve(child.attributeDefinitions),
    timeToLiveSpecification: resolve(child.timeToLiveSpecification),
  };
}

function checkKey(scope: IConstruct, { keySchema, attributeDefinitions }: Seen, name: string, keyType: "HASH" | "RANGE"): void {
  const found = entries(keySchema).find((key) => key["keyType"] === keyType)?.["attributeName"];
  const allowed = `the ${keyType === "HASH" ? "partition" : "sort"} key has to be the string "${name}"`;
  if (found !== name) refuse(scope, `table.${keyType === "HASH" ? "partitionKey" : "sortKey"}`, found ?? "missing", allowed);
  const type = entries(attributeDefinitions).find((attribute) => attribute["attributeName"] === name)?.["attributeType"];
  if (type !== "S") refuse(scope, `table.${keyType === "HASH" ? "partitionKey" : "sortKey"}.type`, type, allowed);
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
function checkRegions(scope: IConstruct, { multiRegionConsistency, replicas }: Seen): void {
  if (multiRegionConsistency === "STRONG")
    refuse(
      scope,
      "table.multiRegionConsistency",
      "STRONG",
      "such a table has no TTL, and its records would stay for ever; take EVENTUAL, or one region",
    );
  if (replicas > 1)
    warn(scope, {
      id: "lambda-once:replicas",
      message: `The table has ${replicas} replicas, each of which takes a claim of its own until they meet; one region at a time should deliver. A conditional put looks at its own region's item only.`,
      context: { replicas },
    });
}

function checkTimeToLive(scope: IConstruct, { timeToLiveSpecification }: Seen): void {
  const { attributeName, enabled } = (timeToLiveSpecification ?? {}) as { attributeName?: unknown; enabled?: unknown };
  if (attributeName === timeToLiveAttribute && enabled !== false) return;
  if (Token.isUnresolved(attributeName)) return;
  refuse(
    scope,
    "table.timeToLiveAttribute",
    attributeName ?? "missing",
    `records would stay for ever; it has to be "${timeToLiveAttribute}"`,
  );
}

function checkRecovery(scope: IConstruct, { recovery }: Seen): void {
  if (((recovery ?? {}) as { pointInTimeRecoveryEnabled?: unknown }).pointInTimeRecoveryEnabled) return;
  warnOfRecovery(scope, "The table has no point-in-time recovery");
}

/** Records without point-in-time recovery: cdk-nag looks at tables of version 1 only. */
export function warnOfRecovery(scope: IConstruct, what: string): void {
  warn(scope, {
    id: "lambda-once:point-in-time-recovery",
    message: `${what}; it should be on: records that are lost are work that runs again, and nothing else brings them back.`,
    context: { pointInTimeRecovery: "off" },
  });
}

function entries(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
