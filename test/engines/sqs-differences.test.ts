// Where an engine does what AWS does not. Each row says what AWS does by its documentation, and pins what the engine does: a version
// that does otherwise fails here. Nothing may be proved on an engine where its row differs.
import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ListMessageMoveTasksCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { deadLetters } from "../support/dead-letters.ts";
import { endOfMove, startMove } from "../support/moves.ts";
import { countsOf, freshQueues, receive, sendAll, type SqsEngine } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";

interface Row extends Record<SqsEngine["name"], string> {
  readonly what: string;
  readonly aws: string;
  see(client: SQSClient): Promise<string | undefined>;
}

const fifoMessage = (body: string) => ({ MessageBody: body, MessageGroupId: "g", MessageDeduplicationId: `producers-${body}` });

const rows: readonly Row[] = [
  {
    what: "the id of a message that a move task moved",
    aws: "new",
    MiniStack: "new",
    ElasticMQ: "kept",
    async see(client) {
      const { ids, url, dlqArn } = await deadLetters(client, [{ MessageBody: "a" }]);
      await startMove(client, { SourceArn: dlqArn });
      await endOfMove(client, dlqArn);
      const [message] = await receive(client, url);
      return message?.MessageId === ids[0] ? "kept" : "new";
    },
  },
  {
    what: "a move task from a FIFO queue, completed",
    aws: "moved 2 of 2",
    MiniStack: "moved 2 of 2",
    ElasticMQ: "moved 0 of 2",
    async see(client) {
      const { url, dlqArn } = await deadLetters(client, [fifoMessage("a"), fifoMessage("b")], { fifo: true });
      await startMove(client, { SourceArn: dlqArn });
      const end = await endOfMove(client, dlqArn);
      expect(end?.Status).toBe("COMPLETED");
      return `moved ${(await countsOf(client, url)).visible} of 2`;
    },
  },
  {
    what: "a move task from a queue that is no DLQ",
    aws: "InvalidParameterValue",
    MiniStack: "InvalidParameterValue",
    // It answers 503 after 21 seconds, and breaks the next request on that socket.
    ElasticMQ: "no answer",
    async see(client) {
      const { arn } = await freshQueues(client);
      const started = startMove(client, { SourceArn: arn }, AbortSignal.timeout(1_500));
      return started.then(
        () => "started",
        (error: Error) => (error.name === "AbortError" ? "no answer" : error.name),
      );
    },
  },
  {
    what: "the handle of a task that has completed",
    aws: "not listed",
    MiniStack: "not listed",
    ElasticMQ: "listed",
    async see(client) {
      const { dlqArn } = await deadLetters(client, [{ MessageBody: "a" }]);
      await startMove(client, { SourceArn: dlqArn });
      return (await endOfMove(client, dlqArn))?.TaskHandle === undefined ? "not listed" : "listed";
    },
  },
  {
    what: "a task that was cancelled",
    aws: "CANCELLED",
    MiniStack: "CANCELLED",
    ElasticMQ: "not listed",
    async see(client) {
      const { dlqArn } = await deadLetters(
        client,
        [..."0123456789"].map((MessageBody) => ({ MessageBody })),
      );
      const TaskHandle = await startMove(client, { SourceArn: dlqArn, MaxNumberOfMessagesPerSecond: 1 });
      await client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
      await endOfMove(client, dlqArn);
      const { Results = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: dlqArn }));
      return Results[0]?.Status ?? "not listed";
    },
  },
  {
    what: "a message in flight in the DLQ while a task runs",
    aws: "stays",
    MiniStack: "stays",
    ElasticMQ: "moved, and delayed there",
    async see(client) {
      const { url, dlqUrl, dlqArn } = await deadLetters(client, [{ MessageBody: "a" }, { MessageBody: "b" }]);
      await receive(client, dlqUrl, { most: 1 });
      await startMove(client, { SourceArn: dlqArn });
      await endOfMove(client, dlqArn);
      const [queue, dlq] = [await countsOf(client, url), await countsOf(client, dlqUrl)];
      if (dlq.inFlight === 1) return "stays";
      return queue.delayed === 1 ? "moved, and delayed there" : "moved";
    },
  },
  {
    what: "a task without a destination for a message that was sent to the DLQ itself",
    aws: "FAILED CouldNotDetermineMessageSource",
    MiniStack: "FAILED CouldNotDetermineMessageSource",
    ElasticMQ: "COMPLETED",
    async see(client) {
      const { dlqUrl, dlqArn } = await freshQueues(client);
      await sendAll(client, dlqUrl, [{ MessageBody: "a" }]);
      await startMove(client, { SourceArn: dlqArn });
      const end = await endOfMove(client, dlqArn);
      return [end?.Status, end?.FailureReason].filter((word) => word !== undefined).join(" ");
    },
  },
  {
    what: "the deduplication id of a dead FIFO message",
    aws: "the message's id",
    MiniStack: "the producer's",
    ElasticMQ: "the message's id",
    async see(client) {
      const { dlqUrl } = await deadLetters(client, [fifoMessage("a")], { fifo: true });
      const [message] = await receive(client, dlqUrl);
      const id = message?.Attributes?.MessageDeduplicationId;
      return id === message?.MessageId ? "the message's id" : id === "producers-a" ? "the producer's" : id;
    },
  },
  {
    what: "a visibility timeout of more than 12 hours",
    aws: "InvalidParameterValue",
    MiniStack: "accepted",
    ElasticMQ: "accepted",
    see: async (client) => changeTo(client, 30, 43_201),
  },
  {
    what: "a visibility timeout for a message that is visible again",
    aws: "MessageNotInflight",
    MiniStack: "accepted",
    ElasticMQ: "accepted",
    see: async (client) => changeTo(client, 0, 30),
  },
  {
    what: "deleting with a receipt handle that is not the newest",
    aws: "accepted, and not deleted",
    MiniStack: "ReceiptHandleIsInvalid, and not deleted",
    ElasticMQ: "ReceiptHandleIsInvalid, and not deleted",
    async see(client) {
      const { url: QueueUrl } = await freshQueues(client);
      await sendAll(client, QueueUrl, [{ MessageBody: "a" }]);
      const [old] = await receive(client, QueueUrl, { visibilitySeconds: 0 });
      await receive(client, QueueUrl, { visibilitySeconds: 0 });
      const said = await accepted(client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: old?.ReceiptHandle })));
      return `${said}, and ${(await countsOf(client, QueueUrl)).visible === 1 ? "not deleted" : "deleted"}`;
    },
  },
];

async function changeTo(client: SQSClient, firstSeconds: number, VisibilityTimeout: number): Promise<string> {
  const { url: QueueUrl } = await freshQueues(client);
  await sendAll(client, QueueUrl, [{ MessageBody: "a" }]);
  const [message] = await receive(client, QueueUrl, { visibilitySeconds: firstSeconds });
  return accepted(client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout })));
}

async function accepted(sent: Promise<unknown>): Promise<string> {
  return sent.then(
    () => "accepted",
    (error: Error) => error.name,
  );
}

describeOnSqs("other than on AWS", (engine) => {
  for (const row of rows) {
    it.concurrent(`${row.what}: ${row[engine.name]} (AWS: ${row.aws})`, async () => {
      expect(await row.see(engine.client)).toBe(row[engine.name]);
    });
  }
});
