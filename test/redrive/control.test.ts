// The negative control and its proof: SQS's own move runs finished messages again where the messageId is their key, and a redrive runs none.
import { expect, it } from "vitest";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { endOfMove, startMove } from "../support/moves.ts";
import { countsOf, receive, sqsEngines } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";
import { byId, deadOrders, grouped, keyed, type Orders } from "./orders.ts";

const queues = [{ fifo: false }, { fifo: true }];
const bodies = ["done", "failed", "fresh"];

async function finished(client: SQSClient, fifo: boolean, key: "producer" | "messageId"): Promise<Orders> {
  const letters = bodies.map((body) => (key === "producer" ? keyed(body) : byId(body)));
  const orders = await deadOrders(client, fifo ? letters.map((letter) => grouped(letter, "g")) : letters, { fifo });
  await orders.had(["done"], "done");
  await orders.had(["failed"], "fails");
  return orders;
}

/** Nobody handles what was sent back, until it is dead once more. */
async function dieAgain(client: SQSClient, { url, dlqUrl }: Orders): Promise<void> {
  await until("all are dead again", async () => {
    await receive(client, url);
    return (await countsOf(client, dlqUrl)).visible === bodies.length ? true : undefined;
  });
}

const once = { done: 1, failed: 1, fresh: 1 };

// ElasticMQ's move task keeps the messageId, and moves nothing of a FIFO queue (test/engines/sqs-differences.test.ts).
const asAws = sqsEngines.filter(({ name }) => name === "MiniStack");
describeOnSqs(
  "SQS's own move task",
  (engine) => {
    it.concurrent.for(queues)("by messageId, what is done is done again (%o)", async ({ fifo }) => {
      const orders = await finished(engine.client, fifo, "messageId");
      await startMove(engine.client, { SourceArn: orders.dlqArn });
      await endOfMove(engine.client, orders.dlqArn);
      await orders.consume();
      expect(Object.fromEntries(orders.effects)).toEqual({ ...once, done: 2 });
    });

    it.concurrent("in bulk, a FIFO queue with its producer's keys, twice: what is done stays done", async () => {
      await redriveTwice(engine.client, await finished(engine.client, true, "producer"), { mode: "bulk" });
    });
  },
  asAws,
);

describeOnSqs("a redrive, and another one when all is dead again", (engine) => {
  it.concurrent.for(queues.flatMap(({ fifo }) => (["producer", "messageId"] as const).map((key) => ({ fifo, key }))))(
    "what is done stays done (%o)",
    async ({ fifo, key }) => redriveTwice(engine.client, await finished(engine.client, fifo, key), {}),
  );

  it.concurrent("in bulk, a standard queue with its producer's keys: what is done stays done", async () => {
    await redriveTwice(engine.client, await finished(engine.client, false, "producer"), { mode: "bulk" });
  });
});

async function redriveTwice(client: SQSClient, orders: Orders, options: { readonly mode?: "bulk" }): Promise<void> {
  expect(await orders.apply(await orders.plan(), options)).toMatchObject({ redriven: 3, left: [], failed: [] });
  await dieAgain(client, orders);
  expect(await orders.apply(await orders.plan(), options)).toMatchObject({ redriven: 3, left: [], failed: [] });
  const order = await orders.consume();
  expect(options.mode === undefined && orders.url.endsWith(".fifo") ? order : order.toSorted()).toEqual(bodies);
  expect(Object.fromEntries(orders.effects)).toEqual(once);
}
