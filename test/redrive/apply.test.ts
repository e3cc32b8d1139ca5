// What a run does with dead letters, on both engines: to queue, dead-letter queue and records.
import { expect, it } from "vitest";
import type { RedrivePlan } from "../../src/redrive/index.ts";
import { countsOf, receive } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";
import { byId, deadOrders, grouped, keyed } from "./orders.ts";

const nothing = { visible: 0, inFlight: 0, delayed: 0 };

/** As a reviewer edits it. */
function leaving(plan: RedrivePlan, ...indexes: number[]): RedrivePlan {
  return { ...plan, entries: plan.entries.map((entry, i) => (indexes.includes(i) ? { ...entry, decision: "leave" } : entry)) };
}

describeOnSqs("a run", (engine) => {
  it.concurrent("sends back what is to be done, with body and attributes as they were", async () => {
    const { client } = engine;
    const attributes = {
      bytes: { DataType: "Binary.png", BinaryValue: Uint8Array.of(0, 255) },
      price: { DataType: "Number.int", StringValue: "12" },
    };
    const keyOf = keyed("a").MessageAttributes;
    const orders = await deadOrders(client, [
      { MessageBody: "a", MessageAttributes: { ...keyOf, ...attributes } },
      { MessageBody: "by id", MessageAttributes: attributes },
    ]);
    expect(await orders.apply(await orders.plan())).toMatchObject({ redriven: 2, released: 0, discarded: 0, left: [], failed: [] });
    expect(await countsOf(client, orders.dlqUrl)).toEqual(nothing);
    const back = await receive(client, orders.url);
    const id = { "idempotency-key": { DataType: "String", StringValue: orders.ids[1] } };
    expect(new Map(back.map(({ Body, MessageAttributes }) => [Body, MessageAttributes]))).toEqual(
      new Map([
        ["a", { ...keyOf, ...attributes }],
        ["by id", { ...id, ...attributes }],
      ]),
    );
  });

  it.concurrent.for([{ discardDuplicates: false }, { discardDuplicates: true }])(
    "what is done does not run again (%o)",
    async (options) => {
      const { client } = engine;
      const orders = await deadOrders(client, [keyed("done"), byId("done by id"), keyed("fresh"), byId("fresh by id")]);
      await orders.had(["done", "done by id"], "done");
      const report = await orders.apply(await orders.plan(), options);
      expect(report).toMatchObject(options.discardDuplicates ? { redriven: 2, discarded: 2 } : { redriven: 4, discarded: 0 });
      expect(await countsOf(client, orders.dlqUrl)).toEqual(nothing);
      const sent = options.discardDuplicates ? ["fresh", "fresh by id"] : ["done", "done by id", "fresh", "fresh by id"];
      expect((await orders.consume()).toSorted()).toEqual(sent);
      expect([...orders.effects.values()]).toEqual([1, 1, 1, 1]);
    },
  );

  it.concurrent("frees the key of what failed for good, and of nothing else", async () => {
    const { client } = engine;
    const orders = await deadOrders(client, [keyed("poison"), byId("poison by id"), keyed("failed")]);
    await orders.had(["poison", "poison by id"], "poison");
    await orders.had(["failed"], "fails");
    expect(await orders.apply(await orders.plan())).toMatchObject({ redriven: 3, released: 2, left: [], failed: [] });
    await orders.consume();
    expect([...orders.effects.values()]).toEqual([1, 1, 1]);
  });

  it.concurrent("leaves what was edited to leave, and what its record says nothing good of; visible again at once", async () => {
    const { client } = engine;
    const orders = await deadOrders(client, [keyed("a"), keyed("a", "a, changed"), keyed("running"), keyed("b")], { leaseMs: 60_000 });
    await orders.had(["a"], "done");
    const plan = await orders.plan();
    const index = plan.entries.findIndex(({ messageId }) => messageId === orders.ids[3]);
    const edited = leaving(plan, index);
    await orders.had(["running"], "dies");
    const { left, ...report } = await orders.apply(edited, { discardDuplicates: true });
    expect(report).toMatchObject({ redriven: 0, discarded: 1, failed: [] });
    expect(left.map(({ messageId }) => messageId).toSorted()).toEqual(orders.ids.slice(1).toSorted());
    expect(left.map(({ reason }) => reason).toSorted()).toEqual([
      expect.stringMatching(/^attempt 1 is running until /),
      expect.stringMatching(/^its key was used with another payload/),
      'no run of "orders" has left a record',
    ]);
    await until("they are visible", async () => ((await countsOf(client, orders.dlqUrl)).visible === 3 ? true : undefined));
  });

  it.concurrent("leaves what has changed since the plan: nothing is done that nobody has seen", async () => {
    const { client } = engine;
    const orders = await deadOrders(client, [keyed("done since"), keyed("poison since"), keyed("same")]);
    const plan = await orders.plan();
    await orders.had(["done since"], "done");
    await orders.had(["poison since"], "poison");
    const { left, ...report } = await orders.apply(plan, { discardDuplicates: true });
    expect(report).toMatchObject({ redriven: 1, released: 0, discarded: 0 });
    expect(left.map(({ reason }) => reason.split(":")[0])).toEqual(["it has changed since the plan", "it has changed since the plan"]);
  });

  it.concurrent.for([{ releaseLapsed: false }, { releaseLapsed: true }])(
    "where nobody runs a lapsed key again by himself, it is freed if that is asked for only (%o)",
    async (options) => {
      const { client } = engine;
      const orders = await deadOrders(client, [keyed("died")], { onLeaseExpired: "throw" });
      await orders.had(["died"], "dies");
      const plan = await until("the lease has lapsed", async () => {
        const made = await orders.plan();
        return made.entries[0]?.record === "lapsed" ? made : undefined;
      });
      const report = await orders.apply(plan, options);
      if (options.releaseLapsed) expect(report).toMatchObject({ redriven: 1, released: 1, left: [] });
      else expect(report).toMatchObject({ redriven: 0, left: [{ reason: expect.stringContaining("releaseLapsed") as unknown }] });
      await orders.consume();
      expect(orders.effects.get("died")).toBe(options.releaseLapsed ? 1 : undefined);
    },
  );

  it.concurrent("keeps groups and their order in a FIFO queue; a second run is not swallowed", async () => {
    const { client } = engine;
    const letters = ["a1", "b1", "a2", "b2", "a3"].map((body) => grouped(keyed(body), body.slice(0, 1)));
    const orders = await deadOrders(client, letters, { fifo: true });
    await orders.had(["b1"], "done");
    expect(await orders.apply(await orders.plan())).toMatchObject({ redriven: 5, left: [], failed: [] });
    const bodies = await orders.consume();
    expect([bodies.filter((body) => body.startsWith("a")), bodies.filter((body) => body.startsWith("b"))]).toEqual([
      ["a1", "a2", "a3"],
      ["b1", "b2"],
    ]);
    expect([...orders.effects.values()]).toEqual([1, 1, 1, 1, 1]);
  });

  it.concurrent("leaves what comes after one that stays, in its FIFO group only", async () => {
    const { client } = engine;
    const letters = ["a1", "b1", "a2", "b2"].map((body) => grouped(keyed(body), body.slice(0, 1)));
    const orders = await deadOrders(client, letters, { fifo: true });
    const plan = await orders.plan();
    const index = plan.entries.findIndex(({ messageId }) => messageId === orders.ids[0]);
    const { left, redriven } = await orders.apply(leaving(plan, index));
    expect(redriven).toBe(2);
    expect(left.map(({ messageId }) => messageId).toSorted()).toEqual([orders.ids[0] ?? "", orders.ids[2] ?? ""].toSorted());
    expect(await orders.consume()).toEqual(["b1", "b2"]);
  });

  it.concurrent("tells how far it is, and stops when it is told to", async () => {
    const { client } = engine;
    const orders = await deadOrders(
      client,
      ["0", "1", "2", "3"].map((body) => keyed(body)),
    );
    const stop = new AbortController();
    const seen: number[] = [];
    const report = await orders.apply(await orders.plan(), {
      ratePerSecond: 2,
      signal: stop.signal,
      onProgress({ done, total }) {
        seen.push(done, total);
        stop.abort();
      },
    });
    expect(seen).toEqual([2, 4]);
    expect(report).toMatchObject({ redriven: 2, left: [], failed: [], stopped: "it was told to stop" });
    expect((await countsOf(client, orders.dlqUrl)).visible).toBe(2);
  });
});
