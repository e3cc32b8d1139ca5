// Props that cannot work together, or that Lambda would refuse at deployment.
import type { Duration } from "aws-cdk-lib";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { IdempotentQueueConsumerProps } from "./consumer-props.ts";
import { refuse } from "./findings.ts";
import { reservedConcurrencyOf } from "./handler-facts.ts";
import { known, queueFacts, secondsOf } from "./queue-facts.ts";

export interface Made {
  readonly queue: IQueue;
  readonly isFifo: boolean;
  readonly timeout: Duration;
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
const maxBatch = 10;
const maxWindowedBatch = 10_000;

export function checkProps(scope: Construct, props: IdempotentQueueConsumerProps, { queue, isFifo, timeout }: Made): void {
  checkBatch(scope, props, isFifo);
  checkConcurrency(scope, props);
  checkVisibility(scope, queue, timeout, props);
  checkRetention(scope, props.retention);
}

function checkBatch(scope: Construct, { batchSize, maxBatchingWindow }: IdempotentQueueConsumerProps, isFifo: boolean): void {
  if (isFifo && maxBatchingWindow !== undefined)
    refuse(scope, "maxBatchingWindow", maxBatchingWindow.toString(), "a FIFO queue has no batching window; leave it out");
  const windowSeconds = maxBatchingWindow === undefined ? undefined : secondsOf(maxBatchingWindow);
  if (windowSeconds !== undefined && windowSeconds > 300) refuse(scope, "maxBatchingWindow", `${windowSeconds} s`, "give at most 300 s");
  const size = known(batchSize);
  const most = maxBatchingWindow === undefined ? maxBatch : maxWindowedBatch;
  if (size === undefined || (Number.isInteger(size) && size >= 1 && size <= most)) return;
  const more = isFifo ? "" : ` (${maxWindowedBatch} with maxBatchingWindow)`;
  refuse(scope, "batchSize", size, `give 1 to ${isFifo ? maxBatch : `${maxBatch}${more}`}`);
}

function checkConcurrency(scope: Construct, { maxConcurrency, handler }: IdempotentQueueConsumerProps): void {
  const limit = known(maxConcurrency);
  if (limit === undefined) return;
  if (!Number.isInteger(limit) || limit < 2 || limit > 1000) refuse(scope, "maxConcurrency", limit, "give 2 to 1,000");
  const reserved = reservedConcurrencyOf(handler);
  if (reserved !== undefined && limit > reserved)
    refuse(
      scope,
      "maxConcurrency",
      limit,
      `the handler's reserved concurrency is ${reserved}, and what is above it is throttled until it is a dead letter; give at most ${reserved}`,
    );
}

// Lambda refuses such an event source mapping.
function checkVisibility(scope: Construct, queue: IQueue, timeout: Duration, props: IdempotentQueueConsumerProps): void {
  const { visibilitySeconds } = queueFacts(queue);
  const timeoutSeconds = secondsOf(timeout);
  if (visibilitySeconds === undefined || timeoutSeconds === undefined || visibilitySeconds >= timeoutSeconds) return;
  const path = props.queue === undefined ? "queueProps.visibilityTimeout" : "queue.visibilityTimeout";
  refuse(
    scope,
    path,
    `${visibilitySeconds} s`,
    `the handler may run for ${timeoutSeconds} s; give at least six times that, ${6 * timeoutSeconds} s`,
  );
}

function checkRetention(scope: Construct, retention: Duration | undefined): void {
  const seconds = retention === undefined ? undefined : secondsOf(retention);
  if (seconds !== undefined && seconds < 1) refuse(scope, "retention", `${seconds} s`, "give at least 1 s");
}
