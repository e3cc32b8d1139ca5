import Table from "cli-table3";
import type { Cell, TableData } from "./table-data.ts";

const plain = { head: [], border: [] };

/** A table for the terminal. */
export function asText({ title, head, rows }: TableData): string {
  const table = new Table({ head: [...head], style: plain });
  table.push(...rows.map((row) => row.map(shown)));
  return `${title}\n${table.toString()}`;
}

/** A page with its tables as Markdown, each between its marks: `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function filledIn(page: string, tables: readonly TableData[]): string {
  return tables.reduce((text, { name, title, head, rows }) => {
    const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page has no place for the table "${name}": ${start} … ${end}`);
    const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(shown).join(" | ")} |`);
    return `${text.slice(0, from + start.length)}\n\n*${title}.*\n\n${lines.join("\n")}\n\n${text.slice(to)}`;
  }, page);
}

function shown(cell: Cell): string {
  return String(cell ?? "–");
}
