// The alarms of a consumer: its queues, its function, and what the runtime counts.
import { Duration, Stack } from "aws-cdk-lib";
import { type Alarm, AlarmRule, type AlarmProps, ComparisonOperator, CompositeAlarm, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { alarmsOf } from "./alarm.ts";
import type { Consumer } from "./consumer-checks.ts";
import { secondsOf } from "./durations.ts";
import { longestBatchSeconds, queueFacts } from "./queue-facts.ts";
import { type RuntimeMetrics, runtimeMetric } from "./runtime-metrics.ts";
import { letAlarmsPublish } from "./topic.ts";

export interface ConsumerAlarms {
  readonly alarms: readonly Alarm[];
  /** In alarm while any of them is. */
  readonly any: CompositeAlarm;
}

const period = Duration.minutes(5);
const daySeconds = 86_400;

/** Adds them below a construct of their own; the topic is told by the composite alarm only, once. */
export function addConsumerAlarms(consumer: Consumer, runtime: RuntimeMetrics | undefined, topic: ITopic | undefined): ConsumerAlarms {
  const scope = new Construct(consumer.monitors, "Alarms");
  const add = alarmsOf(scope, undefined);
  const wanted = { ...deadLetterAlarms(consumer), ...queueAlarms(consumer), ...functionAlarms(consumer), ...runtimeAlarms(runtime) };
  const alarms = Object.entries(wanted).map(([id, props]) => add(id, props));
  const any = new CompositeAlarm(scope, "Any", {
    alarmRule: AlarmRule.anyOf(...alarms),
    alarmDescription: `Something is wrong with ${consumer.scope.node.path}: see which of its alarms.`,
  });
  if (topic !== undefined) {
    any.addAlarmAction(new SnsAction(topic));
    letAlarmsPublish(consumer.scope, topic, Stack.of(any));
  }
  return { alarms, any };
}

type Wanted = Record<string, AlarmProps>;

function deadLetterAlarms(consumer: Consumer): Wanted {
  const { deadLetterQueue } = consumer;
  if (deadLetterQueue === undefined) return {};
  const oldest = oldestDeadLetterSeconds(consumer);
  return {
    DeadLetters: {
      metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", period }),
      threshold: 1,
      evaluationPeriods: 1,
      alarmDescription: "There are dead letters: messages whose handler failed each time. See docs/redrive.md of lambda-once.",
    },
    ...(oldest !== undefined && {
      DeadLettersExpire: {
        metric: deadLetterQueue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period }),
        threshold: oldest,
        evaluationPeriods: 1,
        alarmDescription: "The oldest dead letter may expire within a day, and is lost then.",
      },
    }),
  };
}

// The age counts from the move, and the time of a standard queue's message goes on from when it was sent.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
function oldestDeadLetterSeconds({ queue, deadLetterQueue, isFifo }: Consumer): number | undefined {
  const deadSeconds = deadLetterQueue === undefined ? undefined : queueFacts(deadLetterQueue).retentionSeconds;
  const sourceSeconds = isFifo ? 0 : queueFacts(queue).retentionSeconds;
  if (deadSeconds === undefined || sourceSeconds === undefined) return undefined;
  const seconds = deadSeconds - sourceSeconds - daySeconds;
  return seconds > 0 ? seconds : undefined;
}

function queueAlarms(consumer: Consumer): Wanted {
  const { queue } = consumer;
  const { visibilitySeconds } = queueFacts(queue);
  return {
    Backlog: {
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period }),
      threshold: Math.max(3 * (visibilitySeconds ?? 0), 900),
      evaluationPeriods: 3,
      alarmDescription: "The oldest message waits for longer than a few tries take: the consumer is too slow, or fails.",
    },
    // The sign that AWS names for a function that fails each batch, or a mapping without a right to delete.
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    NothingDone: {
      metric: new MathExpression({
        expression: "IF(FILL(received, 0) > 0 AND FILL(deleted, 0) < 1, 1, 0)",
        usingMetrics: {
          received: queue.metricNumberOfMessagesReceived({ statistic: "Sum", period }),
          deleted: queue.metricNumberOfMessagesDeleted({ statistic: "Sum", period }),
        },
        label: "Received, and none deleted",
        period,
      }),
      threshold: 1,
      evaluationPeriods: periodsOfOneBatch(consumer),
      alarmDescription: "Messages are received and none is deleted: every batch fails.",
    },
  };
}

// A batch that was received is deleted when its window and its run are over: until then none deleted is nothing wrong.
function periodsOfOneBatch({ timeout, window }: Consumer): number {
  return Math.max(3, Math.ceil(longestBatchSeconds(timeout, window) / period.toSeconds()) + 1);
}

function functionAlarms({ handler, timeout }: Consumer): Wanted {
  const timeoutSeconds = secondsOf(timeout);
  return {
    Errors: {
      metric: handler.metricErrors({ statistic: "Sum", period }),
      threshold: 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      alarmDescription: "The handler's invocations fail as a whole: it throws, times out or does not start.",
    },
    Throttles: {
      metric: handler.metricThrottles({ statistic: "Sum", period }),
      threshold: 1,
      evaluationPeriods: 1,
      alarmDescription: "Lambda throttles the handler: batches come back, and each time spends a receive.",
    },
    ...(timeoutSeconds !== undefined && {
      NearTimeout: {
        metric: handler.metricDuration({ statistic: "p99", period }),
        threshold: 800 * timeoutSeconds,
        evaluationPeriods: 3,
        alarmDescription: "The handler runs for more than 80 % of its timeout; what is killed there is run again.",
      },
    }),
  };
}

function runtimeAlarms(runtime: RuntimeMetrics | undefined): Wanted {
  if (runtime === undefined) return {};
  return {
    Mismatch: {
      metric: runtimeMetric(runtime, "Mismatch"),
      threshold: 1,
      evaluationPeriods: 1,
      alarmDescription: "A key came with another payload than before: two pieces of work share a key, and the second one was not done.",
    },
    StoreErrors: {
      metric: runtimeMetric(runtime, "StoreError"),
      threshold: 1,
      evaluationPeriods: 1,
      alarmDescription: "The idempotency table could not be reached, or refused: deliveries fail and come again.",
    },
    LeaseLapsed: {
      metric: runtimeMetric(runtime, "LeaseLapsed"),
      threshold: 5,
      evaluationPeriods: 1,
      alarmDescription: "Five runs in five minutes were begun after one that ended without an answer: effects may be there in part.",
    },
    Deferred: {
      metric: new MathExpression({
        expression: "IF(FILL(claimed, 0) > 0, 100 * FILL(deferred, 0) / FILL(claimed, 1), IF(FILL(deferred, 0) > 0, 100, 0))",
        usingMetrics: { claimed: runtimeMetric(runtime, "Claimed"), deferred: runtimeMetric(runtime, "Deferred") },
        label: "Deferred, % of the claims",
        period,
      }),
      threshold: 5,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      alarmDescription:
        "More than 5 % of the messages wait for another delivery of theirs: visibility may be shorter than the handler needs.",
    },
  };
}
