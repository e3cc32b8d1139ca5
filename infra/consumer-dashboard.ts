// One page about a consumer.
import { Duration, Stack } from "aws-cdk-lib";
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryWidget,
  MathExpression,
  SingleValueWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { ConsumerAlarms } from "./consumer-alarms.ts";
import type { Consumer } from "./consumer-checks.ts";
import { logGroupNameOf } from "./handler-facts.ts";
import { type RuntimeMetrics, runtimeMetric, type RuntimeMetric } from "./runtime-metrics.ts";
import { named, systemErrors, throttledRequests } from "./table-metrics.ts";

const full = 24;

export function addConsumerDashboard(
  consumer: Consumer,
  table: ITable,
  alarms: ConsumerAlarms | undefined,
  runtime: RuntimeMetrics | undefined,
): Dashboard {
  return new Dashboard(consumer.monitors, "Dashboard", {
    widgets: [
      ...(alarms === undefined ? [] : [[new AlarmStatusWidget({ title: "Alarms", width: full, alarms: [alarms.any, ...alarms.alarms] })]]),
      ...(runtime === undefined ? [] : runtimeRows(runtime)),
      queueRow(consumer),
      functionRow(consumer),
      tableRow(table),
      ...failuresRow(consumer),
      [new TextWidget({ width: full, height: 3, markdown: runbook(consumer, table, runtime) })],
    ],
  });
}

function runtimeRows(runtime: RuntimeMetrics): IWidget[][] {
  const graph = (title: string, ...names: RuntimeMetric[]) =>
    new GraphWidget({ title, width: 9, left: names.map((name) => runtimeMetric(runtime, name)) });
  return [
    [
      new SingleValueWidget({
        title: "Duplicates blocked (24 h)",
        width: 6,
        metrics: [blocked(runtime)],
        setPeriodToTimeRange: false,
      }),
      graph("Runs and replays", "Claimed", "Completed", "Replayed", "TakenOver"),
      graph(
        "What did not go well",
        "Released",
        "Failed",
        "Deferred",
        "InProgress",
        "Mismatch",
        "Unknown",
        "Held",
        "StoreError",
        "LeaseLapsed",
        "LeaseLost",
        "ResultNotKept",
      ),
    ],
  ];
}

// Deliveries that did not run: answered from the record, or refused or put off while the first one ran. Not a mismatch, whose work is not done.
function blocked(runtime: RuntimeMetrics): IMetric {
  const period = Duration.days(1);
  return new MathExpression({
    expression: "FILL(replayed, 0) + FILL(inProgress, 0)",
    usingMetrics: {
      replayed: runtimeMetric(runtime, "Replayed", { period }),
      inProgress: runtimeMetric(runtime, "InProgress", { period }),
    },
    label: "Duplicates blocked",
    period,
  });
}

function queueRow({ queue, deadLetterQueue }: Consumer): IWidget[] {
  const queues = [["Queue", queue] as const, ...(deadLetterQueue === undefined ? [] : [["Dead letters", deadLetterQueue] as const])];
  return [
    new GraphWidget({
      title: "Messages",
      width: 12,
      left: queues.flatMap(([label, of]) => [
        of.metricApproximateNumberOfMessagesVisible({ label: `${label}: waiting`, statistic: "Maximum" }),
        of.metricApproximateNumberOfMessagesNotVisible({ label: `${label}: in flight`, statistic: "Maximum" }),
      ]),
    }),
    new GraphWidget({
      title: "Age of the oldest message",
      width: 12,
      left: queues.map(([label, of]) => of.metricApproximateAgeOfOldestMessage({ label, statistic: "Maximum" })),
    }),
  ];
}

function functionRow({ handler }: Consumer): IWidget[] {
  return [
    new GraphWidget({
      title: "Invocations",
      width: 12,
      left: [handler.metricInvocations(), handler.metricErrors(), handler.metricThrottles()],
    }),
    new GraphWidget({
      title: "Duration",
      width: 12,
      left: ["p50", "p99"].map((statistic) => handler.metricDuration({ statistic, label: statistic })),
    }),
  ];
}

function tableRow(table: ITable): IWidget[] {
  const latency = ["PutItem", "UpdateItem"].map((Operation) =>
    named(table, "SuccessfulRequestLatency", { statistic: "p99", label: Operation, dimensionsMap: { Operation } }),
  );
  return [
    new GraphWidget({ title: "Table: latency, p99", width: 8, left: latency }),
    new GraphWidget({
      title: "Table: trouble and contention",
      width: 8,
      left: [
        throttledRequests(table),
        systemErrors(table),
        named(table, "ConditionalCheckFailedRequests", { label: "Refused conditions: duplicates" }),
      ],
    }),
    new GraphWidget({ title: "Table: deleted by TTL", width: 8, left: [named(table, "TimeToLiveDeletedItemCount")] }),
  ];
}

/** An imported function does not tell its log group. */
function failuresRow({ handler }: Consumer): IWidget[][] {
  const logGroupName = logGroupNameOf(handler);
  if (logGroupName === undefined) return [];
  const queryLines = [
    "fields @timestamp, Operation, event.type, event.errorName, event.error, event.keyHash",
    'filter event.type in ["released", "failed", "held", "store_error", "mismatch", "lease_lost"]',
    "sort @timestamp desc",
    "limit 20",
  ];
  return [[new LogQueryWidget({ title: "Last failures", width: full, logGroupNames: [logGroupName], queryLines })]];
}

function runbook({ deadLetterQueue, scope }: Consumer, table: ITable, runtime: RuntimeMetrics | undefined): string {
  const plan = `npx lambda-once redrive plan --table ${table.tableName} --operation ${runtime?.operation ?? "…"} --out plan.json`;
  const redrive =
    deadLetterQueue === undefined
      ? "It has no dead-letter queue."
      : `Dead letters, once their cause is mended: \`${plan} --dlq ${deadLetterQueue.queueUrl}\`, and then \`redrive apply\`: docs/redrive.md of lambda-once. SQS's own redrive gives each message another \`messageId\`, and what was done by it is done again.`;
  return `**${scope.node.path}** (${Stack.of(scope).stackName})\n\n${redrive}`;
}
