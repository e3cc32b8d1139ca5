// What this project builds on in SQS, on both engines. Where they differ from AWS: sqs-differences.test.ts.
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  ListDeadLetterSourceQueuesCommand,
  type Message,
} from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { deadLetters } from "../support/dead-letters.ts";
import { countsOf, deleteAll, drain, freshQueues, receive, sendAll } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";

const attributes = {
  "idempotency-key": { DataType: "String", StringValue: "order-1" },
  bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
};
const bodiesOf = (messages: readonly Message[]) => messages.map(({ Body }) => Body);

describeOnSqs("SQS", (engine) => {
  it.concurrent("names its queues as AWS does", async () => {
    const { arn, dlqArn } = await freshQueues(engine.client, { fifo: true });
    expect(arn).toMatch(/^arn:aws:sqs:us-east-1:000000000000:[\w-]+\.fifo$/);
    expect(dlqArn).toMatch(/^arn:aws:sqs:us-east-1:000000000000:[\w-]+\.fifo$/);
  });

  it.concurrent("counts how often a message was received, which keeps its id", async () => {
    const { client } = engine;
    const { url } = await freshQueues(client, { maxReceiveCount: 10 });
    const [id] = await sendAll(client, url, [{ MessageBody: "a" }]);
    for (const count of ["1", "2", "3"]) {
      const [message] = await receive(client, url, { visibilitySeconds: 0 });
      expect([message?.MessageId, message?.Attributes?.ApproximateReceiveCount]).toEqual([id, count]);
    }
  });

  it.concurrent("hides what was received for the queue's visibility timeout, and a changed one for its own", async () => {
    const { client } = engine;
    const { url } = await freshQueues(client, { visibilitySeconds: 1 });
    await sendAll(client, url, [{ MessageBody: "a" }, { MessageBody: "b" }]);
    const messages = await receive(client, url);
    expect(await countsOf(client, url)).toEqual({ visible: 0, inFlight: 2, delayed: 0 });
    const longer = messages.find(({ Body }) => Body === "a");
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: longer?.ReceiptHandle, VisibilityTimeout: 30 }));
    const [back] = await until("b is visible again", async () => {
      const again = await receive(client, url);
      return again.length > 0 ? again : undefined;
    });
    expect([back?.Body, back?.Attributes?.ApproximateReceiveCount]).toEqual(["b", "2"]);
    expect(await countsOf(client, url)).toEqual({ visible: 0, inFlight: 2, delayed: 0 });
  });

  it.concurrent("shows a message again at once whose visibility timeout is changed to 0, in a batch", async () => {
    const { client } = engine;
    const { url } = await freshQueues(client);
    await sendAll(client, url, [{ MessageBody: "a" }]);
    const [message] = await receive(client, url);
    const Entries = [
      { Id: "0", ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 },
      { Id: "1", ReceiptHandle: "none", VisibilityTimeout: 0 },
    ];
    const { Successful, Failed } = await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
    expect([Successful, Failed]).toEqual([[{ Id: "0" }], [expect.objectContaining({ Id: "1", Code: "ReceiptHandleIsInvalid" })]]);
    expect(bodiesOf(await receive(client, url))).toEqual(["a"]);
  });

  it.concurrent("answers a batch entry by entry", async () => {
    const { client } = engine;
    const { url } = await freshQueues(client);
    expect(
      new Set(
        await sendAll(
          client,
          url,
          [..."abcdefghijklmno"].map((MessageBody) => ({ MessageBody })),
        ),
      ).size,
    ).toBe(15);
    const messages = await receive(client, url);
    expect(messages).toHaveLength(10);
    const Entries = [messages[0]?.ReceiptHandle, "none"].map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
    const { Successful, Failed } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
    expect([Successful, Failed]).toEqual([[{ Id: "0" }], [expect.objectContaining({ Id: "1", Code: "ReceiptHandleIsInvalid" })]]);
    await deleteAll(client, url, messages.slice(1));
    expect(await drain(client, url)).toHaveLength(5);
    expect(await countsOf(client, url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it.concurrent.for([false, true])("moves a message to the DLQ after maxReceiveCount, with its id and source (FIFO: %s)", async (fifo) => {
    const { client } = engine;
    const { ids, arn, url, dlqUrl } = await deadLetters(
      client,
      [{ MessageBody: "a", MessageAttributes: attributes, ...(fifo ? { MessageGroupId: "g", MessageDeduplicationId: "d" } : {}) }],
      { fifo },
    );
    expect(await countsOf(client, url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    const [dead] = await receive(client, dlqUrl);
    expect(dead).toMatchObject({ MessageId: ids[0], Body: "a", MessageAttributes: attributes });
    expect(dead?.Attributes).toMatchObject({ ApproximateReceiveCount: "2", DeadLetterQueueSourceArn: arn });
    const { queueUrls } = await client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dlqUrl }));
    expect(queueUrls).toEqual([url]);
  });

  it.concurrent("gives a FIFO group to one at a time, in its order, and other groups beside it", async () => {
    const { client } = engine;
    const { url } = await freshQueues(client, { fifo: true });
    const send = ["a0", "a1", "b0"].map((body) => ({ MessageBody: body, MessageGroupId: body.slice(0, 1), MessageDeduplicationId: body }));
    await sendAll(client, url, send);
    const first = await receive(client, url, { most: 1 });
    expect(bodiesOf(first)).toEqual(["a0"]);
    expect(bodiesOf(await receive(client, url))).toEqual(["b0"]);
    expect(await receive(client, url)).toEqual([]);
    await deleteAll(client, url, first);
    expect(bodiesOf(await receive(client, url))).toEqual(["a1"]);
  });

  it.concurrent("gives several messages of a FIFO group in one batch, in their order", async () => {
    const { client } = engine;
    const { url } = await freshQueues(client, { fifo: true });
    const bodies = ["0", "1", "2", "3", "4"];
    await sendAll(
      client,
      url,
      bodies.map((body) => ({ MessageBody: body, MessageGroupId: "g", MessageDeduplicationId: body })),
    );
    expect(bodiesOf(await receive(client, url))).toEqual(bodies);
  });

  it.concurrent("takes a FIFO deduplication id once, also when its message is gone", async () => {
    const { client } = engine;
    const { url } = await freshQueues(client, { fifo: true });
    const message = { MessageBody: "a", MessageGroupId: "g", MessageDeduplicationId: "once" };
    const [id] = await sendAll(client, url, [message]);
    expect(await sendAll(client, url, [message])).toEqual([id]);
    expect(await drain(client, url)).toHaveLength(1);
    await sendAll(client, url, [message]);
    expect(await countsOf(client, url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });
});
