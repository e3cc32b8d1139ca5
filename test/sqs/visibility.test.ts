// When failed messages come back: what SQS is asked.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ChangeMessageVisibilityBatchCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it, onTestFinished } from "vitest";
import type { IdempotencyEvent } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { idempotentSqs } from "../../src/sqs/index.ts";
import { visibilityChanger } from "../../src/sqs/visibility.ts";
import { sqsClientOf } from "../support/queues.ts";
import { testClock } from "../support/clock.ts";
import { contextOf, mockedSqs } from "./consumer.ts";
import { batchOf, failingOn } from "./failing.ts";

describe("what is asked", () => {
  it.for([
    { count: 1, sizes: [1] },
    { count: 10, sizes: [10] },
    { count: 11, sizes: [10, 1] },
    { count: 21, sizes: [10, 10, 1] },
  ])("one change for each of $count, ten in a request, named by their place", async ({ count, sizes }) => {
    const { client, mock } = mockedSqs();
    const batch = batchOf(count);
    await failingOn(client).handler(batch, contextOf());
    const inputs = mock.commandCalls(ChangeMessageVisibilityBatchCommand).map(({ args: [{ input }] }) => input);
    expect(inputs.map(({ Entries = [] }) => Entries.map(({ Id }) => Id))).toEqual(
      sizes.map((size) => Array.from({ length: size }, (_, i) => String(i))),
    );
    const entries = inputs.flatMap(({ Entries = [] }) => Entries);
    expect(entries.map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(batch.Records.map(({ receiptHandle }) => receiptHandle));
    expect(new Set(entries.map(({ VisibilityTimeout }) => VisibilityTimeout))).toEqual(new Set([0]));
    expect(new Set(inputs.map(({ QueueUrl }) => QueueUrl))).toEqual(new Set(["https://sqs.us-east-1.amazonaws.com/123456789012/orders"]));
  });

  it("nothing where nothing failed", async () => {
    const { client, mock } = mockedSqs();
    const told: IdempotencyEvent[] = [];
    const onEvent = (event: IdempotencyEvent) => told.push(event);
    const handler = idempotentSqs(() => {}, { store: memoryStore(), operation: "charge", sqs: client, onEvent });
    await handler(batchOf(3), contextOf());
    await handler(
      batchOf(3),
      contextOf(() => 150),
    );
    expect(mock.calls()).toHaveLength(0);
    expect(told.filter(({ type }) => type === "visibility_unchanged")).toEqual([]);
  });

  it("the queue's URL once, by name and account of its ARN, and once for another queue", async () => {
    const { client, mock } = mockedSqs();
    const { handler } = failingOn(client);
    for (let batch = 0; batch < 3; batch++) await handler(batchOf(21), contextOf());
    await handler(batchOf(1, "arn:aws-cn:sqs:cn-north-1:210987654321:bills.fifo"), contextOf());
    const asked = mock.commandCalls(GetQueueUrlCommand).map(({ args: [{ input }] }) => input);
    expect(asked).toEqual([
      { QueueName: "orders", QueueOwnerAWSAccountId: "123456789012" },
      { QueueName: "bills.fifo", QueueOwnerAWSAccountId: "210987654321" },
    ]);
  });

  it.for([
    { name: "the past", ms: -5000, seconds: 0 },
    { name: "now", ms: 0, seconds: 0 },
    { name: "a millisecond: a whole second", ms: 1, seconds: 1 },
    { name: "a second", ms: 1000, seconds: 1 },
    { name: "a bit more", ms: 1001, seconds: 2 },
    { name: "12 hours", ms: 43_200_000, seconds: 43_200 },
    { name: "more than SQS takes", ms: 43_200_001, seconds: 43_200 },
    { name: "never", ms: Infinity, seconds: 43_200 },
  ])("whole seconds from now, up to 12 hours: $name", async ({ ms, seconds }) => {
    const { client, mock } = mockedSqs();
    const clock = testClock();
    const [record] = batchOf(1).Records;
    if (record === undefined) throw new Error("no record");
    await visibilityChanger(client, clock)([{ record, visibleAtMs: clock.now() + ms }], 2000);
    const [call] = mock.commandCalls(ChangeMessageVisibilityBatchCommand);
    expect(call?.args[0].input.Entries?.[0]?.VisibilityTimeout).toBe(seconds);
  });

  it("a given client, at its own endpoint, whatever the queue's URL says", async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers["x-amz-target"]);
      response.setHeader("content-type", "application/x-amz-json-1.0");
      response.end(JSON.stringify({ QueueUrl: "http://elsewhere.invalid/123456789012/orders", Successful: [], Failed: [] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = sqsClientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      server.closeAllConnections();
      server.close();
    });
    const { handler, told } = failingOn(client);
    await handler(batchOf(1), contextOf());
    expect({ asked, told }).toEqual({ asked: ["AmazonSQS.GetQueueUrl", "AmazonSQS.ChangeMessageVisibilityBatch"], told: [] });
  });

  it("a client of our own where none is given, made once, when first needed", async () => {
    const mock = mockClient(SQSClient);
    onTestFinished(() => mock.restore());
    mock.on(GetQueueUrlCommand).resolves({ QueueUrl: "https://queue" });
    mock.on(ChangeMessageVisibilityBatchCommand).resolves({});
    const { handler, told } = failingOn(undefined);
    for (let batch = 0; batch < 2; batch++) await handler(batchOf(1), contextOf());
    expect(told).toEqual([]);
    const [client, ...others] = mock.calls().map(({ thisValue }) => thisValue as SQSClient);
    expect(others).toHaveLength(2);
    for (const other of others) expect(other).toBe(client);
    expect(await client?.config.maxAttempts()).toBe(2);
    // Its own limits fit into the two seconds that are waited for it.
    const limits = { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true };
    const requestHandler = client?.config.requestHandler as
      | { handle(request: never): Promise<void>; httpHandlerConfigs(): object }
      | undefined;
    await requestHandler
      ?.handle({ hostname: "127.0.0.1", port: 1, headers: {}, method: "GET", protocol: "http:", path: "/", query: {} } as never)
      .catch(() => {});
    expect(requestHandler?.httpHandlerConfigs()).toMatchObject(limits);
  });
});
