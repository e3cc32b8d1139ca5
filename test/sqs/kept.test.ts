// What was kept or held, and what a later delivery of it comes to.
import { describe, expect, it } from "vitest";
import { firstDay } from "../../src/testing/clock.ts";
import { idempotent, type IdempotencyError } from "../../src/index.ts";
import { PermanentError } from "../../src/sqs/index.ts";
import { memoryBench } from "../support/bench.ts";
import { consumerOn, keyed, type Work } from "./consumer.ts";

const never: Work = () => Promise.reject(new PermanentError("never"));
const sent = (atMs: number | string) => ({ ...keyed("order-1"), attributes: { SentTimestamp: String(atMs) } });

describe("a message that has failed for good", () => {
  it("fails at once, and does not run, however often it is delivered", async () => {
    const bench = await memoryBench.open();
    const consumer = consumerOn(bench, never);
    for (let delivery = 0; delivery < 4; delivery++) {
      expect((await consumer.deliver([keyed("order-1")])).batchItemFailures).toHaveLength(1);
      await bench.clock.advance(60_000);
    }
    expect(consumer.ran).toHaveLength(1);
    expect(consumer.changes().map(({ seconds }) => seconds)).toEqual([0, 0, 0, 0]);
    expect(consumer.logged().map(([, error]) => (error as Error).message)).toEqual(["never", "never", "never", "never"]);
    expect(consumer.types()).toEqual(["claimed", "failed", "replayed", "replayed", "replayed"]);
    expect(consumer.events[1]).toMatchObject({ errorName: "PermanentError" });
    expect((await consumer.record("order-1"))?.error).toEqual({ name: "PermanentError", message: "never" });
  });

  const failedAt = firstDay + 5000;
  it.for([
    { name: "sent more than a second after that", sentAt: failedAt + 1001, runs: true },
    { name: "sent within the second that clocks may differ", sentAt: failedAt + 1000, runs: false },
    { name: "sent at that moment", sentAt: failedAt, runs: false },
    { name: "sent before", sentAt: firstDay, runs: false },
    { name: "sent at no moment", sentAt: "x", runs: false },
    { name: "sent at an empty one", sentAt: "", runs: false },
    { name: "sent at one that is no number of milliseconds", sentAt: "1e999", runs: false },
  ])("runs again only if it was sent, or redriven, later: $name", async ({ sentAt, runs }) => {
    const bench = await memoryBench.open();
    let isMended = false;
    const consumer = consumerOn(bench, (record, context) => (isMended ? undefined : never(record, context)));
    await bench.clock.advance(5000);
    await consumer.deliver([keyed("order-1")]);
    isMended = true;
    await bench.clock.advance(5000);
    const { batchItemFailures } = await consumer.deliver([sent(sentAt)]);
    expect(batchItemFailures).toHaveLength(runs ? 0 : 1);
    expect(consumer.types().slice(2)).toEqual(runs ? ["taken_over", "completed"] : ["replayed"]);
    if (runs) expect(consumer.events[2]).toMatchObject({ type: "taken_over", from: "failed", attempt: 2 });
    expect(consumer.logged()).toHaveLength(runs ? 1 : 2);
  });

  it.for([
    { name: "before it in the batch", order: ["old", "later", "later"] },
    { name: "after it in the batch", order: ["later", "old", "later"] },
  ])(
    "is no answer to one that was sent later, $name: that runs, once, and all are done but the old one that came first",
    async ({ order }) => {
      const bench = await memoryBench.open();
      let isMended = false;
      const consumer = consumerOn(bench, (record, context) => (isMended ? undefined : never(record, context)));
      await bench.clock.advance(5000);
      await consumer.deliver([keyed("order-1")]);
      isMended = true;
      await bench.clock.advance(5000);
      const { batchItemFailures } = await consumer.deliver(order.map((when) => sent(when === "old" ? firstDay : failedAt + 1001)));
      expect(batchItemFailures).toHaveLength(order[0] === "old" ? 1 : 0);
      expect(consumer.ran).toHaveLength(2);
    },
  );

  it("to several that were sent later is one run with one outcome, also where that fails", async () => {
    const bench = await memoryBench.open();
    let error: Error = new PermanentError("never");
    const consumer = consumerOn(bench, () => Promise.reject(error));
    await bench.clock.advance(5000);
    await consumer.deliver([keyed("order-1")]);
    error = new Error("down");
    await bench.clock.advance(5000);
    const later = sent(failedAt + 1001);
    const { batchItemFailures } = await consumer.deliver([sent(firstDay), later, later]);
    expect(batchItemFailures).toHaveLength(3);
    expect(consumer.ran).toHaveLength(2);
  });

  it("is kept for the batch that it is in, too: its other copies fail with it", async () => {
    const consumer = consumerOn(await memoryBench.open(), never);
    const { batchItemFailures } = await consumer.deliver([keyed("order-1"), keyed("order-1")]);
    expect(batchItemFailures).toHaveLength(2);
    expect(consumer.ran).toHaveLength(1);
  });
});

describe("a message that was held", () => {
  it("fails at once without running, also when it was sent later, until somebody releases it", async () => {
    const bench = await memoryBench.open();
    const consumer = consumerOn(bench, () => Promise.reject(new Error("down")), { onError: "hold" });
    await consumer.deliver([keyed("order-1")]);
    await bench.clock.advance(5000);
    await consumer.deliver([sent(firstDay + 4000)]);
    expect(consumer.ran).toHaveLength(1);
    expect(consumer.changes().map(({ seconds }) => seconds)).toEqual([0, 0]);
    expect(consumer.logged().map(([, error]) => (error as IdempotencyError).code)).toEqual([undefined, "OUTCOME_UNKNOWN"]);
    const held = await consumer.record("order-1");
    expect(held?.status).toBe("held");
    if (held !== undefined) await bench.others.release(held);
    await consumer.deliver([keyed("order-1")]);
    expect(consumer.ran).toHaveLength(2);
  });
});

describe("a wrapped function inside of the handler", () => {
  it("that is in progress elsewhere is an error of the handler: released, and back after a backoff, not at its lease's end", async () => {
    const bench = await memoryBench.open();
    const charge = idempotent(() => {}, { store: bench.store, operation: "inner", key: () => 1, leaseMs: 600_000 });
    const end = Promise.withResolvers<void>();
    const other = idempotent(() => end.promise, { store: bench.store, operation: "inner", key: () => 1, leaseMs: 600_000 })();
    const consumer = consumerOn(bench, charge);
    await consumer.deliver([keyed("order-1")]);
    end.resolve();
    await other;
    expect(consumer.types()).toEqual(["claimed", "released"]);
    expect(consumer.changes()[0]?.seconds).toBeLessThanOrEqual(2);
    expect(consumer.logged()).toMatchObject([[expect.any(String), { code: "IN_PROGRESS" }]]);
    await consumer.deliver([keyed("order-1")]);
    expect(consumer.types().slice(2)).toEqual(["taken_over", "completed"]);
  });

  it("that has failed for good is one, too: what it threw again is released", async () => {
    const bench = await memoryBench.open();
    const inner = { store: bench.store, operation: "inner", key: () => 1, onError: "keep" } as const;
    const charge = idempotent(() => Promise.reject(new Error("declined")), inner);
    await charge().catch(() => {});
    const consumer = consumerOn(bench, charge);
    await consumer.deliver([keyed("order-1")]);
    expect(consumer.types()).toEqual(["claimed", "released"]);
    expect(consumer.logged()).toMatchObject([[expect.any(String), { message: "declined" }]]);
  });
});
