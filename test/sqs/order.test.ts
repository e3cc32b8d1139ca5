// In which order the messages of a batch run, and how many at a time.
import { describe, expect, it, vi } from "vitest";
import { PermanentError } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { record } from "../support/deliveries.ts";
import { consumerOn, contextOf, failedBodies, keyed, type Message, type Options } from "./consumer.ts";

/** A message of a group: `a1` is the first of group a. */
function message(body: string, group = body.charAt(0)): Message & object {
  return { ...keyed(body), attributes: { MessageGroupId: group } };
}
const standard = { queueArn: "arn:aws:sqs:us-east-1:123456789012:orders" };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs a batch; tells how many ran at a time, and what began and ended in which order. */
async function runsOf(messages: readonly Message[], options: Options = {}, queue: { queueArn?: string } = {}) {
  const log: string[] = [];
  let [inFlight, most] = [0, 0];
  const work = async ({ body }: { body: string }) => {
    most = Math.max(most, ++inFlight);
    log.push(`${body} begins`);
    await turn();
    log.push(`${body} ends`);
    inFlight--;
  };
  const consumer = consumerOn(await memoryBench.open(), work, options);
  await consumer.deliverEvent(events.sqs(messages, queue));
  return { most, log, ran: consumer.ran };
}
const beginAndEnd = (bodies: readonly string[]) => bodies.flatMap((body) => [`${body} begins`, `${body} ends`]);

describe("messages of a standard queue", () => {
  const bodies = ["1", "2", "3", "4", "5", "6", "7"];

  it.for([
    { concurrency: 1, most: 1 },
    { concurrency: 3, most: 3 },
    { concurrency: 100, most: 7 },
    { concurrency: undefined, most: 7 },
  ])("run $concurrency at a time", async ({ concurrency, most }) => {
    const runs = await runsOf(bodies, { concurrency });
    expect(runs.most).toBe(most);
    expect(runs.ran).toEqual(bodies);
    expect(runs.log).toHaveLength(14);
    if (concurrency === 1) expect(runs.log).toEqual(beginAndEnd(bodies));
  });

  it("do not wait for the slowest: another takes its turn", async () => {
    const end = Promise.withResolvers<void>();
    const work = ({ body }: { body: string }) => (body === "1" ? end.promise : body === "7" ? end.resolve() : turn());
    const consumer = consumerOn(await memoryBench.open(), work, { concurrency: 2 });
    expect(await consumer.deliver(bodies)).toEqual({ batchItemFailures: [] });
  });

  it("run side by side in one group: a group there is for fairness, and no order", async () => {
    expect((await runsOf([message("a1"), message("a2"), message("a3")], {}, standard)).most).toBe(3);
  });

  it("run on after one of their group that failed", async () => {
    const consumer = consumerOn(await memoryBench.open(), ({ body }) => (body === "a1" ? Promise.reject(new Error("down")) : undefined));
    const event = events.sqs([message("a1"), message("a2")], standard);
    expect(failedBodies(event, await consumer.deliverEvent(event))).toEqual(["a1"]);
    expect(consumer.ran).toEqual(["a1", "a2"]);
  });
});

describe("messages of a FIFO queue", () => {
  const mixed = ["a1", "b1", "a2", "c1", "b2", "a3"].map((body) => message(body));

  it.for([undefined, 1, 2])("run in order within their group, groups side by side: concurrency %s", async (concurrency) => {
    const { log, most } = await runsOf(mixed, { concurrency });
    expect(most).toBe(3);
    for (const group of [["a1", "a2", "a3"], ["b1", "b2"], ["c1"]]) {
      expect(log.filter((line) => line.startsWith(group[0]?.charAt(0) ?? ""))).toEqual(beginAndEnd(group));
    }
  });

  it.for<{ name: string; options: Options }>([
    { name: "switched off", options: { enabled: false } },
    { name: "without keys", options: { key: () => undefined, onMissingKey: "run" } },
  ])("run to the end of their group, also unprotected: $name", async ({ options }) => {
    expect((await runsOf(mixed, options)).ran).toHaveLength(6);
  });

  it("are of one group where none is named: in order", async () => {
    const fifo = { queueArn: `${standard.queueArn}.fifo` };
    const event = events.sqs(["1", "2", "3"], fifo);
    for (const { attributes } of event.Records) Reflect.deleteProperty(attributes, "MessageGroupId");
    const consumer = consumerOn(await memoryBench.open(), turn);
    await consumer.deliverEvent(event);
    expect(consumer.ran).toEqual(["1", "2", "3"]);
    const failing = consumerOn(await memoryBench.open(), () => Promise.reject(new Error("down")));
    expect(failedBodies(event, await failing.deliverEvent(event))).toEqual(["1", "2", "3"]);
    expect(failing.ran).toEqual(["1"]);
  });
});

interface Failure {
  readonly name: string;
  readonly prior?: (bench: Bench) => Promise<void>;
  readonly error?: Error;
  readonly options?: Options;
  readonly change?: Partial<Message & object>;
  readonly seconds: number;
}

describe("the rest of a FIFO group after one that failed", () => {
  const key = "a1";
  it.for<Failure>([
    { name: "the handler threw", error: new Error("down"), seconds: 1 },
    {
      name: "at its ninth receive",
      error: new Error("down"),
      change: { attributes: { ApproximateReceiveCount: "9", MessageGroupId: "a" } },
      seconds: 256,
    },
    { name: "PermanentError", error: new PermanentError("never"), seconds: 0 },
    { name: "held", error: new Error("down"), options: { onError: "hold" }, seconds: 0 },
    { name: "refused: no key", options: { key: ({ body }) => (body === "a1" ? undefined : body) }, seconds: 0 },
    {
      name: "in progress elsewhere",
      prior: (bench) => bench.put(record(bench)),
      change: { messageAttributes: { "idempotency-key": "order-1" } },
      seconds: 26,
    },
    { name: "a wrong configuration", options: { leaseMs: ({ body }) => (body === "a1" ? Number.NaN : 1000) }, seconds: 1 },
  ])("is not started, and comes back when that one does: $name", async ({ prior, error, options, change, seconds }) => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0.5);
    const bench = await memoryBench.open();
    await prior?.(bench);
    const consumer = consumerOn(bench, ({ body }) => (body === key && error !== undefined ? Promise.reject(error) : undefined), options);
    const event = events.sqs([message("b1"), { ...message(key), ...change }, message("b2"), message("a2"), message("c1"), message("a3")]);
    const answer = await consumer.deliverEvent(event, contextOf());
    random.mockRestore();
    expect(failedBodies(event, answer)).toEqual(["a1", "a2", "a3"]);
    expect(consumer.ran.filter((body) => body !== key).toSorted()).toEqual(["b1", "b2", "c1"]);
    expect(consumer.changes()).toEqual(["a1", "a2", "a3"].map((body) => ({ body, seconds })));
    for (const body of ["a2", "a3"]) expect(await consumer.record(body)).toBeUndefined();
  });

  it("is only what comes after: what came before is done", async () => {
    const consumer = consumerOn(await memoryBench.open(), ({ body }) => (body === "a2" ? Promise.reject(new Error("down")) : undefined));
    const event = events.sqs(["a1", "a2", "a3"].map((body) => message(body)));
    expect(failedBodies(event, await consumer.deliverEvent(event))).toEqual(["a2", "a3"]);
    expect(consumer.ran).toEqual(["a1", "a2"]);
  });
});
