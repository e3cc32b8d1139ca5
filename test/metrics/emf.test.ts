// Metrics by CloudWatch's Embedded Metric Format: each event of a delivery is a line, and each line what CloudWatch reads.
import { Ajv } from "ajv";
import { afterEach, describe, expect, it, vi } from "vitest";
import { idempotent, type IdempotencyEvent } from "../../src/index.ts";
import { emfMetrics, type EmfOptions } from "../../src/metrics/index.ts";
import { memoryBench } from "../support/bench.ts";
import { emfSchema } from "./emf-schema.ts";

const isEmf = new Ajv({ allErrors: true }).compile(emfSchema);
const units = new Set(["Count", "Milliseconds"]);

interface Line extends Record<string, unknown> {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

/** What a listener writes for events. */
function linesOf(events: readonly IdempotencyEvent[], options?: EmfOptions): Line[] {
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  try {
    const listener = emfMetrics(options);
    for (const event of events) listener(event);
  } finally {
    vi.restoreAllMocks();
  }
  return written.map((text) => {
    expect(text).toMatch(/^\{.*\}\n$/);
    return JSON.parse(text) as Line;
  });
}

afterEach(() => vi.restoreAllMocks());

const common = { operation: "charge", keyHash: "k".repeat(43), at: 1_767_225_600_000 };
const ended = { ...common, attempt: 1, durationMs: 12, errorName: "Declined" };
const all: Record<IdempotencyEvent["type"], IdempotencyEvent> = {
  claimed: { ...common, type: "claimed", attempt: 1, durationMs: 3 },
  taken_over: { ...common, type: "taken_over", attempt: 2, from: "lapsed" },
  replayed: { ...common, type: "replayed", attempt: 1, ageMs: 5 },
  in_progress: { ...common, type: "in_progress", retryAfterMs: 900 },
  mismatch: { ...common, type: "mismatch" },
  unknown: { ...common, type: "unknown" },
  completed: { ...common, type: "completed", attempt: 1, durationMs: 12, encoding: "json", bytes: 4 },
  failed: { ...ended, type: "failed" },
  held: { ...ended, type: "held" },
  released: { ...ended, type: "released" },
  lease_lost: { ...common, type: "lease_lost", attempt: 1 },
  result_not_kept: { ...common, type: "result_not_kept", attempt: 1, reason: "too large" },
  store_error: { ...common, type: "store_error", during: "claim", error: new Error("away") },
  unprotected: { ...common, type: "unprotected", reason: "disabled" },
  lease_guessed: { ...common, type: "lease_guessed" },
  key_lost_on_redrive: { operation: "charge", at: common.at, type: "key_lost_on_redrive" },
  deferred: { ...common, type: "deferred", visibilitySeconds: 30 },
  visibility_unchanged: { operation: "charge", at: common.at, type: "visibility_unchanged", error: { Code: "x" } },
};

describe.for(Object.entries(all))("an event %s", ([type, event]) => {
  it("is a line that CloudWatch reads, with a metric of its name", () => {
    const [line] = linesOf([event]);
    expect(isEmf(line), JSON.stringify(isEmf.errors)).toBe(true);
    if (line === undefined) throw new Error("no line");
    const [{ Namespace, Dimensions, Metrics } = { Namespace: "", Dimensions: [], Metrics: [] }] = line._aws.CloudWatchMetrics;
    const name = type.replace(/(^|_)(.)/g, (_all, _dash, letter: string) => letter.toUpperCase());
    expect(line._aws.Timestamp).toBe(common.at);
    expect({ Namespace, Dimensions }).toEqual({ Namespace: "LambdaOnce", Dimensions: [["Operation"]] });
    expect(Metrics[0]).toEqual({ Name: name, Unit: "Count" });
    expect([line["Operation"], line[name]]).toEqual(["charge", 1]);
    // Each metric has a number, each dimension a text, and a unit is one of CloudWatch's.
    for (const { Name, Unit } of Metrics) expect([typeof line[Name], units.has(Unit)]).toEqual(["number", true]);
    expect(line["event"]).toMatchObject({ type });
  });
});

it("the end of a run comes with its duration, nothing else does", () => {
  const durations = Object.values(all).flatMap((event) => linesOf([event]).filter((line) => "Duration" in line));
  expect(durations.map((line) => (line["event"] as IdempotencyEvent).type)).toEqual(["completed", "failed", "held", "released"]);
  expect(durations.map((line) => [line["Duration"], line._aws.CloudWatchMetrics[0]?.Metrics[1]])).toEqual(
    durations.map(() => [12, { Name: "Duration", Unit: "Milliseconds" }]),
  );
});

it.each([
  ["lapsed", ["TakenOver", "LeaseLapsed"]],
  ["released", ["TakenOver"]],
  ["expired", ["TakenOver"]],
  ["failed", ["TakenOver"]],
] as const)("a takeover after a run that is %s", (from, counted) => {
  const [line] = linesOf([{ ...common, type: "taken_over", attempt: 2, from }]);
  expect(line?._aws.CloudWatchMetrics[0]?.Metrics.map(({ Name }) => Name)).toEqual(counted);
  expect(counted.map((name) => line?.[name])).toEqual(counted.map(() => 1));
});

it("an error is told by name and message", () => {
  const [line] = linesOf([all.store_error]);
  expect(line?.["event"]).toMatchObject({ during: "claim", error: { name: "Error", message: "away" } });
});

it("has the namespace and the dimensions that are given", () => {
  const [line] = linesOf([all.replayed], { namespace: "Payments", dimensions: { Stage: "prod", "Cell/Zone": "a 1" } });
  expect(isEmf(line)).toBe(true);
  expect(line?._aws.CloudWatchMetrics).toMatchObject([{ Namespace: "Payments", Dimensions: [["Operation", "Stage", "Cell/Zone"]] }]);
  expect(line).toMatchObject({ Operation: "charge", Stage: "prod", "Cell/Zone": "a 1" });
});

it("counts what a wrapped handler does: one run, one duplicate", async () => {
  const { store } = await memoryBench.open();
  const events: IdempotencyEvent[] = [];
  const charge = idempotent((_event: object) => "ok", {
    store,

    operation: "charge",
    key: () => "1",
    leaseMs: 1000,
    onEvent: (event) => events.push(event),
  });
  await charge({});
  await charge({});
  const counted = linesOf(events).flatMap((line) => line._aws.CloudWatchMetrics[0]?.Metrics.map(({ Name }) => Name) ?? []);
  expect(counted).toEqual(["Claimed", "Completed", "Duration", "Replayed"]);
});

it("the schema refuses a line that is none", () => {
  const [line] = linesOf([all.replayed]);
  for (const wrong of [{}, { ...line, _aws: { CloudWatchMetrics: [] } }, { _aws: { Timestamp: 1.5, CloudWatchMetrics: [{}] } }])
    expect(isEmf(wrong)).toBe(false);
});

describe("a wrong option is CONFIG_INVALID, with its path", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}`, "x"]));
  it.for<[path: string, options: unknown]>([
    ["options", null],
    ["other", { other: 1 }],
    ["namespace", { namespace: "" }],
    ["namespace", { namespace: "a:b" }],
    ["namespace", { namespace: " " }],
    ["namespace", { namespace: "AWS/Payments" }],
    ["namespace", { namespace: "x".repeat(256) }],
    ["namespace", { namespace: 5 }],
    ["dimensions", { dimensions: [] }],
    ["dimensions", { dimensions: "Stage" }],
    ["dimensions", { dimensions: many }],
    ["dimensions.Stage", { dimensions: { Stage: "" } }],
    ["dimensions.Stage", { dimensions: { Stage: " " } }],
    ["dimensions.Stage", { dimensions: { Stage: "é" } }],
    ["dimensions.Stage", { dimensions: { Stage: 5 } }],
    ["dimensions.Stage", { dimensions: { Stage: "x".repeat(1025) } }],
    ["dimensions.", { dimensions: { "": "x" } }],
    ["dimensions.:a", { dimensions: { ":a": "x" } }],
    [`dimensions.${"x".repeat(251)}`, { dimensions: { ["x".repeat(251)]: "x" } }],
    ["dimensions.Operation", { dimensions: { Operation: "x" } }],
    ["dimensions.Duration", { dimensions: { Duration: "x" } }],
    ["dimensions.Replayed", { dimensions: { Replayed: "x" } }],
    ["dimensions._aws", { dimensions: { _aws: "x" } }],
    ["dimensions.event", { dimensions: { event: "x" } }],
  ])("%s", ([path, options]) => {
    expect(() => emfMetrics(options as EmfOptions)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", path }));
  });
});
