// What docs/protocol.md shows of how much was really asked.
import { invariants } from "./invariants.ts";
import { grouped, type Part } from "./page.ts";
import type { Configuration } from "./state.ts";
import { type Counted, type Tally, verdicts } from "./tally.ts";

const asked = Object.keys(invariants) as readonly Counted[];

/** How often each invariant had something to lose. */
export function askedRowOf(configuration: Configuration, tally: Tally): string {
  return rowOf(configuration, tally, asked);
}

/** How often each verdict was given. */
export function verdictsRowOf(configuration: Configuration, tally: Tally): string {
  return rowOf(configuration, tally, verdicts);
}

export function askedPart(rows: readonly string[]): Part {
  return {
    name: "asked",
    text: tableOf(
      Object.keys(asked).map((i) => `${Number(i) + 1}`),
      rows,
    ),
  }; // by their numbers in the list
}

export function verdictsPart(rows: readonly string[]): Part {
  return { name: "verdicts", text: tableOf(verdicts, rows) };
}

function rowOf({ name, checks }: Configuration, tally: Tally, columns: readonly Counted[]): string {
  const cells = columns.map((counted) => cellOf(tally.get(counted), checks.includes(counted)));
  return `| ${name} | ${cells.join(" | ")} |`;
}

function cellOf(count: number | undefined, isChecked: boolean): string {
  return count === undefined ? "" : isChecked ? grouped(count) : `(${grouped(count)})`;
}

function tableOf(columns: readonly string[], rows: readonly string[]): string {
  return [`| configuration | ${columns.join(" | ")} |`, `|---|${columns.map(() => "---:|").join("")}`, ...rows].join("\n");
}
