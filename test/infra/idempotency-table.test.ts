import { aws_dynamodb as dynamodb, aws_kms as kms, RemovalPolicy, type Stack, Validations } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { IdempotencyTable, type IdempotencyTableProps } from "../../infra/index.ts";
import {
  allowedIn,
  env,
  messageOf,
  newApp,
  newFunction,
  newStack,
  propertiesOf,
  resourcesOf,
  runtimeNames,
  warningIds,
  warningsOf,
} from "./support.ts";

const tables = "AWS::DynamoDB::GlobalTable";
const arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/claims";

function made(props?: IdempotencyTableProps): Stack {
  const stack = newStack();
  new IdempotencyTable(stack, "Idempotency", props);
  return stack;
}

const replicaOf = (stack: Stack) => (propertiesOf(stack, tables)["Replicas"] as Record<string, unknown>[])[0];

describe("the table that is created", () => {
  it("has the names that the runtime uses, TTL, and nothing beside", () => {
    const { Replicas, ...properties } = propertiesOf(made(), tables);
    expect(properties).toEqual({ ...runtimeNames, BillingMode: "PAY_PER_REQUEST" });
    expect(Replicas).toEqual([
      {
        Region: { Ref: "AWS::Region" },
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    ]);
  });

  it("stays when its stack goes, and warns of nothing", () => {
    const stack = made();
    Template.fromStack(stack).hasResource(tables, { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    expect(warningIds(stack)).toEqual([]);
  });

  it("is the only resource", () => {
    expect(Object.keys(Template.fromStack(made()).toJSON()["Resources"] as object)).toHaveLength(1);
  });

  it("has the name and the ceilings that it is given", () => {
    const stack = made({ tableName: "claims", maxReadRequestUnits: 50, maxWriteRequestUnits: 100 });
    Template.fromStack(stack).hasResourceProperties(tables, {
      TableName: "claims",
      WriteOnDemandThroughputSettings: { MaxWriteRequestUnits: 100 },
    });
    expect(replicaOf(stack)).toMatchObject({ ReadOnDemandThroughputSettings: { MaxReadRequestUnits: 50 } });
  });

  it("is encrypted by the key that it is given, whose policy stays as it is", () => {
    const without = newStack({ env });
    new kms.Key(without, "Key");
    const withTable = newStack({ env });
    new IdempotencyTable(withTable, "Idempotency", { encryptionKey: new kms.Key(withTable, "Key") });
    expect(propertiesOf(withTable, "AWS::KMS::Key")).toEqual(propertiesOf(without, "AWS::KMS::Key"));
    Template.fromStack(withTable).hasResourceProperties(tables, {
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      Replicas: [Match.objectLike({ SSESpecification: { KMSMasterKeyId: Match.anyValue() } })],
    });
  });

  const aliasGrants = { "@aws-cdk/aws-kms:applyImportedAliasPermissionsToPrincipal": true };
  it.each<[name: string, context: Record<string, unknown>, key: (stack: Stack) => kms.IKey, granted: RegExp]>([
    ["an alias of the app", {}, (stack) => new kms.Key(stack, "Key").addAlias("claims"), /^kms:Decrypt on Key$/],
    [
      "an alias by its name, where it grants",
      aliasGrants,
      (stack) => kms.Alias.fromAliasName(stack, "Alias", "alias/claims"),
      /^kms:Decrypt on .+key\/\*$/,
    ],
    [
      "an imported key",
      {},
      (stack) => kms.Key.fromKeyArn(stack, "Key", "arn:aws:kms:eu-west-1:111111111111:key/one"),
      /^kms:Decrypt on .+key\/one$/,
    ],
  ])("is encrypted by %s, which is granted", (_, context, keyOf, granted) => {
    const stack = newStack({ app: newApp(context), env });
    new IdempotencyTable(stack, "Idempotency", { encryptionKey: keyOf(stack) }).bind(newFunction(stack));
    expect(allowedIn(stack).filter((line) => granted.test(line))).toHaveLength(1);
  });

  it("goes with its stack only where that is asked for, and says what goes with it", () => {
    const stack = made({ removalPolicy: RemovalPolicy.DESTROY });
    Template.fromStack(stack).hasResource(tables, { DeletionPolicy: "Delete" });
    expect(replicaOf(stack)).toMatchObject({ DeletionProtectionEnabled: false });
    expect(warningIds(stack)).toEqual(["lambda-once:table-destroyed"]);
    expect(warningsOf(stack)[0]?.message).toContain("removalPolicy is DESTROY");
  });

  it("may be without protection from deletion", () => {
    expect(replicaOf(made({ deletionProtection: false }))).toMatchObject({ DeletionProtectionEnabled: false });
  });

  it("warns where it has no point-in-time recovery", () => {
    const stack = made({ pointInTimeRecovery: false });
    expect(replicaOf(stack)).toMatchObject({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } });
    expect(warningIds(stack)).toEqual(["lambda-once:point-in-time-recovery"]);
  });

  it("is quiet where its warnings are acknowledged", () => {
    const stack = newStack();
    const table = new IdempotencyTable(stack, "Idempotency", { removalPolicy: RemovalPolicy.DESTROY, pointInTimeRecovery: false });
    Validations.of(table).acknowledge(
      { id: "lambda-once:table-destroyed", reason: "a test" },
      { id: "lambda-once:point-in-time-recovery", reason: "a test" },
    );
    expect(warningIds(stack)).toEqual([]);
  });
});

describe("props that contradict each other", () => {
  const table = (stack: Stack) => dynamodb.TableV2.fromTableName(stack, "Own", "claims");
  it.each<[name: string, props: (stack: Stack) => IdempotencyTableProps, message: string[]]>([
    [
      "deletionProtection with DESTROY",
      () => ({ deletionProtection: true, removalPolicy: RemovalPolicy.DESTROY }),
      ["deletionProtection is true", "DESTROY", "leave one of them out"],
    ],
    [
      "encryptionKey in a stack without a region",
      (stack) => ({ encryptionKey: new kms.Key(stack, "Key") }),
      ["encryptionKey is Stack/Key", "give the stack env: { region }"],
    ],
    [
      "encryptionKey that is an alias by its name",
      (stack) => ({ encryptionKey: kms.Alias.fromAliasName(stack, "Alias", "alias/claims") }),
      ["encryptionKey is Stack/Alias", "grants nothing", "give the key itself"],
    ],
    [
      "a table whose key is an alias by its name",
      (stack) => {
        const encryptionKey = kms.Alias.fromAliasName(stack, "Alias", "alias/claims");
        return { table: dynamodb.TableV2.fromTableAttributes(stack, "Own", { tableName: "claims", encryptionKey }) };
      },
      ["table.encryptionKey is Stack/Alias", "grants nothing"],
    ],
    ["tableName that is an ARN", () => ({ tableName: arn }), [`tableName is ${arn}`, "take IdempotencyTable.fromTableArn"]],
    [
      "a table whose name is an ARN",
      (stack) => ({ table: dynamodb.TableV2.fromTableName(stack, "Own", arn) }),
      [`table.tableName is ${arn}`, "take IdempotencyTable.fromTableArn"],
    ],
    ["tableName with table", (stack) => ({ table: table(stack), tableName: "x" }), ["tableName is x", "leave out table"]],
    [
      "encryptionKey with table",
      (stack) => ({ table: table(stack), encryptionKey: new kms.Key(stack, "Key") }),
      ["encryptionKey is Stack/Key", "leave out table"],
    ],
    ["pointInTimeRecovery with table", (stack) => ({ table: table(stack), pointInTimeRecovery: true }), ["pointInTimeRecovery is true"]],
    ["deletionProtection with table", (stack) => ({ table: table(stack), deletionProtection: true }), ["deletionProtection is true"]],
    ["removalPolicy with table", (stack) => ({ table: table(stack), removalPolicy: RemovalPolicy.RETAIN }), ["removalPolicy is retain"]],
    ["a ceiling of 0", () => ({ maxReadRequestUnits: 0 }), ["maxReadRequestUnits is 0", "at least 1"]],
    ["a ceiling that is no number", () => ({ maxWriteRequestUnits: Number.NaN }), ["maxWriteRequestUnits is NaN", "at least 1"]],
    ["maxReadRequestUnits with table", (stack) => ({ table: table(stack), maxReadRequestUnits: 5 }), ["maxReadRequestUnits is 5"]],
    ["maxWriteRequestUnits with table", (stack) => ({ table: table(stack), maxWriteRequestUnits: 5 }), ["maxWriteRequestUnits is 5"]],
  ])("%s", (name, props, message) => {
    const stack = newStack(name.endsWith("without a region") ? {} : { env });
    const thrown = messageOf(() => new IdempotencyTable(stack, "Idempotency", props(stack)));
    for (const part of ["Stack/Idempotency: ", ...message]) expect(thrown).toContain(part);
  });
});

describe("a table that exists", () => {
  it.each<[name: string, from: (stack: Stack, id: string) => IdempotencyTable]>([
    ["by its name", (stack, id) => IdempotencyTable.fromTableName(stack, id, "claims")],
    ["by its ARN", (stack, id) => IdempotencyTable.fromTableArn(stack, id, arn)],
    ["by its attributes", (stack, id) => IdempotencyTable.fromTableAttributes(stack, id, { tableName: "claims" })],
  ])("%s, twice in one scope", (_, from) => {
    const stack = newStack();
    expect([from(stack, "One"), from(stack, "Two")].map(({ table }) => table.tableName)).toEqual(["claims", "claims"]);
    expect(warningIds(stack)).toEqual([]);
    expect(resourcesOf(stack, tables)).toEqual({});
  });

  it("has a name or an ARN, and not both", () => {
    const from = (attributes: object) => messageOf(() => IdempotencyTable.fromTableAttributes(newStack(), "Claims", attributes));
    expect(from({})).toContain("tableName");
    expect(from({ tableArn: arn, tableName: "claims" })).toContain("tableName");
  });
});
