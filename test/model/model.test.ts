import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { explored } from "./check.ts";
import { configurationOf, configurations, shortForm } from "./configurations.ts";
import { invariants } from "./invariants.ts";
import { filledIn, invariantsPart, rowOf, sectionOf } from "./page.ts";
import { askedRowOf, verdictsRowOf } from "./page-tally.ts";
import { type Counted, verdicts } from "./tally.ts";
import { exploredVariant, variants } from "./variants.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/protocol.md"), "utf8");
const stale = "docs/protocol.md is stale: node --conditions=lambda-once:source test/model/main.ts --write";

describe("the protocol, in every interleaving of the short form", () => {
  it.for(shortForm)("$name: no violation, as docs/protocol.md says", (configuration) => {
    const tally = new Map<Counted, number>();
    const result = explored(configuration, { tally });
    expect(result.violation).toBeUndefined();
    expect(result.states).toBeGreaterThan(1000);
    expect(result.notChecked).toBeUndefined();
    expect(page, stale).toContain(rowOf(configuration, result));
    expect(page, stale).toContain(askedRowOf(configuration, tally));
    expect(page, stale).toContain(verdictsRowOf(configuration, tally));
  });
});

describe("a configuration that does not ask what it is to check is found", () => {
  it("where the retention is the margin: nothing counts as kept, and a lapsed lease has expired", () => {
    const { violation, notChecked } = explored({ ...configurationOf("clock behind"), retentionSeconds: 1, untilMs: 3000 });
    expect(violation).toBeUndefined();
    expect(notChecked).toEqual(["no kept outcome is lost", "no run after a kept outcome", "equal answers", "takeover lapsed"]);
  });

  it("each invariant is what some configuration is to check, and each verdict", () => {
    const checks = new Set(configurations.flatMap((configuration) => configuration.checks));
    expect([...checks].toSorted()).toEqual([...Object.keys(invariants), ...verdicts].toSorted());
  });
});

describe("a rule that is broken is found, with the trace of docs/protocol.md", () => {
  it.for(variants.filter(({ impliedBy }) => impliedBy === undefined))("$name", (variant) => {
    expect(page, stale).toContain(sectionOf(variant, exploredVariant(variant)));
  });

  // That these break nothing is explored by `npm run model`.
  it.for(variants.filter(({ impliedBy }) => impliedBy !== undefined))("$name: said to be another's guard", (variant) => {
    expect(page, stale).toContain(sectionOf(variant, { states: 0 }));
  });
});

it("docs/protocol.md says what must hold", () => {
  expect(filledIn(page, [invariantsPart()]), stale).toBe(page);
});

it.for(Object.keys(invariants))("each invariant is broken by some variant: %s", (invariant) => {
  expect(page, stale).toContain(`Breaks *${invariant}*`);
});

it("a variant that is said to break something, and does not, is refused; and the other way round", () => {
  const [variant] = variants;
  if (variant === undefined) throw new Error("there are variants");
  const broken = exploredVariant(variant);
  expect(() => sectionOf({ ...variant, impliedBy: "nothing" }, broken)).toThrow("said to break nothing");
  const { violation: _, ...sound } = broken;
  expect(() => sectionOf(variant, sound)).toThrow("nothing breaks");
});

it("more states than it may see are a failure, not a proof", () => {
  expect(() => explored(configurationOf("throw"), { maxStates: 1000 })).toThrow("nothing is proved");
});

it("a page without a place for a part is refused", () => {
  expect(() => filledIn(page.replace("<!-- model:rules -->", ""), [{ name: "rules", text: "" }])).toThrow("model:rules");
});
