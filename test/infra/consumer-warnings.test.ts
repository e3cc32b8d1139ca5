// What AWS, CDK and cdk-nag take without a word: each warning shows where it is wrong, and does not where it is right.
import {
  aws_iam as iam,
  aws_lambda as lambda,
  aws_sqs as sqs,
  Duration,
  Lazy,
  NestedStack,
  type Stack,
  Stage,
  Validations,
} from "aws-cdk-lib";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { describe, expect, it } from "vitest";
import { IdempotencyTable } from "../../infra/index.ts";
import { env, newApp, newConsumer, newFunction, newStack, warningIds, warningsOf } from "./support.ts";

type Props = Parameters<typeof newConsumer>[1];
type Make = (stack: Stack) => Props;

const dead = (stack: Stack, props: sqs.QueueProps = {}, id = "Dead") =>
  new sqs.Queue(stack, id, { retentionPeriod: Duration.days(14), ...props });
const own = (stack: Stack, { maxReceiveCount = 5, ...props }: sqs.QueueProps & { maxReceiveCount?: number } = {}) =>
  new sqs.Queue(stack, "Own", {
    visibilityTimeout: Duration.minutes(5),
    deadLetterQueue: { queue: dead(stack), maxReceiveCount },
    ...props,
  });
const imported = (stack: Stack) =>
  lambda.Function.fromFunctionAttributes(stack, "Imported", {
    functionArn: "arn:aws:lambda:eu-west-1:111111111111:function:orders",
    sameEnvironment: true,
    role: iam.Role.fromRoleArn(stack, "Role", "arn:aws:iam::111111111111:role/orders"),
  });

function consumedBy(stack: Stack, queue: sqs.IQueue, { id = "Other", enabled = true } = {}): sqs.IQueue {
  newFunction(stack, { id }).addEventSource(new SqsEventSource(queue, { enabled }));
  return queue;
}

interface Row {
  readonly id: string;
  readonly wrong: Make;
  /** What is, and what should be. */
  readonly says: readonly string[];
  readonly right: Make;
}

const rows: Record<string, Row> = {
  "a visibility below six times the timeout": {
    id: "lambda-once:visibility",
    wrong: () => ({ queueProps: { visibilityTimeout: Duration.seconds(59) } }),
    says: ["visibility timeout is 59 s", "at least 60 s"],
    right: () => ({ queueProps: { visibilityTimeout: Duration.seconds(60) } }),
  },
  "a visibility without the batching window": {
    id: "lambda-once:visibility",
    wrong: () => ({ queueProps: { visibilityTimeout: Duration.seconds(60) }, maxBatchingWindow: Duration.seconds(1) }),
    says: ["visibility timeout is 60 s", "at least 61 s"],
    right: () => ({ queueProps: { visibilityTimeout: Duration.seconds(61) }, maxBatchingWindow: Duration.seconds(1) }),
  },
  "SQS's visibility of a queue of one's own": {
    id: "lambda-once:visibility",
    wrong: (stack) => ({ queue: own(stack, { visibilityTimeout: undefined } as object) }),
    says: ["visibility timeout is 30 s", "at least 60 s"],
    right: (stack) => ({ queue: own(stack) }),
  },
  "no dead-letter queue": {
    id: "lambda-once:no-dead-letter-queue",
    wrong: (stack) => ({ queue: new sqs.Queue(stack, "Own", { visibilityTimeout: Duration.minutes(5) }) }),
    says: ["has no dead-letter queue", "should have one"],
    right: (stack) => ({ queue: own(stack) }),
  },
  "few receives": {
    id: "lambda-once:max-receive-count",
    wrong: () => ({ maxReceiveCount: 4 }),
    says: ["maxReceiveCount is 4", "at least 5"],
    right: () => ({ maxReceiveCount: 5 }),
  },
  "few receives of a queue of one's own": {
    id: "lambda-once:max-receive-count",
    wrong: (stack) => ({ queue: own(stack, { maxReceiveCount: 1 }) }),
    says: ["maxReceiveCount is 1", "at least 5"],
    right: (stack) => ({ queue: own(stack) }),
  },
  "dead letters that are kept no longer than messages": {
    id: "lambda-once:dead-letter-retention",
    wrong: () => ({ deadLetterQueueProps: { retentionPeriod: Duration.days(4) } }),
    says: ["keeps a message for 4 days, the queue for 4 days", "longer", "counts from when it was first sent"],
    right: () => ({ deadLetterQueueProps: { retentionPeriod: Duration.days(5) } }),
  },
  "a dead-letter queue of one's own, with SQS's 4 days": {
    id: "lambda-once:dead-letter-retention",
    wrong: (stack) => ({ deadLetterQueue: dead(stack, { retentionPeriod: undefined } as object) }),
    says: ["keeps a message for 4 days, the queue for 4 days"],
    right: (stack) => ({ deadLetterQueue: dead(stack) }),
  },
  "a dead-letter queue that another queue uses": {
    id: "lambda-once:shared-dead-letter-queue",
    wrong: (stack) => {
      const deadLetterQueue = dead(stack);
      new sqs.Queue(stack, "Other", { deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 5 } });
      return { deadLetterQueue };
    },
    says: ["dead letters of Stack/Other as well", "one of its own"],
    right: (stack) => {
      new sqs.Queue(stack, "Other", { deadLetterQueue: { queue: new sqs.Queue(stack, "OtherDead"), maxReceiveCount: 5 } });
      return { deadLetterQueue: dead(stack) };
    },
  },
  "a retention shorter than messages come back": {
    id: "lambda-once:retention",
    wrong: () => ({ retention: Duration.days(18) }),
    says: ["retention is 18 days", "at least 19 days"],
    right: () => ({ retention: Duration.days(19) }),
  },
  "little reserved concurrency": {
    id: "lambda-once:reserved-concurrency",
    wrong: (stack) => ({ handler: newFunction(stack, { reservedConcurrentExecutions: 4 }) }),
    says: ["reserved concurrency is 4", "at least 5, or maxConcurrency be set"],
    right: (stack) => ({ handler: newFunction(stack, { reservedConcurrentExecutions: 5 }) }),
  },
  "a reserved concurrency of one, for which there is no limit": {
    id: "lambda-once:reserved-concurrency",
    wrong: (stack) => ({ handler: newFunction(stack, { reservedConcurrentExecutions: 1 }) }),
    says: ["reserved concurrency is 1", "at least 5: Lambda begins"],
    right: (stack) => ({ handler: newFunction(stack, { reservedConcurrentExecutions: 0 }) }),
  },
  "little reserved concurrency, with a limit": {
    id: "lambda-once:reserved-concurrency",
    wrong: (stack) => ({ handler: newFunction(stack, { reservedConcurrentExecutions: 2 }) }),
    says: ["reserved concurrency is 2"],
    right: (stack) => ({ handler: newFunction(stack, { reservedConcurrentExecutions: 2 }), maxConcurrency: 2 }),
  },
  "a handler whose environment is set elsewhere": {
    id: "lambda-once:environment",
    wrong: (stack) => ({ handler: imported(stack), handlerTimeout: Duration.seconds(10) }),
    says: ["environment is not set here", "IDEMPOTENCY_TABLE and IDEMPOTENCY_RETENTION_SECONDS (1641600)"],
    right: (stack) => ({ handler: newFunction(stack) }),
  },
  "another mapping of the queue": {
    id: "lambda-once:second-consumer",
    wrong: (stack) => ({ queue: consumedBy(stack, own(stack)) }),
    says: ["consumed by Stack/Other as well", "one consumer"],
    right: (stack) => {
      const queue = own(stack);
      consumedBy(stack, dead(stack, { queueName: "other" }, "OtherQueue"));
      consumedBy(stack, queue, { id: "Off", enabled: false });
      return { queue };
    },
  },
  "a FIFO queue, whose dead letters come back with other ids": {
    id: "lambda-once:fifo-key",
    wrong: () => ({ fifo: true }),
    says: ["another messageId and another deduplication id", "idempotency-key"],
    right: () => ({ fifo: false }),
  },
};

describe.each(Object.entries(rows))("%s", (_, { id, wrong, says, right }) => {
  it("has a warning, on the consumer, which says how to acknowledge it", () => {
    const stack = newStack({ env });
    newConsumer(stack, wrong(stack));
    const found = warningsOf(stack);
    expect(found.map((warning) => warning.id)).toEqual([id]);
    expect(found[0]?.path).toBe("/Stack/Orders/Checks");
    for (const part of [...says, `acknowledge({ id: "${id}"`]) expect(found[0]?.message).toContain(part);
  });

  it("has none when it is right", () => {
    const stack = newStack({ env });
    newConsumer(stack, right(stack));
    expect(warningIds(stack)).toEqual([]);
  });

  it("has none when it is acknowledged", () => {
    const stack = newStack({ env });
    Validations.of(newConsumer(stack, wrong(stack))).acknowledge({ id, reason: "a test" });
    expect(warningIds(stack)).toEqual([]);
  });
});

it("may be acknowledged by the values behind it only", () => {
  const stack = newStack({ env });
  const consumer = newConsumer(stack, { maxReceiveCount: 3 });
  Validations.of(consumer).acknowledge({ id: "lambda-once:max-receive-count", reason: "a test", where: { maxReceiveCount: 2 } });
  expect(warningIds(stack)).toEqual(["lambda-once:max-receive-count"]);
  Validations.of(consumer).acknowledge({ id: "lambda-once:max-receive-count", reason: "a test", where: { maxReceiveCount: 3 } });
  expect(warningIds(stack)).toEqual([]);
});

describe("says nothing of what is not known", () => {
  const late = (value: number) => Duration.seconds(Lazy.number({ produce: () => value }));

  it("a visibility, where the timeout is a token", () => {
    const stack = newStack({ env });
    const handler = newFunction(stack, { timeout: late(900) });
    newConsumer(stack, { handler, queueProps: { visibilityTimeout: Duration.seconds(60) } });
    expect(warningIds(stack)).toEqual([]);
  });

  it("a retention in the message on the environment, where it is a token", () => {
    const stack = newStack({ env });
    newConsumer(stack, { handler: imported(stack), handlerTimeout: Duration.seconds(10), retention: late(600) });
    expect(warningsOf(stack)[0]?.message).toContain("IDEMPOTENCY_TABLE and IDEMPOTENCY_RETENTION_SECONDS. ");
  });

  it("a key of FIFO messages, which never come back without a dead-letter queue", () => {
    const stack = newStack({ env });
    newConsumer(stack, { queue: new sqs.Queue(stack, "Own", { fifo: true, visibilityTimeout: Duration.minutes(5) }) });
    expect(warningIds(stack)).toEqual(["lambda-once:no-dead-letter-queue"]);
  });
});

it("looks at the queues as they are in the end", () => {
  const stack = newStack({ env });
  const { queue } = newConsumer(stack);
  (queue.node.defaultChild as sqs.CfnQueue).visibilityTimeout = 30;
  expect(warningIds(stack)).toEqual(["lambda-once:visibility"]);
});

describe("looks at the handler's timeout as it is in the end", () => {
  it.each([
    ["longer", 11, ["lambda-once:visibility"]],
    ["shorter", 9, []],
  ])("%s", (_, timeout, ids) => {
    const stack = newStack({ env });
    const handler = newFunction(stack);
    newConsumer(stack, { handler });
    (handler.node.defaultChild as lambda.CfnFunction).timeout = timeout;
    expect(warningIds(stack)).toEqual(ids);
  });

  it("unless that is a token, and the consumer was told one", () => {
    const stack = newStack({ env });
    const handler = newFunction(stack, { timeout: Duration.seconds(Lazy.number({ produce: () => 10 })) });
    newConsumer(stack, { handler, handlerTimeout: Duration.seconds(10), queueProps: { visibilityTimeout: Duration.seconds(59) } });
    expect(warningIds(stack)).toEqual(["lambda-once:visibility"]);
  });

  it("and takes it for the queue where it was changed before", () => {
    const stack = newStack({ env });
    const handler = newFunction(stack);
    (handler.node.defaultChild as lambda.CfnFunction).timeout = 100;
    const { queue } = newConsumer(stack, { handler });
    expect((queue.node.defaultChild as sqs.CfnQueue).visibilityTimeout).toBe(600);
  });
});

describe("a shared dead-letter queue", () => {
  const shared = "lambda-once:shared-dead-letter-queue";

  it("is told to each of its consumers", () => {
    const stack = newStack({ env });
    const deadLetterQueue = dead(stack);
    for (const id of ["Orders", "Refunds"]) newConsumer(stack, { id, deadLetterQueue });
    expect(warningsOf(stack).map(({ id, path }) => `${id} ${path}`)).toEqual([
      `${shared} /Stack/Orders/Checks`,
      `${shared} /Stack/Refunds/Checks`,
    ]);
    expect(warningsOf(stack)[0]?.message).toContain("of Stack/Refunds/Queue as well");
  });

  it("is seen where the queues are imported", () => {
    const stack = newStack({ env });
    const deadLetterQueue = dead(stack);
    for (const id of ["orders", "refunds"]) {
      const queue = sqs.Queue.fromQueueArn(stack, `${id}Queue`, `arn:aws:sqs:eu-west-1:111111111111:${id}`);
      newConsumer(stack, { id, queue, deadLetterQueue });
    }
    expect(warningIds(stack)).toEqual([shared, shared]);
  });

  it("is not seen in two stacks that are built alike", () => {
    const app = newApp();
    const stacks = ["Test", "Prod"].map((id) => {
      const stack = newStack({ app, id });
      newConsumer(stack, { deadLetterQueue: dead(stack) });
      return stack;
    });
    expect(stacks.map(warningIds)).toEqual([[], []]);
  });

  const importing = (stack: Stack) => {
    const arnOf = (resource: string) => stack.formatArn({ service: "sqs", resource });
    const [queue, deadLetterQueue] = ["orders", "dead"].map((name) => sqs.Queue.fromQueueArn(stack, name, arnOf(name)));
    return { queue: queue as sqs.IQueue, deadLetterQueue: deadLetterQueue as sqs.IQueue };
  };

  it.each<[name: string, envs: [object, object], ids: string[]]>([
    ["two stages that are deployed who knows where", [{}, {}], []],
    ["two accounts", [{ env }, { env: { ...env, account: "222222222222" } }], []],
    ["one account", [{ env }, { env }], [shared]],
  ])("is seen by its name in %s: %j", (_, envs, ids) => {
    const app = newApp();
    const stacks = envs.map((props, at) => newStack({ app: new Stage(app, `Stage${at}`), ...props }));
    for (const [at, stack] of stacks.entries()) {
      const { queue, deadLetterQueue } = importing(stack);
      // Two names, so that it is not one queue with two consumers.
      const own = at === 0 ? queue : sqs.Queue.fromQueueArn(stack, "Refunds", stack.formatArn({ service: "sqs", resource: "refunds" }));
      newConsumer(stack, { queue: own, deadLetterQueue });
    }
    expect(stacks.map(warningIds)).toEqual([ids, ids]);
  });

  it("is seen by its name in nested stacks of one stack", () => {
    const stack = newStack();
    for (const inner of ["One", "Other"].map((id) => new NestedStack(stack, id))) {
      const { deadLetterQueue } = importing(inner);
      new sqs.Queue(inner, "Queue", { deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 5 } });
    }
    const { deadLetterQueue } = importing(stack);
    newConsumer(stack, { deadLetterQueue });
    expect(warningsOf(stack).map(({ id, path }) => `${id} ${path}`)).toEqual([`${shared} /Stack/Orders/Checks`]);
    expect(warningsOf(stack)[0]?.message).toContain("of Stack/One/Queue, Stack/Other/Queue as well");
  });

  it("is not its own queue with two consumers of it", () => {
    const stack = newStack({ env });
    const idempotencyTable = new IdempotencyTable(stack, "Table");
    const queue = own(stack);
    for (const id of ["Orders", "Copies"]) newConsumer(stack, { id, queue, idempotencyTable });
    expect(warningIds(stack)).not.toContain(shared);
  });
});

describe("a second consumer", () => {
  const second = "lambda-once:second-consumer";

  it("is told to each of them", () => {
    const stack = newStack({ env });
    const idempotencyTable = new IdempotencyTable(stack, "Table");
    const queue = own(stack);
    for (const id of ["Orders", "Copies"]) newConsumer(stack, { id, queue, idempotencyTable });
    expect(warningsOf(stack).map(({ id, path }) => `${id} ${path}`)).toEqual([
      `${second} /Stack/Orders/Checks`,
      `${second} /Stack/Copies/Checks`,
    ]);
    expect(warningsOf(stack)[0]?.message).toContain("by Stack/CopiesHandler as well");
  });

  it("is seen in another stack, and without a construct of its own", () => {
    const app = newApp({ "@aws-cdk/core:defaultCrossStackReferences": "strong" });
    const [stack, other] = [newStack({ app, env }), newStack({ app, id: "Other", env })];
    const { queue } = newConsumer(stack);
    new lambda.CfnEventSourceMapping(other, "Raw", { functionName: "copies", eventSourceArn: queue.queueArn });
    expect(warningIds(stack)).toEqual([second]);
    expect(warningsOf(stack)[0]?.message).toContain("by Other/Raw as well");
  });

  it("is not the same consumer in two stages that are built alike", () => {
    const app = newApp();
    const stacks = ["Test", "Prod"].map((id) => newStack({ app: new Stage(app, id), env }));
    for (const stack of stacks) newConsumer(stack);
    expect(stacks.map(warningIds)).toEqual([[], []]);
  });
});
