import type { Duration } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue, QueueProps } from "aws-cdk-lib/aws-sqs";
import type { IdempotencyTable } from "./idempotency-table.ts";
import type { Names } from "./names.ts";

export interface IdempotentQueueConsumerProps {
  /** Where the records are. */
  readonly idempotencyTable: IdempotencyTable;
  /** The function that `idempotentSqs` wraps; an alias or a version of one, too. An imported function gets no environment from here. */
  readonly handler: IFunction;
  /**
   * The function's timeout, where it does not tell it.
   *
   * @default - the function's own; required for an imported function
   */
  readonly handlerTimeout?: Duration;
  /**
   * The name that the handler's code gives as `operation`. The alarms and the dashboard's row of the runtime's metrics need it; the function has to
   * write them (`onEvent: emfMetrics()`), without dimensions of its own: with them they are other metrics.
   *
   * @default - no alarms of the runtime's metrics
   */
  readonly operation?: string;
  /**
   * The namespace that `emfMetrics` writes to.
   *
   * @default LambdaOnce
   */
  readonly metricsNamespace?: string;
  /**
   * A queue of your own, with a redrive policy of its own. Its settings are checked, not changed.
   *
   * @default - a queue is created
   */
  readonly queue?: IQueue;
  /**
   * Settings of the queue that is created, on top of: encrypted by SQS, TLS only, visibility of six times the handler's timeout and the batching
   * window, 4 days of retention.
   *
   * @default - none
   */
  readonly queueProps?: QueueProps;
  /**
   * A dead-letter queue of your own; beside `queue`, the one that it has.
   *
   * @default - what `queue` has, or else a dead-letter queue is created
   */
  readonly deadLetterQueue?: IQueue;
  /**
   * Settings of the dead-letter queue that is created, on top of: encrypted by SQS, TLS only, 14 days of retention, kept when its stack goes.
   *
   * @default - none
   */
  readonly deadLetterQueueProps?: QueueProps;
  /**
   * How often a message is received before it goes to the dead-letter queue. A duplicate that waits for its first run spends one, too.
   *
   * @default 5
   */
  readonly maxReceiveCount?: number;
  /**
   * Whether the queue that is created is a FIFO queue, and its dead-letter queue with it.
   *
   * @default - as queueProps say, else false
   */
  readonly fifo?: boolean;
  /**
   * Messages in a batch: 1 to 10; up to 10,000 with a batching window.
   *
   * @default 10
   */
  readonly batchSize?: number;
  /**
   * How long a batch is gathered, up to 5 minutes; standard queues only.
   *
   * @default - not at all
   */
  readonly maxBatchingWindow?: Duration;
  /**
   * How many invocations the queue may run at a time, 2 to 1,000, at most the function's reserved concurrency.
   *
   * @default - no limit of its own
   */
  readonly maxConcurrency?: number;
  /**
   * Which messages are delivered. SQS deletes the others.
   *
   * @default - all
   */
  // eslint-disable-next-line typescript/no-explicit-any -- as SqsEventSource has it
  readonly filters?: { [key: string]: any }[];
  /**
   * How long a record answers duplicates, in whole seconds: longer than a message can come back, through the dead-letter queue too.
   *
   * @default - the retention of both queues and a day; FIFO: the source's twice, since a dead letter's time starts anew. 14 days for a queue that does not tell
   */
  readonly retention?: Duration;
  /**
   * Alarms, one of all of them included: $0.10 a month for each metric in an alarm, $0.50 for the composite one. They are, as the dashboard is, in
   * the stack of the handler.
   *
   * @default true
   */
  readonly alarms?: boolean;
  /**
   * Who is told by the composite alarm.
   *
   * @default - nobody: the alarms are there to be looked at
   */
  readonly alarmTopic?: ITopic;
  /**
   * A dashboard: three are free, then $3 a month.
   *
   * @default false
   */
  readonly dashboard?: boolean;
  /**
   * A function that brings dead letters back (`redriveHandler` of `lambda-once/redrive`), for handlers whose keys are the default ones. It needs
   * `operation`.
   *
   * @default false
   */
  readonly redrive?: boolean;
  /**
   * A function of your own that does that, for handlers with a `key` of their own: it gets the environment and the grants.
   *
   * @default - none
   */
  readonly redriveFunction?: IFunction;
}

export const consumerPropNames: Names<IdempotentQueueConsumerProps> = {
  idempotencyTable: true,
  handler: true,
  handlerTimeout: true,
  operation: true,
  metricsNamespace: true,
  queue: true,
  queueProps: true,
  deadLetterQueue: true,
  deadLetterQueueProps: true,
  maxReceiveCount: true,
  fifo: true,
  batchSize: true,
  maxBatchingWindow: true,
  maxConcurrency: true,
  filters: true,
  retention: true,
  alarms: true,
  alarmTopic: true,
  dashboard: true,
  redrive: true,
  redriveFunction: true,
};
