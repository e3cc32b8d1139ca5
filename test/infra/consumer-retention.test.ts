// How long records answer: as long as a message can come back, through the dead-letter queue too, and a day more.
import { aws_sqs as sqs, CfnParameter, Duration, Lazy, type Stack } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { IdempotencyTable } from "../../infra/index.ts";
import { env, newConsumer, newFunction, newStack, propertiesOf, warningIds } from "./support.ts";

type Props = Parameters<typeof newConsumer>[1];

const days = (count: number) => Duration.days(count);
const imported = (stack: Stack, name = "orders") =>
  sqs.Queue.fromQueueArn(stack, `Imported${name}`, `arn:aws:sqs:eu-west-1:111111111111:${name}`);
const retentionOf = (stack: Stack) =>
  (propertiesOf(stack, "AWS::Lambda::Function")["Environment"] as { Variables: Record<string, unknown> }).Variables[
    "IDEMPOTENCY_RETENTION_SECONDS"
  ];
const own = (stack: Stack, props: sqs.QueueProps) => new sqs.Queue(stack, "Own", { visibilityTimeout: Duration.minutes(5), ...props });
const dead = (stack: Stack, retentionPeriod: Duration, fifo?: true) =>
  new sqs.Queue(stack, "Dead", { retentionPeriod, ...(fifo && { fifo }) });

describe("retention by the queues", () => {
  it.each<[name: string, days: number, props: (stack: Stack) => Props]>([
    ["4 + 14 + 1 where nothing is said", 19, () => ({})],
    ["2 + 14 + 1", 17, () => ({ queueProps: { retentionPeriod: days(2) } })],
    ["2 + 7 + 1", 10, () => ({ queueProps: { retentionPeriod: days(2) }, deadLetterQueueProps: { retentionPeriod: days(7) } })],
    ["FIFO: 4 + 14 + 4 + 1", 23, () => ({ fifo: true })],
    [
      "FIFO: 2 + 7 + 2 + 1",
      12,
      () => ({ fifo: true, queueProps: { retentionPeriod: days(2) }, deadLetterQueueProps: { retentionPeriod: days(7) } }),
    ],
    ["a queue without dead letters: 4 + 1", 5, (stack) => ({ queue: own(stack, {}) })],
    ["a FIFO queue without dead letters: 2 + 1", 3, (stack) => ({ queue: own(stack, { fifo: true, retentionPeriod: days(2) }) })],
    [
      "one's own: 3 + 5 + 1",
      9,
      (stack) => ({
        queue: own(stack, { retentionPeriod: days(3), deadLetterQueue: { queue: dead(stack, days(5)), maxReceiveCount: 5 } }),
      }),
    ],
    [
      "one's own, FIFO: 3 + 5 + 3 + 1",
      12,
      (stack) => ({
        queue: own(stack, {
          fifo: true,
          retentionPeriod: days(3),
          deadLetterQueue: { queue: dead(stack, days(5), true), maxReceiveCount: 5 },
        }),
      }),
    ],
    ["a dead-letter queue of one's own: 4 + 6 + 1", 11, (stack) => ({ deadLetterQueue: dead(stack, days(6)) })],
    ["an imported queue may keep for 14 days, and its dead letters too: 14 + 14 + 1", 29, (stack) => ({ queue: imported(stack) })],
    ["an imported queue, FIFO: 14 + 14 + 14 + 1", 43, (stack) => ({ queue: imported(stack, "orders.fifo") })],
    [
      "an imported queue with known dead letters: 14 + 6 + 1",
      21,
      (stack) => ({ queue: imported(stack), deadLetterQueue: dead(stack, days(6)) }),
    ],
    ["imported dead letters: 4 + 14 + 1", 19, (stack) => ({ deadLetterQueue: imported(stack, "dead") })],
    [
      "a token counts as 14 days: 14 + 14 + 1",
      29,
      (stack) => ({ queueProps: { retentionPeriod: Duration.seconds(new CfnParameter(stack, "Kept", { type: "Number" }).valueAsNumber) } }),
    ],
    [
      "a token of dead letters: 2 + 14 + 1",
      17,
      () => ({
        queueProps: { retentionPeriod: days(2) },
        deadLetterQueueProps: { retentionPeriod: Duration.seconds(Lazy.number({ produce: () => 86_400 })) },
      }),
    ],
    ["what is said", 40, () => ({ retention: days(40) })],
  ])("%s: %d days", (_, count, props) => {
    const stack = newStack({ env });
    const consumer = newConsumer(stack, props(stack));
    expect(consumer.retention.toDays()).toBe(count);
    expect(retentionOf(stack)).toBe(String(count * 86_400));
    expect(warningIds(stack)).not.toContain("lambda-once:retention");
  });
});

describe("one function with two queues has the longer one", () => {
  it.each([
    ["first", [10, 4], "2160000"],
    ["last", [4, 10], "2160000"],
  ])("%s", (_, [first = 0, second = 0], seconds) => {
    const stack = newStack({ env });
    const shared = { handler: newFunction(stack), idempotencyTable: new IdempotencyTable(stack, "Table") };
    newConsumer(stack, { ...shared, id: "Orders", queueProps: { retentionPeriod: days(first) } });
    newConsumer(stack, { ...shared, id: "Refunds", queueProps: { retentionPeriod: days(second) } });
    expect(retentionOf(stack)).toBe(seconds);
    expect(warningIds(stack)).toEqual([]);
  });
});
