import type { Finding } from "./finding.ts";
import type { Made, MadeWave } from "./play.ts";

/** Deliveries as numbered lines that a person can follow. */
export function wavesText(waves: readonly MadeWave[]): string {
  let number = 0;
  return waves
    .flatMap(({ laterMs, deliveries, log }) => {
      const later = laterMs > 0 ? `${laterMs} ms later, all leases have lapsed: ` : "";
      const lines = deliveries.map((made, i) => `  ${++number}. ${i === 0 ? later : "at the same time: "}${deliveryText(made)}`);
      return deliveries.length > 1 && log.length > 0 ? [...lines, `     the store decided: ${log.join(", ")}`] : lines;
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

const maxTextLength = 300;

function deliveryText({ event, environment, cold, ended: { kind, text } }: Made): string {
  const to = `events[${event}] to environment ${environment}${cold ? " (cold start)" : ""}`;
  if (kind === "died") return `${to}, which dies ${text}`;
  const shown = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
  return `${to}: ${kind} ${shown}`;
}
