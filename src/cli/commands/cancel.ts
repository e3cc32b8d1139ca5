import { cancelMove, isUnderWay, newestMove } from "../../redrive/moves.ts";
import { checkUrl } from "../../redrive/plan.ts";
import { openDeadLetterQueue } from "../../redrive/queue.ts";
import { sqsOf } from "../aws.ts";
import type { Given } from "../command.ts";
import { Refusal } from "../failure.ts";
import { say, sayJson } from "../output.ts";

export async function run(given: Given): Promise<number> {
  const sqs = sqsOf();
  const queue = await openDeadLetterQueue(sqs, checkUrl(given.required("dlq")));
  const task = await newestMove(sqs, queue.arn);
  if (task === undefined || !isUnderWay(task))
    throw new Refusal(`no move task is running${task?.Status === undefined ? "" : `: the newest one is ${task.Status}`}`);
  if (task.Status === "RUNNING") await cancelMove(sqs, task);
  const { Status: status = "CANCELLED", ApproximateNumberOfMessagesMoved: moved = 0 } = (await newestMove(sqs, queue.arn)) ?? {};
  return given.flag("json") ? sayJson({ status, moved }) : say(`the move task is ${status}; ${moved} messages were moved, and stay moved`);
}
