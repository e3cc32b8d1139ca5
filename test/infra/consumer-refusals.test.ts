// What cannot work is refused at construction: by the construct's path, the prop's, what was given and what is allowed.
import { aws_kms as kms, aws_lambda as lambda, aws_sns as sns, aws_sqs as sqs, Duration, Lazy, type Stack } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { env, messageOf, newConsumer, newFunction, newStack, warningIds } from "./support.ts";

type Props = Parameters<typeof newConsumer>[1];
type Row = [name: string, props: Props | ((stack: Stack) => Props), given: string, allowed: string];

const queue = (stack: Stack, props: sqs.QueueProps = {}, id = "Own") =>
  new sqs.Queue(stack, id, { visibilityTimeout: Duration.minutes(5), ...props });
const dead = (stack: Stack, props: sqs.QueueProps = {}) => new sqs.Queue(stack, "Dead", props);
const ofReserved = (stack: Stack, reservedConcurrentExecutions: number) => newFunction(stack, { reservedConcurrentExecutions });
const imported = (stack: Stack) => lambda.Function.fromFunctionName(stack, "Imported", "orders");

const eventSource: Row[] = [
  ["a window on FIFO", { fifo: true, maxBatchingWindow: Duration.seconds(5) }, "maxBatchingWindow is 5 seconds", "leave it out"],
  ["a long window", { maxBatchingWindow: Duration.minutes(6) }, "maxBatchingWindow is 6 minutes", "give 0 to 300 s"],
  [
    "a window of parts of a second",
    { maxBatchingWindow: Duration.millis(1500) },
    "maxBatchingWindow is 1 second 500 millis",
    "in whole seconds",
  ],
  ["a large batch", { batchSize: 11 }, "batchSize is 11", "give 1 to 10, or up to 10,000 with a maxBatchingWindow"],
  [
    "a large batch with a window of nothing",
    { batchSize: 11, maxBatchingWindow: Duration.seconds(0) },
    "batchSize is 11",
    "of 1 s or more",
  ],
  ["a huge batch", { batchSize: 10_001, maxBatchingWindow: Duration.seconds(5) }, "batchSize is 10001", "up to 10,000"],
  ["a large batch on FIFO", { batchSize: 11, fifo: true }, "batchSize is 11: give 1 to 10", ""],
  ["an empty batch", { batchSize: 0 }, "batchSize is 0", "give 1 to 10"],
  ["half a batch", { batchSize: 2.5 }, "batchSize is 2.5", "give 1 to 10"],
  ["a concurrency of 1", { maxConcurrency: 1 }, "maxConcurrency is 1", "give 2 to 1,000"],
  ["a concurrency of 1,001", { maxConcurrency: 1001 }, "maxConcurrency is 1001", "give 2 to 1,000"],
  [
    "more concurrency than is reserved",
    (stack) => ({ handler: ofReserved(stack, 5), maxConcurrency: 6 }),
    "maxConcurrency is 6",
    "give at most 5",
  ],
];

const durations: Row[] = [
  [
    "no timeout of an imported handler",
    (stack) => ({ handler: imported(stack) }),
    "handlerTimeout is missing",
    "does not tell its timeout; give it",
  ],
  [
    "another timeout than the handler's",
    { handlerTimeout: Duration.seconds(20) },
    "handlerTimeout is 20 seconds",
    "the function says 10 seconds; leave this out",
  ],
  [
    "a timeout above Lambda's",
    (stack) => ({ handler: imported(stack), handlerTimeout: Duration.hours(1) }),
    "handlerTimeout is 1 hour",
    "give 1 to 900 s",
  ],
  [
    "a visibility below the timeout",
    { queueProps: { visibilityTimeout: Duration.seconds(9) } },
    "queueProps.visibilityTimeout is 9 s",
    "the handler may run for 10 s; give at least 60 s",
  ],
  [
    "a visibility below the timeout, with a window",
    { queueProps: { visibilityTimeout: Duration.seconds(9) }, maxBatchingWindow: Duration.seconds(20) },
    "queueProps.visibilityTimeout is 9 s",
    "give at least 80 s",
  ],
  [
    "a visibility below the timeout, of one's own",
    (stack) => ({ queue: queue(stack, { visibilityTimeout: Duration.seconds(9) }) }),
    "queue.visibilityTimeout is 9 s",
    "give at least 60 s",
  ],
  ["a retention of nothing", { retention: Duration.seconds(0) }, "retention is 0 seconds", "give 1 s to 10 years"],
  ["a retention of parts of a second", { retention: Duration.millis(1500) }, "retention is 1 second 500 millis", "in whole seconds"],
  [
    "a retention of days that are not known",
    { retention: Duration.days(Lazy.number({ produce: () => 3 })) },
    "retention is <token> days",
    "give Duration.seconds(token)",
  ],
];

const receives: Row[] = [0, 2.5, 1001].map((maxReceiveCount) => [
  `${maxReceiveCount} receives`,
  { maxReceiveCount },
  `maxReceiveCount is ${maxReceiveCount}`,
  "give 1 to 1,000",
]);

const types: Row[] = [
  [
    "fifo against queueProps.fifo",
    { fifo: true, queueProps: { fifo: false } },
    "fifo is true",
    "queueProps.fifo makes it a standard queue; leave one of them out",
  ],
  [
    "fifo against a name",
    { fifo: true, queueProps: { queueName: "orders" } },
    "fifo is true",
    "queueProps.queueName makes it a standard queue",
  ],
  [
    "no fifo against a name",
    { fifo: false, queueProps: { queueName: "orders.fifo" } },
    "fifo is false",
    "queueProps.queueName makes it a FIFO queue",
  ],
  [
    "no fifo against deduplication",
    { fifo: false, queueProps: { contentBasedDeduplication: true } },
    "fifo is false",
    "queueProps.contentBasedDeduplication makes it a FIFO",
  ],
  [
    "dead letters of another type",
    { fifo: true, deadLetterQueueProps: { fifo: false } },
    "deadLetterQueueProps.fifo is false",
    "the type of its queue, which is FIFO",
  ],
  [
    "dead letters with the name of another type",
    { deadLetterQueueProps: { queueName: "dead.fifo" } },
    "deadLetterQueueProps.queueName is dead.fifo",
    "which is standard",
  ],
  [
    "a dead-letter queue of another type",
    (stack) => ({ fifo: true, deadLetterQueue: dead(stack) }),
    "deadLetterQueue is Stack/Dead",
    "take a FIFO queue",
  ],
  [
    "a dead-letter queue of another type, the other way",
    (stack) => ({ deadLetterQueue: dead(stack, { fifo: true }) }),
    "deadLetterQueue is Stack/Dead",
    "take a standard queue",
  ],
  [
    "fifo against a queue of one's own",
    (stack) => ({ queue: queue(stack), fifo: true }),
    "fifo is true",
    "queue is a standard queue; leave this out",
  ],
];

const twice: Row[] = [
  [
    "a dead-letter queue of another type than an imported queue's",
    (stack) => ({
      queue: sqs.Queue.fromQueueArn(stack, "Own", "arn:aws:sqs:eu-west-1:111111111111:own.fifo"),
      deadLetterQueue: dead(stack),
    }),
    "deadLetterQueue is Stack/Dead",
    "take a FIFO queue",
  ],
  [
    "a dead-letter queue in queueProps",
    (stack) => ({ queueProps: { deadLetterQueue: { queue: dead(stack), maxReceiveCount: 5 } } }),
    "queueProps.deadLetterQueue is Stack/Dead",
    "say it as deadLetterQueue and maxReceiveCount",
  ],
  [
    "deadLetterQueueProps beside deadLetterQueue",
    (stack) => ({ deadLetterQueue: dead(stack), deadLetterQueueProps: { queueName: "x" } }),
    "deadLetterQueueProps is { queueName }",
    "leave out one of them",
  ],
  [
    "queueProps beside queue",
    (stack) => ({ queue: queue(stack), queueProps: { encryptionMasterKey: new kms.Key(stack, "Key") } }),
    "queueProps is { encryptionMasterKey }",
    "leave this out, or leave out queue",
  ],
  [
    "deadLetterQueueProps beside queue",
    (stack) => ({ queue: queue(stack), deadLetterQueueProps: {} }),
    "deadLetterQueueProps is {",
    "leave out queue",
  ],
  ["maxReceiveCount beside queue", (stack) => ({ queue: queue(stack), maxReceiveCount: 5 }), "maxReceiveCount is 5", "leave out queue"],
  [
    "a dead-letter queue that queue has not",
    (stack) => ({ queue: queue(stack), deadLetterQueue: dead(stack) }),
    "deadLetterQueue is Stack/Dead",
    "queue has no redrive policy",
  ],
  [
    "another dead-letter queue than queue's",
    (stack) => ({
      queue: queue(stack, { deadLetterQueue: { queue: queue(stack, {}, "Its"), maxReceiveCount: 5 } }),
      deadLetterQueue: dead(stack),
    }),
    "deadLetterQueue is Stack/Dead",
    "queue sends its dead letters to Stack/Its; leave this out",
  ],
  ["an operation that no handler can have", { operation: "my orders!" }, 'operation is "my orders!"', "1 to 64 letters"],
  ["an empty operation", { operation: "" }, 'operation is ""', "1 to 64 letters"],
  ["an empty metricsNamespace", { operation: "orders", metricsNamespace: " " }, 'metricsNamespace is " "', "or leave it out"],
  ["metricsNamespace without operation", { metricsNamespace: "Shop" }, "metricsNamespace is Shop", "give operation, too"],
  [
    "alarmTopic without alarms",
    (stack) => ({ alarms: false, alarmTopic: new sns.Topic(stack, "Topic") }),
    "alarmTopic is Stack/Topic",
    "alarms is false; leave one of them out",
  ],
];

const byQueue = (sourceQueues: sqs.IQueue[]) => ({
  redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.BY_QUEUE, sourceQueues },
});
const denied = { redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.DENY_ALL } };
const named = (stack: Stack, name: string, id = name) => sqs.Queue.fromQueueArn(stack, id, `arn:aws:sqs:eu-west-1:111111111111:${name}`);

const deadLetters: Row[] = [
  [
    "a dead-letter queue that takes none",
    (stack) => ({ deadLetterQueue: dead(stack, denied) }),
    "deadLetterQueue.redriveAllowPolicy is denyAll",
    "name the queue there, or allow all",
  ],
  [
    "dead letters that are taken from nobody",
    { deadLetterQueueProps: denied },
    "deadLetterQueueProps.redriveAllowPolicy is denyAll",
    "SQS refuses",
  ],
  [
    "a dead-letter queue of another queue",
    (stack) => ({ deadLetterQueue: dead(stack, byQueue([queue(stack, {}, "Other")])) }),
    "deadLetterQueue.redriveAllowPolicy is byQueue",
    "takes no dead letters of this queue",
  ],
  [
    "a dead-letter queue of another name",
    (stack) => ({ queueProps: { queueName: "orders" }, deadLetterQueue: dead(stack, byQueue([named(stack, "refunds")])) }),
    "deadLetterQueue.redriveAllowPolicy is byQueue",
    "takes no dead letters of this queue",
  ],
  [
    "the dead-letter queue that a queue has, and that takes none",
    (stack) => ({ queue: queue(stack, { deadLetterQueue: { queue: dead(stack, denied), maxReceiveCount: 5 } }) }),
    "deadLetterQueue.redriveAllowPolicy is denyAll",
    "SQS refuses",
  ],
  [
    "the queue itself",
    (stack) => {
      const own = queue(stack);
      return { queue: own, deadLetterQueue: own };
    },
    "deadLetterQueue is Stack/Own",
    "it is the queue itself; take another one",
  ],
  [
    "the queue itself, imported twice",
    (stack) => ({
      queue: named(stack, "orders"),
      deadLetterQueue: named(stack, "orders", "Dead"),
    }),
    "deadLetterQueue is Stack/Dead",
    "it is the queue itself",
  ],
];

describe.each(Object.entries({ eventSource, durations, receives, types, twice, deadLetters }))("%s", (_, rows) => {
  it.each(rows)("%s", (__, props, given, allowed) => {
    const stack = newStack({ env });
    const thrown = messageOf(() => newConsumer(stack, typeof props === "function" ? props(stack) : props));
    expect(thrown).toMatch(/^Stack\/Orders: /);
    expect(thrown).toContain(given);
    expect(thrown).toContain(allowed);
  });
});

describe("what is right is taken", () => {
  it.each<[name: string, props: Props | ((stack: Stack) => Props)]>([
    ["the handler's own timeout", { handlerTimeout: Duration.seconds(10) }],
    [
      "the queue's own dead-letter queue",
      (stack) => {
        const deadLetterQueue = dead(stack, { retentionPeriod: Duration.days(14) });
        return { queue: queue(stack, { deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 5 } }), deadLetterQueue };
      },
    ],
    [
      "the queue's own dead-letter queue, imported by its ARN",
      (stack) => {
        const its = dead(stack, { retentionPeriod: Duration.days(14) });
        const deadLetterQueue = sqs.Queue.fromQueueArn(stack, "Imported", its.queueArn);
        return { queue: queue(stack, { deadLetterQueue: { queue: its, maxReceiveCount: 5 } }), deadLetterQueue };
      },
    ],
    [
      "a dead-letter queue of this name",
      (stack) => ({
        queueProps: { queueName: "orders" },
        deadLetterQueue: dead(stack, { retentionPeriod: Duration.days(14), ...byQueue([named(stack, "refunds"), named(stack, "orders")]) }),
      }),
    ],
    [
      "a dead-letter queue of a name that this queue may be given",
      (stack) => ({ deadLetterQueue: dead(stack, { retentionPeriod: Duration.days(14), ...byQueue([named(stack, "orders")]) }) }),
    ],
    [
      "a dead-letter queue that takes all",
      (stack) => {
        const redriveAllowPolicy = { redrivePermission: sqs.RedrivePermission.ALLOW_ALL };
        return { deadLetterQueue: dead(stack, { retentionPeriod: Duration.days(14), redriveAllowPolicy }) };
      },
    ],
    ["as much concurrency as is reserved", (stack) => ({ handler: ofReserved(stack, 6), maxConcurrency: 6 })],
    ["a batch of 10 without a window", { batchSize: 10 }],
    ["a batch of one", { batchSize: 1 }],
    ["the least concurrency", { maxConcurrency: 2 }],
    ["the most concurrency", { maxConcurrency: 1000 }],
    ["the most receives", { maxReceiveCount: 1000 }],
    ["the longest window", { maxBatchingWindow: Duration.seconds(300) }],
    ["the longest retention", { retention: Duration.days(3650) }],
    ["the longest timeout", (stack) => ({ handler: newFunction(stack, { timeout: Duration.seconds(900) }) })],
    ["a standard name without fifo", { fifo: false, queueProps: { queueName: "orders" }, deadLetterQueueProps: { fifo: false } }],
  ])("%s", (_, props) => {
    const stack = newStack({ env });
    newConsumer(stack, typeof props === "function" ? props(stack) : props);
    expect(warningIds(stack)).toEqual([]);
  });

  it("FIFO said everywhere", () => {
    const stack = newStack({ env });
    const consumer = newConsumer(stack, { fifo: true, queueProps: { queueName: "orders.fifo" }, deadLetterQueueProps: { fifo: true } });
    newConsumer(stack, { id: "Copies", queue: consumer.queue, fifo: true });
    expect(new Set(warningIds(stack))).toEqual(new Set(["lambda-once:fifo-key", "lambda-once:second-consumer"]));
  });

  it("a visibility of the timeout, which AWS takes: with a warning", () => {
    const stack = newStack({ env });
    newConsumer(stack, { queueProps: { visibilityTimeout: Duration.seconds(10) } });
    expect(warningIds(stack)).toEqual(["lambda-once:visibility"]);
  });
});
