import Table from "cli-table3";
import type { Verdict } from "./bars.ts";
import { sizeOf } from "./format.ts";
import { dollarsOf } from "./meter.ts";
import { billOf, costRatio, type Results } from "./results.ts";

type Cell = string | number | undefined;

const plain = { head: [], border: [] };

/** All that was measured, for people. */
export function tablesOf(results: Results): string {
  const tables = [costTable(results), hugeTable(results), cpuTable(results), bundleTable(results), importTable(results)];
  return tables.filter((text) => text !== undefined).join("\n\n");
}

/** The bars, each with its value and its limit. */
export function barsTable(verdicts: readonly Verdict[]): string {
  const marks = { holds: "✓ holds", missed: "– missed", falls: "✗ FALLS" } as const;
  return table(
    "Bars",
    ["bar", "measured", "at most", ""],
    verdicts.map(({ bar, value, outcome }) => [bar.name, rounded(value), bar.limit, marks[outcome]]),
  );
}

function costTable(results: Results): string | undefined {
  if (results.cost === undefined) return undefined;
  const { rows, compressibility } = results.cost;
  const cells = rows
    .filter(({ library, path }) => library === "ours" && path !== "hot")
    .map(({ content, kb, path, ...ours }) => {
      const peer = billOf(results, "peer", path, content, kb);
      const ratio = compressibility.find((found) => found.content === content && found.kb === kb)?.ratio;
      return [
        kb === 0 ? "–" : content,
        sizeOf(kb),
        ratio?.toFixed(1) ?? "–",
        path,
        unitsOf(ours),
        unitsOf(peer),
        dollars(ours),
        dollars(peer),
        rounded(costRatio(results, path, content, kb)),
      ];
    });
  return table(
    "Cost of a call: requests, write and read units (w, r); $ a million calls; brotli: how many times smaller it makes the result",
    ["result", "JSON", "brotli", "path", "ours", "Powertools", "ours $", "Powertools $", "ratio"],
    cells,
  );
}

function hugeTable({ cost }: Results): string | undefined {
  return (
    cost &&
    table(
      "A result that no item holds",
      ["", "JSON", "first caller", "duplicate", "runs"],
      cost.huge.map(({ library, kb, firstError, duplicateError, runs }) => [
        nameOf(library),
        sizeOf(kb),
        firstError?.slice(0, 60) ?? "the result",
        duplicateError?.slice(0, 60) ?? "the same result",
        runs,
      ]),
    )
  );
}

function cpuTable({ cpu }: Results): string | undefined {
  return (
    cpu &&
    table(
      "Own CPU time of a call, µs, all threads; the client answers at once",
      ["result", "JSON", "path", "ours", "Powertools", "ratio", "ours uncompressed", "ratio"],
      cpu.map(({ content, kb, path, oursUs, peerUs, ratio, plainUs, plainRatio }) => [
        content,
        sizeOf(kb),
        path,
        oursUs.toFixed(0),
        peerUs.toFixed(0),
        rounded(ratio),
        plainUs.toFixed(0),
        rounded(plainRatio),
      ]),
    )
  );
}

function bundleTable({ bundle }: Results): string | undefined {
  return (
    bundle &&
    table(
      "Bundle, minified, without AWS SDK and Middy, bytes",
      ["", "middleware", "bytes", "gzip"],
      bundle.map(({ library, withMiddy, bytes, gzipBytes }) => [nameOf(library), withMiddy ? "with" : "without", bytes, gzipBytes]),
    )
  );
}

function importTable({ import: rows }: Results): string | undefined {
  return (
    rows &&
    table(
      "Cold import with the SDK's client, ms",
      ["", "all", "own"],
      rows.map(({ what, ms, ownMs }) => [what === "client" ? "the client alone" : nameOf(what), ms.toFixed(1), ownMs.toFixed(1)]),
    )
  );
}

function table(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const made = new Table({ head: [...head], style: plain });
  made.push(...rows.map((row) => row.map((cell) => cell ?? "–")));
  return `${title}\n${made.toString()}`;
}

function nameOf(library: "ours" | "peer"): string {
  return library === "ours" ? "lambda-once" : "Powertools";
}

function unitsOf(bill: { readonly requests: number; readonly writeUnits: number; readonly readUnits: number } | undefined): Cell {
  if (bill === undefined) return "refused";
  const { requests, writeUnits, readUnits } = bill;
  return `${requests}: ${writeUnits} w${readUnits > 0 ? ` + ${readUnits} r` : ""}`;
}

function dollars(bill: { readonly requests: number; readonly writeUnits: number; readonly readUnits: number } | undefined): Cell {
  return bill && dollarsOf(bill).toFixed(2);
}

function rounded(value: number | undefined): Cell {
  return value === undefined ? undefined : Number(value.toFixed(3));
}
