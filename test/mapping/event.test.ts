import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { freshQueues, receive, sendAll } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { contextOf, eventOf } from "./event.ts";

describeOnSqs("the event of a real message", (engine) => {
  it("has the shape that AWS documents", async () => {
    const { client } = engine;
    const { url, arn } = await freshQueues(client);
    const [messageId] = await sendAll(client, url, [
      {
        MessageBody: "héllo",
        MessageAttributes: {
          text: { DataType: "String", StringValue: "x" },
          count: { DataType: "Number", StringValue: "12" },
          bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255, 16) },
          custom: { DataType: "Number.int", StringValue: "1" },
        },
      },
    ]);
    const { Records } = eventOf(await receive(client, url), arn);
    const lists = { stringListValues: [], binaryListValues: [] };
    expect(Records).toEqual([
      {
        messageId,
        receiptHandle: expect.stringMatching(/./),
        body: "héllo",
        attributes: expect.objectContaining({
          ApproximateReceiveCount: "1",
          SenderId: expect.any(String),
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        }),
        messageAttributes: {
          text: { stringValue: "x", ...lists, dataType: "String" },
          count: { stringValue: "12", ...lists, dataType: "Number" },
          bytes: { binaryValue: "AP8Q", ...lists, dataType: "Binary" },
          custom: { stringValue: "1", ...lists, dataType: "Number.int" },
        },
        md5OfBody: createHash("md5").update("héllo").digest("hex"),
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventSource: "aws:sqs",
        eventSourceARN: arn,
        awsRegion: "us-east-1",
      },
    ]);
  });

  it("says group, deduplication id and sequence number where the queue is FIFO", async () => {
    const { client } = engine;
    const { url, arn } = await freshQueues(client, { fifo: true });
    await sendAll(client, url, [{ MessageBody: "a", MessageGroupId: "group", MessageDeduplicationId: "once" }]);
    const { Records } = eventOf(await receive(client, url), arn);
    expect(Records).toMatchObject([
      {
        attributes: { MessageGroupId: "group", MessageDeduplicationId: "once", SequenceNumber: expect.stringMatching(/^\d+$/) },
        messageAttributes: {},
        eventSourceARN: expect.stringMatching(/\.fifo$/),
      },
    ]);
  });
});

it("a context's time runs out, and then there is none left", () => {
  expect(contextOf(Date.now() + 60_000).getRemainingTimeInMillis()).toBeGreaterThan(50_000);
  expect(contextOf(Date.now() - 1).getRemainingTimeInMillis()).toBe(0);
});
