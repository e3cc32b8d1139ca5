// The chart in docs is drawn from the results in bench: both come from one run.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { chart } from "../../bench/chart.ts";
import type { Results } from "../../bench/results.ts";

const root = join(import.meta.dirname, "../..");

it("docs/cost.svg shows what bench/results.json says", () => {
  const results = JSON.parse(readFileSync(join(root, "bench/results.json"), "utf8")) as Results;
  expect(chart(results)).toBe(readFileSync(join(root, "docs/cost.svg"), "utf8"));
});
