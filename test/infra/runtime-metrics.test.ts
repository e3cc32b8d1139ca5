// Alarms and dashboard look at what the runtime writes: namespace, dimension and names are held against its own lines.
import { Template } from "aws-cdk-lib/assertions";
import { afterEach, expect, it, vi } from "vitest";
import type { IdempotencyEvent } from "../../src/core/events.ts";
import { emfMetrics } from "../../src/metrics/index.ts";
import { env, newConsumer, newStack } from "./support.ts";

afterEach(() => void vi.restoreAllMocks());

const end = { attempt: 1, durationMs: 5, errorName: "Error" };
const events = {
  claimed: { attempt: 1, durationMs: 5 },
  taken_over: { attempt: 2, from: "lapsed" },
  replayed: { attempt: 1, ageMs: 5 },
  in_progress: { retryAfterMs: 5 },
  mismatch: {},
  completed: { attempt: 1, durationMs: 5, encoding: "json", bytes: 5 },
  unknown: {},
  failed: end,
  held: end,
  released: end,
  lease_lost: { attempt: 1 },
  result_not_kept: { attempt: 1, reason: "too_large" },
  store_error: { during: "claim", error: new Error("down") },
  deferred: { visibilitySeconds: 5 },
};

interface Line {
  readonly _aws: { readonly CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
}

/** `namespace, dimensions, name` of each metric that the runtime writes. */
function written(): Set<string> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  const onEvent = emfMetrics();
  for (const [type, rest] of Object.entries(events))
    onEvent({ type, operation: "orders", at: 0, keyHash: "k", ...rest } as IdempotencyEvent);
  return new Set(
    lines
      .flatMap((line) => (JSON.parse(line) as Line)._aws.CloudWatchMetrics)
      .flatMap(({ Namespace, Dimensions, Metrics }) => Metrics.map(({ Name }) => [Namespace, ...Dimensions.flat(), Name].join())),
  );
}

/** The same of each metric that a consumer looks at. */
function lookedAt(): Set<string> {
  const stack = newStack({ env });
  newConsumer(stack, { operation: "orders", dashboard: true });
  const template = JSON.stringify(Template.fromStack(stack).toJSON());
  const inAlarms = template.matchAll(
    /"Dimensions":\[\{"Name":"(\w+)","Value":"orders"\}\],.{0,60}?"MetricName":"(\w+)","Namespace":"(\w+)"/g,
  );
  const inWidgets = template.replaceAll("\\", "").matchAll(/\["(\w+)","(\w+)","(\w+)","orders"/g);
  return new Set([
    ...[...inAlarms].map(([, dimension, name, namespace]) => [namespace, dimension, name].join()),
    ...[...inWidgets].map(([, namespace, name, dimension]) => [namespace, dimension, name].join()),
  ]);
}

it("each metric that is looked at is written", () => {
  const all = written();
  const seen = [...lookedAt()];
  expect(seen.filter((metric) => !all.has(metric))).toEqual([]);
  expect(seen.map((metric) => String(metric.split(",")[2])).sort()).toEqual([
    "Claimed",
    "Completed",
    "Deferred",
    "Failed",
    "Held",
    "InProgress",
    "LeaseLapsed",
    "LeaseLost",
    "Mismatch",
    "Released",
    "Replayed",
    "ResultNotKept",
    "StoreError",
    "TakenOver",
    "Unknown",
  ]);
});
