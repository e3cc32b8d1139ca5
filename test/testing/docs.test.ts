// What docs/testing.md shows is compiled and run.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { snippetsIn } from "../package/snippets.ts";
import * as kit from "../../src/testing/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/testing.md"), "utf8");
const snippets = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, body]) => body ?? "");
/** Those for a runner of their own run in the projects of that runner. */
const programs = snippets.filter((snippet) => !/from "(vitest|@jest\/globals)"/.test(snippet));

const { folder, compile, play } = snippetsIn("testing-docs");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function playProgram(program: string): Promise<string> {
  writeFileSync(join(folder, "program.ts"), program);
  return play("program.ts", { NODE_TEST_CONTEXT: undefined });
}

it("its snippets compile; a wrong line in one would not", async () => {
  expect(programs.length).toBeGreaterThan(5);
  expect(await compile(snippets)).toBe("");
  expect(await compile([...snippets, 'import { testClock } from "lambda-once/testing";\ntestClock("now");'])).toContain("string");
});

describe("runs as it says", () => {
  it.for(programs.map((program, i) => [i + 1, program] as const))("snippet %i", async ([, program]) => {
    const printed = await playProgram(program);
    if (program.includes("node:test")) expect(printed).toMatch(/# fail 0|ℹ fail 0/);
  });

  it("a wrong one fails", async () => {
    const right = programs.find((program) => program.includes('assert.equal(await charge("order-1"), 2)')) ?? "";
    const wrong = right.replace('assert.equal(await charge("order-1"), 2)', 'assert.equal(await charge("order-1"), 3)');
    expect(wrong).not.toBe(right);
    await expect(playProgram(wrong)).rejects.toThrow("AssertionError");
  });
});

it("names all that there is", () => {
  const effects = ["lose-answer", "throttle", "unreachable", "crash-before", "crash-after"];
  for (const name of [...Object.keys(kit), ...Object.keys(kit.events), ...effects]) expect(page).toContain(name);
});
