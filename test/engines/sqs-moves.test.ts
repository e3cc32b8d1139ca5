// Message move tasks, as far as both engines do what AWS does. The rest: sqs-differences.test.ts.
import { CancelMessageMoveTaskCommand, ListMessageMoveTasksCommand, type Message } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { deadLetters, redriveByHand } from "../support/dead-letters.ts";
import { endOfMove, startMove } from "../support/moves.ts";
import { countsOf, freshQueues, receive } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";

const attributes = {
  "idempotency-key": { DataType: "String", StringValue: "order-1" },
  bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
};
const nothing = { visible: 0, inFlight: 0, delayed: 0 };
const ten = [..."0123456789"].map((MessageBody) => ({ MessageBody }));
const bodiesOf = (messages: readonly Message[]) => messages.map(({ Body = "" }) => Body).toSorted();

describeOnSqs("a message move task", (engine) => {
  it.concurrent("brings messages back to the queue that they came from: received never, body and attributes kept", async () => {
    const { client } = engine;
    const { url, dlqUrl, dlqArn } = await deadLetters(client, [{ MessageBody: "a", MessageAttributes: attributes }]);
    await startMove(client, { SourceArn: dlqArn });
    const end = await endOfMove(client, dlqArn);
    expect(end).toMatchObject({ Status: "COMPLETED", SourceArn: dlqArn, ApproximateNumberOfMessagesMoved: 1 });
    expect(await countsOf(client, dlqUrl)).toEqual(nothing);
    const [message] = await receive(client, url);
    expect(message).toMatchObject({ Body: "a", MessageAttributes: attributes, Attributes: { ApproximateReceiveCount: "1" } });
  });

  it.concurrent("brings them to another queue where it is told one", async () => {
    const { client } = engine;
    const { url, dlqUrl, dlqArn } = await deadLetters(client, ten.slice(0, 3));
    const other = await freshQueues(client);
    await startMove(client, { SourceArn: dlqArn, DestinationArn: other.arn });
    expect(await endOfMove(client, dlqArn)).toMatchObject({ Status: "COMPLETED", DestinationArn: other.arn });
    expect([await countsOf(client, url), await countsOf(client, dlqUrl)]).toEqual([nothing, nothing]);
    expect(bodiesOf(await receive(client, other.url))).toEqual(["0", "1", "2"]);
  });

  it.concurrent("runs at its rate, alone for its source, until it is cancelled; what was moved stays moved", async () => {
    const { client } = engine;
    const { url, dlqUrl, dlqArn } = await deadLetters(client, ten);
    const TaskHandle = await startMove(client, { SourceArn: dlqArn, MaxNumberOfMessagesPerSecond: 1 });
    await expect(startMove(client, { SourceArn: dlqArn })).rejects.toMatchObject({ name: "UnsupportedOperation" });
    await until("a message has been moved", async () => ((await countsOf(client, url)).visible > 0 ? true : undefined));
    const { Results } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: dlqArn }));
    expect(Results).toMatchObject([{ Status: "RUNNING", TaskHandle, MaxNumberOfMessagesPerSecond: 1 }]);
    const answer = await client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    await endOfMove(client, dlqArn);
    const [moved, left] = [(await countsOf(client, url)).visible, (await countsOf(client, dlqUrl)).visible];
    expect(moved + left).toBe(10);
    expect(left).toBeGreaterThan(0);
    expect(answer.ApproximateNumberOfMessagesMoved).toBe(moved);
    await startMove(client, { SourceArn: dlqArn });
    await endOfMove(client, dlqArn);
    expect((await countsOf(client, url)).visible).toBe(10);
  });

  it.concurrent("is refused for a task handle that nobody has", async () => {
    const unknown = engine.client.send(new CancelMessageMoveTaskCommand({ TaskHandle: "bm9uZQ==" }));
    await expect(unknown).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it.concurrent.for([false, true])("played by hand gives each message a new id, on every engine (FIFO: %s)", async (fifo) => {
    const { client } = engine;
    const message = (body: string) => ({ MessageBody: body, MessageAttributes: attributes });
    const ofGroup = (body: string) => ({ ...message(body), MessageGroupId: "g", MessageDeduplicationId: body });
    const dead = await deadLetters(client, ["0", "1", "2"].map(fifo ? ofGroup : message), { fifo });
    expect(await redriveByHand(client, dead)).toBe(3);
    expect(await countsOf(client, dead.dlqUrl)).toEqual(nothing);
    const messages = await receive(client, dead.url);
    expect(bodiesOf(messages)).toEqual(["0", "1", "2"]);
    for (const { MessageId, MessageAttributes, Attributes } of messages) {
      expect(dead.ids).not.toContain(MessageId);
      expect([MessageAttributes, Attributes?.ApproximateReceiveCount]).toEqual([attributes, "1"]);
    }
  });
});
