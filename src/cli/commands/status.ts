import { GetQueueAttributesCommand, type ListMessageMoveTasksResultEntry, type SQSClient } from "@aws-sdk/client-sqs";
import { lockIdOf } from "../../redrive/lock.ts";
import { isUnderWay, newestMove } from "../../redrive/moves.ts";
import { checkUrl } from "../../redrive/plan.ts";
import { openDeadLetterQueue } from "../../redrive/queue.ts";
import { sqsOf, tableNameOf, tableOf } from "../aws.ts";
import type { Given } from "../command.ts";
import { say, sayJson, tableFor } from "../output.ts";
import { statusOf } from "../records.ts";

/** Approximate, as SQS counts. */
interface QueueCounts {
  readonly url: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

interface Move {
  readonly status: string;
  readonly moved: number;
  /** How many there were at its start. */
  readonly of?: number;
  readonly perSecond?: number;
  readonly startedAt?: string;
  readonly failure?: string;
}

export async function run(given: Given): Promise<number> {
  const sqs = sqsOf();
  const queue = await openDeadLetterQueue(sqs, checkUrl(given.required("dlq")));
  const [deadLetterQueue, sourceQueues, task, runUntil] = await Promise.all([
    countsOf(sqs, queue.url),
    Promise.all([...queue.sources.values()].map((url) => countsOf(sqs, url))),
    newestMove(sqs, queue.arn),
    runningUntil(given, queue.arn),
  ]);
  const running = isUnderWay(task) || typeof runUntil === "string";
  const moveTask = task === undefined ? null : moveOf(task);
  if (given.flag("json")) return sayJson({ running, runUntil, deadLetterQueue, sourceQueues, moveTask });
  const rows = [deadLetterQueue, ...sourceQueues].map(({ url, visible, inFlight, delayed }, i) => [
    i === 0 ? "dead-letter queue" : "source queue",
    nameIn(url),
    visible,
    inFlight,
    delayed,
  ]);
  say(running ? "running" : "not running");
  say(tableFor(process.stdout, ["", "name", "visible", "in flight", "delayed"], rows));
  say(moveTask === null ? "move task: none" : `move task: ${moveText(moveTask)}`);
  return say(runText(runUntil));
}

async function countsOf(sqs: SQSClient, url: string): Promise<QueueCounts> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"],
    }),
  );
  return {
    url,
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

/** Until when a run of `redrive apply` holds the queue, `null` where none does; nothing where no table is named. */
async function runningUntil(given: Given, queueArn: string): Promise<string | null | undefined> {
  if (tableNameOf(given) === undefined) return undefined;
  const lock = await tableOf(given).store.read(lockIdOf(queueArn));
  return lock !== undefined && statusOf(lock, Date.now()) === "in_progress" ? new Date(lock.leaseUntil).toISOString() : null;
}

function runText(runUntil: string | null | undefined): string {
  if (runUntil === undefined) return "runs of lambda-once: not known, name the table to see them";
  return runUntil === null ? "runs of lambda-once: none" : `runs of lambda-once: one, its lock holds until ${runUntil}`;
}

function moveOf(task: ListMessageMoveTasksResultEntry): Move {
  const { Status = "", ApproximateNumberOfMessagesMoved: moved = 0, ApproximateNumberOfMessagesToMove: of } = task;
  const { MaxNumberOfMessagesPerSecond: perSecond, StartedTimestamp, FailureReason: failure } = task;
  return {
    status: Status,
    moved,
    ...(of !== undefined && { of }),
    ...(perSecond !== undefined && { perSecond }),
    ...(StartedTimestamp !== undefined && { startedAt: new Date(StartedTimestamp).toISOString() }),
    ...(failure !== undefined && { failure }),
  };
}

function moveText({ status, moved, of, perSecond, startedAt, failure }: Move): string {
  return [
    `${status}, ${moved}${of === undefined ? "" : ` of about ${of}`} moved`,
    ...(perSecond === undefined ? [] : [`at most ${perSecond} a second`]),
    ...(startedAt === undefined ? [] : [`started ${startedAt}`]),
    ...(failure === undefined ? [] : [failure]),
  ].join(", ");
}

function nameIn(url: string): string {
  return url.split("/").at(-1) ?? url;
}
