// The event source mapping proves itself before anything is proved with it, on both engines.
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { countsOf, drain, drainedCount, freshQueues, type QueuesOptions, sendAll } from "../support/queues.ts";
import { describeOnSqs, type SuiteEngine } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";
import { malformedAnswers, nothingFailed } from "./answers.ts";
import type { Invocation } from "./invocation.ts";
import { type MappingOptions, startMapping } from "./mapping.ts";

type Handler = MappingOptions["handler"];
type Records = Parameters<Handler>[0]["Records"];

// Their other forms: verdict.test.ts.
const oneOfEachReason = malformedAnswers.filter(({ reason }, i) => malformedAnswers.findIndex((other) => other.reason === reason) === i);

describeOnSqs("the event source mapping", (engine) => {
  it.concurrent.for(oneOfEachReason)("lets the whole batch come back: $name", async ({ answer, reason }) => {
    const { deliveries, counts, ids } = await run(engine, { handler: answering(answer, undefined) });
    const [first = [], ...later] = deliveries;
    expect([idsOf(first), receiveCounts(first)]).toEqual([sorted(ids), ["1", "1", "1"]]);
    expect([idsOf(later.flat()), receiveCounts(later.flat())]).toEqual([sorted(ids), ["2", "2", "2"]]);
    expect(counts).toMatchObject({ records: 6, deleted: 3, failed: 0, wholeBatches: { [reason]: 1 } });
  });

  it.concurrent.for(nothingFailed)("deletes the whole batch: $name", async ({ answer }) => {
    const { counts } = await run(engine, { handler: answering(answer) });
    expect(counts).toEqual({ invocations: 1, records: 3, deleted: 3, notDeleted: 0, failed: 0, wholeBatches: {} });
  });

  it.concurrent("lets only the record come back that an answer names", async () => {
    const failOne: Handler = ({ Records }) => ({
      batchItemFailures: Records.filter(({ body, attributes }) => body === "body 1" && attributes.ApproximateReceiveCount === "1").map(
        failure,
      ),
    });
    const { deliveries, counts, ids } = await run(engine, { handler: failOne });
    expect(deliveries.map(idsOf)).toEqual([sorted(ids), [ids[1]]]);
    expect(deliveries.map(receiveCounts)).toEqual([["1", "1", "1"], ["2"]]);
    expect(counts).toMatchObject({ invocations: 2, deleted: 3, failed: 1, wholeBatches: {} });
  });

  it.concurrent.for<{ ending: string } & Partial<MappingOptions>>([
    { ending: "threw", handler: first(() => Promise.reject(new Error("planted"))) },
    { ending: "threw", handler: first(thrower) },
    { ending: "timed out", handler: first(never), functionTimeoutMs: 100 },
    { ending: "killed", handler: first(never), onInvocation: first((invocation) => setTimeout(invocation.kill, 50)) },
    { ending: "killed", handler: () => undefined, onInvocation: first((invocation) => invocation.kill()) },
    { ending: "answer lost", handler: () => undefined, onInvocation: first((invocation) => invocation.loseAnswer()) },
  ])("lets the whole batch come back: $ending", async ({ ending, ...options }) => {
    const { counts } = await run(engine, options);
    expect(counts).toMatchObject({ records: 6, deleted: 3, wholeBatches: { [ending]: 1 } });
  });

  it.concurrent("never calls the handler of an environment that was killed before, and tells the one that runs", async () => {
    const gone: boolean[] = [];
    const onInvocation = first((invocation: Invocation) => {
      invocation.gone.addEventListener("abort", () => gone.push(true));
      invocation.kill();
    });
    const { deliveries } = await run(engine, { onInvocation });
    expect([receiveCounts(deliveries.flat()), gone]).toEqual([["2", "2", "2"], [true]]);
  });

  it.concurrent("leaves a record that always fails to the redrive policy, with its id", async () => {
    const { client } = engine;
    const failAll: Handler = ({ Records }) => ({ batchItemFailures: Records.map(failure) });
    const { queues, counts, ids } = await run(engine, { handler: failAll }, { maxReceiveCount: 2 });
    expect(counts).toMatchObject({ records: 6, deleted: 0, failed: 6 });
    expect(await drainedCount(client, queues.url)).toBe(0);
    expect(sorted((await drain(client, queues.dlqUrl)).map(({ MessageId = "" }) => MessageId))).toEqual(sorted(ids));
  });

  it.concurrent("tells the handler how much time is left, and who it is", async () => {
    const seen: unknown[] = [];
    const handler: Handler = (_, context) => {
      seen.push(typeof context.awsRequestId, context.functionName, context.getRemainingTimeInMillis() <= 5_000);
      seen.push(context.getRemainingTimeInMillis() > 0);
    };
    await run(engine, { handler, functionTimeoutMs: 5_000 });
    expect(seen).toEqual(["string", "consumer", true, true]);
  });

  it.concurrent("ends where an engine counts what it hands to nobody", async () => {
    const { client } = engine;
    const counting = async (command: object): Promise<unknown> => {
      const answer = (await client.send(command as never)) as { Attributes?: object };
      if (!(command instanceof GetQueueAttributesCommand)) return answer;
      return { ...answer, Attributes: { ...answer.Attributes, ApproximateNumberOfMessages: "1" } };
    };
    const phantom = { name: engine.name, endpoint: engine.endpoint, client: { send: counting } as unknown as SuiteEngine["client"] };
    const { counts, queues } = await run(phantom, { handler: answering(malformedAnswers[0]?.answer, undefined) });
    expect(counts).toMatchObject({ records: 6, deleted: 3 });
    expect(await drainedCount(client, queues.url)).toBe(0);
  });

  it.concurrent("runs as many invocations at once as it may, and no more", async ({ onTestFinished }) => {
    const { client } = engine;
    const queues = await freshQueues(client);
    await sendAll(client, queues.url, bodies(12));
    const gate = Promise.withResolvers<void>();
    let [now, most] = [0, 0];
    const handler = async () => {
      most = Math.max(most, ++now);
      await gate.promise;
      now--;
    };
    const mapping = startMapping({ client, queue: queues, handler, batchSize: 2, concurrency: 3 });
    onTestFinished(() => mapping.stop());
    await until("three run", async () => (now === 3 ? true : undefined));
    // Time for a fourth, if there were one: it would have been received with the third.
    for (let asked = 0; asked < 10; asked++) expect((await countsOf(client, queues.url)).inFlight).toBe(6);
    gate.resolve();
    await mapping.idle();
    expect([most, mapping.counts().deleted]).toEqual([3, 12]);
  });

  it.concurrent("keeps the order of a FIFO group, also over a failure, with one invocation at a time in it", async ({ onTestFinished }) => {
    const { client } = engine;
    const queues = await freshQueues(client, { fifo: true, visibilitySeconds: 2, maxReceiveCount: 5 });
    const sent = ["a", "b"].flatMap((group) => [0, 1, 2, 3, 4].map((n) => ({ group, body: `${group}${n}` })));
    await sendAll(
      client,
      queues.url,
      sent.map(({ group, body }) => ({ MessageBody: body, MessageGroupId: group, MessageDeduplicationId: body })),
    );
    const [done, overlaps]: [string[], string[]] = [[], []];
    const busy = new Set<string>();
    const handler: Handler = async ({ Records }) => {
      const groups = new Set(Records.map(({ attributes }) => attributes.MessageGroupId ?? ""));
      for (const group of groups) {
        if (busy.has(group)) overlaps.push(group);
        busy.add(group);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
      // The first time, b2 fails, and with it what stands behind it in its group.
      const from = Records.findIndex(({ body, attributes }) => body === "b2" && attributes.ApproximateReceiveCount === "1");
      const failed = Records.filter(({ attributes }, i) => from >= 0 && i >= from && attributes.MessageGroupId === "b");
      done.push(...Records.filter((record) => !failed.includes(record)).map(({ body }) => body));
      for (const group of groups) busy.delete(group);
      return { batchItemFailures: failed.map(failure) };
    };
    const mapping = startMapping({ client, queue: queues, handler, batchSize: 3, concurrency: 4 });
    onTestFinished(() => mapping.stop());
    await mapping.idle();
    for (const group of ["a", "b"]) expect(done.filter((body) => body.startsWith(group))).toEqual([0, 1, 2, 3, 4].map((n) => group + n));
    expect(overlaps).toEqual([]);
    expect(mapping.counts().failed).toBeGreaterThan(0);
  });
});

/**
 * Three messages, delivered until the queue is empty by one invocation at a time: first all three together, later as they get visible
 * again, which need not be in the same millisecond.
 */
async function run({ client }: SuiteEngine, options: Partial<MappingOptions>, queuesOptions: QueuesOptions = {}) {
  const queues = await freshQueues(client, { visibilitySeconds: 1, maxReceiveCount: 5, ...queuesOptions });
  const ids = await sendAll(client, queues.url, bodies(3));
  const deliveries: Records[] = [];
  const handler: Handler = (event, context) => {
    deliveries.push(event.Records);
    return options.handler?.(event, context);
  };
  const mapping = startMapping({ client, queue: queues, concurrency: 1, ...options, handler });
  try {
    await mapping.idle();
  } finally {
    await mapping.stop();
  }
  return { queues, ids, deliveries, counts: mapping.counts() };
}

function bodies(count: number): { MessageBody: string }[] {
  return Array.from({ length: count }, (_, i) => ({ MessageBody: `body ${i}` }));
}

function answering(...answers: readonly unknown[]): Handler {
  const left = answers.values();
  return () => left.next().value;
}

/** Does something in its first call, and nothing later. */
function first<A extends unknown[]>(act: (...args: A) => unknown): (...args: A) => unknown {
  let calls = 0;
  return (...args) => (calls++ === 0 ? act(...args) : undefined);
}

function thrower(): never {
  throw new Error("planted");
}

function never(): Promise<never> {
  return new Promise(() => {});
}

const failure = ({ messageId }: Records[number]) => ({ itemIdentifier: messageId });
// A standard queue has no order.
const sorted = (ids: readonly string[]) => ids.toSorted();
const idsOf = (records: Records) => sorted(records.map(({ messageId }) => messageId));
const receiveCounts = (records: Records) => records.map(({ attributes }) => attributes.ApproximateReceiveCount);
