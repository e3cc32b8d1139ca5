// One batch: its answer names what failed, each once and in order; one key is one run.
import { describe, expect, it } from "vitest";
import type { SQSEvent } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import { memoryBench } from "../support/bench.ts";
import { consumerOn, contextOf, failedBodies, keyed, type Message, type Work } from "./consumer.ts";

const failing: Work = ({ body }) => (body.startsWith("bad") ? Promise.reject(new Error(body)) : undefined);
const inGroup = (group: string, key: string, body = key) => ({ ...keyed(key, body), attributes: { MessageGroupId: group } });

async function delivered(messages: readonly Message[], work: Work = failing, handed = (event: SQSEvent) => event) {
  const consumer = consumerOn(await memoryBench.open(), work);
  const event = handed(events.sqs(messages));
  const answer = await consumer.deliverEvent(event);
  return { ...consumer, event, answer, failed: failedBodies(event, answer) };
}

describe("the answer", () => {
  it.for<{ name: string; bodies: string[]; failed: string[] }>([
    { name: "nothing failed", bodies: ["a", "b"], failed: [] },
    { name: "some failed", bodies: ["a", "bad 1", "b", "bad 2", "c"], failed: ["bad 1", "bad 2"] },
    { name: "all failed", bodies: ["bad 1", "bad 2"], failed: ["bad 1", "bad 2"] },
    { name: "there was nothing", bodies: [], failed: [] },
  ])("names what failed, in order, and has nothing else: $name", async ({ bodies, failed }) => {
    const batch = await delivered(bodies);
    expect(batch.failed).toEqual(failed);
    expect(Object.keys(batch.answer)).toEqual(["batchItemFailures"]);
    for (const failure of batch.answer.batchItemFailures) expect(Object.keys(failure)).toEqual(["itemIdentifier"]);
    expect(batch.ran).toEqual(bodies);
    expect(batch.changes().map(({ body }) => body)).toEqual(failed);
    expect(batch.logged()).toHaveLength(failed.length);
  });

  it("keeps the order of the batch, whichever failed first", async () => {
    const [slow, quick] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const work: Work = ({ body }) => (body === "bad slow" ? slow.promise : quick.promise);
    quick.reject(new Error("quick"));
    const pending = delivered(["bad slow", "bad quick"], work);
    await quick.promise.catch(() => {});
    slow.reject(new Error("slow"));
    expect((await pending).failed).toEqual(["bad slow", "bad quick"]);
  });

  it("takes 10,000 messages, of which every seventh fails", async () => {
    const bodies = Array.from({ length: 10_000 }, (_, i) => (i % 7 === 0 ? `bad ${i}` : `good ${i}`));
    const batch = await delivered(bodies);
    expect(batch.failed).toEqual(bodies.filter((body) => body.startsWith("bad")));
    expect(batch.ran).toHaveLength(10_000);
    expect(batch.changes()).toHaveLength(batch.failed.length);
  });
});

describe("one key twice in a batch", () => {
  it.for([
    { name: "it is done", key: "order-1", failed: [], types: ["claimed", "completed", "replayed", "replayed"] },
    { name: "it fails", key: "bad", failed: [0, 1, 2], types: ["claimed", "released"] },
  ])("is one run with one outcome: $name", async ({ key, failed, types }) => {
    const batch = await delivered([keyed(key), keyed(key), keyed(key)]);
    expect(batch.ran).toEqual([key]);
    const ids = batch.event.Records.map(({ messageId }) => messageId);
    expect(batch.answer.batchItemFailures).toEqual(failed.map((i) => ({ itemIdentifier: ids[i] })));
    expect(batch.types()).toEqual(types);
    // Of one outcome, and so at one moment.
    expect(new Set(batch.changes().map(({ seconds }) => seconds)).size).toBe(Math.min(1, failed.length));
    expect(batch.changes()).toHaveLength(failed.length);
  });

  it("tells the second as replayed, from the attempt of the first, and of no age", async () => {
    const batch = await delivered([keyed("order-1"), keyed("order-1")]);
    expect(batch.events[2]).toMatchObject({ type: "replayed", attempt: 1, ageMs: 0, keyHash: batch.events[0]?.keyHash });
  });

  it("is done with the first also where its completion could not be written", async () => {
    const bench = await memoryBench.open();
    bench.faults.on("settle", { answer: "denied" });
    const consumer = consumerOn(bench);
    expect(await consumer.deliver([keyed("order-1"), keyed("order-1")])).toEqual({ batchItemFailures: [] });
    expect(consumer.types()).toEqual(["claimed", "store_error", "replayed"]);
    expect(consumer.events[2]).toMatchObject({ attempt: 1 });
  });

  it("is deferred together, if it is in progress elsewhere", async () => {
    const bench = await memoryBench.open();
    const end = Promise.withResolvers<void>();
    const first = consumerOn(bench, () => end.promise);
    const pending = first.deliver([keyed("order-1")]);
    const second = consumerOn(bench);
    await second.deliver([keyed("order-1"), keyed("order-1")]);
    expect(second.types()).toEqual(["in_progress", "deferred"]);
    const [one, two] = second.changes();
    expect(one).toEqual(two);
    expect(one?.seconds).toBeGreaterThanOrEqual(31);
    end.resolve();
    await pending;
  });

  it.for([
    { name: "the first is done", first: "order-1", failed: ["another"] },
    { name: "the first fails", first: "bad", failed: ["bad", "another"] },
  ])("with another payload is refused, also while it runs: $name", async ({ first, failed }) => {
    const batch = await delivered([keyed("key", first), keyed("key", "another"), keyed("key", first)]);
    expect(batch.ran).toEqual([first]);
    expect(new Set(batch.failed)).toEqual(new Set(failed));
    expect(batch.types()).toContain("mismatch");
    expect(batch.changes().find(({ body }) => body === "another")?.seconds).toBe(0);
  });

  it("with another payload is refused, whichever claim is answered first: what comes first in the batch runs", async () => {
    const bench = await memoryBench.open();
    bench.faults.on("claim", { before: () => new Promise((resolve) => setImmediate(resolve)) });
    const consumer = consumerOn(bench);
    await consumer.deliver([keyed("key", "first"), keyed("key", "another")]);
    expect(consumer.ran).toEqual(["first"]);
  });

  it("runs both where they are no payload of one key: without a fingerprint of theirs, by their messageId", async () => {
    expect((await delivered(["same body", "same body"])).ran).toHaveLength(2);
  });

  it.for([
    { name: "it is done", body: "good", failed: 0 },
    { name: "it fails", body: "bad", failed: 1 },
  ])("by one messageId: it is named once, and each receipt is seen to: $name", async ({ body, failed }) => {
    const batch = await delivered([body, body], failing, (event) => {
      const [first, second] = event.Records;
      if (first !== undefined && second !== undefined) Object.assign(second, { messageId: first.messageId, receiptHandle: "another" });
      return event;
    });
    expect(batch.ran).toHaveLength(1);
    expect(batch.answer.batchItemFailures).toHaveLength(failed);
    expect(batch.changes()).toHaveLength(2 * failed);
  });

  it.for([
    { name: "it is done", key: "order-1", failed: 0 },
    { name: "it fails", key: "bad", failed: 2 },
  ])("across FIFO groups is one run: $name", async ({ key, failed }) => {
    const batch = await delivered([inGroup("a", key), inGroup("b", key)]);
    expect(batch.ran).toHaveLength(1);
    expect(batch.answer.batchItemFailures).toHaveLength(failed);
    expect(new Set(batch.changes().map(({ seconds }) => seconds)).size).toBe(Math.min(1, failed));
  });

  it("is not remembered for the next batch: that one asks the store", async () => {
    const bench = await memoryBench.open();
    let tries = 0;
    const consumer = consumerOn(bench, () => (tries++ === 0 ? Promise.reject(new Error("down")) : undefined));
    await consumer.deliver([keyed("order-1")], contextOf());
    expect(await consumer.deliver([keyed("order-1")], contextOf())).toEqual({ batchItemFailures: [] });
    expect(consumer.types()).toEqual(["claimed", "released", "taken_over", "completed"]);
  });
});
