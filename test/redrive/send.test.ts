// A message that comes back is the one that was dead, but for what SQS gives anew.
import { randomUUID } from "node:crypto";
import type { SendMessageBatchRequest, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { countsOf, sendAll } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { interceptedClient } from "../support/sqs-faults.ts";
import { deadOrders, keyed } from "./orders.ts";

describeOnSqs("a message comes back", (engine) => {
  it.concurrent("with its trace, and in a standard queue with its group", async () => {
    const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    const requests: SendMessageBatchRequest[] = [];
    // Neither engine keeps a group of a standard queue, and not each one a trace: what the message is received with is AWS's.
    const sqs = interceptedClient(engine.endpoint, async (name, input: never, send) => {
      if (name === "SendMessageBatch") requests.push(input);
      const answer = (await send(input)) as { Messages?: { Attributes?: object }[] };
      if (name !== "ReceiveMessage") return answer;
      const Messages = answer.Messages?.map((message) => ({
        ...message,
        Attributes: { ...message.Attributes, AWSTraceHeader: trace, MessageGroupId: "tenant-7" },
      }));
      return { ...answer, Messages };
    });
    const orders = await deadOrders(engine.client, [keyed("a")]);
    await orders.apply(await orders.plan(), { sqs });
    expect(requests[0]?.Entries).toMatchObject([
      {
        MessageGroupId: "tenant-7",
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: trace } },
      },
    ]);
    expect(requests[0]?.Entries?.[0]).not.toHaveProperty("MessageDeduplicationId");
  });

  it.concurrent("however large it is: no request is larger than SQS takes", async () => {
    const { client } = engine;
    const kilobytes = [100, 100, 100, 250, 1];
    const orders = await deadOrders(client, []);
    for (const [i, size] of kilobytes.entries()) {
      const [text, { MessageAttributes: key }] = ["x".repeat(size * 1000), keyed(randomUUID())];
      const large = { text: { DataType: "String", StringValue: text } };
      // In the body, or in an attribute: both count.
      await sendAll(client, orders.dlqUrl, [
        i % 2 === 0 ? { MessageBody: text, MessageAttributes: key } : { MessageBody: "-", MessageAttributes: { ...key, ...large } },
      ]);
    }
    const sizes: number[] = [];
    const sqs = interceptedClient(engine.endpoint, async (name, input: SendMessageBatchRequest, send) => {
      if (name === "SendMessageBatch") sizes.push((input.Entries ?? []).reduce((sum, entry) => sum + sizeOf(entry), 0));
      return send(input as never);
    });
    expect(await orders.apply(await orders.plan(), { sqs })).toMatchObject({ redriven: kilobytes.length, failed: [] });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(kilobytes.reduce((sum, size) => sum + size * 1000, 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(262_144);
    expect(sizes.length).toBeLessThan(kilobytes.length);
    expect((await countsOf(client, orders.url)).visible).toBe(kilobytes.length);
  });
});

function sizeOf({ MessageBody = "", MessageAttributes = {} }: SendMessageBatchRequestEntry): number {
  return (MessageBody === "-" ? 0 : MessageBody.length) + (MessageAttributes["text"]?.StringValue?.length ?? 0);
}
