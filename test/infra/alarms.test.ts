// Each alarm: what it looks at, from when on, for how long, and what nothing measured means.
import { aws_sns as sns, aws_sqs as sqs, CfnParameter, Duration, type Stack } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { IdempotencyTable } from "../../infra/index.ts";
import { env, logicalId, newConsumer, newFunction, newStack, propertiesOf, resourcesOf } from "./support.ts";

type Props = Parameters<typeof newConsumer>[1];
type Properties = Record<string, unknown>;

const alarms = "AWS::CloudWatch::Alarm";

const unknown = (stack: Stack, id = "Unknown") => Duration.seconds(new CfnParameter(stack, id, { type: "Number" }).valueAsNumber);

function consumerStack(props: Props = {}): Stack {
  const stack = newStack({ env });
  newConsumer(stack, { operation: "orders", ...props });
  return stack;
}

/** Of the consumer, where nothing else is said. */
function alarmOf(stack: Stack, name: string, of = "OrdersAlarms"): Properties {
  return resourcesOf(stack, alarms)[logicalId(stack, alarms, `${of}${name}Alarm`)]?.Properties ?? {};
}

const attribute = (start: string, name: string) => ({ "Fn::GetAtt": [expect.stringMatching(new RegExp(`^${start}`)), name] });
const ofQueue = (start: string) => [{ Name: "QueueName", Value: attribute(start, "QueueName") }];
const ofHandler = [{ Name: "FunctionName", Value: { Ref: expect.stringMatching(/^OrdersHandler/) as string } }];
const ofOperation = [{ Name: "Operation", Value: "orders" }];
const runtime = { Namespace: "LambdaOnce", Statistic: "Sum", Dimensions: ofOperation };

const plain: [name: string, expected: Properties][] = [
  [
    "DeadLetters",
    {
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: ofQueue("OrdersDeadLetterQueue"),
      Statistic: "Maximum",
      Threshold: 1,
      EvaluationPeriods: 1,
    },
  ],
  [
    "DeadLettersExpire",
    {
      Namespace: "AWS/SQS",
      MetricName: "ApproximateAgeOfOldestMessage",
      Dimensions: ofQueue("OrdersDeadLetterQueue"),
      Statistic: "Maximum",
      Threshold: (14 - 4 - 1) * 86_400,
      EvaluationPeriods: 1,
    },
  ],
  [
    "Backlog",
    {
      Namespace: "AWS/SQS",
      MetricName: "ApproximateAgeOfOldestMessage",
      Dimensions: ofQueue("OrdersQueue"),
      Statistic: "Maximum",
      Threshold: 900,
      EvaluationPeriods: 3,
    },
  ],
  [
    "Errors",
    {
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: ofHandler,
      Statistic: "Sum",
      Threshold: 1,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
    },
  ],
  [
    "Throttles",
    { Namespace: "AWS/Lambda", MetricName: "Throttles", Dimensions: ofHandler, Statistic: "Sum", Threshold: 1, EvaluationPeriods: 1 },
  ],
  [
    "NearTimeout",
    {
      Namespace: "AWS/Lambda",
      MetricName: "Duration",
      Dimensions: ofHandler,
      ExtendedStatistic: "p99",
      Threshold: 8000,
      EvaluationPeriods: 3,
    },
  ],
  ["Mismatch", { ...runtime, MetricName: "Mismatch", Threshold: 1, EvaluationPeriods: 1 }],
  ["StoreErrors", { ...runtime, MetricName: "StoreError", Threshold: 1, EvaluationPeriods: 1 }],
  ["LeaseLapsed", { ...runtime, MetricName: "LeaseLapsed", Threshold: 5, EvaluationPeriods: 1 }],
];

describe("an alarm of one metric", () => {
  it.each(plain)("%s", (name, expected) => {
    const { AlarmDescription, ...properties } = alarmOf(consumerStack(), name);
    expect(properties).toEqual({
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      Period: 300,
      ...expected,
    });
    expect(AlarmDescription).toMatch(/^[A-Z].+\.$/);
  });
});

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: Properties; readonly Period: number; readonly Stat: string };
  readonly ReturnData?: boolean;
}

/** What an alarm of several metrics computes, and from what. */
function mathOf(alarm: Properties) {
  const queries = alarm["Metrics"] as Query[];
  return {
    expression: queries.find(({ ReturnData }) => ReturnData !== false)?.Expression,
    metrics: Object.fromEntries(queries.flatMap(({ Id, MetricStat }) => (MetricStat === undefined ? [] : [[Id, MetricStat]]))),
  };
}

describe("an alarm of several metrics", () => {
  const sum = (Namespace: string, MetricName: string, Dimensions: unknown[], Period = 300) => ({
    Metric: { Namespace, MetricName, Dimensions },
    Period,
    Stat: "Sum",
  });

  it("NothingDone: received, and none deleted, for 15 minutes", () => {
    const alarm = alarmOf(consumerStack(), "NothingDone");
    expect(mathOf(alarm)).toEqual({
      expression: "IF(FILL(received, 0) > 0 AND FILL(deleted, 0) < 1, 1, 0)",
      metrics: {
        received: sum("AWS/SQS", "NumberOfMessagesReceived", ofQueue("OrdersQueue")),
        deleted: sum("AWS/SQS", "NumberOfMessagesDeleted", ofQueue("OrdersQueue")),
      },
    });
    expect(alarm).toMatchObject({ Threshold: 1, EvaluationPeriods: 3, TreatMissingData: "notBreaching" });
  });

  it.each<[name: string, periods: number, props: (stack: Stack) => Props]>([
    ["as long as a run may take", 4, (stack) => ({ handler: newFunction(stack, { id: "Slow", timeout: Duration.minutes(15) }) })],
    [
      "and as its window",
      5,
      (stack) => ({ handler: newFunction(stack, { id: "Slow", timeout: Duration.minutes(15) }), maxBatchingWindow: Duration.minutes(5) }),
    ],
    [
      "which is Lambda's longest where it is not known",
      5,
      (stack) => ({ handler: newFunction(stack, { id: "Slow", timeout: unknown(stack) }), maxBatchingWindow: unknown(stack, "Window") }),
    ],
    ["and 15 minutes at least", 3, () => ({})],
  ])("NothingDone %s: %d periods", (_, EvaluationPeriods, props) => {
    const stack = newStack({ env });
    newConsumer(stack, props(stack));
    expect(alarmOf(stack, "NothingDone")).toMatchObject({ EvaluationPeriods });
  });

  it("Deferred: more than 5 % of the claims, for 15 minutes; 100 % where none was claimed", () => {
    const alarm = alarmOf(consumerStack(), "Deferred");
    expect(mathOf(alarm)).toEqual({
      expression: "IF(FILL(claimed, 0) > 0, 100 * FILL(deferred, 0) / FILL(claimed, 1), IF(FILL(deferred, 0) > 0, 100, 0))",
      metrics: { claimed: sum("LambdaOnce", "Claimed", ofOperation), deferred: sum("LambdaOnce", "Deferred", ofOperation) },
    });
    expect(alarm).toMatchObject({
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 5,
      EvaluationPeriods: 3,
      TreatMissingData: "notBreaching",
    });
  });

  const operations = ["PutItem", "UpdateItem", "GetItem", "BatchGetItem"];
  it.each([
    ["Throttled", "ThrottledRequests", { EvaluationPeriods: 5, DatapointsToAlarm: 3 }],
    ["SystemErrors", "SystemErrors", { EvaluationPeriods: 1 }],
  ])("%s of the table, over the runtime's four operations", (name, MetricName, periods) => {
    const stack = newStack({ env });
    new IdempotencyTable(stack, "Idempotency").addAlarms();
    const alarm = alarmOf(stack, name, "Idempotency");
    const { expression, metrics } = mathOf(alarm);
    expect(expression?.split(" + ").sort()).toEqual(
      Object.keys(metrics)
        .map((id) => `FILL(${id}, 0)`)
        .sort(),
    );
    expect(Object.values(metrics)).toHaveLength(operations.length);
    for (const Operation of operations)
      expect(Object.values(metrics)).toContainEqual({
        Metric: {
          Namespace: "AWS/DynamoDB",
          MetricName,
          Dimensions: [
            { Name: "Operation", Value: Operation },
            { Name: "TableName", Value: { Ref: expect.stringMatching(/^Idempotency/) as string } },
          ],
        },
        Period: 300,
        Stat: "Sum",
      });
    expect(alarm).toMatchObject({ ...periods, Threshold: 1, TreatMissingData: "notBreaching" });
  });

  it("TimeToLiveStopped of the table: written and nothing deleted, for three days, where it is asked for", () => {
    const stack = newStack({ env });
    const table = new IdempotencyTable(stack, "Idempotency");
    expect(new IdempotencyTable(stack, "Other").addAlarms()).toHaveLength(2);
    expect(table.addAlarms({ timeToLive: true })).toHaveLength(3);
    const alarm = alarmOf(stack, "TimeToLiveStopped", "Idempotency");
    const ofTable = [{ Name: "TableName", Value: { Ref: expect.stringMatching(/^Idempotency/) as string } }];
    expect(mathOf(alarm)).toEqual({
      expression: "IF(FILL(written, 0) > 0, FILL(deleted, 0), 1)",
      metrics: {
        written: sum("AWS/DynamoDB", "ConsumedWriteCapacityUnits", ofTable, 86_400),
        deleted: sum("AWS/DynamoDB", "TimeToLiveDeletedItemCount", ofTable, 86_400),
      },
    });
    expect(alarm).toMatchObject({ ComparisonOperator: "LessThanThreshold", Threshold: 1, EvaluationPeriods: 3 });
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html, PutMetricAlarm
  it("keeps CloudWatch's limits: 10 metrics, a day of periods below an hour, else a week", () => {
    const stack = consumerStack({ dashboard: true });
    new IdempotencyTable(stack, "Idempotency").addAlarms({ timeToLive: true });
    for (const { Properties } of Object.values(resourcesOf(stack, alarms))) {
      const { Metrics = [], Period, EvaluationPeriods } = Properties as { Metrics?: Query[]; Period?: number; EvaluationPeriods: number };
      const metrics = Metrics.flatMap(({ MetricStat }) => MetricStat ?? []);
      expect(metrics.length).toBeLessThanOrEqual(10);
      const periodSeconds = Period ?? Math.max(...metrics.map((metric) => metric.Period));
      expect(periodSeconds * EvaluationPeriods).toBeLessThanOrEqual(periodSeconds < 3600 ? 86_400 : 604_800);
    }
  });
});

describe("thresholds follow the queues and the handler", () => {
  const dead = (stack: Stack) => new sqs.Queue(stack, "Dead", { retentionPeriod: Duration.days(14) });
  it.each<[name: string, alarm: string, threshold: number | undefined, props: Props]>([
    ["the backlog, of a long visibility", "Backlog", 3 * 600, { queueProps: { visibilityTimeout: Duration.minutes(10) } }],
    ["dead letters of a short queue", "DeadLettersExpire", 12 * 86_400, { queueProps: { retentionPeriod: Duration.days(1) } }],
    ["dead letters of FIFO, whose time starts anew", "DeadLettersExpire", 13 * 86_400, { fifo: true }],
    [
      "dead letters of a day above the queue's: no time is left",
      "DeadLettersExpire",
      undefined,
      { deadLetterQueueProps: { retentionPeriod: Duration.days(5) } },
    ],
  ])("%s", (_, alarm, threshold, props) => {
    const stack = consumerStack(props);
    const found = Object.entries(resourcesOf(stack, alarms)).find(([id]) => id.startsWith(`OrdersAlarms${alarm}Alarm`));
    expect(found?.[1].Properties["Threshold"]).toBe(threshold);
  });

  it.each<[name: string, missing: string, props: (stack: Stack) => Props]>([
    [
      "a timeout that is a token",
      "NearTimeout",
      (stack) => ({
        handler: newFunction(stack, { id: "H", timeout: unknown(stack) }),
      }),
    ],
    [
      "an imported dead-letter queue",
      "DeadLettersExpire",
      (stack) => ({ deadLetterQueue: sqs.Queue.fromQueueArn(stack, "Dead", "arn:aws:sqs:eu-west-1:111111111111:dead") }),
    ],
    [
      "an imported queue",
      "DeadLettersExpire",
      (stack) => ({ deadLetterQueue: dead(stack), queue: sqs.Queue.fromQueueArn(stack, "Own", "arn:aws:sqs:eu-west-1:111111111111:own") }),
    ],
    ["no operation", "Mismatch", () => ({ operation: undefined }) as object],
  ])("%s: no alarm of %s", (_, missing, props) => {
    const stack = newStack({ env });
    newConsumer(stack, { operation: "orders", ...props(stack) });
    expect(Object.keys(resourcesOf(stack, alarms)).filter((id) => id.includes(`Alarms${missing}Alarm`))).toEqual([]);
  });

  it("a namespace of one's own is looked at", () => {
    expect(alarmOf(consumerStack({ metricsNamespace: "Shop" }), "Mismatch")["Namespace"]).toBe("Shop");
  });
});

describe("the composite alarm", () => {
  const composites = "AWS::CloudWatch::CompositeAlarm";

  it("is in alarm while any other is, and is the only one to tell the topic", () => {
    const stack = newStack({ env });
    const topic = new sns.Topic(stack, "Topic");
    const consumer = newConsumer(stack, { operation: "orders", alarmTopic: topic });
    const others = Object.entries(resourcesOf(stack, alarms));
    const { AlarmRule, AlarmActions, AlarmDescription } = propertiesOf(stack, composites);
    const rule = (AlarmRule as { "Fn::Join": [string, unknown[]] })["Fn::Join"][1];
    const named = rule.flatMap((part) => (typeof part === "object" ? [(part as { "Fn::GetAtt": [string] })["Fn::GetAtt"][0]] : []));
    expect(named.sort()).toEqual(others.map(([id]) => id).sort());
    expect(rule.filter((part) => typeof part === "string").join("")).toMatch(/^\(ALARM\(""\)( OR ALARM\(""\))*\)$/);
    expect(AlarmActions).toEqual([{ Ref: logicalId(stack, "AWS::SNS::Topic", "Topic") }]);
    expect(AlarmDescription).toContain("Stack/Orders");
    for (const [, { Properties }] of others) expect(Properties["AlarmActions"]).toBeUndefined();
    expect(consumer.alarms).toHaveLength(others.length + 1);
  });

  it("tells nobody without a topic", () => expect(propertiesOf(consumerStack(), composites)["AlarmActions"]).toBeUndefined());

  it("has less than the 100 alarms that CloudWatch takes", () => {
    expect(Object.keys(resourcesOf(consumerStack(), alarms)).length).toBe(plain.length + 2);
  });
});

it("alarms may be off", () => {
  const stack = newStack({ env });
  expect(newConsumer(stack, { alarms: false }).alarms).toEqual([]);
  for (const type of [alarms, "AWS::CloudWatch::CompositeAlarm"]) expect(resourcesOf(stack, type)).toEqual({});
});

it("the table's alarms tell the topic", () => {
  const stack = newStack({ env });
  new IdempotencyTable(stack, "Idempotency").addAlarms({ topic: new sns.Topic(stack, "Topic"), timeToLive: true });
  for (const { Properties } of Object.values(resourcesOf(stack, alarms)))
    expect(Properties["AlarmActions"]).toEqual([{ Ref: logicalId(stack, "AWS::SNS::Topic", "Topic") }]);
});
