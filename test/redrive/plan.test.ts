// What a plan says of each dead letter, on both engines: keys of the runtime, records that the runtime has written.
import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { memoryStore } from "../../src/memory/store.ts";
import { applyRedrive, planRedrive, type PlanOptions, type RedriveEntry } from "../../src/redrive/index.ts";
import { testClock } from "../support/clock.ts";
import { countsOf, freshQueues, receive, sendAll } from "../support/queues.ts";
import { interceptedClient } from "../support/sqs-faults.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";
import { byId, deadOrders, grouped, keyed } from "./orders.ts";

const tenAttributes = Object.fromEntries([..."0123456789"].map((name) => [`a${name}`, { DataType: "String", StringValue: name }]));

describeOnSqs("a plan", (engine) => {
  /** By body: what is said of each message. */
  async function entriesOf(
    orders: Awaited<ReturnType<typeof deadOrders>>,
    bodies: readonly string[],
  ): Promise<Record<string, RedriveEntry | undefined>> {
    const { entries } = await orders.plan();
    return Object.fromEntries(bodies.map((body, i) => [body, entries.find(({ messageId }) => messageId === orders.ids[i])]));
  }

  it.concurrent("knows what is done, what failed, what was never begun, and what is running", async () => {
    const bodies = ["done", "poison", "failed", "fresh", "died", "running"];
    const orders = await deadOrders(engine.client, [...bodies.map((body) => keyed(body)), keyed("done", "changed"), byId("by id")]);
    await orders.had(["done"], "done");
    await orders.had(["poison"], "poison");
    await orders.had(["failed"], "fails");
    await orders.had(["died"], "dies");
    const plan = await until("the lease has lapsed", async () => {
      await orders.had(["running"], "dies");
      const made = await orders.plan();
      return made.entries.some(({ record }) => record === "lapsed") ? made : undefined;
    });
    const said = [...bodies, "changed", "by id"].map((body, i) => {
      const { record, keyFrom, decision, proposal, sourceQueueArn } =
        plan.entries.find(({ messageId }) => messageId === orders.ids[i]) ?? {};
      expect([decision, sourceQueueArn]).toEqual([proposal, orders.arn]);
      return [body, record, decision, keyFrom];
    });
    expect(said.filter(([body]) => body !== "running")).toEqual([
      ["done", "completed", "discard", "attribute"],
      ["poison", "failed", "release", "attribute"],
      ["failed", "released", "redrive", "attribute"],
      ["fresh", "none", "redrive", "attribute"],
      ["died", "lapsed", "redrive", "attribute"],
      ["changed", "completed", "leave", "attribute"],
      ["by id", "none", "redrive", "messageId"],
    ]);
    expect(plan).toMatchObject({ version: 1, complete: true, operation: "orders", deadLetterQueueUrl: orders.dlqUrl });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it.concurrent("leaves what cannot come back under its key, and says why", async () => {
    const bodies = ["full, keyed", "full, by id", "number", "binary key"];
    const key = { "idempotency-key": { DataType: "String", StringValue: "k" } };
    const { a9: _, ...nine } = tenAttributes;
    const orders = await deadOrders(engine.client, [
      { MessageBody: "full, keyed", MessageAttributes: { ...nine, ...key } },
      { MessageBody: "full, by id", MessageAttributes: tenAttributes },
      { MessageBody: "number", MessageAttributes: { "idempotency-key": { DataType: "Number", StringValue: "1" } } },
      { MessageBody: "binary key", MessageAttributes: { "idempotency-key": { DataType: "Binary", BinaryValue: Uint8Array.of(1) } } },
    ]);
    const said = await entriesOf(orders, bodies);
    expect(bodies.map((body) => said[body]?.decision)).toEqual(["redrive", "leave", "redrive", "leave"]);
    expect(said["full, by id"]?.reason).toMatch(/10 message attributes leave no room/);
    expect(said["binary key"]?.reason).toMatch(/^its key cannot be had: /);
  });

  it.concurrent("takes keys of one's own", async () => {
    const orders = await deadOrders(engine.client, [byId("a")], { key: ({ body }) => body });
    await orders.had(["a"], "done");
    expect(await entriesOf(orders, ["a"])).toMatchObject({ a: { keyFrom: "custom", record: "completed", decision: "discard" } });
  });

  it.concurrent.for<[what: string, options: Parameters<typeof deadOrders>[2] & object]>([
    ["messageId", { key: ({ body, messageId }) => [body, messageId] }],
    ["the receipt handle", { key: ({ receiptHandle }) => receiptHandle }],
    ["whether it was received before", { key: ({ attributes }) => (Number(attributes.ApproximateReceiveCount) > 1 ? "retry" : "first") }],
    [
      "how long it waited",
      {
        key: ({ attributes: { ApproximateFirstReceiveTimestamp: first, SentTimestamp: sent } }) =>
          `after ${Number(first) - Number(sent)} ms`,
      },
    ],
    ["the day on which it was sent", { key: ({ attributes }) => new Date(Number(attributes.SentTimestamp)).toISOString().slice(0, 10) }],
    ["who sent it", { key: ({ attributes }) => attributes.SenderId }],
    ["its deduplication id", { fifo: true, key: ({ attributes }) => attributes.MessageDeduplicationId ?? "" }],
    ["its place", { fifo: true, key: ({ attributes }) => attributes.SequenceNumber ?? "" }],
  ])("leaves a message whose key rests on %s: done work would run again", async ([, options]) => {
    const letter = byId("a");
    const orders = await deadOrders(engine.client, [options.fifo === true ? grouped(letter, "g") : letter], options);
    await orders.had(["a"], "done");
    const plan = await orders.plan();
    expect(plan.entries).toMatchObject([{ decision: "leave", reason: expect.stringContaining("its key depends on what SQS") as unknown }]);
    expect(await orders.apply(plan)).toMatchObject({ redriven: 0, discarded: 0 });
  });

  it.concurrent("a key may rest on the group and the trace, which a message keeps; a fingerprint may rest on no more", async () => {
    const letter = grouped(keyed("a"), "g");
    const key: PlanOptions["key"] = ({ attributes: { MessageGroupId = "", AWSTraceHeader = "none" } }) => [MessageGroupId, AWSTraceHeader];
    const orders = await deadOrders(engine.client, [letter], { fifo: true, key });
    expect((await orders.plan()).entries).toMatchObject([{ decision: "redrive" }]);
    const fingerprint: PlanOptions["fingerprint"] = ({ attributes }) => attributes.SentTimestamp;
    const reason = expect.stringContaining("its fingerprint depends on what SQS") as unknown;
    expect((await orders.plan({ fingerprint })).entries).toMatchObject([{ decision: "leave", reason }]);
    expect((await orders.plan({ fingerprint, key: undefined })).entries).toMatchObject([{ decision: "leave", reason }]);
    const byId = await deadOrders(engine.client, [{ MessageBody: "b" }]);
    const stamped: PlanOptions["fingerprint"] = ({ messageAttributes }) => messageAttributes;
    expect((await byId.plan({ fingerprint: stamped })).entries).toMatchObject([{ decision: "leave", reason }]);
  });

  it.concurrent("a record that has expired says that the work is done, or says nothing: by the retention of the handler", async () => {
    const clock = testClock({ startMs: Date.now() });
    const orders = await deadOrders(engine.client, [keyed("done"), keyed("fresh")], {
      store: memoryStore({ clock }),
      retentionSeconds: 60,
    });
    await orders.had(["done"], "done");
    clock.jump(120_000);
    const said = await entriesOf(orders, ["done", "fresh"]);
    expect(said["done"]).toMatchObject({ record: "completed", decision: "leave" });
    expect(said["fresh"]?.reason).not.toMatch(/older than records are kept/);
    const { entries } = await orders.plan({ retentionSeconds: 60 });
    expect(entries.filter(({ reason }) => reason.includes("older than records are kept"))).toHaveLength(1);
  });

  it.concurrent("sees ten of a FIFO group, and says that there are more", async () => {
    const orders = await deadOrders(
      engine.client,
      [..."0123456789"].map((body) => grouped(keyed(body), "g")),
      { fifo: true },
    );
    expect(await orders.plan()).toMatchObject({ complete: true });
    await sendAll(engine.client, orders.dlqUrl, [grouped(keyed("10"), "g")]);
    const plan = await orders.plan();
    expect([plan.complete, plan.entries.length]).toEqual([false, 10]);
  });

  it.concurrent("looks at no more than it is told to, and says whether that is all; leaves all of them visible", async () => {
    const orders = await deadOrders(engine.client, ["a", "b", "c"].map(byId));
    const two = await orders.plan({ maxMessages: 2 });
    expect([two.entries.length, two.complete]).toEqual([2, false]);
    await until("all are visible", async () => ((await countsOf(engine.client, orders.dlqUrl)).visible === 3 ? true : undefined));
    await receive(engine.client, orders.dlqUrl, { most: 1, visibilitySeconds: 60 });
    const others = await orders.plan();
    expect([others.entries.length, others.complete]).toEqual([2, false]);
  });

  it.concurrent("a message that somebody has put into a dead-letter queue of two queues has no way back", async () => {
    const { client } = engine;
    const { arn, dlqUrl, dlqArn } = await freshQueues(client);
    const { QueueUrl } = await client.send(
      new CreateQueueCommand({
        QueueName: `lambda-once-second-${crypto.randomUUID()}`,
        Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dlqArn, maxReceiveCount: 1 }), VisibilityTimeout: "0" },
      }),
    );
    await sendAll(client, dlqUrl, [byId("by hand")]);
    await sendAll(client, QueueUrl ?? "", [byId("moved")]);
    await until("both are there", async () => {
      await receive(client, QueueUrl ?? "");
      return (await countsOf(client, dlqUrl)).visible === 2 ? true : undefined;
    });
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    const { entries } = await planRedrive({ deadLetterQueueUrl: dlqUrl, store: memoryStore(), operation: "orders", sqs: client });
    const nowhere = "nothing tells from which queue it came";
    const moved = entries.filter(({ reason }) => reason !== nowhere);
    const secondArn = Attributes?.QueueArn ?? "";
    expect(moved.map(({ sourceQueueArn }) => sourceQueueArn)).toEqual([secondArn]);
    expect(entries).toHaveLength(2);

    const handler = { deadLetterQueueUrl: dlqUrl, store: memoryStore(), operation: "orders", sqs: client };
    const ofSecond = await planRedrive({ ...handler, sourceQueueArn: secondArn });
    expect(ofSecond.entries.map(({ decision, sourceQueueArn }) => `${decision} ${sourceQueueArn}`).toSorted()).toEqual([
      "leave undefined",
      `redrive ${secondArn}`,
    ]);
    const ofFirst = await planRedrive({ ...handler, sourceQueueArn: arn });
    expect(new Set(ofFirst.entries.map(({ reason }) => reason))).toEqual(new Set([`it did not come from ${arn}`]));
    expect(await applyRedrive(ofFirst, { store: handler.store, sqs: client })).toMatchObject({ redriven: 0, left: [{}, {}], failed: [] });
    await expect(planRedrive({ ...handler, sourceQueueArn: `${arn}-none` })).rejects.toMatchObject({ path: "sourceQueueArn" });
  });

  it.concurrent("asks nothing of the queues that messages go back to, and sees those on a second page", async () => {
    const { client, endpoint } = engine;
    const orders = await deadOrders(client, [keyed("a")]);
    const asked: string[] = [];
    const sqs = interceptedClient(endpoint, async (name, input: { QueueUrl?: string; NextToken?: string }, send) => {
      asked.push(`${name} ${input.QueueUrl}`);
      if (name !== "ListDeadLetterSourceQueues" || input.NextToken !== undefined) return send({ ...input, NextToken: undefined } as never);
      return { queueUrls: [`${orders.url}-other`], NextToken: "2" };
    });
    const { entries } = await orders.plan({ sqs });
    expect(entries).toMatchObject([{ decision: "redrive", sourceQueueArn: orders.arn }]);
    expect(asked.filter((request) => !request.endsWith(` ${orders.dlqUrl}`))).toEqual([]);
  });

  it.concurrent("refuses a dead-letter queue with one of its own, where a look would move messages on", async () => {
    const { client } = engine;
    const [orders, last] = [await deadOrders(client, [keyed("a")]), await freshQueues(client)];
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: last.dlqArn, maxReceiveCount: 1 });
    const plan = await orders.plan();
    await client.send(new SetQueueAttributesCommand({ QueueUrl: orders.dlqUrl, Attributes: { RedrivePolicy } }));
    const refused = { path: "deadLetterQueueUrl", message: expect.stringContaining("dead-letter queue of its own") as unknown };
    await expect(orders.plan()).rejects.toMatchObject(refused);
    await expect(orders.apply(plan)).rejects.toMatchObject(refused);
    expect((await countsOf(client, orders.dlqUrl)).visible).toBe(1);
  });

  it.concurrent("tries again what could not be made visible, and tells what could not", async () => {
    const { client, endpoint } = engine;
    const orders = await deadOrders(client, [keyed("a"), keyed("b")]);
    const failing = (times: number) =>
      interceptedClient(endpoint, async (name, input: { Entries?: { Id?: string }[] }, send) => {
        if (name !== "ChangeMessageVisibilityBatch" || times-- <= 0) return send(input as never);
        return { Failed: input.Entries?.map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false })) };
      });
    expect(await orders.plan({ sqs: failing(2) })).toMatchObject({ complete: true });
    expect((await countsOf(client, orders.dlqUrl)).visible).toBe(2);
    await expect(orders.plan({ sqs: failing(3) })).rejects.toThrow(/^2 messages could not be made visible again \(InternalError\)/);
  });

  it.concurrent("tells how many it has seen, and ends when it is told to; all are visible again", async () => {
    const orders = await deadOrders(engine.client, ["a", "b"].map(byId));
    const stop = new AbortController();
    const seen: unknown[] = [];
    const onProgress: PlanOptions["onProgress"] = (progress) => {
      seen.push(progress);
      stop.abort();
    };
    await expect(orders.plan({ onProgress, signal: stop.signal })).rejects.toThrow(/aborted/);
    expect(seen).toEqual([{ seen: 2 }]);
    await until("both are visible", async () => ((await countsOf(engine.client, orders.dlqUrl)).visible === 2 ? true : undefined));
  });

  it.concurrent.for([
    { what: "a queue that is nobody's dead-letter queue", url: (url: string) => url },
    { what: "a queue that does not exist", url: (url: string) => `${url}-none` },
    { what: "no URL", url: () => "orders-dlq" },
  ])("refuses $what", async ({ url }) => {
    const orders = await deadOrders(engine.client, []);
    await expect(orders.plan({ deadLetterQueueUrl: url(orders.url) })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      path: "deadLetterQueueUrl",
    });
  });
});
