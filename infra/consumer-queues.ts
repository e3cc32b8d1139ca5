// The queue and its dead-letter queue: made with what both need, or taken as they are.
import { Arn, ArnFormat, Duration, RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import { type IQueue, Queue, QueueEncryption, type QueueProps, type RedriveAllowPolicy, RedrivePermission } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { IdempotentQueueConsumerProps } from "./consumer-props.ts";
import { refuse } from "./findings.ts";
import { enoughVisibilitySeconds, queueFacts } from "./queue-facts.ts";

export interface ConsumerQueues {
  readonly queue: IQueue;
  /** Missing where a queue of one's own has none. */
  readonly deadLetterQueue: IQueue | undefined;
  readonly isFifo: boolean;
}

/** What both queues have unless they are told otherwise. */
const safe: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
const deadLetterRetention = Duration.days(14);
const defaultMaxReceiveCount = 5;

export function consumerQueues(scope: Construct, props: IdempotentQueueConsumerProps, timeout: Duration): ConsumerQueues {
  return props.queue === undefined ? createQueues(scope, props, timeout) : adoptQueues(scope, props.queue, props);
}

function createQueues(scope: Construct, props: IdempotentQueueConsumerProps, timeout: Duration): ConsumerQueues {
  const { queueProps = {}, maxReceiveCount = defaultMaxReceiveCount } = props;
  if (queueProps.deadLetterQueue !== undefined)
    refuse(scope, "queueProps.deadLetterQueue", queueProps.deadLetterQueue.queue, "say it as deadLetterQueue and maxReceiveCount");
  const isFifo = fifoOf(scope, props);
  const deadLetterQueue = props.deadLetterQueue ?? createDeadLetterQueue(scope, props, isFifo);
  checkSameType(scope, "deadLetterQueue", deadLetterQueue, isFifo);
  const queue = new Queue(scope, "Queue", {
    ...safe,
    ...encryptionBy(queueProps),
    visibilityTimeout: Duration.seconds(enoughVisibilitySeconds(timeout, props.maxBatchingWindow)),
    ...queueProps,
    // CloudFormation takes `true` only.
    ...(isFifo && { fifo: true }),
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount },
  });
  return { queue, deadLetterQueue, isFifo };
}

function createDeadLetterQueue(scope: Construct, props: IdempotentQueueConsumerProps, isFifo: boolean): IQueue {
  const { deadLetterQueueProps = {}, queueProps = {} } = props;
  if ((deadLetterQueueProps.fifo ?? isFifo) !== isFifo)
    refuse(
      scope,
      "deadLetterQueueProps.fifo",
      deadLetterQueueProps.fifo,
      `a dead-letter queue has the type of its queue; give ${isFifo} or nothing`,
    );
  return new Queue(scope, "DeadLetterQueue", {
    ...safe,
    ...encryptionBy(deadLetterQueueProps),
    retentionPeriod: deadLetterRetention,
    removalPolicy: RemovalPolicy.RETAIN,
    redriveAllowPolicy: allowPolicy(scope, queueProps.queueName),
    ...deadLetterQueueProps,
    ...(isFifo && { fifo: true }),
  });
}

/** With a key of one's own the encryption follows from it. */
function encryptionBy({ encryptionMasterKey }: QueueProps): QueueProps {
  return encryptionMasterKey === undefined ? {} : { encryption: QueueEncryption.KMS };
}

// Only a queue whose name is known can be named here: a reference would go round in a circle.
function allowPolicy(scope: Construct, queueName: string | undefined): RedriveAllowPolicy {
  if (queueName === undefined || Token.isUnresolved(queueName)) return { redrivePermission: RedrivePermission.ALLOW_ALL };
  const queueArn = Arn.format({ service: "sqs", resource: queueName, arnFormat: ArnFormat.NO_RESOURCE_NAME }, Stack.of(scope));
  return { redrivePermission: RedrivePermission.BY_QUEUE, sourceQueues: [Queue.fromQueueArn(scope, "AllowedSource", queueArn)] };
}

function fifoOf(scope: Construct, { fifo, queueProps }: IdempotentQueueConsumerProps): boolean {
  const byProps = queueProps?.fifo ?? (queueProps?.queueName?.endsWith(".fifo") ? true : undefined);
  if (fifo !== undefined && byProps !== undefined && fifo !== byProps)
    refuse(scope, "fifo", fifo, `queueProps say ${byProps}; say it once`);
  return fifo ?? byProps ?? false;
}

function adoptQueues(scope: Construct, queue: IQueue, props: IdempotentQueueConsumerProps): ConsumerQueues {
  for (const name of ["queueProps", "deadLetterQueueProps", "maxReceiveCount"] as const)
    if (props[name] !== undefined) refuse(scope, name, props[name], "queue has settings of its own; leave this out, or leave out queue");
  if (props.fifo !== undefined && props.fifo !== queue.fifo)
    refuse(scope, "fifo", props.fifo, `queue is a ${queue.fifo ? "FIFO" : "standard"} queue; leave this out`);
  const has = queueFacts(queue).deadLetters?.queue;
  const { deadLetterQueue = has === "none" ? undefined : has } = props;
  if (has === "none" && deadLetterQueue !== undefined)
    refuse(scope, "deadLetterQueue", deadLetterQueue, "queue has no redrive policy; give queue its deadLetterQueue where it is made");
  if (has !== undefined && has !== "none" && deadLetterQueue !== undefined && !isSame(scope, has, deadLetterQueue))
    refuse(scope, "deadLetterQueue", deadLetterQueue, `queue sends its dead letters to ${has.node.path}; leave this out`);
  if (deadLetterQueue !== undefined) checkSameType(scope, "deadLetterQueue", deadLetterQueue, queue.fifo);
  return { queue, deadLetterQueue, isFifo: queue.fifo };
}

function checkSameType(scope: Construct, path: string, deadLetterQueue: IQueue, isFifo: boolean): void {
  if (deadLetterQueue.fifo !== isFifo)
    refuse(scope, path, deadLetterQueue, `a dead-letter queue has the type of its queue; take a ${isFifo ? "FIFO" : "standard"} queue`);
}

/** Whether two constructs are one queue. */
export function isSame(scope: Construct, one: IQueue, other: IQueue): boolean {
  const stack = Stack.of(scope);
  return one === other || JSON.stringify(stack.resolve(one.queueArn)) === JSON.stringify(stack.resolve(other.queueArn));
}
