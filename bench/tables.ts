// What was measured, as tables: for the terminal and for docs/cost.md.
import type { Verdict } from "./bars.ts";
import { sizeOf } from "./format.ts";
import { httpTables } from "./http-tables.ts";
import type { LimitRow } from "./limits.ts";
import { type Bill, dollarsOf } from "./meter.ts";
import { type PathRow, pathSizesKb } from "./paths.ts";
import { billOf, costRatio, type Results } from "./results.ts";
import { sqsTables } from "./sqs-tables.ts";
import { type Cell, rounded, type TableData } from "./table-data.ts";

/** All that was measured. */
export function tablesOf(results: Results): readonly TableData[] {
  const { cost, paths, limits, cpu, sqs, http, bundle, import: imports } = results;
  return [
    ...(cost === undefined ? [] : [costTable(results, cost), hugeTable(cost)]),
    ...(paths === undefined ? [] : [pathsTable(paths)]),
    ...(limits === undefined ? [] : [besideTable(limits), compressedTable(limits)]),
    ...(cpu === undefined ? [] : [cpuTable(cpu)]),
    ...(sqs === undefined ? [] : sqsTables(sqs)),
    ...(http === undefined ? [] : httpTables(http)),
    ...(bundle === undefined ? [] : [bundleTable(bundle)]),
    ...(imports === undefined ? [] : [importTable(imports)]),
  ];
}

/** The bars, each with its value and its limit. */
export function barsTable(verdicts: readonly Verdict[]): TableData {
  const marks = { holds: "✓ holds", missed: "– missed", falls: "✗ FALLS" } as const;
  return {
    name: "bars",
    title: "Bars",
    head: ["bar", "measured", "at most", ""],
    rows: verdicts.map(({ bar, value, outcome }) => [bar.name, rounded(value), bar.limit, marks[outcome]]),
  };
}

function costTable(results: Results, { rows, compressibility }: NonNullable<Results["cost"]>): TableData {
  const cells = rows
    .filter(({ library, path }) => library === "ours" && (path === "fresh" || path === "replay"))
    .map(({ content, kb, path, ...ours }) => {
      const peer = billOf(results, "peer", path, content, kb);
      const ratio = compressibility.find((found) => found.content === content && found.kb === kb)?.ratio;
      return [
        content,
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
  return {
    name: "cost",
    title: "Cost of a call: requests, write and read units (w, r); $ a million calls; brotli: how many times smaller it makes the result",
    head: ["result", "JSON", "brotli", "path", "ours", "Powertools", "ours $", "Powertools $", "ratio"],
    rows: cells,
  };
}

function hugeTable({ huge }: NonNullable<Results["cost"]>): TableData {
  return {
    name: "huge",
    title: "A result that no item holds",
    head: ["", "JSON", "first caller", "duplicate", "runs"],
    rows: huge.map(({ library, kb, firstError, duplicateError, runs }) => [
      nameOf(library),
      sizeOf(kb),
      firstError?.slice(0, 60) ?? "the result",
      duplicateError?.slice(0, 60) ?? "the same result",
      runs,
    ]),
  };
}

function pathsTable(rows: readonly PathRow[]): TableData {
  return {
    name: "paths",
    title: "Each path by size of the result: requests: write and read units (w, r), $ a million calls",
    head: ["path", ...pathSizesKb.map(sizeOf)],
    rows: [...Map.groupBy(rows, ({ path }) => path)].map(([path, sizes]) => [
      path,
      ...sizes.map(({ bill }) => `${unitsOf(bill)}, $${dollars(bill)}`),
    ]),
  };
}

function besideTable(rows: readonly LimitRow[]): TableData {
  return {
    name: "beside",
    title: "Where a result is kept, by its size as stored: write and read units (w, r); $ a million calls",
    head: ["stored", "in the record: fresh", "replay", "beside it: fresh", "replay", "break-even: duplicates for each first delivery"],
    rows: limitRows(rows, "beside"),
  };
}

function compressedTable(rows: readonly LimitRow[]): TableData {
  return {
    name: "compressed",
    title: "Compression of a result in its record: write units (w); $ a million calls",
    head: ["JSON", "as it is: fresh", "replay", "compressed: fresh", "replay"],
    rows: limitRows(rows, "compressed").map((row) => row.slice(0, -1)),
  };
}

function limitRows(rows: readonly LimitRow[], limit: LimitRow["limit"]): readonly (readonly Cell[])[] {
  return rows
    .filter((row) => row.limit === limit)
    .map(({ kb, below, above, breakEven }) => [
      sizeOf(kb),
      ...[below.fresh, below.replay, above.fresh, above.replay].map((bill) => `${unitsOf(bill)}, $${dollars(bill)}`),
      breakEven === undefined ? "never" : breakEven.toFixed(2),
    ]);
}

function cpuTable(rows: NonNullable<Results["cpu"]>): TableData {
  return {
    name: "cpu",
    title: "Own CPU time of a call, µs, all threads; the client answers at once",
    head: ["result", "JSON", "path", "ours", "Powertools", "ratio", "ours, plain", "ratio"],
    rows: rows.map(({ content, kb, path, oursUs, peerUs, ratio, plainUs, plainRatio }) => [
      content,
      sizeOf(kb),
      path,
      oursUs.toFixed(0),
      peerUs.toFixed(0),
      rounded(ratio),
      plainUs.toFixed(0),
      rounded(plainRatio),
    ]),
  };
}

function bundleTable(rows: NonNullable<Results["bundle"]>): TableData {
  return {
    name: "bundle",
    title: "Bundle, minified, without AWS SDK and Middy, bytes",
    head: ["", "middleware", "bytes", "gzip"],
    rows: rows.map(({ library, withMiddy, bytes, gzipBytes }) => [nameOf(library), withMiddy ? "with" : "without", bytes, gzipBytes]),
  };
}

function importTable(rows: NonNullable<Results["import"]>): TableData {
  return {
    name: "import",
    title: "Cold import in new processes, ms: with the SDK's client, and of that, once the client is there",
    head: ["", "with the client", "own"],
    rows: rows.map(({ what, ms, ownMs }) => [
      what === "client" ? "the client alone" : what.replace("ours", nameOf("ours")).replace("peer", nameOf("peer")),
      ms.toFixed(1),
      ownMs.toFixed(1),
    ]),
  };
}

function nameOf(library: "ours" | "peer"): string {
  return library === "ours" ? "lambda-once" : "Powertools";
}

function unitsOf(bill: Bill | undefined): Cell {
  if (bill === undefined) return "refused";
  const { requests, writeUnits, readUnits } = bill;
  return `${requests}: ${writeUnits} w${readUnits > 0 ? ` + ${readUnits} r` : ""}`;
}

function dollars(bill: Bill | undefined): Cell {
  return bill && dollarsOf(bill).toFixed(3);
}
