// What is printed, and how the process ends.
import { stripVTControlCharacters, styleText } from "node:util";
import Table from "cli-table3";
import { printLine } from "./streams.ts";

/** Exit codes. */
export const done = 0;
export const failed = 1;
/** Messages were left, or could not be moved. */
export const left = 2;
/** Ended before its time: by a signal, by "no", or by what it met. */
export const aborted = 3;

const narrowestColumn = 24;
const gap = 2;
const rowsPerTable = 50;

const colours = {
  redrive: "green",
  release: "cyan",
  discard: "gray",
  leave: "yellow",
  in_progress: "cyan",
  lapsed: "yellow",
  completed: "green",
  failed: "red",
  held: "red",
} as const;

/** A line, or several, on stdout. */
export function say(text: string): typeof done {
  printLine(text);
  return done;
}

/** The same on stderr: what is no result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function sayJson(value: unknown): typeof done {
  return say(JSON.stringify(value, undefined, 2));
}

/**
 * Rows in columns without borders. Columns in which nothing stands are left out, and so is a head of empty titles. The last column wraps where a
 * terminal is narrower.
 */
export function tableFor(stream: NodeJS.WriteStream, head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const texts = rows.map((row) => row.map(plain));
  const shown = head.flatMap((_, column) => (texts.some((row) => row[column] !== "") ? [column] : []));
  const pick = (row: readonly string[]) => shown.map((column) => row[column] ?? "");
  const widest = (column: number) => [head, ...texts].reduce((most, row) => Math.max(most, (row[column] ?? "").length), 0);
  const widths = shown.map((column) => widest(column) + gap);
  const options = {
    colWidths: fitting(widths, stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY),
    wordWrap: true,
    chars: noBorders,
    style: { "padding-left": 0, "padding-right": gap, head: [], border: [] },
  };
  const titles = pick(head).map((title) => painted(stream, "bold", title));
  const painting = (row: readonly string[]) => pick(row).map((text) => painted(stream, colours[text as keyof typeof colours], text));
  const all = [...(head.some((title) => title !== "") ? [titles] : []), ...texts.map(painting)];
  return batchesOf(all)
    .map((batch) => {
      const table = new Table(options);
      table.push(...batch);
      return table.toString();
    })
    .join("\n")
    .replaceAll(/ +$/gm, "");
}

// cli-table3 takes time in the square of the rows: 10,000 in one table are 20 seconds.
function batchesOf<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / rowsPerTable) }, (_, i) => rows.slice(i * rowsPerTable, (i + 1) * rowsPerTable));
}

/** Text of others on one line, without what a terminal would obey. */
export function plain(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

const noBorders = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("middle", "mid-mid")
    .map((name) => [name, ""]),
);

function fitting(widths: readonly number[], columns: number): number[] {
  const others = widths.slice(0, -1);
  const room = columns - others.reduce((sum, width) => sum + width, 0);
  return [...others, Math.min(widths.at(-1) ?? 0, Math.max(narrowestColumn, room))];
}

// Asked here: of the streams, and of NO_COLOR, not every Node's styleText asks.
function painted(stream: NodeJS.WriteStream, format: Parameters<typeof styleText>[0] | undefined, text: string): string {
  if (format === undefined || !stream.isTTY || !stream.hasColors()) return text;
  return styleText(format, text, { validateStream: false });
}
