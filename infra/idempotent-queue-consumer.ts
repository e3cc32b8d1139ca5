import { Duration, Names, Stack, Token } from "aws-cdk-lib";
import type { AlarmBase, Dashboard } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { type IQueue, Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { addConsumerAlarms, type ConsumerAlarms } from "./consumer-alarms.ts";
import { type Consumer, findingsOf } from "./consumer-checks.ts";
import { addConsumerDashboard } from "./consumer-dashboard.ts";
import { checkDurations, checkGiven, checkProps } from "./consumer-limits.ts";
import { consumerPropNames, type IdempotentQueueConsumerProps } from "./consumer-props.ts";
import { consumerQueues } from "./consumer-queues.ts";
import { isSame } from "./dead-letters.ts";
import { checkPlace } from "./environment.ts";
import { refuse, warnAtSynthesis } from "./findings.ts";
import { functionBehind, timeoutInTheEnd, timeoutOf } from "./handler-facts.ts";
import { checkNames } from "./names.ts";
import { mappingsOf, otherConsumers } from "./other-consumers.ts";
import { maxRetentionSeconds, queueFacts } from "./queue-facts.ts";
import { redriveFunctionFor } from "./redrive-function.ts";
import { defaultNamespace, type RuntimeMetrics } from "./runtime-metrics.ts";

/**
 * A queue, its dead-letter queue and the function that consumes it, so that each message's work is done once: partial batch responses always on,
 * visibility from the handler's timeout, the retention of the records from the queues' own, alarms. What AWS takes without a word although it
 * loses messages or runs is a warning with an id (`docs/cdk.md`).
 *
 * @throws Error for props that cannot work together, with the property's path, what was given and what is allowed.
 */
export class IdempotentQueueConsumer extends Construct {
  readonly queue: IQueue;
  /** Missing where a queue of one's own has none, or does not show it. */
  readonly deadLetterQueue: IQueue | undefined;
  readonly handler: IFunction;
  readonly eventSource: SqsEventSource;
  /** How long the handler's records answer duplicates. */
  readonly retention: Duration;
  /** None where `alarms` is false; the last one is of all the others. */
  readonly alarms: readonly AlarmBase[];
  readonly dashboard: Dashboard | undefined;
  /** Undefined where none is wanted. */
  readonly redriveFunction: IFunction | undefined;

  constructor(scope: Construct, id: string, props: IdempotentQueueConsumerProps) {
    super(scope, id);
    checkGiven(this, props);
    // A construct of one's own that is built on this one may have props of its own.
    if (new.target === IdempotentQueueConsumer) checkNames(this, props, consumerPropNames);
    checkDurations(this, props);
    const timeout = timeoutOf(this, props.handler, props.handlerTimeout);
    const { queue, deadLetterQueue, isFifo } = consumerQueues(this, props, timeout);
    checkProps(this, props, { queue, isFifo, timeout });
    const neededRetentionSeconds = neededRetention(queue, deadLetterQueue, isFifo);
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;
    this.handler = props.handler;
    this.retention = props.retention ?? Duration.seconds(neededRetentionSeconds);
    this.bindTable(props);
    this.eventSource = this.addEventSource(props);
    this.redriveFunction = redriveFunctionFor(this, props, this);
    const consumer: Consumer = {
      scope: this,
      monitors: monitorsOf(this, props),
      handler: props.handler,
      timeout,
      window: props.maxBatchingWindow,
      queue,
      deadLetterQueue,
      isFifo,
      retention: this.retention,
      neededRetentionSeconds,
      maxConcurrency: props.maxConcurrency,
      redriveFunction: this.redriveFunction,
      sharers: () => this.sharers(),
      others: () => otherConsumers(queue, props.handler, this.eventSource),
    };
    warnAtSynthesis(this, () =>
      findingsOf({
        ...consumer,
        timeout: timeoutInTheEnd(props.handler, timeout),
        neededRetentionSeconds: neededRetention(queue, deadLetterQueue, isFifo),
      }),
    );
    const runtime = runtimeMetricsOf(this, props);
    const alarms = alarmsFor(consumer, runtime, props);
    this.alarms = alarms === undefined ? [] : [...alarms.alarms, alarms.any];
    this.dashboard = props.dashboard ? addConsumerDashboard(consumer, props.idempotencyTable.table, alarms, runtime) : undefined;
  }

  private bindTable({ idempotencyTable, handler }: IdempotentQueueConsumerProps): void {
    const fn = functionBehind(handler);
    if (fn !== undefined) return idempotencyTable.bind(fn, { retention: this.retention });
    checkPlace(this, idempotencyTable.table, handler);
    idempotencyTable.grantClaims(handler);
  }

  private addEventSource({ batchSize, maxBatchingWindow, maxConcurrency, filters }: IdempotentQueueConsumerProps): SqsEventSource {
    const eventSource = new SqsEventSource(this.queue, {
      // Without it, one message that fails brings back its whole batch, and what is answered for each is not read.
      reportBatchItemFailures: true,
      ...(batchSize !== undefined && { batchSize }),
      ...(maxBatchingWindow !== undefined && { maxBatchingWindow }),
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      ...(filters !== undefined && { filters }),
    });
    this.handler.addEventSource(eventSource);
    this.waitForGrants();
    return eventSource;
  }

  /** Lambda refuses a mapping of a role that may not read its queue yet. A function of this app waits for its role by itself, an imported one does not. */
  private waitForGrants(): void {
    const { role } = this.handler;
    // In another stack the role's policy refers to the queue, and waiting for it would go round in a circle.
    if (role === undefined || Stack.of(role) !== Stack.of(this.handler)) return;
    for (const mapping of mappingsOf(this.handler)) mapping.node.addDependency(role);
  }

  private sharers(): readonly Construct[] {
    const { deadLetterQueue } = this;
    if (deadLetterQueue === undefined) return [];
    const sends = (to: IQueue | undefined) => to !== undefined && isSame(to, deadLetterQueue);
    return this.node.root.node
      .findAll()
      .filter((node) => node instanceof Construct)
      .filter((node) => {
        if (node instanceof Queue) return node !== this.queue && sends(node.deadLetterQueue?.queue);
        // Of an imported queue only its consumer knows where its dead letters go.
        return (
          node instanceof IdempotentQueueConsumer &&
          !(node.queue instanceof Queue) &&
          node.queue !== this.queue &&
          sends(node.deadLetterQueue)
        );
      });
  }
}

/**
 * Alarms and dashboard are with the handler where that is in another stack: its event source mapping refers to the queue already, and a reference
 * from here to the handler would go round in a circle.
 */
function monitorsOf(scope: Construct, { handler, alarms = true, dashboard = false }: IdempotentQueueConsumerProps): Construct {
  const isElsewhere = Stack.of(handler) !== Stack.of(scope);
  return isElsewhere && (alarms || dashboard) ? new Construct(handler, Names.nodeUniqueId(scope.node)) : scope;
}

/** What the runtime takes. */
const namespacePattern = /^(?!AWS\/)(?=.*\S)[\w.\-/# ]{1,255}$/;
const operationPattern = /^[\w.:/-]{1,64}$/;

function runtimeMetricsOf(scope: Construct, props: IdempotentQueueConsumerProps): RuntimeMetrics | undefined {
  const { operation, metricsNamespace } = props;
  if (operation !== undefined && !Token.isUnresolved(operation) && !operationPattern.test(operation))
    refuse(scope, "operation", JSON.stringify(operation), "give what the handler's code says: 1 to 64 letters, digits and _ . : / -");
  if (metricsNamespace !== undefined && !Token.isUnresolved(metricsNamespace) && !namespacePattern.test(metricsNamespace))
    refuse(
      scope,
      "metricsNamespace",
      JSON.stringify(metricsNamespace),
      "give what emfMetrics takes: 1 to 255 letters, digits and . - _ / #; AWS/ is AWS's own; or leave it out",
    );
  if (operation !== undefined) return { operation, namespace: metricsNamespace ?? defaultNamespace };
  if (metricsNamespace !== undefined)
    refuse(scope, "metricsNamespace", metricsNamespace, "without operation nothing looks at it; give operation, too");
  return undefined;
}

function alarmsFor(
  consumer: Consumer,
  runtime: RuntimeMetrics | undefined,
  props: IdempotentQueueConsumerProps,
): ConsumerAlarms | undefined {
  const { alarms = true, alarmTopic } = props;
  if (alarms) return addConsumerAlarms(consumer, runtime, alarmTopic);
  if (alarmTopic !== undefined) refuse(consumer.scope, "alarmTopic", alarmTopic, "alarms is false; leave one of them out");
  return undefined;
}

// A message may wait in its queue, then as a dead letter, and once more in its queue after a redrive. The time of a standard queue's
// message goes on as a dead letter, that of a FIFO queue's starts anew.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
function neededRetention(queue: IQueue, deadLetterQueue: IQueue | undefined, isFifo: boolean): number {
  const day = 86_400;
  const source = queueFacts(queue).retentionSeconds ?? maxRetentionSeconds;
  const hasNone = deadLetterQueue === undefined && queueFacts(queue).deadLetters?.queue === "none";
  if (hasNone) return source + day;
  const dead = (deadLetterQueue === undefined ? undefined : queueFacts(deadLetterQueue).retentionSeconds) ?? maxRetentionSeconds;
  return (isFifo ? 2 * source : source) + dead + day;
}
