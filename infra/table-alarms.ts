import { Duration, Stack } from "aws-cdk-lib";
import { type Alarm, ComparisonOperator, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { alarmsOf } from "./alarm.ts";
import { named, systemErrors, throttledRequests } from "./table-metrics.ts";
import { letAlarmsPublish } from "./topic.ts";

export interface TableAlarmOptions {
  /**
   * Who is told.
   *
   * @default - nobody: the alarms are there to be looked at
   */
  readonly topic?: ITopic;
  /**
   * An alarm where TTL has deleted nothing for three days although records are written: the table fills up for ever. Turn it on once the table
   * is older than its longest retention; before that nothing expires, and it would cry for nothing.
   *
   * @default false
   */
  readonly timeToLive?: boolean;
}

export function addTableAlarms(scope: Construct, table: ITable, { topic, timeToLive = false }: TableAlarmOptions): Alarm[] {
  const add = alarmsOf(scope, topic);
  if (topic !== undefined) letAlarmsPublish(scope, topic, Stack.of(scope));
  const alarms = [
    add("Throttled", {
      metric: throttledRequests(table),
      threshold: 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      alarmDescription: "DynamoDB throttles the idempotency table: the deliveries concerned fail and come again.",
    }),
    add("SystemErrors", {
      metric: systemErrors(table),
      threshold: 1,
      evaluationPeriods: 1,
      alarmDescription: "DynamoDB fails to serve the idempotency table: the deliveries concerned fail and come again.",
    }),
  ];
  if (timeToLive) alarms.push(add("TimeToLiveStopped", timeToLiveStopped(table)));
  return alarms;
}

function timeToLiveStopped(table: ITable) {
  const period = Duration.days(1);
  return {
    metric: new MathExpression({
      // A TTL that is dead has no data at all.
      expression: "IF(FILL(written, 0) > 0, FILL(deleted, 0), 1)",
      usingMetrics: {
        written: named(table, "ConsumedWriteCapacityUnits", { period }),
        deleted: named(table, "TimeToLiveDeletedItemCount", { period }),
      },
      label: "Records deleted by TTL",
      period,
    }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: 3,
    alarmDescription: "Nothing has expired for three days: is TTL on, on the attribute expiresAt, and is expiresAt in seconds?",
  };
}
