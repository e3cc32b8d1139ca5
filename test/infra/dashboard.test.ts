// The dashboard's body, as CloudWatch gets it.
import { aws_lambda as lambda, aws_logs as logs, Duration, type Stack } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { IdempotencyTable } from "../../infra/index.ts";
import { env, newConsumer, newFunction, newStack, propertiesOf, resourcesOf } from "./support.ts";

type Props = Parameters<typeof newConsumer>[1];

interface Widget {
  readonly type: string;
  readonly width: number;
  readonly x: number;
  readonly y: number;
  readonly properties: {
    readonly title?: string;
    readonly metrics?: unknown[][];
    readonly markdown?: string;
    readonly query?: string;
    readonly alarms?: string[];
  };
}

function dashboardOf(stack: Stack): Widget[] {
  const body = propertiesOf(stack, "AWS::CloudWatch::Dashboard")["DashboardBody"] as { "Fn::Join": [string, unknown[]] };
  // Each reference as a text in the text, as CloudFormation puts it there.
  const text = body["Fn::Join"][1]
    .map((part) =>
      typeof part === "string"
        ? part
        : Object.values(part as object)
            .flat()
            .join("."),
    )
    .join("");
  return (JSON.parse(text) as { widgets: Widget[] }).widgets;
}

function widgetsOf(props: Props): Widget[] {
  const stack = newStack({ env });
  newConsumer(stack, { dashboard: true, ...props });
  return dashboardOf(stack);
}

const titles = (widgets: Widget[]) => widgets.map(({ type, properties }) => properties.title ?? type);
/** The names of the metrics in a widget, and the expressions. */
const metricsIn = (widgets: Widget[], title: string) =>
  (widgets.find(({ properties }) => properties.title === title)?.properties.metrics ?? [])
    .map(([first, name]) => (typeof first === "object" ? (first as { expression: string }).expression : String(name)))
    .sort();

const rows = {
  alarms: ["Alarms"],
  runtime: ["Duplicates blocked (24 h)", "Runs and replays", "What did not go well"],
  rest: ["Messages", "Age of the oldest message", "Invocations", "Duration"],
  table: ["Table: latency, p99", "Table: trouble and contention", "Table: deleted by TTL"],
  failures: ["Last failures"],
  runbook: ["text"],
};

it("is there where it is asked for only", () => {
  const stack = newStack({ env });
  newConsumer(stack);
  expect(resourcesOf(stack, "AWS::CloudWatch::Dashboard")).toEqual({});
});

describe("rows", () => {
  it("are all there with an operation", () => {
    expect(titles(widgetsOf({ operation: "orders" }))).toEqual(Object.values(rows).flat());
  });

  it("are without the runtime's metrics where no operation is told", () => {
    const { runtime: _, ...others } = rows;
    expect(titles(widgetsOf({}))).toEqual(Object.values(others).flat());
  });

  it("are without alarms where these are off", () => {
    const { alarms: _, runtime: __, ...others } = rows;
    expect(titles(widgetsOf({ alarms: false }))).toEqual(Object.values(others).flat());
  });

  it("are without the log of a function that does not tell it", () => {
    const stack = newStack({ env });
    newConsumer(stack, {
      handler: lambda.Function.fromFunctionName(stack, "Imported", "orders"),
      handlerTimeout: Duration.seconds(10),
      dashboard: true,
    });
    expect(titles(dashboardOf(stack))).not.toContain("Last failures");
  });

  it("fill the width and do not overlap", () => {
    const byRow = Map.groupBy(widgetsOf({ operation: "orders" }), ({ y }) => y);
    for (const row of byRow.values()) expect(row.reduce((sum, { width }) => sum + width, 0)).toBe(24);
  });
});

describe("widgets", () => {
  const widgets = widgetsOf({ operation: "orders" });

  it("the alarms are the composite one and all of its own", () => {
    const alarms = widgets[0]?.properties.alarms ?? [];
    expect(alarms).toHaveLength(12);
    expect(alarms[0]).toMatch(/^OrdersAlarmsAny/);
  });

  it.each([
    ["Runs and replays", ["Claimed", "Completed", "Replayed", "TakenOver"]],
    [
      "What did not go well",
      [
        "Deferred",
        "Failed",
        "Held",
        "InProgress",
        "LeaseLapsed",
        "LeaseLost",
        "Mismatch",
        "Released",
        "ResultNotKept",
        "StoreError",
        "Unknown",
      ],
    ],
    ["Duplicates blocked (24 h)", ["FILL(replayed, 0) + FILL(inProgress, 0)", "InProgress", "Replayed"]],
    ["Age of the oldest message", ["ApproximateAgeOfOldestMessage", "ApproximateAgeOfOldestMessage"]],
    [
      "Messages",
      [
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesVisible",
      ],
    ],
    ["Invocations", ["Errors", "Invocations", "Throttles"]],
    ["Duration", ["Duration", "Duration"]],
    ["Table: latency, p99", ["SuccessfulRequestLatency", "SuccessfulRequestLatency"]],
    ["Table: deleted by TTL", ["TimeToLiveDeletedItemCount"]],
  ])("%s", (title, metrics) => expect(metricsIn(widgets, title)).toEqual(metrics));

  it("the log is the function's, wherever it is", () => {
    const logOf = (props: (stack: Stack) => object) => {
      const stack = newStack({ env });
      newConsumer(stack, { handler: newFunction(stack, props(stack)), dashboard: true });
      return dashboardOf(stack).find(({ properties }) => properties.title === "Last failures")?.properties.query;
    };
    expect(logOf(() => ({}))).toMatch(/^SOURCE '\/aws\/lambda\/Handler/);
    expect(logOf((stack) => ({ logGroup: new logs.LogGroup(stack, "Log") }))).toMatch(/^SOURCE 'Log/);
  });

  it("the table's trouble is what is throttled, what fails, and what is refused", () => {
    const metrics = metricsIn(widgets, "Table: trouble and contention");
    expect(metrics.filter((name) => name.startsWith("FILL("))).toHaveLength(2);
    expect(new Set(metrics.filter((name) => !name.startsWith("FILL(")))).toEqual(
      new Set(["ConditionalCheckFailedRequests", "SystemErrors", "ThrottledRequests"]),
    );
  });

  it("the log's query asks for what the runtime writes of failures", () => {
    const query = widgets.find(({ properties }) => properties.title === "Last failures")?.properties.query;
    expect(query).toContain('filter event.type in ["released", "failed", "held", "store_error", "mismatch", "lease_lost"]');
    expect(query).toMatch(/^SOURCE .+ \| fields @timestamp, Operation, event\.type/s);
  });

  it("the text says how dead letters come back", () => {
    const { markdown } = widgets.at(-1)?.properties ?? {};
    expect(markdown).toMatch(/^\*\*Stack\/Orders\*\*/);
    expect(markdown).toMatch(/npx lambda-once redrive plan --table OrdersTable\w+ --operation orders .*--dlq OrdersDeadLetterQueue\w+`/);
  });
});

it("the table's metrics may be had one by one", () => {
  const stack = newStack({ env });
  const table = new IdempotencyTable(stack, "Idempotency");
  const shown = (metric: { toMetricConfig(): { metricStat?: unknown; mathExpression?: unknown } }) => {
    const { metricStat, mathExpression } = metric.toMetricConfig();
    return (metricStat ?? mathExpression) as Record<string, unknown>;
  };
  const minute = { period: Duration.minutes(1) };
  expect(shown(table.metric("SuccessfulRequestLatency", { statistic: "p99", ...minute }))).toMatchObject({
    namespace: "AWS/DynamoDB",
    metricName: "SuccessfulRequestLatency",
    statistic: "p99",
    period: minute.period,
  });
  expect(shown(table.metricConditionalCheckFailedRequests())).toMatchObject({
    metricName: "ConditionalCheckFailedRequests",
    statistic: "Sum",
  });
  expect(shown(table.metricTimeToLiveDeletedItems())).toMatchObject({ metricName: "TimeToLiveDeletedItemCount" });
  for (const metric of [table.metricThrottledRequests(minute), table.metricSystemErrors(minute)])
    expect(shown(metric)).toMatchObject({ period: 60, expression: expect.stringMatching(/^FILL\(.+ \+ FILL/) as string });
});
