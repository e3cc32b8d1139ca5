import { checkFields, fail, isObject, matching, optional } from "../core/check.ts";
import { describeError } from "../core/errors.ts";
import type { IdempotencyEvent } from "../core/events.ts";

export interface EmfOptions {
  /** The CloudWatch namespace, 1 to 255 characters. Default: `LambdaOnce`. */
  namespace?: string | undefined;
  /** What every metric has beside `Operation`, such as a stage: at most 29, each of 1 to 1,024 printable characters. */
  dimensions?: Readonly<Record<string, string>> | undefined;
}

/** Metrics by event: how often it happened. */
const names = {
  claimed: "Claimed",
  taken_over: "TakenOver",
  replayed: "Replayed",
  in_progress: "InProgress",
  mismatch: "Mismatch",
  unknown: "Unknown",
  completed: "Completed",
  failed: "Failed",
  held: "Held",
  released: "Released",
  lease_lost: "LeaseLost",
  result_not_kept: "ResultNotKept",
  store_error: "StoreError",
  unprotected: "Unprotected",
  lease_guessed: "LeaseGuessed",
  key_lost_on_redrive: "KeyLostOnRedrive",
  deferred: "Deferred",
  visibility_unchanged: "VisibilityUnchanged",
} as const satisfies Record<IdempotencyEvent["type"], string>;

const operationDimension = "Operation";
/** A takeover after a run that ended without an answer: what an alarm is about, where one after a failure is an ordinary retry. */
const lapsedName = "LeaseLapsed";
/** How long a run took, from its claim to its end. */
const durationName = "Duration";
/** Names that a line has by itself. */
const taken: ReadonlySet<string> = new Set([operationDimension, durationName, lapsedName, "_aws", "event", ...Object.values(names)]);

/** CloudWatch takes 30. */
const maxDimensions = 29;
const printable = /^[\x20-\x7e]{1,1024}$/;

const optionChecks = {
  namespace: optional(
    matching(/^(?!AWS\/)(?=.*\S)[\w.\-/# ]{1,255}$/, "give 1 to 255 letters, digits and . - _ / #; AWS/ is AWS's own"),
    "LambdaOnce",
  ),
  dimensions: optional(checkDimensions, {}),
};

/**
 * Metrics for `onEvent`: each event writes a line of CloudWatch's Embedded Metric Format to the standard output, from which
 * CloudWatch Logs makes metrics without a request of the function's. One metric by event, counted, by `Operation`; `Replayed` is
 * the number of duplicates that were answered without a run, and `LeaseLapsed` that of the takeovers after a run that ended without an
 * answer. `Completed`, `Failed`, `Held` and `Released` come with `Duration`, in
 * milliseconds. What else the event says, such as `keyHash`, is in the line for CloudWatch Logs Insights and costs no metric.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @throws IdempotencyError `CONFIG_INVALID` for a wrong option.
 * @example
 * export const handler = idempotent(charge, { store, operation: "charge", key, onEvent: emfMetrics() });
 */
export function emfMetrics(options: EmfOptions = {}): (event: IdempotencyEvent) => void {
  const { namespace, dimensions } = checkFields(options, "options", optionChecks);
  const dimensionNames = [operationDimension, ...Object.keys(dimensions)];
  return (event) => {
    const metrics = metricsOf(event);
    const directive = { Namespace: namespace, Dimensions: [dimensionNames], Metrics: metrics.map(({ Name, Unit }) => ({ Name, Unit })) };
    const { at, operation, ...rest } = event;
    const line = {
      _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
      [operationDimension]: operation,
      ...dimensions,
      ...Object.fromEntries(metrics.map(({ Name, value }) => [Name, value])),
      event: "error" in rest ? { ...rest, error: describeError(rest.error) } : rest,
    };
    // Not by console.log, whose lines have a prefix on Lambda: CloudWatch reads metrics from lines that are JSON.
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
}

interface Metric {
  readonly Name: string;
  readonly Unit: "Count" | "Milliseconds";
  readonly value: number;
}

function metricsOf(event: IdempotencyEvent): Metric[] {
  const metrics: Metric[] = [{ Name: names[event.type], Unit: "Count", value: 1 }];
  if (event.type === "taken_over" && event.from === "lapsed") metrics.push({ Name: lapsedName, Unit: "Count", value: 1 });
  if (isEnd(event)) metrics.push({ Name: durationName, Unit: "Milliseconds", value: event.durationMs });
  return metrics;
}

function isEnd(event: IdempotencyEvent): event is Extract<IdempotencyEvent, { type: "completed" | "failed" | "held" | "released" }> {
  return event.type === "completed" || event.type === "failed" || event.type === "held" || event.type === "released";
}

function checkDimensions(value: unknown, path: string): Readonly<Record<string, string>> {
  if (!isObject(value) || Array.isArray(value)) throw fail(path, value, "give an object of texts");
  const entries = Object.entries(value);
  if (entries.length > maxDimensions)
    throw fail(path, value, `give at most ${maxDimensions}: CloudWatch takes 30 with ${operationDimension}`);
  for (const [name, given] of entries) {
    if (!printable.test(name) || name.length > 250 || name.startsWith(":"))
      throw fail(`${path}.${name}`, name, "name it by 1 to 250 printable characters, the first of which is no colon");
    if (taken.has(name)) throw fail(`${path}.${name}`, given, "is what the line has by itself: take another name");
    if (typeof given !== "string" || !printable.test(given) || given.trim() === "")
      throw fail(`${path}.${name}`, given, "give 1 to 1,024 printable ASCII characters");
  }
  return Object.freeze({ ...value }) as Readonly<Record<string, string>>;
}
