// What docs/testing.md shows is compiled and run.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import * as kit from "../../src/testing/index.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/testing.md"), "utf8");
const snippets = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, body]) => body ?? "");
/** Those for a runner of their own run in the projects of that runner. */
const programs = snippets.filter((snippet) => !/from "(vitest|@jest\/globals)"/.test(snippet));

// Inside the package, so that the snippets import it by its own name.
const parent = join(root, ".packed");
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, "testing-docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function compile(texts: readonly string[]): Promise<string> {
  texts.forEach((text, i) => writeFileSync(join(folder, `snippet-${i}.ts`), text));
  const tsconfig = { extends: "../../test/tsconfig.json", compilerOptions: { rootDir: "../..", noUnusedLocals: false }, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
  return run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]).then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
}

/** What a program prints; rejects where it fails. */
async function play(program: string): Promise<string> {
  const file = join(folder, "program.ts");
  writeFileSync(file, program);
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { stdout } = await run(process.execPath, ["--conditions=lambda-once:source", file], { env });
  return stdout;
}

it("its snippets compile; a wrong line in one would not", async () => {
  expect(programs.length).toBeGreaterThan(5);
  expect(await compile(snippets)).toBe("");
  expect(await compile([...snippets, 'import { testClock } from "lambda-once/testing";\ntestClock("now");'])).toContain("string");
});

describe("runs as it says", () => {
  it.for(programs.map((program, i) => [i + 1, program] as const))("snippet %i", async ([, program]) => {
    const printed = await play(program);
    if (program.includes("node:test")) expect(printed).toMatch(/# fail 0|ℹ fail 0/);
  });

  it("a wrong one fails", async () => {
    const right = programs.find((program) => program.includes('assert.equal(await charge("order-1"), 2)')) ?? "";
    const wrong = right.replace('assert.equal(await charge("order-1"), 2)', 'assert.equal(await charge("order-1"), 3)');
    expect(wrong).not.toBe(right);
    await expect(play(wrong)).rejects.toThrow("AssertionError");
  });
});

it("names all that there is", () => {
  const effects = ["lose-answer", "throttle", "unreachable", "crash-before", "crash-after"];
  for (const name of [...Object.keys(kit), ...Object.keys(kit.events), ...effects]) expect(page).toContain(name);
});
