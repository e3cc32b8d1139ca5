// The queue and its dead-letter queue: made with what both need, or taken as they are.
import { Arn, ArnFormat, Duration, RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import { type IQueue, Queue, QueueEncryption, type QueueProps, type RedriveAllowPolicy, RedrivePermission } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { IdempotentQueueConsumerProps } from "./consumer-props.ts";
import { checkDeadLetterQueue, checkPermission, checkSameType, typeName } from "./dead-letters.ts";
import { refuse } from "./findings.ts";
import { enoughVisibilitySeconds, known, queueFacts } from "./queue-facts.ts";

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
  const queues = props.queue === undefined ? createQueues(scope, props, timeout) : adoptQueues(scope, props.queue, props);
  const { queue, deadLetterQueue } = queues;
  const path = props.deadLetterQueueProps === undefined ? "deadLetterQueue" : "deadLetterQueueProps";
  if (deadLetterQueue !== undefined) checkPermission(scope, path, queue, deadLetterQueue);
  return queues;
}

function createQueues(scope: Construct, props: IdempotentQueueConsumerProps, timeout: Duration): ConsumerQueues {
  const { maxReceiveCount = defaultMaxReceiveCount } = props;
  const queueProps = given(props.queueProps);
  if (queueProps.deadLetterQueue !== undefined)
    refuse(scope, "queueProps.deadLetterQueue", queueProps.deadLetterQueue.queue, "say it as deadLetterQueue and maxReceiveCount");
  checkReceives(scope, maxReceiveCount);
  const isFifo = fifoOf(scope, props.fifo, queueProps);
  const deadLetterQueue = deadLetterQueueFor(scope, props, isFifo);
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

/** What is undefined is not given, rather than given as nothing. */
function given(props: QueueProps = {}): QueueProps {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
function checkReceives(scope: Construct, maxReceiveCount: number): void {
  const count = known(maxReceiveCount);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= 1000))
    refuse(scope, "maxReceiveCount", count, "give 1 to 1,000, and rather 5 or more");
}

function fifoOf(scope: Construct, fifo: boolean | undefined, queueProps: QueueProps): boolean {
  const said = typeSaidBy(queueProps);
  if (fifo !== undefined && said !== undefined && fifo !== said.isFifo)
    refuse(scope, "fifo", fifo, `queueProps.${said.by} makes it a ${typeName(said.isFifo)} queue; leave one of them out`);
  return fifo ?? said?.isFifo ?? false;
}

/** Which type of a queue its props tell: as the construct of the queue reads them. */
function typeSaidBy(props: QueueProps): { readonly isFifo: boolean; readonly by: keyof QueueProps } | undefined {
  if (props.fifo !== undefined) return { isFifo: props.fifo, by: "fifo" };
  if (props.queueName !== undefined && !Token.isUnresolved(props.queueName))
    return { isFifo: props.queueName.endsWith(".fifo"), by: "queueName" };
  const by = (["contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"] as const).find((name) => props[name]);
  return by === undefined ? undefined : { isFifo: true, by };
}

function deadLetterQueueFor(scope: Construct, props: IdempotentQueueConsumerProps, isFifo: boolean): IQueue {
  const { deadLetterQueue, deadLetterQueueProps } = props;
  if (deadLetterQueue === undefined) return createDeadLetterQueue(scope, props, isFifo);
  if (deadLetterQueueProps !== undefined)
    refuse(scope, "deadLetterQueueProps", deadLetterQueueProps, "deadLetterQueue has settings of its own; leave out one of them");
  checkSameType(scope, deadLetterQueue, isFifo);
  return deadLetterQueue;
}

function createDeadLetterQueue(
  scope: Construct,
  { queueProps, deadLetterQueueProps }: IdempotentQueueConsumerProps,
  isFifo: boolean,
): IQueue {
  const props = given(deadLetterQueueProps);
  const said = typeSaidBy(props);
  if (said !== undefined && said.isFifo !== isFifo)
    refuse(
      scope,
      `deadLetterQueueProps.${said.by}`,
      props[said.by],
      `a dead-letter queue has the type of its queue, which is ${typeName(isFifo)}`,
    );
  return new Queue(scope, "DeadLetterQueue", {
    ...safe,
    ...encryptionBy(props),
    retentionPeriod: deadLetterRetention,
    removalPolicy: RemovalPolicy.RETAIN,
    redriveAllowPolicy: allowPolicy(scope, queueProps?.queueName),
    ...props,
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

function adoptQueues(scope: Construct, queue: IQueue, props: IdempotentQueueConsumerProps): ConsumerQueues {
  for (const name of ["queueProps", "deadLetterQueueProps", "maxReceiveCount"] as const)
    if (props[name] !== undefined) refuse(scope, name, props[name], "queue has settings of its own; leave this out, or leave out queue");
  if (props.fifo !== undefined && props.fifo !== queue.fifo)
    refuse(scope, "fifo", props.fifo, `queue is a ${typeName(queue.fifo)} queue; leave this out`);
  const has = queueFacts(queue).deadLetters?.queue;
  if (props.deadLetterQueue !== undefined) checkDeadLetterQueue(scope, props.deadLetterQueue, queue, has);
  return { queue, deadLetterQueue: props.deadLetterQueue ?? (has === "none" ? undefined : has), isFifo: queue.fifo };
}
