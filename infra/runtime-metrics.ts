// What `emfMetrics` of lambda-once/metrics writes, as CloudWatch has it.
import { Duration } from "aws-cdk-lib";
import { type IMetric, Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";

/** The runtime's metrics that alarms and dashboard look at. */
export type RuntimeMetric =
  | "Claimed"
  | "Completed"
  | "Replayed"
  | "InProgress"
  | "Mismatch"
  | "Unknown"
  | "Held"
  | "TakenOver"
  | "LeaseLapsed"
  | "Released"
  | "Failed"
  | "StoreError"
  | "LeaseLost"
  | "ResultNotKept"
  | "Deferred";

/** Where a handler's metrics are. */
export interface RuntimeMetrics {
  readonly namespace: string;
  readonly operation: string;
}

export const defaultNamespace = "LambdaOnce";
const operationDimension = "Operation";

export function runtimeMetric({ namespace, operation }: RuntimeMetrics, metricName: RuntimeMetric, options: MetricOptions = {}): IMetric {
  return new Metric({
    namespace,
    metricName,
    statistic: "Sum",
    period: Duration.minutes(5),
    ...options,
    dimensionsMap: { [operationDimension]: operation, ...options.dimensionsMap },
  });
}
