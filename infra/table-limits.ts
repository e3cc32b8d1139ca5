// Props of the table that contradict each other, or that would be taken and mean something else.
import { FeatureFlags, RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import type { IAlias, IKey } from "aws-cdk-lib/aws-kms";
import { KMS_APPLY_IMPORTED_ALIAS_PERMISSIONS_TO_PRINCIPAL as aliasGrants } from "aws-cdk-lib/cx-api";
import type { Construct } from "constructs";
import { refuse } from "./findings.ts";
import { checkNames } from "./names.ts";
import { type IdempotencyTableProps, tablePropNames } from "./table-props.ts";

export function checkTableProps(scope: Construct, props: IdempotencyTableProps): void {
  checkNames(scope, props, tablePropNames);
  if (props.table === undefined) checkCreated(scope, props);
  else checkAdopted(scope, props);
}

function checkCreated(scope: Construct, props: IdempotencyTableProps): void {
  const { tableName, encryptionKey, deletionProtection, removalPolicy } = props;
  checkName(scope, "tableName", tableName);
  if (removalPolicy === RemovalPolicy.DESTROY && deletionProtection)
    refuse(scope, "deletionProtection", true, "with removalPolicy DESTROY the stack could not be deleted; leave one of them out");
  if (encryptionKey !== undefined && Token.isUnresolved(Stack.of(scope).region)) {
    const allowed = "TableV2 writes a key into a stack of a known region only; give the stack env: { region }, or a table of your own";
    refuse(scope, "encryptionKey", encryptionKey, allowed);
  }
  checkEncryptionKey(scope, "encryptionKey", encryptionKey);
  for (const name of ["maxReadRequestUnits", "maxWriteRequestUnits"] as const) checkCeiling(scope, name, props[name]);
}

function checkAdopted(scope: Construct, { table, ...others }: IdempotencyTableProps): void {
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) refuse(scope, name, value, "a table of your own has its own settings; leave this out, or leave out table");
  checkName(scope, "table.tableName", table?.tableName);
  checkEncryptionKey(scope, "table.encryptionKey", table?.encryptionKey);
}

function checkName(scope: Construct, path: string, name: string | undefined): void {
  if (name?.startsWith("arn:")) refuse(scope, path, name, "a name has no ARN in it; take IdempotencyTable.fromTableArn");
}

function checkEncryptionKey(scope: Construct, path: string, key: IKey | undefined): void {
  if (key === undefined || !isAliasByName(key) || FeatureFlags.of(key).isEnabled(aliasGrants)) return;
  const allowed = `an alias by its name grants nothing, and no function could use the table; give the key itself, or turn on the feature flag ${aliasGrants}`;
  refuse(scope, path, key, allowed);
}

// Nothing else tells it from an alias whose key is known.
function isAliasByName(key: IKey): boolean {
  try {
    return "aliasName" in key && (key as IAlias).aliasTargetKey === undefined;
  } catch {
    return true;
  }
}

// CDK takes 0 for no ceiling at all.
function checkCeiling(scope: Construct, name: string, units: number | undefined): void {
  if (units === undefined || Token.isUnresolved(units) || (Number.isInteger(units) && units >= 1)) return;
  refuse(scope, name, units, "give a whole number of at least 1, or leave it out");
}
