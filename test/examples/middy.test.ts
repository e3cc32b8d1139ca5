import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// What is wrapped first keeps the handler's answer, and a replay passes through the chain; what stands first keeps the
// final response, and a replay is answered at once.
const rows = [
  "│ wrapped base handler │ first │ before handler after │",
  "│ wrapped base handler │ duplicate │ before after │",
  "│ middleware first │ first │ before handler after │",
  "│ middleware first │ duplicate │ nothing │",
];

test("the Middy example shows both forms, each with one run and the same answer twice", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=lambda-once:source", "examples/middy/main.ts"]);
  // Cells of several lines, joined; "answer" and "kept" are looked at by themselves.
  const cells = stdout
    .split(/├[─┼]+┤\n|┌[─┬]+┐\n|└[─┴]+┘\n/)
    .map((row) => row.split("\n").map((line) => line.split("│").map((cell) => cell.trim())))
    .map((lines) =>
      [1, 2, 3, 4, 5].map((column) =>
        lines
          .map((line) => line[column] ?? "")
          .join(" ")
          .replaceAll(/\s+/g, " ")
          .trim(),
      ),
    )
    .filter(([form]) => form !== undefined && form !== "" && form !== "form");
  expect(cells.map(([form, delivery, ran]) => `│ ${form} │ ${delivery} │ ${ran} │`)).toEqual(rows);
  const answers = cells.map(([, , , answer]) => answer);
  expect(new Set(answers.map((answer) => answer?.replaceAll(" ", ""))).size).toBe(1);
  expect(answers[0]).toContain("Access-Control-Allow-Origin");
  const kept = cells.map(([, , , , text]) => text ?? "");
  expect(kept.map((text) => [text.includes("charged"), text.includes("Access-Control-Allow-Origin")])).toEqual([
    [true, false],
    [false, false],
    [true, true],
    [false, false],
  ]);
});
