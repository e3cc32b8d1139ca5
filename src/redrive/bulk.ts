// Brings all messages back at once, by SQS's own message move task, which neither looks at them nor changes them.
import { IdempotencyError, messageOf } from "../core/errors.ts";
import { actionFor } from "./action.ts";
import { checkFit } from "./fit.ts";
import type { Letter } from "./letters.ts";
import { cancelMove, isUnderWay, moveUnderWay, newestMove, startMove } from "./moves.ts";
import { peek } from "./peek.ts";
import { refused } from "./plan-file.ts";
import { type Ending, type Run, stopIfAborted } from "./run.ts";
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
  const isRunning = isUnderWay(await newestMove(sqs, queue.arn));
  if (isRunning && !hasBegun) throw moveUnderWay();
  let stopped: string | undefined;
  try {
    if (!isRunning) {
      const there = await checkFit(run, hasBegun ? new Set(planned.keys()) : new Set(), (letter) => checkMayGo(run, letter));
      stopIfAborted(run);
      journal.write({ event: "moving" });
      if (there.size > 0) await startMove(sqs, queue.arn, destinationOf(run.plan), run.ratePerSecond);
    }
    stopped = await untilMoved(run);
  } catch (error) {
    if (error instanceof IdempotencyError && error.code === "CONFIG_INVALID") throw error;
    stopped = messageOf(error);
  }
  return endingOf(run, stopped);
}

async function checkMayGo({ planned, reader, consent }: Run, letter: Letter): Promise<void> {
  const entry = planned.get(letter.messageId);
  const action = entry === undefined ? undefined : actionFor(entry, await reader.judge(letter), consent);
  if (action?.does === "leave") throw refused("mode", unsafe(letter, `better stays (${action.reason})`));
}

function destinationOf({ entries }: RedrivePlan): string {
  return entries[0]?.sourceQueueArn ?? "";
}

/** Answers why it has moved less than all. */
async function untilMoved({ sqs, queue, lock, clock, signal, planned, onProgress }: Run): Promise<string | undefined> {
  for (;;) {
    await lock.keep();
    const task = await newestMove(sqs, queue.arn);
    onProgress?.({ done: task?.ApproximateNumberOfMessagesMoved ?? 0, total: planned.size });
    if (task === undefined || !isUnderWay(task))
      return task === undefined || task.Status === "COMPLETED"
        ? undefined
        : `the move task is ${task.Status}: ${task.FailureReason ?? "no reason is told"}`;
    if (signal?.aborted === true && task.Status === "RUNNING") await cancelMove(sqs, task);
    await clock.sleep(lookEveryMs);
  }
}

// By what is still there: SQS's own count is an approximate one.
async function endingOf({ queue, journal, planned }: Run, stopped: string | undefined): Promise<Ending> {
  const { messageIds } = await peek(queue, Number.POSITIVE_INFINITY, async () => {});
  const left = [...planned.keys()].filter((id) => messageIds.has(id));
  journal.write({ event: "moved", messages: planned.size - left.length });
  return { left: new Map(left.map((id) => [id, "the move task did not take it"])), failed: new Map(), stopped };
}
