// All at once, by SQS's own move task: only where that does what the plan says.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, expect, it } from "vitest";
import type { RedrivePlan } from "../../src/redrive/index.ts";
import { endOfMove } from "../support/moves.ts";
import { countsOf, sendAll, sqsEngines } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { interceptedClient } from "../support/sqs-faults.ts";
import { byId, deadOrders, grouped, keyed, type Orders } from "./orders.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-once-redrive-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bulk = { mode: "bulk" } as const;

interface Refusal {
  readonly what: string;
  arrange(client: SQSClient): Promise<{ orders: Orders; plan: RedrivePlan }>;
  readonly options?: { readonly discardDuplicates: true };
  readonly refused: RegExp;
}

const withPlan = async (orders: Orders) => ({ orders, plan: await orders.plan() });

const refusals: readonly Refusal[] = [
  {
    what: "a key that is the messageId",
    arrange: async (client) => withPlan(await deadOrders(client, [keyed("a"), byId("b")])),
    refused: /has its messageId as its key, which a move task replaces/,
  },
  {
    what: "a message that is to stay",
    async arrange(client) {
      const { orders, plan } = await withPlan(await deadOrders(client, [keyed("a")]));
      return { orders, plan: { ...plan, entries: plan.entries.map((entry) => ({ ...entry, decision: "leave" })) } };
    },
    refused: /and .+ is to stay: redrive them selectively/,
  },
  {
    what: "a key that has to be freed",
    async arrange(client) {
      const orders = await deadOrders(client, [keyed("a")]);
      await orders.had(["a"], "poison");
      return withPlan(orders);
    },
    refused: /needs its key freed before/,
  },
  {
    what: "a plan of some of the messages",
    async arrange(client) {
      const orders = await deadOrders(client, [keyed("a"), keyed("b")]);
      return { orders, plan: await orders.plan({ maxMessages: 1 }) };
    },
    refused: /the plan has not seen them all/,
  },
  {
    what: "what is to be deleted",
    arrange: async (client) => withPlan(await deadOrders(client, [keyed("a")])),
    options: { discardDuplicates: true },
    refused: /a move task deletes nothing/,
  },
  {
    what: "a record that has changed since the plan",
    async arrange(client) {
      const { orders, plan } = await withPlan(await deadOrders(client, [keyed("a")]));
      await orders.had(["a"], "poison");
      return { orders, plan };
    },
    refused: /better stays \(it has changed since the plan: attempt 1 failed for good/,
  },
];

describeOnSqs("in bulk", (engine) => {
  it.concurrent.for(refusals)("is refused: $what", async ({ arrange, options, refused }) => {
    const { orders, plan } = await arrange(engine.client);
    await expect(orders.apply(plan, { ...bulk, ...options })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(refused) as unknown,
    });
    expect((await countsOf(engine.client, orders.url)).visible).toBe(0);
  });

  it.concurrent("takes what is done as well as what is not: nothing runs again that is done", async () => {
    const orders = await deadOrders(engine.client, [keyed("done"), keyed("failed"), keyed("fresh")]);
    await orders.had(["done"], "done");
    await orders.had(["failed"], "fails");
    expect(await orders.apply(await orders.plan(), bulk)).toEqual({
      runId: expect.any(String) as unknown,
      redriven: 3,
      released: 0,
      discarded: 0,
      left: [],
      failed: [],
    });
    expect((await orders.consume()).toSorted()).toEqual(["done", "failed", "fresh"]);
    expect(Object.fromEntries(orders.effects)).toEqual({ done: 1, failed: 1, fresh: 1 });
  });
});

// ElasticMQ moves nothing of a FIFO queue, and does not list what it has cancelled.
const asAws = sqsEngines.filter(({ name }) => name === "MiniStack");
describeOnSqs(
  "in bulk",
  (engine) => {
    it.concurrent("of a FIFO queue", async () => {
      const orders = await deadOrders(
        engine.client,
        ["a1", "a2"].map((body) => grouped(keyed(body), "a")),
        { fifo: true },
      );
      await orders.had(["a1"], "done");
      expect(await orders.apply(await orders.plan(), bulk)).toMatchObject({ redriven: 2, left: [] });
      expect(await orders.consume()).toEqual(["a1", "a2"]);
      expect([...orders.effects.values()]).toEqual([1, 1]);
    });

    it.concurrent("is cancelled when it is told to stop; what was moved stays moved, and another run goes on", async () => {
      const orders = await deadOrders(
        engine.client,
        [..."0123456789"].map((body) => keyed(body)),
      );
      const plan = await orders.plan();
      const stop = new AbortController();
      const journal = join(folder, "cancelled.jsonl");
      const onProgress = ({ done }: { done: number }) => done > 0 && stop.abort();
      const report = await orders.apply(plan, { ...bulk, journal, ratePerSecond: 1, signal: stop.signal, onProgress });
      expect(report.stopped).toBe("it was told to stop");
      expect(report.redriven).toBeGreaterThan(0);
      expect(report.left).toHaveLength(10 - report.redriven);
      expect(await orders.apply(plan, { ...bulk, journal })).toMatchObject({ redriven: 10, left: [] });
      expect((await countsOf(engine.client, orders.url)).visible).toBe(10);
    });

    it.concurrent("takes no more than was planned, where messages come in meanwhile", async () => {
      const orders = await deadOrders(engine.client, [keyed("a"), keyed("b"), keyed("c")]);
      const plan = await orders.plan();
      const late = [..."123456789"].map((body) => keyed(body));
      let sending: Promise<unknown> | undefined;
      const onProgress = ({ done }: { done: number }): void => {
        if (done > 0) sending ??= sendAll(engine.client, orders.dlqUrl, late);
      };
      const report = await orders.apply(plan, { ...bulk, ratePerSecond: 1, onProgress });
      await sending;
      expect(report.stopped).toMatch(/^(the dead-letter queue grows|messages came into the dead-letter queue meanwhile)/);
      expect((await countsOf(engine.client, orders.url)).visible).toBeLessThan(7);
    });

    it.concurrent("ends its task where it can be watched no more", async () => {
      const { client, endpoint } = engine;
      const orders = await deadOrders(client, [keyed("a"), keyed("b"), keyed("c")]);
      const plan = await orders.plan();
      let isMoving = false;
      const sqs = interceptedClient(endpoint, async (name, input, send) => {
        if (isMoving && name === "GetQueueAttributes") {
          isMoving = false;
          throw new Error("SQS is throttled");
        }
        isMoving ||= name === "StartMessageMoveTask";
        return send(input);
      });
      const { stopped, redriven } = await orders.apply(plan, { ...bulk, ratePerSecond: 1, sqs });
      expect(stopped).toBe("SQS is throttled");
      expect(await endOfMove(client, orders.dlqArn)).toMatchObject({ Status: "CANCELLED" });
      expect((await countsOf(client, orders.url)).visible).toBe(redriven);
    });

    it.concurrent("goes on with the task of a process that was killed", async () => {
      const { client, endpoint } = engine;
      const orders = await deadOrders(client, [keyed("a"), keyed("b"), keyed("c")]);
      const plan = await orders.plan();
      const journal = join(folder, "killed.jsonl");
      const isDead = { now: false };
      const sqs = interceptedClient(endpoint, async (name, input, send) => {
        if (isDead.now) throw new Error("killed");
        const answer = await send(input);
        isDead.now = name === "StartMessageMoveTask";
        return answer;
      });
      await expect(orders.apply(plan, { ...bulk, journal, ratePerSecond: 1, sqs })).rejects.toThrow("killed");
      expect(await orders.apply(plan, { ...bulk, journal })).toMatchObject({ redriven: 3, left: [] });
      expect(await endOfMove(client, orders.dlqArn)).toMatchObject({ ApproximateNumberOfMessagesMoved: 3 });
      expect((await countsOf(client, orders.url)).visible).toBe(3);
    });
  },
  asAws,
);
