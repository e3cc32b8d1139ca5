// The packed package as somebody meets it who has installed it.
import { execFile } from "node:child_process";
import { appendFileSync, cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob, posix } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consumer, packedPackage } from "./packed.ts";
import type { Pulled } from "./recorder.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const sdk = "@aws-sdk/client-dynamodb";
const sqs = "@aws-sdk/client-sqs";
const cdk = "aws-cdk-lib";
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
  files: string[];
  exports: Record<string, string | Record<string, string>>;
  bin: Record<string, string>;
};
const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== "./package.json");

let installed: string;
let folder: string;
beforeAll(async () => {
  installed = await packedPackage();
  folder = mkdtempSync(join(await consumer(), "exports-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function specifierOf(subpath: string): string {
  return posix.join("lambda-once", subpath);
}

async function pulledBy(specifier: string, from = folder): Promise<Pulled> {
  writeFileSync(join(from, "pull.js"), `await import(${JSON.stringify(specifier)});`);
  const { stdout } = await run(process.execPath, ["--import", join(import.meta.dirname, "recorder.ts"), join(from, "pull.js")]);
  return JSON.parse(stdout) as Pulled;
}

describe("what an import pulls", () => {
  // Every subpath has its line here: a new one says what it costs.
  const packages: Record<string, readonly string[]> = {
    ".": [],
    "./memory": [],
    "./dynamodb": [sdk],
    "./cache": ["lru-cache"],
    "./middy": [],
    "./http": [],
    "./keys": [],
    "./metrics": [],
    "./sqs": [],
    "./redrive": [sqs, sdk],
    "./cdk": [cdk, "constructs"],
    "./testing": [],
  };

  it.for(subpaths)("%s pulls its own packages and nothing else", async (subpath) => {
    const { asked, loaded } = await pulledBy(specifierOf(subpath));
    expect(asked).toEqual(packages[subpath]);
    for (const name of [sdk, cdk]) expect(loaded.includes(name)).toBe(asked.includes(name));
    expect(loaded).not.toContain("@aws-sdk/lib-dynamodb");
    // The SDK and the CDK bring packages of their own; nothing else does.
    if (![sdk, sqs, cdk].some((name) => asked.includes(name))) expect(loaded).toEqual(asked);
  });

  it("is recorded: a planted import is seen", async () => {
    const planted = mkdtempSync(join(folder, "planted-"));
    cpSync(installed, join(planted, "node_modules/lambda-once"), { recursive: true });
    appendFileSync(join(planted, "node_modules/lambda-once/dist/src/core/key.js"), '\nawait import("canonicalize");');
    expect(await pulledBy("lambda-once", planted)).toEqual({ asked: ["canonicalize"], loaded: ["canonicalize"] });
  });
});

describe("the export map", () => {
  it.for(subpaths)("%s has its types, its code and its source", (subpath) => {
    const targets = Object.entries(manifest.exports[subpath] ?? {});
    expect(targets.map(([condition]) => condition)).toEqual(["lambda-once:source", "types", "default"]);
    for (const [, target] of targets) expect(existsSync(join(installed, target)), target).toBe(true);
  });

  it("is all there is: other files cannot be imported", async () => {
    await expect(pulledBy("lambda-once/dist/src/core/begin.js")).rejects.toThrow("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it("works from CommonJS, with require and with import", async () => {
    const file = join(folder, "consumer.cjs");
    const each = subpaths.map((subpath) => JSON.stringify(specifierOf(subpath))).join(", ");
    writeFileSync(
      file,
      `(async () => { for (const name of [${each}]) console.log(require(name) === (await import(name)), Object.keys(require(name)).length > 0); })();`,
    );
    const { stdout, stderr } = await run(process.execPath, [file]);
    expect({ stdout, stderr }).toEqual({ stdout: "true true\n".repeat(subpaths.length), stderr: "" });
  });
});

describe("the command", () => {
  const { "lambda-once": target = "" } = manifest.bin;

  it("runs, and says which version it is", async () => {
    expect(readFileSync(join(installed, target), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    const { stdout, stderr } = await run(process.execPath, [join(installed, target), "--version"]);
    expect({ stdout, stderr }).toEqual({ stdout: `${manifest.version}\n`, stderr: "" });
  });

  it("has what it prints tables with, and the AWS SDK of whoever installs it: where it is not there it says so", async () => {
    const alone = mkdtempSync(join(tmpdir(), "lambda-once-alone-"));
    cpSync(installed, join(alone, "node_modules/lambda-once"), { recursive: true });
    for (const dependency of ["cli-table3", "string-width", "emoji-regex", "is-fullwidth-code-point", "strip-ansi", "ansi-regex"])
      cpSync(join(root, "node_modules", dependency), join(alone, "node_modules", dependency), { recursive: true });
    const command = (...args: string[]) => run(process.execPath, [join(alone, "node_modules/lambda-once", target), ...args]);
    try {
      expect((await command("redrive", "apply", "--help")).stdout).toContain("--journal FILE");
      await expect(command("inspect", "orders", "order-1", "--table", "t")).rejects.toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringMatching(/^lambda-once: .*; the AWS SDK is yours to install: npm install .*\n$/),
      });
    } finally {
      rmSync(alone, { recursive: true });
    }
  });
});

describe("the types", () => {
  async function compile(name: string, text: string, paths: Record<string, string[]> = {}): Promise<string> {
    writeFileSync(join(folder, `${name}.ts`), text);
    // Middy 7's types ask for a package that it does not bring.
    const durable = 'declare module "@aws/durable-execution-sdk-js" { export interface DurableContext { readonly lambdaContext: object } }';
    writeFileSync(join(folder, "durable.d.ts"), durable);
    const options = { module: "NodeNext", target: "ES2023", strict: true, skipLibCheck: false, noEmit: true, types: ["node"], paths };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ compilerOptions: options, files: [`${name}.ts`, "durable.d.ts"] }));
    const tsc = run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(folder, `${name}.json`)]);
    return tsc.then(
      () => "",
      ({ stdout }: { stdout: string }) => stdout,
    );
  }
  const imports = subpaths.map((subpath, i) => `import * as all${i} from "${specifierOf(subpath)}";\nconsole.log(all${i});`).join("\n");

  it("compile in a strict consumer that checks its libraries", async () => {
    expect(await compile("clean", imports)).toBe("");
  });

  it.for(["@middy/core", "middy6-core"])("of the middleware fit the Middy that is installed: %s", async (major) => {
    const text = `import middy from "@middy/core";
      import { idempotency } from "lambda-once/middy";
      import { memoryStore } from "lambda-once/memory";
      interface Order { orderId: string }
      const once = idempotency({ store: memoryStore(), operation: "charge", key: (event: Order, context) => [event.orderId, context.functionName] });
      export const handler: (event: Order, context: never) => Promise<number> = middy(async (_event: Order) => 1).use(once);
      export const listed: (event: Order, context: never) => Promise<number> = middy(async (_event: Order) => 1).use([once]);`;
    const paths = { "@middy/core": [join(root, "node_modules", major, "index.d.ts")] };
    expect(await compile(posix.basename(major), text, paths)).toBe("");
    const wrong = text.replace("event.orderId", "event.invoiceId");
    expect(await compile(posix.basename(major), wrong, paths)).toContain("invoiceId");
  });

  it("are types: a wrong use is refused", async () => {
    expect(await compile("wrong", `${imports}\nimport { idempotent } from "lambda-once";\nidempotent(1);`)).toContain("wrong.ts");
  });
});

describe("the files", () => {
  it("are those that package.json names, no tests, and not the example app", () => {
    const files = globSync("**/*.*", { cwd: installed });
    const named = [...manifest.files, "package.json", "README.md", "LICENSE"];
    const isNamed = (file: string) => named.some((name) => matchesGlob(file, name) || file.startsWith(`${name}/`));
    expect(files.filter((file) => !isNamed(file))).toEqual([]);
    expect(files.filter((file) => /(^|\/)test\/|\.test|example|\/app\./.test(file))).toEqual([]);
    const wanted = ["CHANGELOG.md", "README.md", "dist/src/index.js", "src/index.ts", "dist/infra/index.js", "infra/index.ts"];
    expect(files).toEqual(expect.arrayContaining(wanted));
  });

  it("have source maps that lead to sources in the package", () => {
    for (const map of globSync("dist/**/*.map", { cwd: installed })) {
      const { sources } = JSON.parse(readFileSync(join(installed, map), "utf8")) as { sources: string[] };
      for (const source of sources) expect(existsSync(join(installed, dirname(map), source)), `${map}: ${source}`).toBe(true);
    }
  });
});
