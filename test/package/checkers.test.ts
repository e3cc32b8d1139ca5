// Each step of `npm run check` (lint.test.ts has the linter), held against a planted failure: green means something.
import { execFile } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consumer, packedPackage } from "./packed.ts";

const root = join(import.meta.dirname, "../..");
const below = await consumer();
const folder = mkdtempSync(join(tmpdir(), "lambda-once-checkers-"));
const inside = mkdtempSync(join(below, "checkers-"));
afterAll(() => [folder, inside].forEach((path) => rmSync(path, { recursive: true })));

async function tool(name: string, args: readonly string[], cwd = root): Promise<{ readonly status: number; readonly output: string }> {
  const ran = promisify(execFile)(join(root, "node_modules/.bin", name), args, { cwd });
  return ran.then(
    ({ stdout, stderr }) => ({ status: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ status: code, output: stdout + stderr }),
  );
}

describe("types", () => {
  async function compile(assertion: string): Promise<{ readonly status: number; readonly output: string }> {
    const text = `import { expectTypeOf } from "vitest";\nimport { payloadKey } from "lambda-once";\n${assertion}\n`;
    writeFileSync(join(inside, "planted.test-d.ts"), text);
    writeFileSync(join(inside, "tsconfig.json"), JSON.stringify({ extends: join(root, "test/tsconfig.json"), include: ["*.ts"] }));
    return tool("tsc", ["-p", inside]);
  }

  it("a type test that is right passes, a wrong one fails", async () => {
    expect(await compile("expectTypeOf(payloadKey).returns.toBeString();")).toEqual({ status: 0, output: "" });
    const wrong = await compile("expectTypeOf(payloadKey).returns.toBeNumber();");
    expect(wrong.status).not.toBe(0);
    expect(wrong.output).toContain("planted.test-d.ts(3,");
  });

  it("all type tests and examples are in the program that is checked", async () => {
    const { output } = await tool("tsc", ["-p", "test", "--listFilesOnly"]);
    const wanted = globSync(["test/**/*.test-d.ts", "examples/**/*.ts"], { cwd: root });
    expect(wanted.length).toBeGreaterThan(5);
    for (const file of wanted) expect(output).toContain(file);
  });
});

it("format: a file that oxfmt would write otherwise is named", async () => {
  cpSync(join(root, ".oxfmtrc.json"), join(folder, ".oxfmtrc.json"));
  writeFileSync(join(folder, "clean.ts"), 'export const text = "text";\n');
  expect(await tool("oxfmt", ["--check"], folder)).toMatchObject({ status: 0 });
  writeFileSync(join(folder, "planted.ts"), "export const text = 'text'\n");
  const { status, output } = await tool("oxfmt", ["--check"], folder);
  expect(status).toBe(1);
  expect(output).toContain("planted.ts");
});

it("unused: a file, an export and a dependency that nobody uses are named", async () => {
  const copy = join(folder, "copy");
  for (const path of ["package.json", "tsconfig.json", "cdk.json", ".ci", "src", "infra", "test", "examples"]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const manifest = JSON.parse(readFileSync(join(copy, "package.json"), "utf8")) as { devDependencies: object };
  manifest.devDependencies = { ...manifest.devDependencies, "planted-dependency": "1.0.0" };
  writeFileSync(join(copy, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(copy, "src/core/planted-file.ts"), "export const unused = 1;\n");
  writeFileSync(join(copy, "src/dynamodb/table.ts"), "export const plantedExport = 1;\n", { flag: "a" });
  const { status, output } = await tool("knip", ["--no-progress"], copy);
  expect(status).toBe(1);
  for (const planted of ["planted-file.ts", "plantedExport", "planted-dependency"]) expect(output).toContain(planted);
});

describe("package", () => {
  let broken: string;
  beforeAll(async () => {
    broken = join(folder, "broken");
    cpSync(await packedPackage(), broken, { recursive: true });
    const manifest = readFileSync(join(broken, "package.json"), "utf8");
    writeFileSync(
      join(broken, "package.json"),
      manifest.replaceAll("./dist/src/memory/store", "./dist/src/memory/planted").replace('"prepack"', '"unused"'),
    );
  });

  it("publint names an export whose file is missing", async () => {
    const { status, output } = await tool("publint", ["--strict", broken]);
    expect(status).toBe(1);
    expect(output).toContain("planted");
  });

  it("attw names an export that does not resolve", async () => {
    const { status, output } = await tool("attw", ["--profile", "esm-only", "--no-definitely-typed", "--pack", broken]);
    expect(status).toBe(1);
    expect(output).toMatch(/"lambda-once\/memory"[^"]*Resolution failed/);
  });
});
