// What docs/keys.md shows is compiled, and it names all that there is.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import * as keys from "../../src/keys/index.ts";
import { snippetsIn } from "../package/snippets.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/keys.md"), "utf8");
const snippets = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, body]) => body ?? "");

const { folder, compile } = snippetsIn("keys-docs");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("its snippets compile; a wrong line in one would not", async () => {
  expect(snippets.length).toBeGreaterThan(3);
  expect(await compile(snippets)).toBe("");
  expect(await compile([...snippets, 'import { snsKey } from "lambda-once/keys";\nsnsKey({ Sns: 5 });'])).toContain("number");
});

it("names each function", () => {
  for (const name of Object.keys(keys)) expect(page).toContain(`\`${name}\``);
});
