// The chart in README: what a million calls cost, by the size of their results.
import { sizeOf } from "./format.ts";
import type { LibraryName } from "./libraries.ts";
import { dollarsOf } from "./meter.ts";
import { hugeKb, sizesKb } from "./orders.ts";
import { billOf, type Results } from "./results.ts";

interface Point {
  readonly kb: number;
  readonly dollars: number;
}

interface Panel {
  readonly path: "fresh" | "replay";
  readonly title: string;
  readonly left: number;
}

const width = 880;
const height = 400;
const plot = { top: 76, bottom: 326, width: 350 };
const kbTicks = [0.2, 1, 4, 20, 100, hugeKb];
const dollarTicks = [0.1, 1, 10, 100, 1000];
const panels: readonly Panel[] = [
  { path: "fresh", title: "fresh: the work runs", left: 64 },
  { path: "replay", title: "replay: a duplicate is answered", left: 500 },
];
const series: readonly { readonly library: LibraryName; readonly label: string; readonly className: string }[] = [
  { library: "peer", label: "Powertools 2.35", className: "peer" },
  { library: "ours", label: "lambda-once", className: "ours" },
];

// A background of its own in both modes: the page around it may be in the other one.
const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 15px; font-weight: 600 } .small { font-size: 11px; fill: #59636e }
  .back { fill: #ffffff } .grid { stroke: #d1d9e0 } .line { fill: none; stroke-width: 2.5 }
  .ours { stroke: #0969da } .peer { stroke: #bc4c00 } .ours.dot { fill: #0969da } .peer.dot { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .small { fill: #9198a1 } .back { fill: #0d1117 } .grid { stroke: #3d444d }
    .ours { stroke: #58a6ff } .peer { stroke: #f0883e } .ours.dot { fill: #58a6ff } .peer.dot { fill: #f0883e }
  }`;

export function chart(results: Results): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">DynamoDB cost of a million calls by size of the result: lambda-once and Powertools, fresh and replay</title>
<style>${style}
</style>
<rect class="back" width="${width}" height="${height}" rx="6"/>
${text(24, 30, "DynamoDB cost of a million calls, US$, by size of the result (JSON order lists)", "title")}
${panels.map((panel) => panelOf(results, panel)).join("\n")}
${legend()}
${text(width - 24, height - 14, "npm run bench · request units counted on DynamoDB Local · both axes logarithmic", "small", "end")}
</svg>
`;
}

function panelOf(results: Results, { path, title, left }: Panel): string {
  const lines = series.flatMap(({ library, className }) => {
    const points = pointsOf(results, library, path).map(({ kb, dollars }) => `${x(kb, left)},${y(dollars)}`);
    const dots = points
      .map((point) => point.split(","))
      .map(([cx, cy]) => `<circle class="${className} dot" cx="${cx}" cy="${cy}" r="3"/>`);
    return [`<polyline class="${className} line" points="${points.join(" ")}"/>`, ...dots];
  });
  const grid = [
    ...dollarTicks.map((dollars) => gridLine(left, y(dollars), left + plot.width, y(dollars))),
    ...kbTicks.map((kb) => gridLine(x(kb, left), plot.top, x(kb, left), plot.bottom)),
  ];
  const labels = [
    text(left, plot.top - 14, title),
    ...dollarTicks.map((dollars) => text(left - 8, y(dollars) + 4, `$${dollars}`, "small", "end")),
    ...kbTicks.map((kb) => text(x(kb, left), plot.bottom + 18, sizeOf(kb), "small", "middle")),
  ];
  return [...grid, ...labels, ...lines].join("\n");
}

function pointsOf(results: Results, library: LibraryName, path: Panel["path"]): Point[] {
  return [...sizesKb, hugeKb].flatMap((kb) => {
    const bill = billOf(results, library, path, "orders", kb);
    return bill === undefined ? [] : [{ kb, dollars: dollarsOf(bill) }];
  });
}

function legend(): string {
  const entries = series.toReversed().map(({ label, className }, i) => {
    const left = 24 + i * 130;
    return `<line class="${className} line" x1="${left}" y1="366" x2="${left + 22}" y2="366"/>\n${text(left + 28, 370, label)}`;
  });
  return [...entries, text(312, 370, "Powertools refuses results above 400 KB, after the work has run", "small")].join("\n");
}

function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

function text(left: number, base: number, words: string, className = "", anchor = "start"): string {
  return `<text x="${left}" y="${base}" class="${className}" text-anchor="${anchor}">${words}</text>`;
}

function x(kb: number, left: number): number {
  return round(left + plot.width * along(kb, kbTicks));
}

function y(dollars: number): number {
  return round(plot.bottom - (plot.bottom - plot.top) * along(dollars, dollarTicks));
}

/** Where a value is between the first and the last tick, from 0 to 1. */
function along(value: number, ticks: readonly number[]): number {
  const [first = 1] = ticks;
  return Math.log(value / first) / Math.log((ticks.at(-1) ?? 1) / first);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
