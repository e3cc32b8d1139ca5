import { styleText } from "node:util";
import Table from "cli-table3";
import { effectsOf, type Played } from "./check.ts";
import type { RecordItem } from "./records.ts";
import type { Requests } from "./requests.ts";

// No colours of the tables' own: styleText asks the terminal and NO_COLOR, cli-table3 does not.
const style = { head: [], border: [] };
const hourSeconds = 3600;
const daySeconds = 24 * hourSeconds;

/** What a scenario is about, before it is played. */
export function heading(number: number, name: string, story: string): string {
  return `${String(number).padStart(2)}  ${styleText("bold", name)}\n    ${styleText("dim", story)}`;
}

/** What came of the scenarios; 110 columns wide. */
export function scenarioTable(all: readonly Played[]): string {
  const table = new Table({
    head: ["#", "scenario", "deliveries", "runs", "replays", "refusals", "requests", "effects"],
    colWidths: [4, 31, 12, 6, 9, 10, 10, 19],
    colAligns: ["right", "left", "right", "right", "right", "right", "right", "left"],
    style,
  });
  for (const [index, played] of all.entries()) {
    const { scenario, deliveries, runs, replays, refusals, requests } = played;
    table.push([index + 1, scenario.name, deliveries, runs, replays, refusals, requests, effectLines(played)]);
  }
  return table.toString();
}

/** The requests by action, in one line. */
export function requestLine(requests: Requests): string {
  const parts = [...requests].toSorted(([, a], [, b]) => b - a).map(([action, count]) => `${count} ${action}`);
  return `Requests to DynamoDB: ${parts.join(", ") || "none"}.`;
}

/** The records as the table holds them, in the order of the scenarios; 110 columns wide. */
export function recordTable(records: readonly RecordItem[], all: readonly Played[], nowMs: number): string {
  const table = new Table({
    head: ["#", "operation", "key", "status", "attempt", "encoding", "result", "lease", "expires"],
    colWidths: [4, 11, 11, 13, 9, 10, 23, 10, 9],
    colAligns: ["right", "left", "left", "left", "right", "left", "left", "left", "right"],
    style: { ...style, compact: true },
  });
  const numberOf = (record: RecordItem): number => all.findIndex(({ keyHashes }) => keyHashes.includes(record.keyHash)) + 1;
  const inOrder = records.toSorted((a, b) => numberOf(a) - numberOf(b) || a.keyHash.localeCompare(b.keyHash));
  for (const record of inOrder) {
    const { operation, keyHash, status, attempt, encoding = "–", leaseUntil, expiresAt } = record;
    table.push([
      numberOf(record),
      operation,
      `${keyHash.slice(0, 8)}…`,
      status,
      attempt,
      encoding,
      resultText(record),
      timeOfDay(leaseUntil),
      until(expiresAt, nowMs),
    ]);
  }
  return table.toString();
}

/** Time of day, UTC. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

function effectLines({ effects, scenario }: Played): string {
  const lines = effectsOf(effects, scenario.expected.effects).map(({ what, is, should }) => {
    const line = `${what} ${is} of ${should} ${is === should ? "✓" : "✗"}`;
    return styleText(is === should ? "green" : "red", line);
  });
  return lines.join("\n");
}

function resultText({ result, encoding }: RecordItem): string {
  if (typeof result === "string") return result;
  if (result !== undefined) return `${result.byteLength} bytes`;
  return encoding === "void" ? "undefined" : "–";
}

function until(expiresAt: number, nowMs: number): string {
  const seconds = expiresAt - nowMs / 1000;
  if (seconds <= 0) return "expired";
  return seconds > 2 * daySeconds ? `in ${Math.round(seconds / daySeconds)} d` : `in ${Math.round(seconds / hourSeconds)} h`;
}
