// What AWS, CDK and cdk-nag take without a word, although it loses messages, runs or money.
import { Duration } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct, IConstruct } from "constructs";
import { secondsOf } from "./durations.ts";
import type { Finding } from "./findings.ts";
import { functionBehind, reservedConcurrencyOf } from "./handler-facts.ts";
import { enoughVisibilitySeconds, queueFacts } from "./queue-facts.ts";
import { untoldRedrive } from "./redrive-function.ts";

/** What a consumer is made of. */
export interface Consumer {
  readonly scope: Construct;
  /** What alarms and dashboard are below. */
  readonly monitors: Construct;
  readonly handler: IFunction;
  readonly timeout: Duration;
  readonly window: Duration | undefined;
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue | undefined;
  readonly isFifo: boolean;
  readonly retention: Duration;
  /** How long it has to be at least, in seconds; what is not known counts as SQS's maximum. */
  readonly neededRetentionSeconds: number;
  readonly maxConcurrency: number | undefined;
  /** Other queues that send their dead letters to the same one. */
  sharers(): readonly IConstruct[];
  readonly redriveFunction: IFunction | undefined;
  /** Other functions that consume the queue. */
  others(): readonly IConstruct[];
}

const rules: readonly ((consumer: Consumer) => Finding | undefined)[] = [
  shortVisibility,
  noDeadLetterQueue,
  fewReceives,
  shortDeadLetters,
  sharedDeadLetters,
  changingKeys,
  shortRetention,
  littleConcurrency,
  unsetEnvironment,
  secondConsumer,
  ({ redriveFunction }) => untoldRedrive(redriveFunction),
];

export function findingsOf(consumer: Consumer): readonly Finding[] {
  return rules.map((rule) => rule(consumer)).filter((finding) => finding !== undefined);
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
function shortVisibility({ queue, timeout, window }: Consumer): Finding | undefined {
  const { visibilitySeconds } = queueFacts(queue);
  const enoughSeconds = enoughVisibilitySeconds(timeout, window);
  if (visibilitySeconds === undefined || secondsOf(timeout) === undefined || visibilitySeconds >= enoughSeconds) return undefined;
  return {
    id: "lambda-once:visibility",
    message: `The queue's visibility timeout is ${visibilitySeconds} s; it should be at least ${enoughSeconds} s, six times the handler's timeout and the batching window: a throttled batch comes back while it is still being tried, and each time spends a receive.`,
    context: { visibilitySeconds, enoughSeconds },
  };
}

function noDeadLetterQueue({ queue }: Consumer): Finding | undefined {
  if (queueFacts(queue).deadLetters?.queue !== "none") return undefined;
  return {
    id: "lambda-once:no-dead-letter-queue",
    message:
      "The queue has no dead-letter queue; it should have one: a message that always fails is tried until it expires, and is lost then.",
    context: {},
  };
}

const fewestReceives = 5;

function fewReceives({ queue }: Consumer): Finding | undefined {
  const maxReceiveCount = queueFacts(queue).deadLetters?.maxReceiveCount;
  if (maxReceiveCount === undefined || maxReceiveCount >= fewestReceives) return undefined;
  return {
    id: "lambda-once:max-receive-count",
    message: `maxReceiveCount is ${maxReceiveCount}; it should be at least ${fewestReceives}: a throttle, and a duplicate that waits for its first run, spend a receive each, and a message whose work is done would end as a dead letter.`,
    context: { maxReceiveCount, fewestReceives },
  };
}

function shortDeadLetters({ queue, deadLetterQueue, isFifo }: Consumer): Finding | undefined {
  const sourceSeconds = queueFacts(queue).retentionSeconds;
  const deadLetterSeconds = deadLetterQueue === undefined ? undefined : queueFacts(deadLetterQueue).retentionSeconds;
  if (sourceSeconds === undefined || deadLetterSeconds === undefined || deadLetterSeconds > sourceSeconds) return undefined;
  const why = isFifo
    ? "there is less time to look at it than it had to be tried"
    : "its time counts from when it was first sent, so that it may be gone at once";
  return {
    id: "lambda-once:dead-letter-retention",
    message: `The dead-letter queue keeps a message for ${days(deadLetterSeconds)}, the queue for ${days(sourceSeconds)}; the dead-letter queue should keep it longer: ${why}.`,
    context: { sourceSeconds, deadLetterSeconds },
  };
}

function sharedDeadLetters({ sharers }: Consumer): Finding | undefined {
  const others = sharers();
  if (others.length === 0) return undefined;
  const paths = others.map(({ node }) => node.path).join(", ");
  return {
    id: "lambda-once:shared-dead-letter-queue",
    message: `The dead-letter queue takes the dead letters of ${paths} as well; each queue should have one of its own: its alarm does not say whose they are, and a redrive has to tell them apart.`,
    context: { sharers: others.length },
  };
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
function changingKeys({ isFifo, deadLetterQueue }: Consumer): Finding | undefined {
  if (!isFifo || deadLetterQueue === undefined) return undefined;
  return {
    id: "lambda-once:fifo-key",
    message:
      'A FIFO message that was a dead letter comes back with another messageId and another deduplication id; its producer should send the attribute "idempotency-key" (withIdempotencyKey), or the handler take a key from the body: else what was done already is done again.',
    context: {},
  };
}

function shortRetention({ retention, neededRetentionSeconds }: Consumer): Finding | undefined {
  const retentionSeconds = secondsOf(retention);
  if (retentionSeconds === undefined || retentionSeconds >= neededRetentionSeconds) return undefined;
  return {
    id: "lambda-once:retention",
    message: `retention is ${days(retentionSeconds)}; it should be at least ${days(neededRetentionSeconds)}: so long may a message come back, through the dead-letter queue too, and without its record it runs again.`,
    context: { retentionSeconds, neededRetentionSeconds },
  };
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
const fewestPollers = 5;

function littleConcurrency({ handler, maxConcurrency }: Consumer): Finding | undefined {
  const reservedConcurrency = reservedConcurrencyOf(handler);
  if (reservedConcurrency === undefined || reservedConcurrency >= fewestPollers || maxConcurrency !== undefined) return undefined;
  if (reservedConcurrency === 0) return undefined; // switched off, and meant
  // Lambda takes no limit below 2.
  const orLimited = reservedConcurrency === 1 ? "" : ", or maxConcurrency be set";
  return {
    id: "lambda-once:reserved-concurrency",
    message: `The handler's reserved concurrency is ${reservedConcurrency}; it should be at least ${fewestPollers}${orLimited}: Lambda begins with ${fewestPollers} batches at a time, and each that is throttled spends a receive of its messages.`,
    context: { reservedConcurrency, fewestPollers },
  };
}

function unsetEnvironment({ handler, retention }: Consumer): Finding | undefined {
  if (functionBehind(handler) !== undefined) return undefined;
  const seconds = secondsOf(retention);
  return {
    id: "lambda-once:environment",
    message: `The handler is imported, so that its environment is not set here; where it is made it should have IDEMPOTENCY_TABLE and IDEMPOTENCY_RETENTION_SECONDS${seconds === undefined ? "" : ` (${seconds})`}.`,
    context: {},
  };
}

function secondConsumer({ others }: Consumer): Finding | undefined {
  const found = others();
  if (found.length === 0) return undefined;
  return {
    id: "lambda-once:second-consumer",
    message: `The queue is consumed by ${found.map(({ node }) => node.path).join(", ")} as well; it should have one consumer: each message goes to one of them, whichever asks first.`,
    context: { consumers: found.length + 1 },
  };
}

function days(seconds: number): string {
  return Duration.seconds(seconds).toHumanString();
}
