// What a function is told of its table and its retention.
import { CfnParameter, Duration, Lazy, Stack, Validations } from "aws-cdk-lib";
import type { CfnFunction, Function } from "aws-cdk-lib/aws-lambda";
import { describe, expect, it } from "vitest";
import { IdempotencyTable } from "../../infra/index.ts";
import { allowedIn, messageOf, newApp, newFunction, newStack, propertiesOf, warningIds, warningsOf } from "./support.ts";

function setup(environment: Record<string, string> = {}) {
  const stack = newStack();
  return { stack, table: new IdempotencyTable(stack, "Idempotency"), fn: newFunction(stack, { environment }) };
}

const variablesOf = (stack: Stack) =>
  (propertiesOf(stack, "AWS::Lambda::Function")["Environment"] as { Variables: Record<string, unknown> }).Variables;
const retentionOf = (stack: Stack) => variablesOf(stack)["IDEMPOTENCY_RETENTION_SECONDS"];

it("sets the table, and leaves the retention to the code", () => {
  const { stack, table, fn } = setup({ STAGE: "prod" });
  table.bind(fn);
  expect(variablesOf(stack)).toEqual({ STAGE: "prod", IDEMPOTENCY_TABLE: { Ref: expect.stringMatching(/^IdempotencyTable/) as string } });
});

it("grants the runtime's four actions, once", () => {
  const { stack, table, fn } = setup();
  table.bind(fn);
  table.bind(fn);
  expect(allowedIn(stack).map((line) => line.split(" on ")[0])).toEqual([
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
  ]);
});

describe("retention", () => {
  const days = (count: number) => ({ retention: Duration.days(count) });
  it.each([
    ["one", [days(3)], "259200"],
    ["the longer one, first", [days(19), days(3)], "1641600"],
    ["the longer one, last", [days(3), days(19)], "1641600"],
    ["the longest of three", [days(3), days(19), days(7)], "1641600"],
    ["the longest of three, first", [days(19), days(3), days(7)], "1641600"],
    ["the same twice", [days(3), days(3)], "259200"],
    ["one and none", [days(3), {}], "259200"],
    ["none and one", [{}, days(3)], "259200"],
  ])("%s", (_, binds, seconds) => {
    const { stack, table, fn } = setup();
    for (const options of binds) table.bind(fn, options);
    expect(retentionOf(stack)).toBe(seconds);
  });

  it("may be a token of seconds, and the same one twice", () => {
    const { stack, table, fn } = setup();
    const seconds = new CfnParameter(stack, "Seconds", { type: "Number" }).valueAsNumber;
    table.bind(fn, { retention: Duration.seconds(seconds) });
    table.bind(fn, { retention: Duration.seconds(seconds) });
    expect(retentionOf(stack)).toEqual({ Ref: "Seconds" });
  });

  it("may be known late", () => {
    const { stack, table, fn } = setup();
    table.bind(fn, { retention: Duration.seconds(Lazy.number({ produce: () => 600 })) });
    expect(retentionOf(stack)).toBe("600");
  });

  it.each([
    ["a token", { retention: Duration.seconds(Lazy.number({ produce: () => 600 })) }, days(3)],
    ["before a token", days(3), { retention: Duration.seconds(Lazy.number({ produce: () => 600 })) }],
  ])("%s and another one cannot be compared", (_, one, other) => {
    const { table, fn } = setup();
    table.bind(fn, one);
    expect(messageOf(() => table.bind(fn, other))).toMatch(
      /^Stack\/Handler: retention is .+ known at deployment only; give both the same$/,
    );
  });

  it.each([
    ["part of a second", Duration.millis(1500), "retention is 1 second 500 millis: give 1 s to 10 years"],
    ["none", Duration.seconds(0), "retention is 0 seconds: give 1 s to 10 years"],
    ["longer than the runtime takes", Duration.days(3651), "retention is 3651 days: give 1 s to 10 years"],
    ["a token of days", Duration.days(Lazy.number({ produce: () => 3 })), "retention is <token> days: a token has to be of seconds"],
  ])("%s is refused", (_, retention, message) => {
    const { table, fn } = setup();
    expect(messageOf(() => table.bind(fn, { retention }))).toContain(`Stack/Idempotency: ${message}`);
  });
});

describe("what the function has already", () => {
  it.each([
    ["IDEMPOTENCY_TABLE", {}, '{"Ref":"IdempotencyTable'],
    ["IDEMPOTENCY_RETENTION_SECONDS", { retention: Duration.days(3) }, '"259200"'],
  ])("%s with another value is refused", (name, options, value) => {
    const { table, fn } = setup({ [name]: "other" });
    const thrown = messageOf(() => table.bind(fn, options));
    expect(thrown).toContain(`Stack/Handler: environment.${name} is "other": it is set here, to ${value}`);
    expect(thrown).toContain("leave it out");
  });

  it("the same value is fine", () => {
    const stack = newStack();
    const table = new IdempotencyTable(stack, "Idempotency");
    const fn = newFunction(stack, { environment: { IDEMPOTENCY_TABLE: table.table.tableName, IDEMPOTENCY_RETENTION_SECONDS: "259200" } });
    table.bind(fn, { retention: Duration.days(3) });
    expect(retentionOf(stack)).toBe("259200");
  });

  it("a retention of its own stays where none is given", () => {
    const { stack, table, fn } = setup({ IDEMPOTENCY_RETENTION_SECONDS: "600" });
    table.bind(fn);
    expect(retentionOf(stack)).toBe("600");
  });
});

describe("what is set afterwards", () => {
  const changed = "lambda-once:environment-changed";
  const days = { retention: Duration.days(3) };

  it.each<[name: string, change: (fn: Function) => unknown, says: string[]]>([
    ["another table", (fn) => fn.addEnvironment("IDEMPOTENCY_TABLE", "other"), ["IDEMPOTENCY_TABLE was set to {", 'is "other" now']],
    [
      "another retention",
      (fn) => fn.addEnvironment("IDEMPOTENCY_RETENTION_SECONDS", "60"),
      ['IDEMPOTENCY_RETENTION_SECONDS was set to "259200"', 'is "60" now'],
    ],
    [
      "an environment without the table",
      (fn) =>
        ((fn.node.defaultChild as CfnFunction).environment = {
          variables: { IDEMPOTENCY_RETENTION_SECONDS: days.retention.toSeconds().toString() },
        }),
      ["IDEMPOTENCY_TABLE was set to {", "is missing now"],
    ],
  ])("%s has a warning", (_, change, says) => {
    const { stack, table, fn } = setup();
    table.bind(fn, days);
    change(fn);
    const [warning, ...others] = warningsOf(stack);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ id: changed, path: "/Stack/Handler/Checks" });
    for (const part of says) expect(warning?.message).toContain(part);
    Validations.of(fn).acknowledge({ id: changed, reason: "a test" });
    expect(warningIds(stack)).toEqual([]);
  });

  it.each<[name: string, again: (fn: Function, table: IdempotencyTable) => unknown]>([
    ["nothing", () => undefined],
    ["another variable", (fn) => fn.addEnvironment("STAGE", "prod")],
    ["the same table", (fn, { table }) => fn.addEnvironment("IDEMPOTENCY_TABLE", table.tableName)],
    ["a longer retention, by another bind", (fn, table) => table.bind(fn, { retention: Duration.days(9) })],
  ])("%s has none", (_, again) => {
    const { stack, table, fn } = setup();
    table.bind(fn, days);
    again(fn, table);
    expect(warningIds(stack)).toEqual([]);
  });

  it("a retention has none where none was given", () => {
    const { stack, table, fn } = setup();
    table.bind(fn);
    fn.addEnvironment("IDEMPOTENCY_RETENTION_SECONDS", "60");
    expect(warningIds(stack)).toEqual([]);
  });

  it("a table of another stack has none", () => {
    const app = newApp({ "@aws-cdk/core:defaultCrossStackReferences": "strong" });
    const table = new IdempotencyTable(newStack({ app, id: "Data" }), "Idempotency");
    const stack = newStack({ app });
    const fn = newFunction(stack);
    table.bind(fn);
    expect(warningIds(stack)).toEqual([]);
  });
});

describe("two tables for one function", () => {
  const refused = /^.+\/Handler: environment\.IDEMPOTENCY_TABLE is .+: a function has one table/;

  it("are refused", () => {
    const { stack, table, fn } = setup();
    table.bind(fn);
    expect(messageOf(() => new IdempotencyTable(stack, "Other").bind(fn))).toMatch(refused);
  });

  it("are refused in two stacks where they have one logical id", () => {
    const app = newApp();
    const [one, other] = ["One", "Other"].map((id) => new IdempotencyTable(newStack({ app, id }), "Idempotency"));
    const fn = newFunction(newStack({ app, id: "Handlers" }));
    one?.bind(fn);
    expect(messageOf(() => other?.bind(fn))).toMatch(refused);
  });

  it("are one where they are imported by one ARN", () => {
    const { stack, fn } = setup();
    const arn = Stack.of(fn).formatArn({ service: "dynamodb", resource: "table", resourceName: "claims" });
    for (const id of ["One", "Other"]) IdempotencyTable.fromTableArn(stack, id, arn).bind(fn);
    expect(variablesOf(stack)["IDEMPOTENCY_TABLE"]).toBe("claims");
  });
});

it("changes the version that is published: its environment is another one", () => {
  const hashOf = (bind: boolean) => {
    const stack = newStack();
    const fn = newFunction(stack);
    const version = fn.currentVersion;
    if (bind) new IdempotencyTable(stack, "Idempotency").bind(fn);
    return stack.resolve(version.functionArn) as unknown;
  };
  expect(hashOf(true)).not.toEqual(hashOf(false));
});
