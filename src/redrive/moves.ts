// Message move tasks, SQS's own redrive.
import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";

import type { IdempotencyError } from "../core/errors.ts";
import { refused } from "./plan-file.ts";

const underWay: ReadonlySet<string | undefined> = new Set(["RUNNING", "CANCELLING"]);

/** The newest move task of a dead-letter queue; `undefined` where SQS knows of none. */
export async function newestMove(sqs: SQSClient, SourceArn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
  return Results[0];
}

export function isUnderWay(task: ListMessageMoveTasksResultEntry | undefined): boolean {
  return underWay.has(task?.Status);
}

export async function startMove(sqs: SQSClient, SourceArn: string, DestinationArn: string, ratePerSecond: number): Promise<void> {
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: ratePerSecond }));
}

export async function cancelMove(sqs: SQSClient, { TaskHandle }: ListMessageMoveTasksResultEntry): Promise<void> {
  await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
}

export function moveUnderWay(): IdempotencyError {
  return refused("plan", "a move task of SQS's own brings these dead letters back: wait for its end, or cancel it");
}
