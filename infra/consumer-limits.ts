// Props that cannot work together, or that Lambda would refuse at deployment.
import type { Duration } from "aws-cdk-lib";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { IdempotentQueueConsumerProps } from "./consumer-props.ts";
import { checkSeconds, secondsOf } from "./durations.ts";
import { checkRetention } from "./environment.ts";
import { refuse } from "./findings.ts";
import { reservedConcurrencyOf } from "./handler-facts.ts";
import { checkHas } from "./names.ts";
import { enoughVisibilitySeconds, known, queueFacts } from "./queue-facts.ts";

export interface Made {
  readonly queue: IQueue;
  readonly isFifo: boolean;
  readonly timeout: Duration;
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
const maxBatch = 10;
const maxWindowedBatch = 10_000;
const windowRange = { atLeastSeconds: 0, atMostSeconds: 300, allowed: "0 to 300 s" };

/** What TypeScript says, too. */
export function checkGiven(scope: Construct, props: IdempotentQueueConsumerProps): void {
  // Without types there may be none.
  const { idempotencyTable, handler } = (props as IdempotentQueueConsumerProps | undefined) ?? {};
  checkHas(scope, "idempotencyTable", idempotencyTable, "bind", "give an IdempotencyTable");
  checkHas(scope, "handler", handler, "addEventSource", "give a function, or an alias or a version of one");
}

/** What can be said before anything is made. */
export function checkDurations(scope: Construct, { maxBatchingWindow, retention }: IdempotentQueueConsumerProps): void {
  checkSeconds(scope, "maxBatchingWindow", maxBatchingWindow, windowRange);
  checkRetention(scope, retention);
}

export function checkProps(scope: Construct, props: IdempotentQueueConsumerProps, { queue, isFifo, timeout }: Made): void {
  checkBatch(scope, props, isFifo);
  checkConcurrency(scope, props);
  checkVisibility(scope, queue, timeout, props);
}

function checkBatch(scope: Construct, { batchSize, maxBatchingWindow }: IdempotentQueueConsumerProps, isFifo: boolean): void {
  if (isFifo && maxBatchingWindow !== undefined)
    refuse(scope, "maxBatchingWindow", maxBatchingWindow, "a FIFO queue has no batching window; leave it out");
  const size = known(batchSize);
  const hasWindow = maxBatchingWindow !== undefined && secondsOf(maxBatchingWindow) !== 0;
  if (size === undefined || (Number.isInteger(size) && size >= 1 && size <= (hasWindow ? maxWindowedBatch : maxBatch))) return;
  const more = isFifo ? "" : ", or up to 10,000 with a maxBatchingWindow of 1 s or more";
  refuse(scope, "batchSize", size, `give 1 to ${maxBatch}${more}`);
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
  const enoughSeconds = enoughVisibilitySeconds(timeout, props.maxBatchingWindow);
  refuse(scope, path, `${visibilitySeconds} s`, `the handler may run for ${timeoutSeconds} s; give at least ${enoughSeconds} s`);
}
