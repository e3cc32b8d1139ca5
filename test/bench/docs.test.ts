// The chart and the tables in docs are made from the results in bench: all come from one run.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { chart } from "../../bench/chart.ts";
import { filledIn } from "../../bench/print.ts";
import type { Results } from "../../bench/results.ts";
import { tablesOf } from "../../bench/tables.ts";

const root = join(import.meta.dirname, "../..");

const results = JSON.parse(readFileSync(join(root, "bench/results.json"), "utf8")) as Results;

it("docs/cost.md has the tables of bench/results.json, and a page without a place for one is refused", () => {
  const page = readFileSync(join(root, "docs/cost.md"), "utf8");
  expect(filledIn(page, tablesOf(results))).toBe(page);
  expect(page, "a table that no run has filled").not.toMatch(/<!-- (bench:[\w-]+) -->\s*<!-- \/\1 -->/);
  expect(() => filledIn(page.replace("<!-- bench:cpu -->", ""), tablesOf(results))).toThrow("bench:cpu");
});

it("docs/cost.svg shows what bench/results.json says", () => {
  expect(chart(results)).toBe(readFileSync(join(root, "docs/cost.svg"), "utf8"));
});
