// What can be known here of a queue that somebody else made: everything of a construct of this app, little of an imported one.
import { type Duration, Stack, Token } from "aws-cdk-lib";
import { CfnQueue, type IQueue, Queue } from "aws-cdk-lib/aws-sqs";
import { secondsOf } from "./durations.ts";

/** SQS keeps a message for 14 days at most. */
export const maxRetentionSeconds: number = 14 * 86_400;

// Lambda's own limits stand for what only the deployment knows.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
const maxTimeoutSeconds = 900;
const maxWindowSeconds = 300;

/** The visibility timeout that AWS asks for: six times the function's timeout, and the batching window. */
export function enoughVisibilitySeconds(timeout: Duration, window: Duration | undefined): number {
  return 6 * timeoutSecondsOf(timeout) + windowSecondsOf(window);
}

/** From a message's receive to the end of its run. */
export function longestBatchSeconds(timeout: Duration, window: Duration | undefined): number {
  return timeoutSecondsOf(timeout) + windowSecondsOf(window);
}

function timeoutSecondsOf(timeout: Duration): number {
  return secondsOf(timeout) ?? maxTimeoutSeconds;
}

function windowSecondsOf(window: Duration | undefined): number {
  return window === undefined ? 0 : (secondsOf(window) ?? maxWindowSeconds);
}

/** `undefined`: not known, or a token. */
export interface QueueFacts {
  readonly visibilitySeconds: number | undefined;
  readonly retentionSeconds: number | undefined;
  readonly deadLetters: DeadLetters | undefined;
}

export interface DeadLetters {
  /** "none": it has no dead-letter queue. A queue, where it is a construct that can be found. */
  readonly queue: IQueue | "none" | undefined;
  readonly maxReceiveCount: number | undefined;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html
const defaultVisibilitySeconds = 30;
const defaultRetentionSeconds = 4 * 86_400;

export function queueFacts(queue: IQueue): QueueFacts {
  const child = queue.node.defaultChild;
  if (!CfnQueue.isCfnQueue(child)) return { visibilitySeconds: undefined, retentionSeconds: undefined, deadLetters: undefined };
  return {
    visibilitySeconds: known(child.visibilityTimeout ?? defaultVisibilitySeconds),
    retentionSeconds: known(child.messageRetentionPeriod ?? defaultRetentionSeconds),
    deadLetters: deadLettersOf(queue, child),
  };
}

/** A number that is one already: not a token that only the deployment knows. */
export function known(value: number | undefined): number | undefined {
  return value === undefined || Token.isUnresolved(value) ? undefined : value;
}

function deadLettersOf(queue: IQueue, child: CfnQueue): DeadLetters {
  const policy: unknown = Stack.of(queue).resolve(child.redrivePolicy);
  if (policy === undefined) return { queue: "none", maxReceiveCount: undefined };
  const { maxReceiveCount } = policy as { maxReceiveCount?: unknown };
  return {
    queue: queue instanceof Queue ? queue.deadLetterQueue?.queue : undefined,
    maxReceiveCount: typeof maxReceiveCount === "number" ? maxReceiveCount : undefined,
  };
}
