import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkModel } from "./check.ts";
import { configurationOf, shortForm } from "./configurations.ts";
import { invariants } from "./invariants.ts";
import { filledIn, rowOf, sectionOf } from "./page.ts";
import { checkVariant, variants } from "./variants.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/protocol.md"), "utf8");
const stale = "docs/protocol.md is stale: node --conditions=lambda-once:source test/model/main.ts --write";

describe("the protocol, in every interleaving of the short form", () => {
  it.for(shortForm)("$name: no violation, as docs/protocol.md says", async (configuration) => {
    for (const result of await checkModel({ configurations: [configuration] })) {
      expect(result.violation).toBeUndefined();
      expect(result.states).toBeGreaterThan(1000);
      expect(page, stale).toContain(rowOf(configuration, result));
    }
  });
});

describe("a rule that is broken is found, with the trace of docs/protocol.md", () => {
  it.for(variants.filter(({ impliedBy }) => impliedBy === undefined))("$name", async (variant) => {
    const section = sectionOf(variant, await checkVariant(variant));
    expect(page, stale).toContain(section);
  });

  // That these break nothing was explored when the page was written.
  it.for(variants.filter(({ impliedBy }) => impliedBy !== undefined))("$name: said to be another's guard", (variant) => {
    expect(page, stale).toContain(sectionOf(variant, { states: 0 }));
  });
});

it.for(Object.keys(invariants))("each invariant is broken by some variant: %s", (invariant) => {
  expect(page, stale).toContain(`Breaks *${invariant}*`);
});

it("a variant that is said to break something, and does not, is refused; and the other way round", async () => {
  const [variant] = variants;
  if (variant === undefined) throw new Error("there are variants");
  const broken = await checkVariant(variant);
  expect(() => sectionOf({ ...variant, impliedBy: "nothing" }, broken)).toThrow("said to break nothing");
  const { violation: _, ...sound } = broken;
  expect(() => sectionOf(variant, sound)).toThrow("nothing breaks");
});

it("more states than it may see are a failure, not a proof", async () => {
  await expect(checkModel({ configurations: [configurationOf("throw")], maxStates: 1000 })).rejects.toThrow("nothing is proved");
});

it("a page without a place for a part is refused", () => {
  expect(() => filledIn(page.replace("<!-- model:rules -->", ""), [{ name: "rules", text: "" }])).toThrow("model:rules");
});
