// What is sent to the queues of the deployed app, and what has to be read back in the end. Each step has references and keys of its own, so that
// they can run at the same time.
import { expect } from "vitest";
import type { Ledger } from "../support/ledger.ts";
import { until } from "../support/until.ts";
import type { Message, Stage, Told } from "./stage.ts";
import { completed, completedRecord, deadLetters, type Drive, type Line, once, patienceMs, settled, type Step } from "./step.ts";

/** Of the shipments, as the construct reckons it from its FIFO queues, and as no function has it by itself: twice 4 days, 14 and one. */
const shipmentsKeptSeconds = (2 * 4 + 14 + 1) * 86_400;

const atSecondTry = { charges: 1, calls: 2 };
const order = (orderId: string, card = "tok_visa", amount = 500) => ({ body: { orderId, card, amount }, key: orderId });

export const queueSteps: readonly Step[] = [
  {
    name: "an order that is sent three times is charged once",
    async run({ stage, expected }) {
      expected.set("thrice", once);
      for (let i = 0; i < 3; i++) await stage.send("Orders", [order("thrice")]);
      return { called: "SendMessageBatch ×3", read: await completed(stage, "orders", "thrice", once, "thrice") };
    },
  },
  {
    name: "a batch with one poison message: nine are charged, one is a dead letter, and none runs twice",
    async run({ stage, expected }) {
      const orders = Array.from({ length: 10 }, (_, i) => order(`batch-${i}`, i === 3 ? "tok_declined" : "tok_visa"));
      orders.forEach(({ key }, i) => expected.set(key, i === 3 ? { charges: 0, calls: 1 } : once));
      await stage.send("Orders", orders);
      const dead = await deadLetters(stage, "Orders", orders[3]!);
      const rows = await Promise.all(
        orders.map(({ key }) => settled(stage, key, (row) => row.charges >= (expected.get(key)?.charges ?? 0))),
      );
      expect(rows.map(({ charges, calls }) => ({ charges, calls }))).toEqual(orders.map(({ key }) => expected.get(key)));
      const kept = (await stage.record("orders", "batch-3"))?.["status"]?.S;
      expect([dead, kept]).toEqual([1, "failed"]);
      return {
        called: "SendMessageBatch of 10",
        read: `charges ${sumOf(rows, "charges")}, calls ${sumOf(rows, "calls")}; dead letters ${dead}, record ${kept}`,
      };
    },
  },
  runTwice("a handler that is killed at its timeout is taken over", "hangs", "tok_hangs"),
  {
    name: "an order that comes again while its handler hangs is put off, and takes over when that is killed",
    async run({ stage, expected }) {
      expected.set("again", atSecondTry);
      await stage.send("Orders", [order("again", "tok_hangs")]);
      await until("it is claimed", async () => ((await stage.record("orders", "again")) ? true : undefined));
      await stage.send("Orders", [order("again", "tok_hangs")]);
      const deferred = await stage.event("OrdersHandler", "deferred", "again");
      const read = await completed(stage, "orders", "again", { ...atSecondTry, attempt: 2 }, "again");
      return { called: "SendMessageBatch ×2", read: `${read}; deferred by ${String(deferred["visibilitySeconds"])} s` };
    },
  },
  runTwice("a handler that fails is run again", "flaky", "tok_flaky"),
  {
    name: "the same key with another amount is refused, and becomes a dead letter",
    async run({ stage, expected }) {
      expected.set("changed", once);
      await stage.send("Orders", [order("changed", "tok_visa", 500)]);
      await completed(stage, "orders", "changed", once, "changed");
      const other = order("changed", "tok_visa", 50_000);
      await stage.send("Orders", [other]);
      const dead = await deadLetters(stage, "Orders", other);
      const { charges, amount } = await stage.ledger("changed");
      expect([dead, charges, amount]).toEqual([1, 1, 500]);
      return { called: "SendMessageBatch ×2", read: `charges ${charges}, of ${amount} cents; dead letters ${dead}` };
    },
  },
  {
    name: "shipments of a customer stay in order, also where the first one fails at first",
    async run({ stage, expected }) {
      const shipment = (customer: string, number: number, card = "tok_visa"): Message => ({
        body: { customer, number, card, fee: 100 },
        key: `${customer}-${number}`,
        group: customer,
      });
      const sent = [shipment("ann", 1, "tok_flaky"), shipment("ben", 1), shipment("ann", 2), shipment("ben", 2), shipment("ann", 3)];
      await stage.send("Shipments", sent);
      await stage.send("Shipments", sent.slice(0, 2));
      const read: string[] = [];
      for (const [customer, count] of [
        ["ann", 3],
        ["ben", 2],
      ] as const) {
        const row = `shipments#${customer}`;
        expected.set(row, { charges: count, calls: 0 });
        for (let number = 1; number <= count; number++)
          expected.set(`${row}#${number}`, { charges: 0, calls: customer === "ann" && number === 1 ? 2 : 1 });
        const { charged } = await settled(stage, row, ({ charges }) => charges >= count);
        expect(charged).toEqual(Array.from({ length: count }, (_, i) => `${row}#${i + 1}`));
        read.push(`charged ${charged.join(", ")}`);
      }
      const { expiresAt, completedAt } = await completedRecord(stage, "shipments", "ben-2");
      const keptSeconds = Math.floor(Number(expiresAt?.N) - Number(completedAt?.N) / 1000);
      expect(keptSeconds).toBe(shipmentsKeptSeconds);
      return {
        called: "SendMessageBatch ×2 (FIFO, 2 groups, 2 duplicates)",
        read: [...read, `a record is kept for ${keptSeconds / 86_400} days`].join("; "),
      };
    },
  },
];

/** An order whose first run does not charge, and whose second one does. */
function runTwice(name: string, orderId: string, card: string): Step {
  return {
    name,
    async run({ stage, expected }) {
      expected.set(orderId, atSecondTry);
      await stage.send("Orders", [order(orderId, card)]);
      return { called: "SendMessageBatch", read: await completed(stage, "orders", orderId, { ...atSecondTry, attempt: 2 }, orderId) };
    },
  };
}

/** The last step: nothing is under way any more, and the ledger is what the steps expect, and nothing else. */
export async function everythingOnce({ stage, expected }: Drive): Promise<Line> {
  for (const queue of ["Orders", "Shipments"] as const)
    await until(`no messages in ${queue}`, async () => ((await stage.messagesIn(queue)) === 0 ? true : undefined), patienceMs);
  // Whatever else was taken over was not run to its end by a machine that is too slow for the functions' timeout, and may be charged twice.
  const taken = await takeovers(stage);
  expect(taken).toEqual(["again lapsed", "flaky released", "hangs lapsed"]);
  const ledger = await stage.wholeLedger();
  const rows = [...ledger].map(([row, { charges, calls }]) => [row, { charges, calls }] as const);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected));
  const dead = [(await stage.deadLetters("Orders")).length, (await stage.deadLetters("Shipments")).length];
  expect(dead).toEqual([2, 0]);
  const left = [await stage.messagesIn("Orders"), await stage.messagesIn("Shipments")];
  const things = sumOf([...expected.values()], "charges");
  const read = `charges ${sumOf([...ledger.values()], "charges")} for ${things} things; messages ${left.join(" and ")}, dead letters ${dead.join(" and ")}; orders taken over: ${taken.join(", ")}`;
  return { called: "Scan, GetQueueAttributes, ReceiveMessage, FilterLogEvents", read };
}

/** Orders that were taken over, and why, in the order of their names. */
async function takeovers(stage: Stage): Promise<readonly string[]> {
  const lines = await stage.logged("OrdersHandler");
  const references = new Map(lines.filter(({ message }) => message === "run").map(({ keyHash, reference }) => [keyHash, reference]));
  const events = lines.map(({ event }) => event as Told | undefined);
  const taken = events.filter((event) => event?.["type"] === "taken_over");
  return taken.map((event) => `${String(references.get(event?.["keyHash"]))} ${String(event?.["from"])}`).toSorted();
}

function sumOf(rows: readonly Pick<Ledger, "charges" | "calls">[], name: "charges" | "calls"): number {
  return rows.reduce((sum, row) => sum + row[name], 0);
}

/** The Node that each handler says it runs on. */
export async function nodesOf({ stage }: Drive): Promise<readonly unknown[]> {
  const handlers = ["OrdersHandler", "ShipmentsHandler", "PaymentsHandler"] as const;
  const logged = await Promise.all(handlers.map((handler) => stage.logged(handler)));
  return logged.map((lines) => [...new Set(lines.filter(({ message }) => message === "run").map(({ node }) => node))].join());
}
