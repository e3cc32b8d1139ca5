import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { runtimeActions } from "../src/dynamodb/table.ts";

const period = Duration.minutes(5);

/** A metric of the table, by its name; the sum over 5 minutes where nothing else is asked. */
export function named(table: ITable, metricName: string, options: MetricOptions = {}): IMetric {
  return new Metric({
    namespace: "AWS/DynamoDB",
    metricName,
    statistic: "Sum",
    period,
    ...options,
    dimensionsMap: { TableName: table.tableName, ...options.dimensionsMap },
  });
}

export function throttledRequests(table: ITable, options?: MetricOptions): IMetric {
  return ofRuntime(table, "ThrottledRequests", "Throttled requests", options);
}

export function systemErrors(table: ITable, options?: MetricOptions): IMetric {
  return ofRuntime(table, "SystemErrors", "Errors of DynamoDB", options);
}

// DynamoDB counts these by operation only.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
function ofRuntime(table: ITable, metricName: string, label: string, options: MetricOptions = {}): IMetric {
  const operations = runtimeActions.map((action) => action.replace("dynamodb:", ""));
  const usingMetrics = Object.fromEntries(
    operations.map((Operation) => [
      `${metricName}${Operation}`.replace(/^./, (letter) => letter.toLowerCase()),
      named(table, metricName, { ...options, dimensionsMap: { Operation } }),
    ]),
  );
  return new MathExpression({
    // What did not happen has no data, and no data plus something would be no data.
    expression: Object.keys(usingMetrics)
      .map((metric) => `FILL(${metric}, 0)`)
      .join(" + "),
    usingMetrics,
    label: options.label ?? label,
    period: options.period ?? period,
  });
}
