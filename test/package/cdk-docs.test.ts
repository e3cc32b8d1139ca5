// What docs/cdk.md shows is compiled and synthesized, and its names, numbers and messages are held against the constructs.
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Duration, type Stack } from "aws-cdk-lib";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { afterAll, describe, expect, it } from "vitest";
import { consumerPropNames } from "../../infra/consumer-props.ts";
import * as constructs from "../../infra/index.ts";
import { tablePropNames } from "../../infra/table-props.ts";
import { snippetsIn } from "./snippets.ts";
import { newStack } from "../infra/support.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/cdk.md"), "utf8");
const snippets = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, body]) => body ?? "");

const { folder, compile, play } = snippetsIn("cdk-docs");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("its snippets compile; a wrong line in one would not", async () => {
  expect(snippets.length).toBeGreaterThan(4);
  expect(await compile(snippets)).toBe("");
  const wrong = snippets.map((snippet) => snippet.replace('operation: "orders"', "operation: 1"));
  expect(await compile(wrong)).toContain("'number' is not assignable to type 'string'");
});

/** Ids of the warnings, by the stack's name in the snippet. */
const warnings: Record<string, readonly string[]> = {
  Shop: [],
  Adopting: [],
  Tables: [],
  Functions: ["lambda-once:environment"],
  Shipping: [],
};

describe("its snippets are synthesized, with the warnings that they are to have", () => {
  it.for(snippets.map((snippet) => [/new App\(\), "(\w+)"/.exec(snippet)?.[1] ?? "", snippet] as const))("%s", async ([name, snippet]) => {
    expect(await synthesize(name, snippet)).toEqual(warnings[name]);
  });

  it("all of them", () => {
    expect(Object.keys(warnings)).toHaveLength(snippets.length);
  });

  it("the acknowledgement is needed: without it there is the warning", async () => {
    const [snippet = ""] = snippets.filter((text) => text.includes("acknowledge"));
    expect(await synthesize("Shipping", snippet.replace(/^Validations\.of.*$/m, ""))).toEqual(["lambda-once:fifo-key"]);
  });
});

/** The ids of what is warned of. */
async function synthesize(name: string, snippet: string): Promise<readonly string[]> {
  mkdirSync(join(folder, "src"), { recursive: true });
  for (const entry of ["orders", "payments"]) writeFileSync(join(folder, `src/${entry}.ts`), "export const handler = () => {};\n");
  writeFileSync(join(folder, "program.ts"), snippet);
  const outdir = mkdtempSync(join(folder, "out-"));
  // As the CDK CLI starts an app; nothing is bundled.
  const context = { "aws:cdk:bundling-stacks": [], "aws:cdk:enable-path-metadata": true };
  await play("program.ts", { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) });
  expect(existsSync(join(outdir, `${name}.template.json`))).toBe(true);
  const files = globSync("{manifest,*.metadata,validation-report}.json", { cwd: outdir }).map((file) =>
    readFileSync(join(outdir, file), "utf8"),
  );
  const warned = files.flatMap((file) => [...file.matchAll(/acknowledge\(\{ id: \\+"(lambda-once:[\w-]+)/g)].map(([, id]) => id ?? ""));
  return [...new Set(warned)];
}

describe("its tables are complete", () => {
  function section(heading: string): string {
    return page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  }
  /** The names in the first column of tables. */
  const names = (text: string): string[] =>
    [...text.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = ""]) => [...cell.matchAll(/`([\w:-]+)`/g)].map(([, name]) => name ?? ""));

  it("props", () => {
    const [ofTable = ""] = section("`IdempotencyTable`").split("| method |");
    expect(names(ofTable).toSorted()).toEqual(Object.keys(tablePropNames).toSorted());
    expect(names(section("`IdempotentQueueConsumer`")).toSorted()).toEqual(Object.keys(consumerPropNames).toSorted());
  });

  it("methods", () => {
    const { prototype } = constructs.IdempotencyTable;
    const methods = Object.getOwnPropertyNames(prototype).filter((name) => !["constructor", "grant"].includes(name));
    const importers = ["fromTableName", "fromTableArn", "fromTableAttributes"];
    for (const name of [...methods, ...importers]) expect(section("`IdempotencyTable`")).toContain(name);
  });

  it("ids of warnings", () => {
    const sources = globSync("infra/*.ts", { cwd: root }).map((file) => readFileSync(join(root, file), "utf8"));
    const ids = sources.flatMap((text) => [...text.matchAll(/\bid: "(lambda-once:[\w-]+)"/g)].map(([, id]) => id ?? ""));
    expect(ids.length).toBeGreaterThan(10);
    expect(names(section("Warnings")).toSorted()).toEqual(ids.toSorted());
  });

  it("alarms", () => {
    const paths = everything()
      .node.findAll()
      .map(({ node }) => node.id);
    const ids = paths.filter((id) => id.endsWith("Alarm")).map((id) => id.replace(/Alarm$/, ""));
    expect(names(section("Alarms")).toSorted()).toEqual(ids.toSorted());
  });
});

function plainHandler(stack: Stack, reservedConcurrentExecutions?: number): LambdaFunction {
  return new LambdaFunction(stack, "Handler", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("-"),
    timeout: Duration.seconds(10),
    ...(reservedConcurrentExecutions !== undefined && { reservedConcurrentExecutions }),
  });
}

function everything(): Stack {
  const stack = newStack({ id: "Shop" });
  const idempotencyTable = new constructs.IdempotencyTable(stack, "Idempotency");
  idempotencyTable.addAlarms({ timeToLive: true });
  new constructs.IdempotentQueueConsumer(stack, "Orders", { idempotencyTable, handler: plainHandler(stack), operation: "orders" });
  return stack;
}

it("its error is what is thrown", () => {
  const stack = newStack({ id: "Shop" });
  const idempotencyTable = new constructs.IdempotencyTable(stack, "Idempotency");
  const [message = ""] = [...page.matchAll(/```text\n(.*)\n```/g)].map(([, text]) => text ?? "");
  const props = { idempotencyTable, handler: plainHandler(stack, 10), maxConcurrency: 50 };
  expect(() => new constructs.IdempotentQueueConsumer(stack, "Orders", props)).toThrow(new Error(message));
});
