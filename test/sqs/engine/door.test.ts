// What the door promises of messages that fail: on both engines' own queues, beside a real table.
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { skewMarginMs } from "../../../src/core/lease.ts";
import { PermanentError, type SqsOptions } from "../../../src/sqs/index.ts";
import type { Invocation } from "../../mapping/invocation.ts";
import { deadLetter, redriveByHand } from "../../support/dead-letters.ts";
import { drain, drainedCount } from "../../support/queues.ts";
import { describeOnSqs } from "../../support/sqs-suites.ts";
import { suiteDynamodb } from "../../support/suite-dynamodb.ts";
import { until } from "../../support/until.ts";
import { type Delivery, type Door, type DoorOptions, openDoor } from "./door.ts";

const dynamodb = suiteDynamodb();
// What fails is logged; and the least of each backoff and spread comes: they only add to what is asked here.
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => vi.restoreAllMocks());

/** Longer than `idle` waits: what comes back in time has had its visibility changed. */
const visibilitySeconds = 600;
const maxReceiveCount = 3;
const receives = [1, 2, 3];

describeOnSqs("the door on a queue", (engine) => {
  async function open(options: Omit<DoorOptions, "client" | "dynamodb">): Promise<Door> {
    const door = await openDoor({ client: engine.client, dynamodb: dynamodb(), ...options });
    onTestFinished(() => door.mapping.stop());
    return door;
  }
  async function left({ queues }: Door): Promise<[queue: number, dlq: number]> {
    return [await drainedCount(engine.client, queues.url), await drainedCount(engine.client, queues.dlqUrl)];
  }

  it.for([
    { queue: "standard", fifo: false },
    { queue: "FIFO", fifo: true },
  ])(
    "PermanentError, $queue queue: dead after one run; redriven it runs again, and is completed once its handler is mended",
    async ({ fifo }) => {
      let isMended = false;
      const door = await open({
        queues: { fifo, visibilitySeconds, maxReceiveCount },
        work() {
          if (!isMended) throw new PermanentError("planted");
        },
      });
      const { queues, deliveries, runs } = door;
      async function redriveLater(): Promise<void> {
        const { completedAt = Number.NaN } = (await door.record("order-1")) ?? {};
        await until("a message that is sent now is no delivery of the one that failed", async () =>
          Date.now() > completedAt + skewMarginMs ? true : undefined,
        );
        expect(await redriveByHand(engine.client, queues)).toBe(1);
      }

      await door.send("order-1", "body", fifo ? "customer-1" : undefined);
      await deadLetter(engine.client, queues);
      expect([receivesOf(deliveries), runs.length]).toEqual([receives, 1]);
      expect(await door.record("order-1")).toMatchObject({ status: "failed", attempt: 1 });

      await redriveLater();
      await deadLetter(engine.client, queues);
      expect([receivesOf(deliveries), runs.length]).toEqual([[...receives, ...receives], 2]);
      expect(await door.record("order-1")).toMatchObject({ status: "failed", attempt: 2 });

      isMended = true;
      await redriveLater();
      await door.mapping.idle();
      expect([receivesOf(deliveries), runs.length]).toEqual([[...receives, ...receives, 1], 3]);
      expect(await door.record("order-1")).toMatchObject({ status: "completed", attempt: 3 });
      expect(await left(door)).toEqual([0, 0]);
    },
  );

  it("FIFO: a message that fails once holds up its group, and no other: effects in order, each once", async () => {
    const [groups, numbers] = [
      ["a", "b"],
      [0, 1, 2, 3, 4],
    ];
    const effects: string[] = [];
    const failures: string[] = [];
    const door = await open({
      queues: { fifo: true, visibilitySeconds, maxReceiveCount },
      mapping: { batchSize: 4, concurrency: 4 },
      work({ body }) {
        if (body === "b2" && failures.length === 0) {
          failures.push(body);
          throw new Error("planted");
        }
        effects.push(body);
      },
    });
    for (const n of numbers) for (const group of groups) await door.send(`key-${group}${n}`, `${group}${n}`, group);
    await door.mapping.idle();
    for (const group of groups) expect(effects.filter((body) => body.startsWith(group))).toEqual(numbers.map((n) => group + n));
    expect([effects.length, failures]).toEqual([10, ["b2"]]);
    expect(door.deliveries.filter(({ body, receiveCount }) => body === "b2" && receiveCount === 2)).toHaveLength(1);
    expect(await left(door)).toEqual([0, 0]);
  });

  interface AtOnce {
    readonly why: string;
    readonly bodies: readonly string[];
    readonly sqs?: Partial<SqsOptions>;
    readonly error?: Error;
    readonly runs: number;
  }
  it.for<AtOnce>([
    { why: "KEY_REUSED", bodies: ["one", "other"], runs: 1 },
    { why: "KEY_MISSING", bodies: ["one"], sqs: { key: () => undefined }, runs: 0 },
    { why: "PermanentError", bodies: ["one"], error: new PermanentError("planted"), runs: 1 },
    { why: "OUTCOME_UNKNOWN", bodies: ["one"], sqs: { onError: "hold" }, error: new Error("planted"), runs: 1 },
  ])("$why comes back at once, whatever visibility the queue has, until it is dead", async ({ bodies, sqs = {}, error, runs }) => {
    const door = await open({
      queues: { visibilitySeconds, maxReceiveCount },
      sqs,
      work() {
        if (error !== undefined) throw error;
      },
    });
    for (const body of bodies) await door.send("key", body);
    const { Body: dead } = await deadLetter(engine.client, door.queues);
    await door.mapping.idle();
    const deliveriesOf = (asked: string | undefined): readonly Delivery[] => door.deliveries.filter(({ body }) => body === asked);
    expect(receivesOf(deliveriesOf(dead))).toEqual(receives);
    for (const body of bodies.filter((one) => one !== dead)) expect(receivesOf(deliveriesOf(body))).toEqual([1]);
    expect(door.runs).toHaveLength(runs);
    expect((await drain(engine.client, door.queues.dlqUrl)).map(({ Body }) => Body)).toEqual([dead]);
    expect(door.events.filter(({ type }) => type === "visibility_unchanged")).toEqual([]);
    expect(await left(door)).toEqual([0, 0]);
  });

  it("a duplicate in progress is not delivered again before the lease ends, though its queue would", async () => {
    let invocation: Invocation | undefined;
    const door = await open({
      queues: { visibilitySeconds: 1, maxReceiveCount: 10 },
      mapping: { batchSize: 1, concurrency: 1, onInvocation: (one) => (invocation = one) },
      sqs: { leaseMs: 4000 },
      async work() {
        if (door.runs.length > 1) return;
        invocation?.kill();
        await new Promise(() => {});
      },
    });
    // Both of one body: which of them is which says their number of receives.
    await door.send("key", "same");
    const { leaseUntil } = await until("the first environment is gone", async () =>
      door.mapping.counts().wholeBatches.killed === 1 ? door.record("key") : undefined,
    );
    await door.send("key", "same");
    await door.mapping.idle();
    const receivesWhere = (isAsked: (at: number) => boolean): number[] =>
      receivesOf(door.deliveries.filter(({ at }) => isAsked(at))).toSorted((a, b) => a - b);
    // The first message was in the killed batch and, by its queue's visibility, deferred; the second one only deferred.
    expect(receivesWhere((at) => at < leaseUntil)).toEqual([1, 1, 2]);
    expect(receivesWhere((at) => at >= leaseUntil)).toEqual([2, 3]);
    const told = door.events.map(({ type }) => type).filter((type) => ["deferred", "taken_over", "replayed"].includes(type));
    expect(told).toEqual(["deferred", "deferred", "taken_over", "replayed"]);
    expect(await left(door)).toEqual([0, 0]);
  });
});

function receivesOf(deliveries: readonly Delivery[]): number[] {
  return deliveries.map(({ receiveCount }) => receiveCount);
}
