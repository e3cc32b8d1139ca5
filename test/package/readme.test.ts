// What README shows is compiled, run, and held against the names in the code.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { afterAll, expect, it } from "vitest";
import type { IdempotencyErrorCode, IdempotencyOptions } from "../../src/index.ts";
import { startEmbedded } from "../engines/embedded.ts";
import { clientOf, freshTable } from "../support/table.ts";
import { snippetsIn } from "./snippets.ts";
import { partitionKey, runtimeActions, sortKey, tableNameVariable, timeToLiveAttribute } from "../../src/dynamodb/table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

function blocks(language: string, text = readme): string[] {
  return [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(([, found]) => found === language).map(([, , body]) => body ?? "");
}

const { folder, compile, play } = snippetsIn("readme");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("its TypeScript compiles; a wrong line in it would not", async () => {
  const snippets = blocks("ts");
  expect(snippets.length).toBeGreaterThan(1);
  expect(await compile(snippets)).toBe("");
  expect(await compile([...snippets, 'import { idempotent } from "lambda-once";\nidempotent(async () => 1, { oops: true });'])).toContain(
    "oops",
  );
});

it("the testing example prints what it says", async () => {
  const example = blocks("ts").find((snippet) => snippet.includes("memoryStore"));
  writeFileSync(join(folder, "example.ts"), example ?? "");
  expect((await play("example.ts")).trim()).toBe("1");
});

it("the Middy examples answer as they say: once, the same again, and refusals with a status and CORS headers", async () => {
  const engine = await startEmbedded();
  try {
    const tableName = await freshTable(clientOf(engine.endpoint));
    const [wrapped = "", first = ""] = blocks("ts").filter((snippet) => snippet.includes("@middy/core"));
    writeFileSync(join(folder, "wrapped.ts"), wrapped);
    writeFileSync(join(folder, "first.ts"), first);
    const deliveries = `
      import { handler as wrapped } from "./wrapped.ts";
      import { handler as first } from "./first.ts";
      const requestContext = { authorizer: { jwt: { claims: { sub: "customer-7" } } } };
      const event = (body) => ({
        version: "2.0", requestContext: { ...requestContext, http: { method: "POST" } }, body: JSON.stringify(body),
        headers: { "content-type": "application/json", "idempotency-key": "key-1", origin: "https://shop.example.com" },
      });
      const context = { getRemainingTimeInMillis: () => 30_000 };
      const answers = [];
      for (const body of [{ paymentId: "p", amount: 5 }, { paymentId: "p", amount: 5 }, { paymentId: "p", amount: 6 }, { amount: 5 }])
        answers.push(await wrapped(event(body), context));
      for (const amount of [5, 5, 6]) answers.push(await first(event({ amount }), context).catch(({ code }) => code));
      console.log(JSON.stringify(answers));
    `;
    writeFileSync(join(folder, "deliveries.ts"), deliveries);
    const aws = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const env = { ...aws, AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint, [tableNameVariable]: tableName };
    const printed = await play("deliveries.ts", env);
    const headers = expect.objectContaining({ "Access-Control-Allow-Origin": "https://shop.example.com" }) as object;
    const paid = { statusCode: 201, body: '{"paid":5}', headers };
    const answered = { statusCode: 201, body: '{"amount":5}', headers };
    expect(JSON.parse(printed)).toEqual([
      paid,
      paid,
      { statusCode: 422, body: '{"code":"KEY_REUSED"}', headers },
      { statusCode: 400, body: '{"code":"KEY_MISSING"}', headers },
      answered,
      answered,
      "KEY_REUSED",
    ]);
  } finally {
    await engine.stop();
  }
});

it("CloudFormation reads the table, and it is the one that the example app makes", () => {
  const [table = ""] = blocks("yaml");
  const file = join(folder, "template.yaml");
  writeFileSync(file, `Resources:\n${table.replaceAll(/^(?=.)/gm, "  ")}`);
  const stack = new Stack();
  new CfnInclude(stack, "Included", { templateFile: file });
  const template = Template.fromStack(stack);
  template.hasResource("AWS::DynamoDB::Table", {
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: "S" },
        { AttributeName: sortKey, AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: partitionKey, KeyType: "HASH" },
        { AttributeName: sortKey, KeyType: "RANGE" },
      ],
      TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  });
});

it("the role is that of the code", () => {
  const [, role = ""] = blocks("yaml");
  expect(role).toContain(`Action: [${runtimeActions.join(", ")}]`);
  expect(readme).toContain(tableNameVariable);
});

// The types see to it that both are complete.
const options: Record<keyof IdempotencyOptions<[], unknown>, true> = {
  store: true,
  operation: true,
  key: true,
  fingerprint: true,
  onMissingKey: true,
  retentionSeconds: true,
  leaseMs: true,
  onInProgress: true,
  onLeaseExpired: true,
  onError: true,
  onStoreUnavailable: true,
  codec: true,
  onReplay: true,
  onEvent: true,
  enabled: true,
};
const codes: Record<IdempotencyErrorCode, true> = {
  KEY_MISSING: true,
  KEY_INVALID: true,
  KEY_REUSED: true,
  IN_PROGRESS: true,
  LEASE_LOST: true,
  STORE_UNAVAILABLE: true,
  OUTCOME_UNKNOWN: true,
  RESULT_UNAVAILABLE: true,
  CONFIG_INVALID: true,
  NO_EXECUTION: true,
};

it("its tables have every option and every error code, and no others", () => {
  const rows = (heading: string): string[] => {
    const section = readme.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
    return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name ?? "").toSorted();
  };
  expect(rows("Options")).toEqual(Object.keys(options).toSorted());
  expect(rows("Errors")).toEqual(Object.keys(codes).toSorted());
});
