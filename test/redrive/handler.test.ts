// A redrive as a Lambda function, on both engines.
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/core/store.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { redriveHandler, type RedriveHandlerOptions } from "../../src/redrive/index.ts";
import { countsOf, sendAll } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { byId, deadOrders, keyed, type Orders } from "./orders.ts";

const context = { getRemainingTimeInMillis: () => 60_000 };

describeOnSqs("a redrive function", (engine) => {
  const handlerFor = ({ store, dlqUrl }: Orders, options: Partial<RedriveHandlerOptions> = {}) =>
    redriveHandler({ deadLetterQueueUrl: dlqUrl, operation: "orders", store, sqs: engine.client, ratePerSecond: 500, ...options });

  it.concurrent.for([{}, { dryRun: true }, { "detail-type": "Scheduled Event" }])("looks and does nothing with %o", async (event) => {
    const orders = await deadOrders(engine.client, [keyed("a")]);
    expect(await handlerFor(orders)(event, context)).toMatchObject({ complete: true, entries: [{ decision: "redrive" }] });
    expect((await countsOf(engine.client, orders.url)).visible).toBe(0);
  });

  it.concurrent("brings back what it is told to, a slice at a time", async () => {
    const orders = await deadOrders(engine.client, [keyed("done"), byId("a"), keyed("b")]);
    await orders.had(["done"], "done");
    const handler = handlerFor(orders, { maxMessages: 2 });
    expect(await handler({ dryRun: false }, context)).toMatchObject({ redriven: 2, complete: false, left: [], failed: [] });
    expect(await handler({ dryRun: false }, context)).toMatchObject({ redriven: 1, complete: true, left: [], failed: [] });
    expect((await orders.consume()).toSorted()).toEqual(["a", "b", "done"]);
    expect([...orders.effects.values()]).toEqual([1, 1, 1]);
  });

  it.concurrent("gets past what stays", async () => {
    const orders = await deadOrders(engine.client, [keyed("held a"), keyed("held b"), keyed("good")], { onError: "hold" });
    await orders.had(["held a", "held b"], "fails");
    const handler = handlerFor(orders, { maxMessages: 1 });
    expect(await handler({ dryRun: false }, context)).toMatchObject({ redriven: 1, complete: true, left: [{}, {}] });
  });

  it.concurrent("takes the messages of its own queue only, where it is told which", async () => {
    const orders = await deadOrders(engine.client, [keyed("a")]);
    const other = `${orders.arn}-other`;
    await expect(handlerFor(orders, { sourceQueueArn: other })({}, context)).rejects.toMatchObject({ path: "sourceQueueArn" });
    expect(await handlerFor(orders, { sourceQueueArn: orders.arn })({}, context)).toMatchObject({ entries: [{ decision: "redrive" }] });
  });

  it.concurrent("ends in time also where it does nothing but look", async () => {
    const slow = (store: Store): Store => ({ ...store, read: async (id) => (await setTimeout(400), store.read(id)) });
    const orders = await deadOrders(engine.client, [keyed("a"), keyed("b")]);
    for (let i = 0; i < 30; i++) await sendAll(engine.client, orders.dlqUrl, [keyed(`more ${i}`)]);
    const handler = handlerFor(orders, { store: slow(orders.store) });
    const answer = await handler({}, { getRemainingTimeInMillis: () => 1200 });
    expect(answer).toMatchObject({ complete: false });
    expect("entries" in answer && answer.entries.length).toBeLessThan(32);
  });

  it.concurrent("has an odd number of milliseconds", async () => {
    const orders = await deadOrders(engine.client, []);
    expect(await handlerFor(orders)({}, { getRemainingTimeInMillis: () => 29_999 })).toMatchObject({ entries: [] });
  });

  it.concurrent("ends in time, and another invocation goes on", async () => {
    const orders = await deadOrders(engine.client, ["a", "b", "c"].map(byId));
    const handler = handlerFor(orders, { ratePerSecond: 1 });
    const report = await handler({ dryRun: false }, { getRemainingTimeInMillis: () => 9_000 });
    expect(report).toMatchObject({ stopped: "it was told to stop", failed: [], complete: false });
    expect(await handler({ dryRun: false }, context)).toMatchObject({ complete: true });
    expect((await countsOf(engine.client, orders.url)).visible).toBe(3);
  });
});

describe("refused when it is made, or called", () => {
  afterEach(() => {
    delete process.env["REDRIVE_DEAD_LETTER_QUEUE_URL"];
    delete process.env["REDRIVE_OPERATION"];
  });
  const store = memoryStore();

  it.for<[string, RedriveHandlerOptions, string]>([
    ["no queue", { store, operation: "orders" }, "deadLetterQueueUrl is undefined: give it, or set REDRIVE_DEAD_LETTER_QUEUE_URL"],
    ["no operation", { store, deadLetterQueueUrl: "https://q" }, "operation is undefined: give it, or set REDRIVE_OPERATION"],
    [
      "no messages",
      { store, operation: "orders", deadLetterQueueUrl: "https://q", maxMessages: 0 },
      "maxMessages is 0: give a whole number",
    ],
    [
      "a queue's name",
      { store, operation: "orders", deadLetterQueueUrl: "orders-dlq" },
      'deadLetterQueueUrl is "orders-dlq": give the URL',
    ],
    ["a wrong operation", { store, operation: "my orders", deadLetterQueueUrl: "https://q" }, 'operation is "my orders"'],
    [
      "an option that is none",
      { store, operation: "orders", deadLetterQueueUrl: "https://q", keys: 1 } as never,
      "keys is 1: no such option",
    ],
  ])("%s", ([, options, message]) => {
    expect(() => redriveHandler(options)).toThrow(message);
  });

  it("an event that says neither yes nor no", async () => {
    process.env["REDRIVE_DEAD_LETTER_QUEUE_URL"] = "https://q";
    process.env["REDRIVE_OPERATION"] = "orders";
    await expect(redriveHandler({ store })({ dryRun: "false" }, context)).rejects.toThrow('event.dryRun is "false": give true or false');
  });
});
