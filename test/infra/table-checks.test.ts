// What of a table can be seen has to fit: of one that somebody else has made, and of the created one when it was changed afterwards.
import { Aspects, aws_dynamodb as dynamodb, CfnParameter, RemovalPolicy, type Stack, Validations } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { IdempotencyTable } from "../../infra/index.ts";
import { env, messageOf, newStack, warningIds, warningsOf } from "./support.ts";

const string = dynamodb.AttributeType.STRING;
const keys = { partitionKey: { name: "pk", type: string }, sortKey: { name: "sk", type: string } };
const good = { ...keys, timeToLiveAttribute: "expiresAt", pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true } };

const makers = {
  Table: (stack: Stack, props: Partial<dynamodb.TableProps> = {}): dynamodb.ITable =>
    new dynamodb.Table(stack, "Own", { ...good, billingMode: dynamodb.BillingMode.PAY_PER_REQUEST, ...props }) as dynamodb.ITable,
  TableV2: (stack: Stack, props: Partial<dynamodb.TablePropsV2> = {}): dynamodb.ITable =>
    new dynamodb.TableV2(stack, "Own", { ...good, ...props }) as dynamodb.ITable,
};

describe.each(Object.entries(makers))("%s", (_, make) => {
  const adopted = (stack: Stack, props: object = {}) => new IdempotencyTable(stack, "Idempotency", { table: make(stack, props) });

  it("that fits is taken as it is", () => {
    const stack = newStack({ env });
    const { table } = adopted(stack);
    expect(table.node.path).toBe("Stack/Own");
    expect(warningIds(stack)).toEqual([]);
  });

  it.each([
    [
      "another partition key",
      { partitionKey: { name: "id", type: string } },
      'table.partitionKey is id: the runtime\'s records have it; name it "pk"',
    ],
    ["another sort key", { sortKey: { name: "range", type: string } }, "table.sortKey is range"],
    ["no sort key", { sortKey: undefined }, "table.sortKey is missing"],
    ["a partition key of numbers", { partitionKey: { name: "pk", type: dynamodb.AttributeType.NUMBER } }, "table.partitionKey.type is N"],
    ["a sort key of bytes", { sortKey: { name: "sk", type: dynamodb.AttributeType.BINARY } }, "table.sortKey.type is B"],
    [
      "no TTL",
      { timeToLiveAttribute: undefined },
      'table.timeToLiveAttribute is missing: without it records would stay for ever; give "expiresAt"',
    ],
    ["TTL on another attribute", { timeToLiveAttribute: "ttl" }, "table.timeToLiveAttribute is ttl"],
  ])("with %s is refused", (__, props, message) => {
    expect(messageOf(() => adopted(newStack({ env }), props))).toContain(`Stack/Idempotency: ${message}`);
  });

  it("without point-in-time recovery has a warning", () => {
    const stack = newStack({ env });
    adopted(stack, { pointInTimeRecoverySpecification: undefined });
    expect(warningIds(stack)).toEqual(["lambda-once:point-in-time-recovery"]);
  });

  it("that goes with its stack has a warning", () => {
    const stack = newStack({ env });
    adopted(stack, { removalPolicy: RemovalPolicy.DESTROY });
    expect(warningIds(stack)).toEqual(["lambda-once:table-destroyed"]);
  });

  it("in several regions has a warning", () => {
    const stack = newStack({ env });
    const replicas = make === makers.Table ? { replicationRegions: ["eu-central-1"] } : { replicas: [{ region: "eu-central-1" }] };
    const construct = adopted(stack, replicas);
    expect(warningsOf(stack)[0]?.message).toContain("The table is in 2 regions");
    Validations.of(construct).acknowledge({ id: "lambda-once:replicas", reason: "one region delivers at a time" });
    expect(warningIds(stack)).toEqual([]);
  });
});

it.each([
  ["here only", true, false, []],
  ["elsewhere only", false, true, ["lambda-once:point-in-time-recovery"]],
])("with point-in-time recovery %s", (_, here, elsewhere, ids) => {
  const recovery = (pointInTimeRecoveryEnabled: boolean) => ({ pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled } });
  const stack = newStack({ env });
  const table = makers.TableV2(stack, { ...recovery(here), replicas: [{ region: "eu-central-1", ...recovery(elsewhere) }] });
  new IdempotencyTable(stack, "Idempotency", { table });
  expect(warningIds(stack).filter((id) => id !== "lambda-once:replicas")).toEqual(ids);
});

it("with strong consistency over regions is refused: it has no TTL", () => {
  const table = (stack: Stack) =>
    makers.TableV2(stack, {
      multiRegionConsistency: dynamodb.MultiRegionConsistency.STRONG,
      replicas: [{ region: "eu-central-1" }, { region: "eu-west-2" }],
    });
  const stack = newStack({ env });
  expect(messageOf(() => new IdempotencyTable(stack, "Idempotency", { table: table(stack) }))).toContain(
    "Stack/Idempotency: table.multiRegionConsistency is STRONG: such a table has no TTL",
  );
});

describe("is looked at when the app is finished", () => {
  it("a replica may come later", () => {
    const stack = newStack({ env });
    const table = new dynamodb.TableV2(stack, "Own", good);
    new IdempotencyTable(stack, "Idempotency", { table: table as dynamodb.ITable });
    table.addReplica({ region: "eu-central-1" });
    expect(warningIds(stack)).toEqual(["lambda-once:replicas"]);
  });

  it.each(["before", "after"])("recovery may be turned on by an aspect, with the table %s its construct", (place) => {
    const stack = newStack();
    const [one, other] = [new Construct(stack, "One"), new Construct(stack, "Other")];
    const [of, by] = place === "before" ? [one, other] : [other, one];
    const table = new dynamodb.Table(of, "Own", { ...keys, timeToLiveAttribute: "expiresAt" });
    new IdempotencyTable(by, "Idempotency", { table: table as dynamodb.ITable });
    Aspects.of(stack).add({
      visit(node) {
        if (dynamodb.CfnTable.isCfnTable(node)) node.pointInTimeRecoverySpecification = { pointInTimeRecoveryEnabled: true };
      },
    });
    expect(warningIds(stack)).toEqual([]);
  });
});

describe("a table below its construct", () => {
  const cfnTable = (stack: Stack, props: Partial<dynamodb.CfnTableProps>) => {
    const table = makers.Table(stack);
    Object.assign(table.node.defaultChild as dynamodb.CfnTable, props);
    return table;
  };

  it("is seen as it was changed", () => {
    const stack = newStack();
    const table = cfnTable(stack, { timeToLiveSpecification: { attributeName: "expiresAt", enabled: false } });
    expect(messageOf(() => new IdempotencyTable(stack, "Idempotency", { table }))).toContain("table.timeToLiveAttribute is off");
  });

  it("is taken where only the deployment knows its names", () => {
    const stack = newStack();
    const name = new CfnParameter(stack, "Name").valueAsString;
    const table = cfnTable(stack, {
      keySchema: [
        { attributeName: name, keyType: "HASH" },
        { attributeName: "sk", keyType: "RANGE" },
      ],
      attributeDefinitions: [
        { attributeName: name, attributeType: "S" },
        { attributeName: "sk", attributeType: "S" },
      ],
      timeToLiveSpecification: { attributeName: name, enabled: true },
    });
    new IdempotencyTable(stack, "Idempotency", { table });
    expect(warningIds(stack)).toEqual([]);
  });
});

describe("the table that was created", () => {
  const created = (stack: Stack) => {
    const construct = new IdempotencyTable(stack, "Idempotency");
    const table = construct.table as dynamodb.TableV2;
    return { construct, table, child: table.node.defaultChild as dynamodb.CfnGlobalTable };
  };

  it.each<[id: string, change: (made: ReturnType<typeof created>) => unknown]>([
    ["lambda-once:point-in-time-recovery", ({ child }) => (child.replicas = [{ region: env.region }])],
    ["lambda-once:replicas", ({ table }) => table.addReplica({ region: "eu-central-1" })],
    ["lambda-once:table-destroyed", ({ table }) => table.applyRemovalPolicy(RemovalPolicy.DESTROY)],
  ])("has the warning %s where it was changed", (id, change) => {
    const stack = newStack({ env });
    const made = created(stack);
    change(made);
    expect(warningIds(stack)).toEqual([id]);
    Validations.of(made.construct).acknowledge({ id, reason: "a test" });
    expect(warningIds(stack)).toEqual([]);
  });

  it("is refused at synthesis where its TTL was taken away", () => {
    const stack = newStack({ env });
    created(stack).child.timeToLiveSpecification = { enabled: false };
    expect(messageOf(() => warningIds(stack))).toContain("Stack/Idempotency: table.timeToLiveAttribute is off");
  });
});

describe("what cannot be seen is said, where it is", () => {
  const infos = (stack: Stack) => Annotations.fromStack(stack).findInfo("*", Match.stringLikeRegexp("lambda-once:imported-table"));

  it.each<[name: string, count: number, make: (stack: Stack) => IdempotencyTable]>([
    ["an imported table", 1, (stack) => IdempotencyTable.fromTableName(stack, "Idempotency", "claims")],
    [
      "an imported table of one's own",
      1,
      (stack) => new IdempotencyTable(stack, "Idempotency", { table: dynamodb.Table.fromTableName(stack, "Own", "claims") }),
    ],
    ["a table of the app", 0, (stack) => new IdempotencyTable(stack, "Idempotency", { table: makers.TableV2(stack) })],
    ["a created table", 0, (stack) => new IdempotencyTable(stack, "Idempotency")],
  ])("of %s", (_, count, make) => {
    const stack = newStack({ env });
    make(stack);
    expect(infos(stack).map(({ id }) => id)).toEqual(Array(count).fill("/Stack/Idempotency"));
    expect(warningIds(stack)).toEqual([]);
  });
});
