// Brings all messages back at once, by SQS's own message move task, which neither looks at them nor changes them.
import type { ListMessageMoveTasksResultEntry } from "@aws-sdk/client-sqs";
import { IdempotencyError, messageOf } from "../core/errors.ts";
import { actionFor } from "./action.ts";
import { checkFit } from "./fit.ts";
import { growthWatch } from "./growth.ts";
import type { Letter } from "./letters.ts";
import { cancelMove, isUnderWay, moveUnderWay, newestMove, startMove } from "./moves.ts";
import { peek } from "./peek.ts";
import { refused } from "./plan-file.ts";
import { type Ending, type Run, stopIfAborted, Stopped } from "./run.ts";
import type { RedriveEntry, RedrivePlan } from "./types.ts";

const lookEveryMs = 1000;

/** @throws IdempotencyError `CONFIG_INVALID` where a move of all would do what the plan does not say. */
export function checkBulk({ entries, complete }: RedrivePlan, discardDuplicates: boolean): void {
  if (discardDuplicates) throw refused("discardDuplicates", "a move task deletes nothing: redrive selectively, or leave this out");
  if (!complete) throw refused("mode", "a move task takes all messages, and the plan has not seen them all: redrive them selectively");
  const stays = entries.find(({ decision }) => decision === "leave" || decision === "release");
  if (stays !== undefined) throw refused("mode", unsafe(stays, stays.decision === "leave" ? "is to stay" : "needs its key freed before"));
  const byId = entries.find(({ keyFrom }) => keyFrom === "messageId");
  if (byId !== undefined) throw refused("mode", unsafe(byId, "has its messageId as its key, which a move task replaces"));
  const queues = new Set(entries.map(({ sourceQueueArn }) => sourceQueueArn)).size;
  if (queues > 1)
    throw refused("mode", `the messages go back to ${queues} queues, and a move task has one destination: redrive them selectively`);
}

function unsafe({ messageId }: Pick<RedriveEntry, "messageId">, why: string): string {
  return `a move task takes all messages as they are, and ${messageId} ${why}: redrive them selectively`;
}

/** @throws IdempotencyError `CONFIG_INVALID` where nothing may move. */
export async function redriveInBulk(run: Run): Promise<Ending> {
  const { sqs, queue, journal, planned } = run;
  // By a process before this one: what is not there any more was moved by its task.
  const hasBegun = journal.entries.some(({ event }) => event === "moving");
  const task = await newestMove(sqs, queue.arn);
  const isRunning = isUnderWay(task);
  if (isRunning && !hasBegun) throw moveUnderWay();
  let stopped: string | undefined;
  try {
    let most = Math.min(planned.size, task?.ApproximateNumberOfMessagesToMove ?? planned.size);
    if (!isRunning) {
      const there = await checkFit(run, hasBegun ? new Set(planned.keys()) : new Set(), (letter) => checkMayGo(run, letter));
      stopIfAborted(run);
      journal.write({ event: "moving" });
      most = there.size;
      if (most > 0) await startMove(sqs, queue.arn, destinationOf(run.plan), run.ratePerSecond);
    }
    if (isRunning || most > 0) stopped = await untilMoved(run, most);
  } catch (error) {
    if (error instanceof IdempotencyError && error.code === "CONFIG_INVALID") throw error;
    stopped = messageOf(error);
    // Nobody watches it any more, unless another process goes on with this run.
    if (!(error instanceof IdempotencyError && error.code === "LEASE_LOST")) await cancelNewest(run).catch(() => {});
  }
  return endingOf(run, stopped);
}

async function cancelNewest({ sqs, queue, journal }: Run): Promise<void> {
  const task = await newestMove(sqs, queue.arn);
  const isOurs = journal.entries.some(({ event }) => event === "moving");
  if (isOurs && task?.Status === "RUNNING") await cancelMove(sqs, task);
}

async function checkMayGo({ planned, reader, consent, clock }: Run, letter: Letter): Promise<void> {
  const entry = planned.get(letter.messageId);
  const action = entry === undefined ? undefined : actionFor(entry, await reader.judge(letter), consent, clock.now());
  if (action?.does === "leave") throw refused("mode", unsafe(letter, `better stays (${action.reason})`));
}

function destinationOf({ entries }: RedrivePlan): string {
  return entries[0]?.sourceQueueArn ?? "";
}

/** `most`: how many the task has to move. Answers why it has moved less than all, or more. */
async function untilMoved(run: Run, most: number): Promise<string | undefined> {
  const { sqs, queue, lock, clock, planned, onProgress } = run;
  const checkGrowth = await growthWatch(run, most);
  let reason: string | undefined;
  for (;;) {
    await lock.keep();
    const task = await newestMove(sqs, queue.arn);
    const moved = task?.ApproximateNumberOfMessagesMoved ?? 0;
    onProgress?.({ done: Math.min(moved, planned.size), total: planned.size });
    const isAll = moved >= most;
    if (moved > most && !isUnderWay(task)) return tookMore(moved - most);
    if (task === undefined || !isUnderWay(task)) return isAll ? undefined : (reason ?? failureOf(task));
    if (!isAll) reason ??= await reasonToStop(run, checkGrowth, moved);
    // It would go on until the queue is empty, and what comes in now was not planned.
    if (task.Status === "RUNNING" && (isAll || reason !== undefined))
      await cancelMove(sqs, task).catch((error: unknown) => {
        if (!isAll) throw error; // else it has just ended by itself
      });
    await clock.sleep(lookEveryMs);
  }
}

async function reasonToStop({ signal }: Run, checkGrowth: (removed: number) => Promise<void>, moved: number): Promise<string | undefined> {
  if (signal?.aborted === true) return "it was told to stop";
  try {
    await checkGrowth(moved);
    return undefined;
  } catch (error) {
    if (error instanceof Stopped) return error.message;
    throw error;
  }
}

function tookMore(count: number): string {
  return `messages came into the dead-letter queue meanwhile, and the move task took ${count} of them as well: see why they fail`;
}

function failureOf(task: ListMessageMoveTasksResultEntry | undefined): string | undefined {
  if (task === undefined || task.Status === "COMPLETED") return undefined;
  return `the move task is ${task.Status}: ${task.FailureReason ?? "no reason is told"}`;
}

// By what is still there: SQS's own count is an approximate one.
async function endingOf({ queue, journal, planned }: Run, stopped: string | undefined): Promise<Ending> {
  const { messageIds } = await peek(queue, Number.POSITIVE_INFINITY, async () => {});
  const left = [...planned.keys()].filter((id) => messageIds.has(id));
  journal.write({ event: "moved", messages: planned.size - left.length });
  return { left: new Map(left.map((id) => [id, "the move task did not take it"])), failed: new Map(), stopped };
}
