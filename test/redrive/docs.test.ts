// What docs/redrive.md shows is compiled, and its permissions and names are held against the code.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { redriveActions } from "../../src/dynamodb/table.ts";
import { deadLetterQueueActions } from "../../src/redrive/environment.ts";
import { root } from "../engines/engine.ts";
import { snippetsIn } from "../package/snippets.ts";

const page = readFileSync(join(root, "docs/redrive.md"), "utf8");
const snippets = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = ""]) => text);

const { folder, compile } = snippetsIn("redrive-docs");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("its snippets compile; a wrong line in one would not", async () => {
  expect(snippets.length).toBe(2);
  expect(await compile(snippets)).toBe("");
  expect(await compile(snippets.map((snippet) => snippet.replace("report.left", "report.remaining")))).toContain("remaining");
});

it("its permissions are those of the construct's function, and what a bulk, a status and a list need besides", () => {
  const rows = page.split("\n## Permissions\n")[1]?.match(/^\|.*\|$/gm) ?? [];
  const actions = rows.flatMap((row) => [...row.matchAll(/`((?:sqs|dynamodb):\w+)`/g)].map(([, action]) => action ?? ""));
  const besides = ["sqs:StartMessageMoveTask", "sqs:CancelMessageMoveTask", "sqs:GetQueueAttributes", "dynamodb:Scan"];
  expect(actions.toSorted()).toEqual([...deadLetterQueueActions, "sqs:SendMessage", ...redriveActions, ...besides].toSorted());
});
