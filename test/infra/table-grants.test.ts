// Who may do what to the table, as a set: nothing less and nothing more.
import { aws_dynamodb as dynamodb, aws_iam as iam, aws_kms as kms, type Stack } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { IdempotencyTable } from "../../infra/index.ts";
import { allowedIn, env, newFunction, newStack } from "./support.ts";

type Grant = "grantClaims" | "grantInspect" | "grantRedrive";

const reads = ["kms:Decrypt", "kms:DescribeKey"];
const writes = [...reads, "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
const grants: [grant: Grant, actions: string[], keyActions: string[]][] = [
  ["grantClaims", ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], writes],
  ["grantInspect", ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Scan"], reads],
  ["grantRedrive", ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], writes],
];

const tableArn = "arn:aws:dynamodb:eu-west-1:111111111111:table/claims";
const keyArn = "arn:aws:kms:eu-west-1:111111111111:key/1";
const string = dynamodb.AttributeType.STRING;

const tables: [name: string, table: (stack: Stack) => IdempotencyTable, on: string][] = [
  ["created", (stack) => new IdempotencyTable(stack, "Idempotency"), "IdempotencyTable"],
  ["imported by name", (stack) => IdempotencyTable.fromTableName(stack, "Idempotency", "claims"), tableArn],
  ["imported by ARN", (stack) => IdempotencyTable.fromTableArn(stack, "Idempotency", tableArn), tableArn],
  [
    "of one's own, with an index",
    (stack) => {
      const table = new dynamodb.TableV2(stack, "Own", {
        partitionKey: { name: "pk", type: string },
        sortKey: { name: "sk", type: string },
        timeToLiveAttribute: "expiresAt",
        globalSecondaryIndexes: [{ indexName: "byOwner", partitionKey: { name: "owner", type: string } }],
      });
      return new IdempotencyTable(stack, "Idempotency", { table: table as dynamodb.ITable });
    },
    "Own",
  ],
];

const on = (actions: readonly string[], resource: string) => actions.map((action) => `${action} on ${resource}`);
describe.each(tables)("a table %s", (_, tableOf, table) => {
  it.each(grants)("%s", (grant, actions) => {
    const stack = newStack({ env });
    tableOf(stack)[grant](newFunction(stack));
    expect(allowedIn(stack)).toEqual(on(actions, table));
  });
});

describe("with a key of one's own", () => {
  const withKey: [name: string, table: (stack: Stack) => IdempotencyTable, on: [table: string, key: string]][] = [
    [
      "created",
      (stack) => new IdempotencyTable(stack, "Idempotency", { encryptionKey: new kms.Key(stack, "Key") }),
      ["IdempotencyTable", "Key"],
    ],
    [
      "imported",
      (stack) =>
        IdempotencyTable.fromTableAttributes(stack, "Idempotency", { tableArn, encryptionKey: kms.Key.fromKeyArn(stack, "Key", keyArn) }),
      [tableArn, keyArn],
    ],
    [
      "of one's own",
      (stack) => {
        const table = new dynamodb.Table(stack, "Own", {
          partitionKey: { name: "pk", type: string },
          sortKey: { name: "sk", type: string },
          timeToLiveAttribute: "expiresAt",
          encryptionKey: new kms.Key(stack, "Key"),
        });
        return new IdempotencyTable(stack, "Idempotency", { table: table as dynamodb.ITable });
      },
      ["Own", "Key"],
    ],
  ];

  describe.each(withKey)("%s", (_, tableOf, [table, key]) => {
    it.each(grants)("%s includes the key", (grant, actions, keyActions) => {
      const stack = newStack({ env });
      tableOf(stack)[grant](newFunction(stack));
      expect(allowedIn(stack)).toEqual([...on(actions, table), ...on(keyActions, key)].sort());
    });
  });

  it("gives what the table's own grants give for the key", () => {
    const keyActions = (grant: (table: dynamodb.TableV2, fn: iam.IGrantable) => void) => {
      const stack = newStack({ env });
      const table = new dynamodb.TableV2(stack, "Own", {
        partitionKey: { name: "pk", type: string },
        encryption: dynamodb.TableEncryptionV2.customerManagedKey(new kms.Key(stack, "Key")),
      });
      grant(table, newFunction(stack));
      return allowedIn(stack).filter((line) => line.startsWith("kms:"));
    };
    expect(keyActions((table, fn) => table.grantReadWriteData(fn))).toEqual(on(writes, "Key"));
    expect(keyActions((table, fn) => table.grantReadData(fn))).toEqual(on(reads, "Key"));
  });
});

it("grants to a role that exists", () => {
  const stack = newStack({ env });
  const role = iam.Role.fromRoleArn(stack, "Role", "arn:aws:iam::111111111111:role/handler");
  new IdempotencyTable(stack, "Idempotency").grantClaims(role);
  expect(allowedIn(stack)).toEqual(on(grants[0]?.[1] ?? [], "IdempotencyTable"));
});
