import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { explored } from "./check.ts";
import { configurationOf, shortForm } from "./configurations.ts";
import { invariants } from "./invariants.ts";
import { filledIn, invariantsPart, rowOf, sectionOf } from "./page.ts";
import { exploredVariant, variants } from "./variants.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/protocol.md"), "utf8");
const stale = "docs/protocol.md is stale: node --conditions=lambda-once:source test/model/main.ts --write";

describe("the protocol, in every interleaving of the short form", () => {
  it.for(shortForm)("$name: no violation, as docs/protocol.md says", (configuration) => {
    const result = explored(configuration);
    expect(result.violation).toBeUndefined();
    expect(result.states).toBeGreaterThan(1000);
    expect(page, stale).toContain(rowOf(configuration, result));
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
