// What is refused where nobody has checked the types, and where a function or a table is elsewhere than it would be looked for.
import { aws_dynamodb as dynamodb, aws_lambda as lambda, Duration } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { IdempotencyTable, IdempotentQueueConsumer } from "../../infra/index.ts";
import { allowedIn, env, messageOf, newApp, newConsumer, newFunction, newStack, propertiesOf, warningIds } from "./support.ts";

describe("without types", () => {
  const consumer = (props: unknown) => messageOf(() => new IdempotentQueueConsumer(newStack({ env }), "Orders", props as never));
  const parts = () => {
    const stack = newStack({ env, id: "Parts" });
    return { idempotencyTable: new IdempotencyTable(stack, "Idempotency"), handler: newFunction(stack) };
  };

  it.each<[name: string, props: () => unknown, message: string]>([
    ["no props", () => undefined, "idempotencyTable is missing: give an IdempotencyTable"],
    ["no idempotencyTable", () => ({ ...parts(), idempotencyTable: undefined }), "idempotencyTable is missing"],
    [
      "a table of DynamoDB",
      () => ({ ...parts(), idempotencyTable: parts().idempotencyTable.table }),
      "idempotencyTable is Parts/Idempotency/Table: give an IdempotencyTable",
    ],
    ["no handler", () => ({ ...parts(), handler: undefined }), "handler is missing: give a function"],
    ["a name for a handler", () => ({ ...parts(), handler: "orders" }), "handler is orders: give a function"],
    [
      "a prop that is misspelt",
      () => ({ ...parts(), maxConcurency: 5 }),
      "maxConcurency is 5: there is no such prop; there are idempotencyTable, ",
    ],
  ])("a consumer of %s is refused", (_, props, message) => {
    expect(consumer(props())).toContain(`Stack/Orders: ${message}`);
  });

  it("the allowed props are named", () => {
    expect(consumer({ ...parts(), maxConcurency: 5 })).toContain(" maxConcurrency,");
  });

  it("a prop that is not given is none", () => {
    newConsumer(newStack({ env }), { maxConcurency: undefined } as object);
  });

  it("a table with a prop that is misspelt is refused", () => {
    const props = { pointInTimeRecovry: false } as object;
    expect(messageOf(() => new IdempotencyTable(newStack(), "Idempotency", props))).toContain(
      "Stack/Idempotency: pointInTimeRecovry is false: there is no such prop; there are table, tableName, ",
    );
  });

  it("an imported function cannot be bound", () => {
    const stack = newStack({ env });
    const fn = lambda.Function.fromFunctionName(stack, "Imported", "orders");
    expect(messageOf(() => new IdempotencyTable(stack, "Idempotency").bind(fn as never))).toBe(
      "Stack/Idempotency: fn is Stack/Imported: its environment cannot be set here; set IDEMPOTENCY_TABLE where it is made, and use grantClaims",
    );
  });

  it("an alias is bound by its function", () => {
    const stack = newStack({ env });
    new IdempotencyTable(stack, "Idempotency").bind(newFunction(stack).addAlias("live") as never);
    expect(propertiesOf(stack, "AWS::Lambda::Function")["Environment"]).toMatchObject({ Variables: { IDEMPOTENCY_TABLE: {} } });
  });
});

it("a singleton function is a function of the app", () => {
  const stack = newStack({ env });
  const handler = new lambda.SingletonFunction(stack, "Singleton", {
    uuid: "orders",
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: lambda.Code.fromInline("exports.handler = () => {}"),
    timeout: Duration.seconds(20),
  });
  newConsumer(stack, { handler: handler as lambda.IFunction });
  expect(propertiesOf(stack, "AWS::Lambda::Function")["Environment"]).toMatchObject({
    Variables: { IDEMPOTENCY_RETENTION_SECONDS: "1641600" },
  });
  expect(allowedIn(stack)).toHaveLength(9);
  expect(warningIds(stack)).toEqual([]);
});

describe("a table of another region or account", () => {
  const arn = (region: string, account: string) => `arn:aws:dynamodb:${region}:${account}:table/claims`;
  const elsewhere: [name: string, arn: string, says: string][] = [
    [
      "region",
      arn("eu-central-1", env.account),
      "in the region eu-central-1, and Stack/Handler, which would look for its name there, in eu-west-1",
    ],
    ["account", arn(env.region, "222222222222"), "in the account 222222222222, and Stack/Handler"],
  ];

  it.each(elsewhere)("is refused for a function: %s", (_, tableArn, says) => {
    const stack = newStack({ env });
    const table = IdempotencyTable.fromTableArn(stack, "Idempotency", tableArn);
    expect(messageOf(() => table.bind(newFunction(stack)))).toContain(
      `Stack/Idempotency: table is Stack/IdempotencyImported: it is ${says}`,
    );
  });

  it.each(elsewhere)("is refused for a consumer of an imported function: %s", (_, tableArn, says) => {
    const stack = newStack({ env });
    const idempotencyTable = IdempotencyTable.fromTableArn(stack, "Idempotency", tableArn);
    const functionArn = `arn:aws:lambda:${env.region}:${env.account}:function:orders`;
    const handler = lambda.Function.fromFunctionArn(stack, "Handler", functionArn);
    expect(messageOf(() => newConsumer(stack, { idempotencyTable, handler, handlerTimeout: Duration.seconds(10) }))).toContain(says);
  });

  it("may be looked at from here", () => {
    const stack = newStack({ env });
    IdempotencyTable.fromTableArn(stack, "Idempotency", arn("eu-central-1", env.account)).grantInspect(newFunction(stack));
    expect(allowedIn(stack)).toContain("dynamodb:Scan on arn:aws:dynamodb:eu-central-1:111111111111:table/claims");
  });

  it.each([
    ["the same", { env }, arn(env.region, env.account)],
    ["one that only the deployment knows", {}, arn(env.region, env.account)],
  ])("is %s", (_, props, tableArn) => {
    const stack = newStack(props);
    IdempotencyTable.fromTableArn(stack, "Idempotency", tableArn).bind(newFunction(stack));
    expect(warningIds(stack)).toEqual([]);
  });

  it("is the replica of a function's own region", () => {
    const app = newApp({ "@aws-cdk/core:defaultCrossStackReferences": "strong" });
    const tables = newStack({ app, id: "Tables", env });
    const table = new dynamodb.TableV2(tables, "Claims", {
      tableName: "claims",
      partitionKey: { name: "pk", type: dynamodb.AttributeType.STRING },
      sortKey: { name: "sk", type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: "expiresAt",
      replicas: [{ region: "eu-central-1" }],
    });
    const stack = newStack({ app, env: { ...env, region: "eu-central-1" } });
    const bind = (its: object, id: string) =>
      new IdempotencyTable(stack, id, { table: its as dynamodb.ITable }).bind(newFunction(stack, { id: `${id}Fn` }));
    expect(messageOf(() => bind(table, "Far"))).toContain("in the region eu-west-1");
    bind(table.replica("eu-central-1"), "Near");
  });
});
