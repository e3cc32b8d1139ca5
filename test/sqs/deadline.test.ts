// Little time is left: what is not started, and that a short timeout still does its work.
import { describe, expect, it, vi } from "vitest";
import { events } from "../../src/testing/index.ts";
import { memoryBench } from "../support/bench.ts";
import { consumerOn, contextOf, failedBodies, keyed, type Message } from "./consumer.ts";

const bodies = Array.from({ length: 20 }, (_, i) => `message ${i}`);
const fifo = { queueArn: "arn:aws:sqs:us-east-1:123456789012:orders.fifo" };

/** Runs messages one at a time, of which each takes some time of the invocation. */
async function runsOf(totalMs: number, eachMs: number, messages: readonly Message[] = bodies, queue: { queueArn?: string } = {}) {
  let leftMs = totalMs;
  const consumer = consumerOn(await memoryBench.open(), () => void (leftMs -= eachMs), { concurrency: 1, leaseMs: 60_000 });
  const event = events.sqs(messages, queue);
  const answer = await consumer.deliverEvent(
    event,
    contextOf(() => leftMs),
  );
  return { ...consumer, leftMs, failed: failedBodies(event, answer) };
}

describe("when little time is left", () => {
  it.for([
    { totalMs: 30_000, eachMs: 2700, starts: 11, why: "a tenth is left exactly" },
    { totalMs: 30_000, eachMs: 2701, starts: 10, why: "2,990 ms are less than a tenth" },
    { totalMs: 10_000, eachMs: 901, starts: 10, why: "990 ms are less than a second" },
    { totalMs: 10_000, eachMs: 900, starts: 11, why: "a second is left exactly" },
    { totalMs: 5000, eachMs: 500, starts: 9, why: "a second is more than a tenth" },
    { totalMs: 1000, eachMs: 100, starts: 6, why: "half of the time is never too late" },
    { totalMs: 500, eachMs: 50, starts: 6, why: "half of the time is never too late" },
    { totalMs: 500, eachMs: 400, starts: 1, why: "the first is" },
    { totalMs: 100, eachMs: 51, starts: 1, why: "the first is" },
  ])("of $totalMs ms, at $eachMs each, $starts are started: $why", async ({ totalMs, eachMs, starts }) => {
    const { ran, failed, changes, logged, types, leftMs } = await runsOf(totalMs, eachMs);
    expect(ran).toEqual(bodies.slice(0, starts));
    expect(failed).toEqual(bodies.slice(starts));
    // It cost no request, comes back at once, where there is time left to say so, and is told in one line.
    expect(types().filter((type) => type === "claimed")).toHaveLength(starts);
    expect(changes()).toEqual(leftMs > 200 ? failed.map((body) => ({ body, seconds: 0 })) : []);
    expect(logged()).toEqual([[`operation "charge": ${20 - starts} of 20 messages come back, not started: too little time was left`]]);
  });

  it("the rest of a FIFO group is not started either, and those of other groups not", async () => {
    const messages = bodies.slice(0, 6).map((body, i) => ({ body, attributes: { MessageGroupId: String(i % 2) } }));
    const { ran, failed, changes, logged } = await runsOf(3000, 1001, messages, fifo);
    expect(logged()).toEqual([[expect.stringContaining("4 of 6 messages come back, not started")]]);
    expect({ ran, failed }).toEqual({ ran: bodies.slice(0, 2), failed: bodies.slice(2, 6) });
    expect(changes().map(({ seconds }) => seconds)).toEqual([0, 0, 0, 0]);
  });

  it("a record that waited for another of its key is not started where that took the time", async () => {
    const messages = [keyed("a"), keyed("a")].map((message, i) => Object.assign({}, message, { body: `payload ${i}` }));
    let leftMs = 3000;
    const consumer = consumerOn(
      await memoryBench.open(),
      () => {
        leftMs -= 2800;
        throw new Error("down");
      },
      { fingerprint: ({ body }) => (body === "payload 0" ? body : undefined) },
    );
    const answer = await consumer.deliver(
      messages,
      contextOf(() => leftMs),
    );
    expect(answer.batchItemFailures).toHaveLength(2);
    expect(consumer.ran).toEqual(["payload 0"]);
    expect(consumer.logged().at(-1)).toEqual([expect.stringContaining("1 of 2 messages come back, not started")]);
  });

  const broken = () => {
    throw new Error("no clock here");
  };
  it.for<{ name: string; context: unknown }>([
    { name: "0 at the start", context: contextOf(() => 0) },
    { name: "less than 0", context: contextOf(() => -5) },
    { name: "NaN", context: contextOf(() => Number.NaN) },
    { name: "Infinity", context: contextOf(() => Infinity) },
    { name: "a text", context: contextOf(() => "5" as never) },
    { name: "nothing", context: contextOf(() => undefined as never) },
    { name: "an error", context: contextOf(broken) },
    { name: "no function", context: {} },
    { name: "no context", context: undefined },
    { name: "null", context: null },
  ])("nothing is left out where a context tells no time: $name", async ({ context }) => {
    const consumer = consumerOn(await memoryBench.open(), undefined, { concurrency: 1 });
    const answer = await consumer.handler(events.sqs(bodies), context);
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(consumer.ran).toEqual(bodies);
  });

  it("a context that stops telling is as at the start", async () => {
    const leftMs = vi.fn<() => number>().mockReturnValueOnce(10_000).mockReturnValue(Number.NaN);
    const consumer = consumerOn(await memoryBench.open(), undefined, { concurrency: 1, leaseMs: 60_000 });
    await consumer.deliver(bodies, contextOf(leftMs));
    expect(consumer.ran).toEqual(bodies);
  });

  it("what has begun is ended, however long it takes", async () => {
    const { failed, ran } = await runsOf(10_000, 50_000, ["a", "b"]);
    expect({ failed, ran }).toEqual({ failed: ["b"], ran: ["a"] });
  });
});
