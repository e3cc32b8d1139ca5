// What docs/protocol.md shows of the model: what must hold, a table of what was explored, and a counterexample for each rule.
import type { ModelResult } from "./check.ts";
import { type Invariant, invariants, withoutClocks } from "./invariants.ts";
import type { Configuration } from "./state.ts";
import type { Variant } from "./variant.ts";

/** A part of the page, between its marks: `<!-- model:NAME -->` and `<!-- /model:NAME -->`. */
export interface Part {
  readonly name: string;
  readonly text: string;
}

/** The page with its parts. */
export function filledIn(page: string, parts: readonly Part[]): string {
  return parts.reduce((text, part) => {
    const { start, from, to } = placeOf(text, part.name);
    return `${text.slice(0, from + start.length)}\n\n${part.text}\n\n${text.slice(to)}`;
  }, page);
}

function placeOf(page: string, name: string): { readonly start: string; readonly from: number; readonly to: number } {
  const [start, end] = [`<!-- model:${name} -->`, `<!-- /model:${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place for "${name}": ${start} … ${end}`);
  return { start, from, to };
}

/** One line of the table of configurations. */
export function rowOf({ about, short }: Configuration, { configuration, states, transitions, depth }: ModelResult): string {
  return `| ${configuration} | ${about} | ${short === true ? "yes" : ""} | ${[states, transitions, depth].map(grouped).join(" | ")} |`;
}

export function tableOf(rows: readonly string[], results: readonly ModelResult[]): Part {
  const [states, transitions] = [sumOf(results.map(({ states }) => states)), sumOf(results.map(({ transitions }) => transitions))];
  const head = "| configuration | what it is for | short form | states | transitions | depth |\n|---|---|---|---|---|---|";
  const text = `${head}\n${rows.join("\n")}\n| all | | | ${grouped(states)} | ${grouped(transitions)} | |`;
  return { name: "configurations", text };
}

export function invariantsPart(): Part {
  const lines = Object.entries(invariants).map(([name, says], i) => `${i + 1}. **${name}**: ${says}`);
  const numbers = Object.keys(invariants).flatMap((name, i) => (withoutClocks.has(name as Invariant) ? [i + 1] : []));
  const promised = `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;
  const beyond = `Where clocks differ by more than the margin (one second), only ${promised} are promised, and checked.`;
  return { name: "invariants", text: `${lines.join("\n")}\n\n${beyond}` };
}

export function rulesPart(found: readonly { readonly variant: Variant; readonly result: ModelResult }[]): Part {
  return { name: "rules", text: found.map(({ variant, result }) => sectionOf(variant, result)).join("\n\n") };
}

/** A rule, and what happens without it. */
export function sectionOf(variant: Variant, { violation, states }: Pick<ModelResult, "violation" | "states">): string {
  const { name, impliedBy, shownIn, reading } = variant;
  if (violation === undefined) {
    if (impliedBy === undefined) throw new Error(`nothing breaks with: ${name}`);
    return `${headOf(variant)}\n\nAlone, breaks nothing within these bounds: ${impliedBy}.`;
  }
  if (impliedBy !== undefined) throw new Error(`said to break nothing, but does: ${name}`);
  const found = `Breaks *${violation.invariant}* (configuration "${shownIn}", found after ${grouped(states)} states):`;
  const trace = `\`\`\`text\n${violation.trace.join("\n")}\n\`\`\``;
  return [headOf(variant), found, trace, ...(reading === undefined ? [] : [reading])].join("\n\n");
}

function headOf({ name, rule, where }: Variant): string {
  return `### ${name[0]?.toUpperCase()}${name.slice(1)}\n\n${rule} (${where})`;
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
