// Message move tasks of a local engine.
import {
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
  StartMessageMoveTaskCommand,
  type StartMessageMoveTaskCommandInput,
} from "@aws-sdk/client-sqs";
import { until } from "./until.ts";

/** Starts a message move task; answers its handle. */
export async function startMove(client: SQSClient, input: StartMessageMoveTaskCommandInput, abortSignal?: AbortSignal): Promise<string> {
  const { TaskHandle } = await client.send(new StartMessageMoveTaskCommand(input), abortSignal === undefined ? {} : { abortSignal });
  return TaskHandle ?? "";
}

/** The newest move task of a source, once it does not run any more; `undefined` where the engine forgets it. */
export async function endOfMove(client: SQSClient, SourceArn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const ended = await until(`the move task of ${SourceArn} ends`, async () => {
    const { Results = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn }));
    return Results[0]?.Status === "RUNNING" || Results[0]?.Status === "CANCELLING" ? undefined : { task: Results[0] };
  });
  return ended.task;
}
