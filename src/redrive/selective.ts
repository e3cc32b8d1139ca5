// Brings messages back one by one.
import { messageOf } from "../core/errors.ts";
import { type Progress, redriveBatch } from "./batch.ts";
import { checkFit } from "./fit.ts";
import { growthWatch } from "./growth.ts";
import { isUnderWay, moveUnderWay, newestMove } from "./moves.ts";
import { isDry, perRequest } from "./queue.ts";
import { tokenBucket } from "./rate.ts";
import { type Ending, gone, type Run, stopIfAborted, Stopped } from "./run.ts";

/** For ten messages at the slowest rate, and a few tries of each request. */
const visibilitySeconds = 120;

/** @throws IdempotencyError `CONFIG_INVALID` where nothing may move. */
export async function redriveSelected(run: Run): Promise<Ending> {
  const { sqs, queue, clock, planned, ratePerSecond } = run;
  if (isUnderWay(await newestMove(sqs, queue.arn))) throw moveUnderWay();
  const done = gone(run);
  const there = await checkFit(run, done).catch(stoppedBy);
  if (there instanceof Stopped) return { left: new Map(), failed: new Map(), stopped: there.message };
  const mostAtATime = Math.min(perRequest, ratePerSecond);
  const progress: Progress = {
    pending: new Set([...planned.keys()].filter((id) => there.has(id))),
    gone: done,
    left: new Map(),
    failed: new Map(),
    held: new Map(),
    stuck: new Set(),
    removed: 0,
    takeTokens: tokenBucket(clock, ratePerSecond, mostAtATime),
  };
  try {
    await goThrough(run, progress, { mostAtATime, there: there.size });
    return progress;
  } catch (error) {
    // What cannot be asked any more is no reason to forget what was done.
    return { ...progress, stopped: messageOf(error) };
  } finally {
    await queue.makeVisible([...progress.held.values()]).catch(() => {}); // visible later, then
  }
}

function stoppedBy(error: unknown): Stopped {
  if (error instanceof Stopped) return error;
  throw error;
}

async function goThrough(run: Run, progress: Progress, { mostAtATime, there }: { mostAtATime: number; there: number }): Promise<void> {
  const { queue, lock, planned, onProgress } = run;
  const { pending, left } = progress;
  const checkGrowth = await growthWatch(run, there);
  /** Met since anything was done: whatever was met before them may be behind them. */
  const met = new Set<string>();
  for (let idle = 0; pending.size > 0;) {
    stopIfAborted(run);
    await lock.keep();
    await checkGrowth(progress.removed);
    const before = pending.size;
    const messages = await queue.receive(mostAtATime, visibilitySeconds);
    await redriveBatch(run, progress, messages);
    onProgress?.({ done: planned.size - pending.size, total: planned.size });
    if (pending.size < before) met.clear();
    const isNew = messages.some(({ MessageId = "" }) => !met.has(MessageId));
    for (const { MessageId = "" } of messages) met.add(MessageId);
    idle = isNew ? 0 : idle + 1;
    // As long as it shows something, others may be behind that: once more than there are, and then some.
    if (messages.length > 0 ? idle > met.size + perRequest : await isDry(queue, idle)) break;
  }
  for (const id of pending) left.set(id, "it was not to be had: it is in flight elsewhere, or behind one of its group that stays");
}
