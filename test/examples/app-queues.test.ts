import { describe, expect, test } from "vitest";
import type { SQSBatchResponse } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import { until } from "../support/until.ts";
import { type Bench, suiteFunction } from "./app-bench.ts";

const sentAtMs = Date.now();

/** Delivers messages in one batch, and answers with the ids of those that come back. */
async function deliver({ invoke }: Bench, messages: Parameters<typeof events.sqs>[0]): Promise<string[]> {
  const { batchItemFailures } = (await invoke(events.sqs(messages, { atMs: sentAtMs }))) as SQSBatchResponse;
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

describe("the orders of the example app", () => {
  const deploy = suiteFunction("orders");
  const order = (orderId: string, card: string): { messageId: string; body: object } => ({
    messageId: `message-of-${orderId}`,
    body: { orderId, card, amount: 1200 },
  });

  test.for([
    { card: "tok_visa", comesBack: [false, false, false], calls: 1, charges: 1 },
    { card: "tok_slow", comesBack: [false, false, false], calls: 1, charges: 1 },
    { card: "tok_flaky", comesBack: [true, false, false], calls: 2, charges: 1 },
    { card: "tok_declined", comesBack: [true, true, true], calls: 1, charges: 0 },
    { card: "no card at all", comesBack: [true, true, true], calls: 1, charges: 0 },
  ])("$card, delivered three times: $calls calls, $charges charged", async ({ card, comesBack, calls, charges }) => {
    const orders = await deploy();
    const answers: boolean[] = [];
    while (answers.length < comesBack.length) answers.push((await deliver(orders, [order("order-1", card)])).length > 0);
    expect(answers).toEqual(comesBack);
    expect(await orders.row("order-1")).toMatchObject({ calls, charges, amount: charges * 1200 });
  });

  test("tok_hangs: the function is killed at its timeout, and a later delivery takes over", async () => {
    const orders = await deploy({ timeoutMs: 2000 });
    const message = order("order-1", "tok_hangs");
    await expect(deliver(orders, [message])).rejects.toThrow("the environment died");
    expect(await orders.row("order-1")).toMatchObject({ calls: 1, charges: 0 });
    await until("the lease has lapsed", async () => ((await deliver(orders, [message])).length === 0 ? true : undefined));
    expect(await deliver(orders, [message])).toEqual([]);
    expect(await orders.row("order-1")).toMatchObject({ calls: 2, charges: 1 });
  });

  test("a batch with poison in it: only that comes back", async () => {
    const orders = await deploy();
    const batch = [
      order("order-1", "tok_visa"),
      order("order-2", "tok_declined"),
      { messageId: "no-json", body: "{" },
      { messageId: "no-order", body: { orderId: "order-3", card: "tok_visa", amount: -1 } },
      order("order-4", "tok_visa"),
    ];
    const poison = ["message-of-order-2", "no-json", "no-order"];
    expect([await deliver(orders, batch), await deliver(orders, batch)]).toEqual([poison, poison]);
    const rows = await Promise.all(["order-1", "order-2", "order-3", "order-4"].map(orders.row));
    expect(rows.map(({ calls, charges }) => [calls, charges])).toEqual([
      [1, 1],
      [1, 0],
      [0, 0],
      [1, 1],
    ]);
  });

  test("each run writes a line, and each event a metric", async () => {
    const orders = await deploy();
    await deliver(orders, [order("order-1", "tok_flaky")]);
    await deliver(orders, [order("order-1", "tok_flaky")]);
    await deliver(orders, [order("order-1", "tok_flaky")]);
    const lines = orders.lines();
    const keyHash: unknown = expect.stringMatching(/^[\w-]{43}$/);
    const run = { message: "run", operation: "orders", keyHash, reference: "order-1", node: process.version };
    expect(lines.filter(({ message }) => message === "run")).toEqual([
      { ...run, attempt: 1 },
      { ...run, attempt: 2 },
    ]);
    const metrics = lines.filter(({ Operation }) => Operation === "orders");
    for (const name of ["Claimed", "Released", "TakenOver", "Completed", "Replayed"]) {
      expect([name, metrics.filter((line) => line[name] === 1).length]).toEqual([name, 1]);
    }
  });

  test("without protection the ledger says so", async () => {
    const orders = await deploy({ variables: { IDEMPOTENCY_DISABLED: "1" } });
    await deliver(orders, [order("order-1", "tok_visa")]);
    await deliver(orders, [order("order-1", "tok_visa")]);
    expect(await orders.row("order-1")).toMatchObject({ calls: 2, charges: 2, amount: 2400 });
  });
});

describe("the shipments of the example app", () => {
  const deploy = suiteFunction("shipments");
  const shipment = (customer: string, number: number, card = "tok_visa"): Parameters<typeof events.sqs>[0][number] => ({
    messageId: `${customer}-${number}`,
    body: { customer, number, card, fee: 490 },
    attributes: { MessageGroupId: customer },
  });

  test("a customer's shipments stay in order, whatever fails and comes back; another customer's go on", async () => {
    const shipments = await deploy();
    const batch = [shipment("ada", 1), shipment("ada", 2, "tok_flaky"), shipment("bob", 1), shipment("ada", 3)];
    expect(await deliver(shipments, batch)).toEqual(["ada-2", "ada-3"]);
    expect(await deliver(shipments, [shipment("ada", 2, "tok_flaky"), shipment("ada", 3)])).toEqual([]);
    expect(await deliver(shipments, batch)).toEqual([]);
    const charged = ["shipments#ada#1", "shipments#ada#2", "shipments#ada#3"];
    expect(await shipments.row("shipments#ada")).toEqual({ calls: 0, charges: 3, amount: 3 * 490, charged });
    expect(await shipments.row("shipments#ada#2")).toEqual({ calls: 2, charges: 0, amount: 0, charged: [] });
    expect(await shipments.row("shipments#bob")).toMatchObject({ charges: 1, charged: ["shipments#bob#1"] });
  });

  test("a shipment that is not paid holds up its customer's next until it is in the dead-letter queue", async () => {
    const shipments = await deploy();
    const batch = [shipment("ada", 1), shipment("ada", 2, "tok_declined"), shipment("ada", 3)];
    expect([await deliver(shipments, batch), await deliver(shipments, batch.slice(1))]).toEqual([
      ["ada-2", "ada-3"],
      ["ada-2", "ada-3"],
    ]);
    expect(await deliver(shipments, batch.slice(2))).toEqual([]);
    expect((await shipments.row("shipments#ada")).charged).toEqual(["shipments#ada#1", "shipments#ada#3"]);
    expect(await shipments.row("shipments#ada#2")).toMatchObject({ calls: 1 });
  });
});
