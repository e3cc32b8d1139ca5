// The linter's configuration, held against planted failures: a rule that reports nothing here is not on.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const project = mkdtempSync(join(tmpdir(), "lambda-once-lint-"));
afterAll(() => rmSync(project, { recursive: true }));

interface Diagnostic {
  readonly filename: string;
  readonly code: string;
}

/** What each folder may do. */
const allowed: Record<string, string> = {
  "src/index.ts": 'export { key } from "./core/key.ts";\nexport { wrap } from "./lambda/wrap.ts";',
  "src/core/key.ts": 'import { createHash } from "node:crypto";\nexport const key = (): string => createHash("sha256").digest("hex");',
  "src/core/claim.ts": 'import { key } from "./key.ts";\nexport const claim = (): string => key();',
  "src/core/200-lines.ts": `// not counted\n\n${linesOf(200)}`,
  "src/lambda/wrap.ts":
    'import { channel } from "node:diagnostics_channel";\nimport { key } from "../core/key.ts";\nexport const wrap = { channel, key, now: () => Date.now() };',
  "src/middy/watch.ts":
    'import type middy from "@middy/core";\nimport { wrap } from "../lambda/wrap.ts";\nexport const watch = (_request: middy.Request): unknown => wrap;',
  "src/http/response.ts":
    'import { key } from "../core/key.ts";\nimport { wrap } from "../lambda/wrap.ts";\nexport const response = { key, wrap };',
  "src/memory/store.ts": 'import { key } from "../core/key.ts";\nexport const memory = key;',
  "src/testing/clock.ts": 'import { memory } from "../memory/store.ts";\nexport const clock = memory;',
  "src/testing/events/parts.ts":
    'import { key } from "../../core/key.ts";\nimport { memory } from "../../memory/store.ts";\nimport { clock } from "../clock.ts";\nexport const parts = { clock, key, memory };',
  "src/testing/index.ts": 'export { parts } from "./events/parts.ts";',
  "src/dynamodb/table.ts": 'export const partitionKey = "pk";',
  "src/dynamodb/store.ts": [
    'import { DynamoDBClient } from "@aws-sdk/client-dynamodb";',
    'import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";',
    'import { brotliCompressSync } from "node:zlib";',
    'import { key } from "../core/key.ts";',
    "export const clientOf = (given?: DynamoDBDocumentClient): object => given ?? new DynamoDBClient({ customUserAgent: brotliCompressSync(key()).toString() });",
  ].join("\n"),
  "src/redrive/plan.ts":
    'import { readFileSync } from "node:fs";\nimport { clientOf } from "../dynamodb/store.ts";\nexport const plan = { readFileSync, clientOf };',
  "src/cli/table.ts":
    'import { pathToFileURL } from "node:url";\nimport Table from "cli-table3";\nexport const table = { pathToFileURL, Table };',
  "src/cli/commands/plan.ts":
    'import { plan } from "../../redrive/plan.ts";\nimport { table } from "../table.ts";\nexport const run = { plan, table };',
  "src/cli/main.ts":
    'import { plan } from "../redrive/plan.ts";\nimport { run } from "./commands/plan.ts";\nexport const main = { plan, run };',
  "infra/stack.ts":
    'import { Stack } from "aws-cdk-lib";\nimport { Construct } from "constructs";\nimport { partitionKey } from "../src/dynamodb/table.ts";\nexport const used = [Stack, Construct, partitionKey];',
  "infra/index.ts": 'export { used } from "./stack.ts";',
  "infra/example/stack.ts":
    'import { join } from "node:path";\nimport { fileURLToPath } from "node:url";\nimport { App } from "aws-cdk-lib/core";\nimport { used } from "../index.ts";\nexport const example = [join, fileURLToPath, App, used];',
  "infra/app.ts": 'import { App } from "aws-cdk-lib";\nimport { example } from "./example/stack.ts";\nexport const app = [App, example];',
};

const imports = "eslint(no-restricted-imports)";
const globals = "eslint(no-restricted-globals)";

/** A file, what is wrong in it, and the rule that says so. */
const planted: [file: string, text: string, rule: string][] = [
  ["src/core/package.ts", 'export { DynamoDBClient } from "@aws-sdk/client-dynamodb";', imports],
  ["src/core/sibling-folder.ts", 'export { memory } from "../memory/store.ts";', imports],
  [
    "src/core/types-of-a-folder.ts",
    'import type { clientOf } from "../dynamodb/store.ts";\nexport type Client = ReturnType<typeof clientOf>;',
    imports,
  ],
  ["src/core/import-later.ts", 'export const later = async (): Promise<unknown> => await import("../memory/store.ts");', imports],
  ["src/core/import-in-a-type.ts", 'export type Memory = typeof import("../memory/store.ts");', "typescript(consistent-type-imports)"],
  ["src/core/node-module.ts", 'export { readFileSync } from "node:fs";', imports],
  ["src/core/date.ts", "export const now = (): number => Date.now();", globals],
  ["src/core/global-this.ts", "export const now = (): number => globalThis.Date.now();", globals],
  ["src/core/performance.ts", "export const now = (): number => performance.now();", globals],
  ["src/core/process.ts", 'export const region = process.env["AWS_REGION"];', globals],
  ["src/core/set-timeout.ts", "export const later = (run: () => void): unknown => setTimeout(run, 1);", globals],
  ["src/core/set-interval.ts", "export const often = (run: () => void): unknown => setInterval(run, 1);", globals],
  ["src/core/set-immediate.ts", "export const soon = (run: () => void): unknown => setImmediate(run);", globals],
  ["src/core/global.ts", "export const now = (): number => global.Date.now();", globals],
  ["src/core/intl.ts", "export const today = (): string => new Intl.DateTimeFormat().format();", globals],
  ["src/core/signal.ts", "export const soon = (): AbortSignal => AbortSignal.timeout(5);", "eslint(no-restricted-properties)"],
  ["src/core/console.ts", 'console.log("hello");', globals],
  ["src/index.ts", 'export { clientOf } from "./dynamodb/store.ts";', imports],
  ["src/lambda/store.ts", 'export { memory } from "../memory/store.ts";', imports],
  ["src/memory/dynamodb.ts", 'export { clientOf } from "../dynamodb/store.ts";', imports],
  ["src/keys/lambda.ts", 'export { wrap } from "../lambda/wrap.ts";', imports],
  ["src/metrics/lambda.ts", 'export { wrap } from "../lambda/wrap.ts";', imports],
  ["src/cache/memory.ts", 'export { memory } from "../memory/store.ts";', imports],
  ["src/testing/dynamodb.ts", 'export { clientOf } from "../dynamodb/store.ts";', imports],
  ["src/testing/events/dynamodb.ts", 'export { clientOf } from "../../dynamodb/store.ts";', imports],
  ["src/testing/expect/sibling-folder.ts", 'export { parts } from "../events/parts.ts";', imports],
  ["src/middy/values.ts", 'import middy from "@middy/core";\nexport const wrapped = middy;', imports],
  ["src/middy/http.ts", 'export { response } from "../http/response.ts";', imports],
  ["src/http/memory.ts", 'export { memory } from "../memory/store.ts";', imports],
  ["src/http/values.ts", 'import middy from "@middy/core";\nexport const wrapped = middy;', imports],
  ["src/http/sibling.ts", 'export { watch } from "../middy/watch.ts";', imports],
  ["src/http/node-http.ts", 'export { STATUS_CODES } from "node:http";', imports],
  ["src/http/node-module.ts", 'export { readFileSync } from "node:fs";', imports],
  ["src/sqs/dynamodb.ts", 'export { clientOf } from "../dynamodb/store.ts";', imports],
  ["src/dynamodb/values.ts", 'export { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";', imports],
  ["src/dynamodb/lambda.ts", 'export { wrap } from "../lambda/wrap.ts";', imports],
  ["src/redrive/cli.ts", 'export { main } from "../cli/main.ts";', imports],
  ["src/cli/commands/table.ts", 'import Table from "cli-table3";\nexport const table = Table;', imports],
  ["src/cli/commands/of-infra.ts", 'export { used } from "../../../infra/stack.ts";', imports],
  ["src/cli/cdk.ts", 'export { Stack } from "aws-cdk-lib";', imports],
  ["src/unheard-of/core.ts", 'export { key } from "../core/key.ts";', imports],
  ["infra/core.ts", 'export { key } from "../src/core/key.ts";', imports],
  ["infra/runtime.ts", 'export { clientOf } from "../src/dynamodb/store.ts";', imports],
  ["infra/sdk.ts", 'export { DynamoDBClient } from "@aws-sdk/client-dynamodb";', imports],
  ["infra/path.ts", 'export { join } from "node:path";', imports],
  ["infra/of-the-example.ts", 'export { example } from "./example/stack.ts";', imports],
  ["infra/example/inside.ts", 'export { used } from "../stack.ts";', imports],
  ["infra/example/runtime.ts", 'export { partitionKey } from "../../src/dynamodb/table.ts";', imports],
  ["infra/app.ts", 'export { used } from "./stack.ts";', imports],
  ["src/core/cycle.ts", 'import { back } from "./cycle-back.ts";\nexport const there = (): string => back();', "import(no-cycle)"],
  ["src/core/cycle-back.ts", 'import { there } from "./cycle.ts";\nexport const back = (): string => there();', "import(no-cycle)"],
  ["src/core/type-cycle.ts", 'import type { Back } from "./type-cycle-back.ts";\nexport type There = Back | 1;', "import(no-cycle)"],
  ["src/core/type-cycle-back.ts", 'import type { There } from "./type-cycle.ts";\nexport type Back = There[];', "import(no-cycle)"],
  ["src/core/default-export.ts", "export default 1;", "import(no-default-export)"],
  ["src/core/201-lines.ts", linesOf(201), "eslint(max-lines)"],
  [
    "src/core/unfinished.ts",
    'export function unfinished(kind: "run" | "replay"): void {\n  switch (kind) {\n    case "run":\n      break;\n  }\n}',
    "typescript(switch-exhaustiveness-check)",
  ],
  ["src/core/floating.ts", "export function floating(run: () => Promise<void>): void {\n  run();\n}", "typescript(no-floating-promises)"],
  [
    "src/core/misused.ts",
    "export const misused = (run: () => Promise<boolean>): number => (run() ? 1 : 2);",
    "typescript(no-misused-promises)",
  ],
  ["src/core/any.ts", "export const anything = (value: any): string => String(value);", "typescript(no-explicit-any)"],
];

function linesOf(count: number): string {
  return Array.from({ length: count }, (_, i) => `export const line${i} = ${i};`).join("\n");
}

function lint(files: readonly (readonly [string, string, ...string[]])[]): {
  readonly status: number | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  for (const folder of ["src", "infra"]) rmSync(join(project, folder), { recursive: true, force: true });
  for (const [file, text] of files) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), `${text}\n`);
  }
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const { status, stdout } = spawnSync(process.execPath, [oxlint, "--format=json", "src", "infra"], { cwd: project, encoding: "utf8" });
  return { status, diagnostics: (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics };
}

beforeAll(() => {
  for (const file of [".oxlintrc.json", "tsconfig.json", "package.json"]) copyFileSync(join(root, file), join(project, file));
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
});

it("passes what the import table allows", () => {
  expect(lint(Object.entries(allowed))).toEqual({ status: 0, diagnostics: [] });
});

describe("reports", () => {
  let found: ReturnType<typeof lint>;
  beforeAll(() => {
    found = lint([...Object.entries(allowed), ...planted]);
  });

  it.for(planted)("%s", ([file, , rule]) => {
    expect(found.status).toBe(1);
    expect(found.diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code)).toContain(rule);
  });

  it("nothing in the files beside them", () => {
    const wrong = new Set(planted.map(([file]) => file));
    expect(found.diagnostics.filter(({ filename }) => !wrong.has(filename))).toEqual([]);
  });
});
