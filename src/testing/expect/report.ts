import type { Finding } from "./finding.ts";
import { nameOf } from "../../core/record.ts";
import type { Made, MadeWave } from "./play.ts";
import type { Decided } from "./world.ts";

/** Deliveries as numbered lines that a person can follow. */
export function wavesText(waves: readonly MadeWave[]): string {
  let number = 0;
  return waves
    .flatMap(({ laterMs, deliveries, log }) => {
      const later = laterMs > 0 ? `${laterMs} ms later, all leases have lapsed: ` : "";
      const lines = deliveries.map((made, i) => `  ${++number}. ${i === 0 ? later : "at the same time: "}${deliveryText(made)}`);
      return deliveries.length > 1 && log.length > 0 ? [...lines, `     the store decided: ${logText(log)}`] : lines;
    })
    .join("\n");
}

/** The whole message of a handler that is not idempotent. */
export function findingText({ lines }: Finding, waves: readonly MadeWave[], seed: number): string {
  const count = waves.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
  return [
    "the handler is not idempotent",
    ...lines.map((line) => `  ${line}`),
    `The shortest schedule found that shows it, ${count} ${count === 1 ? "delivery" : "deliveries"}:`,
    wavesText(waves),
    `Again with just the schedule that it was found in: { seed: ${seed}, schedules: 1 }`,
  ].join("\n");
}

/** An effect that came again. */
export interface Repeated {
  readonly label: string;
  /** Of a list, a Set or a text, and no total. */
  readonly isElement: boolean;
}

/** The whole message of an event that does again what a failed delivery of it has done. */
export function repeatedText(event: number, repeated: readonly Repeated[], waves: readonly MadeWave[]): string {
  const why = "a delivery that failed had done this already, and its error released the key";
  const wayOut = "do the effect last, or let `onError` keep or hold";
  const alike = "; or it is another one that looks the same: equal elements cannot be told apart, put an id into them, or give a total";
  return [
    "the handler is not idempotent",
    ...repeated.map(({ label, isElement }) => `  ${label}: came again; ${why}: ${wayOut}${isElement ? alike : ""}`),
    `events[${event}] alone, delivered until it is answered:`,
    wavesText(waves),
  ].join("\n");
}

/** The requests, with what tells keys apart where there are several. */
function logText(log: readonly Decided[]): string {
  const isOneKey = new Set(log.map(({ id }) => nameOf(id))).size === 1;
  return log
    .map(({ environment, event, call, id, how }) => {
      const of = isOneKey ? "" : ` of "${id.operation}" for events[${event}]`;
      return `${environment} ${call}${of} ${how}`;
    })
    .join(", ");
}

const maxTextLength = 300;

function deliveryText({ event, environment, cold, left, ended: { kind, text }, leftOpen }: Made): string {
  const what = left === undefined ? `events[${event}]` : `of events[${event}], what its queue still has, ${left.join(", ")},`;
  const to = `${what} to environment ${environment}${cold ? " (cold start)" : ""}`;
  if (kind === "died") return `${to}, which dies ${text}`;
  const shown = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
  return `${to}: ${kind} ${shown}${leftOpen ? "\n     before its own claim was settled: the handler did not wait for that" : ""}`;
}
