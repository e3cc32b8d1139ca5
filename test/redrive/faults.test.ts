// Requests that fail, in part or as a whole, or whose answers are lost: nothing is deleted that was not sent, and going on does no work twice.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeleteMessageBatchRequest, SendMessageBatchRequest } from "@aws-sdk/client-sqs";
import { afterAll, expect, it } from "vitest";
import { StoreFailure } from "../../src/core/store.ts";
import type { Store } from "../../src/core/store.ts";
import { memoryStore } from "../../src/memory/store.ts";
import type { RedriveReport } from "../../src/redrive/index.ts";
import { countsOf, sendAll } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { interceptedClient, type Intercept } from "../support/sqs-faults.ts";
import { testClock } from "../support/clock.ts";
import { byId, deadOrders, grouped, keyed, type Letter, type Orders } from "./orders.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-once-redrive-"));
afterAll(() => rmSync(folder, { recursive: true }));
let journals = 0;
const newJournal = () => join(folder, `${journals++}.jsonl`);

/** Does something to the first request of a kind, and lets all others through. */
function once(command: string, fault: (input: never, send: (input: never) => Promise<unknown>) => Promise<unknown>): Intercept {
  let isOver = false;
  return (name, input, send) => {
    if (isOver || name !== command) return send(input);
    isOver = true;
    return fault(input, send);
  };
}

const lostAnswer = async (input: never, send: (input: never) => Promise<unknown>): Promise<never> => {
  await send(input);
  throw new Error("socket hang up");
};
const unsent = (): Promise<never> => Promise.reject(new Error("connect ECONNREFUSED"));

/** The first entry is refused; the others go. */
async function firstFails(
  input: SendMessageBatchRequest | DeleteMessageBatchRequest,
  send: (input: never) => Promise<unknown>,
): Promise<unknown> {
  const [first, ...others] = input.Entries ?? [];
  const answer = others.length === 0 ? {} : ((await send({ ...input, Entries: others } as never)) as object);
  return { ...answer, Failed: [{ Id: first?.Id, Code: "InternalError", Message: "try again", SenderFault: false }] };
}

interface Case {
  readonly what: string;
  intercept(): Intercept;
  readonly first: Partial<RedriveReport> | object;
  /** In the dead-letter queue after the first run. */
  readonly remain: number;
  /** In the source queue after both. */
  readonly sent: number;
}

const stopped = (text: string) => expect.stringContaining(text) as string;
const cases: readonly Case[] = [
  {
    what: "a message that SQS does not take",
    intercept: () => once("SendMessageBatch", firstFails as never),
    first: { redriven: 2, failed: [{ reason: "it could not be sent: InternalError: try again" }] },
    remain: 1,
    sent: 3,
  },
  {
    what: "a send that does not arrive",
    intercept: () => once("SendMessageBatch", unsent),
    first: { redriven: 0, stopped: stopped("ECONNREFUSED"), failed: [{}, {}, {}] },
    remain: 3,
    sent: 3,
  },
  {
    what: "a send whose answer is lost",
    intercept: () => once("SendMessageBatch", lostAnswer),
    first: { redriven: 0, stopped: stopped("socket hang up"), failed: [{}, {}, {}] },
    remain: 3,
    sent: 6,
  },
  {
    what: "a message that is not deleted",
    intercept: () => once("DeleteMessageBatch", firstFails as never),
    first: { redriven: 3, failed: [{ reason: "it is done with, and could not be deleted: InternalError: try again" }] },
    remain: 1,
    sent: 3,
  },
  {
    what: "a delete that does not arrive",
    intercept: () => once("DeleteMessageBatch", unsent),
    first: { redriven: 3, failed: [{}, {}, {}] },
    remain: 3,
    sent: 3,
  },
  {
    what: "a delete whose answer is lost",
    intercept: () => once("DeleteMessageBatch", lostAnswer),
    first: { redriven: 3 },
    remain: 0,
    sent: 3,
  },
];

describeOnSqs("going on with the same plan and journal after", (engine) => {
  it.concurrent.for(cases)("$what", async ({ intercept, first, remain, sent }) => {
    const { client, endpoint } = engine;
    const orders = await deadOrders(client, [keyed("done"), byId("by id"), keyed("fresh")]);
    await orders.had(["done"], "done");
    const plan = await orders.plan();
    const journal = newJournal();
    expect(await orders.apply(plan, { journal, sqs: interceptedClient(endpoint, intercept()) })).toMatchObject(first);
    expect((await countsOf(client, orders.dlqUrl)).visible).toBe(remain);
    const second = await orders.apply(plan, { journal });
    expect(second).toMatchObject({ redriven: 3, left: [], failed: [] });
    expect(second.stopped).toBeUndefined();
    expect((await countsOf(client, orders.dlqUrl)).visible).toBe(0);
    expect((await countsOf(client, orders.url)).visible).toBe(sent);
    await orders.consume();
    expect(Object.fromEntries(orders.effects)).toEqual({ done: 1, "by id": 1, fresh: 1 });
  });

  it.concurrent("a FIFO message that is not sent: what comes after it in its group waits for it", async () => {
    const { client, endpoint } = engine;
    const letters: Letter[] = ["a1", "b1", "a2", "b2"].map((body) => grouped(keyed(body), body.slice(0, 1)));
    const orders = await deadOrders(client, letters, { fifo: true });
    const plan = await orders.plan();
    const journal = newJournal();
    const sqs = interceptedClient(endpoint, once("SendMessageBatch", firstFails as never));
    const { failed, redriven } = await orders.apply(plan, { journal, sqs });
    expect([redriven, failed.length]).toEqual([2, 2]);
    expect(await orders.apply(plan, { journal })).toMatchObject({ redriven: 4, failed: [] });
    const bodies = await orders.consume();
    for (const group of ["a", "b"]) expect(bodies.filter((body) => body.startsWith(group))).toEqual([`${group}1`, `${group}2`]);
  });

  it.concurrent("a FIFO send whose answer is lost: SQS knows that it was sent before", async () => {
    const { client, endpoint } = engine;
    const orders = await deadOrders(client, [grouped(keyed("a1"), "a")], { fifo: true });
    const plan = await orders.plan();
    const journal = newJournal();
    expect(await orders.apply(plan, { journal, sqs: interceptedClient(endpoint, once("SendMessageBatch", lostAnswer)) })).toMatchObject({
      redriven: 0,
    });
    expect(await orders.apply(plan, { journal })).toMatchObject({ redriven: 1 });
    expect(await orders.consume()).toEqual(["a1"]);
  });

  it.concurrent.for([
    { what: "a record that cannot be read", method: "read", isApplied: false },
    { what: "a key that cannot be freed", method: "release", isApplied: false },
    { what: "a key that was freed, and the answer lost", method: "release", isApplied: true },
  ] as const)("$what", async ({ method, isApplied }) => {
    const { client } = engine;
    const orders = await deadOrders(client, [keyed("poison")]);
    await orders.had(["poison"], "poison");
    const plan = await orders.plan();
    const journal = newJournal();
    const first = await orders.apply(plan, { journal, store: failing(orders, method, isApplied) });
    expect(first).toMatchObject({ redriven: 0, released: 0, stopped: "away" });
    expect([(await countsOf(client, orders.dlqUrl)).visible, (await countsOf(client, orders.url)).visible]).toEqual([1, 0]);
    expect(await orders.apply(plan, { journal })).toMatchObject({ redriven: 1, released: isApplied ? 0 : 1, left: [] });
    await orders.consume();
    expect(orders.effects.get("poison")).toBe(1);
  });

  it.concurrent("a key that was freed by a request that was tried again below us", async () => {
    const orders = await deadOrders(engine.client, [keyed("poison")]);
    await orders.had(["poison"], "poison");
    const { store } = orders;
    const twice: Store = {
      ...store,
      release: async (seen) => [await store.release(seen), await store.release(seen)][1] ?? { applied: false },
    };
    expect(await orders.apply(await orders.plan(), { store: twice })).toMatchObject({ redriven: 1, released: 1, left: [] });
  });

  it.concurrent("a process that was killed in the middle of a line, with messages in flight", async () => {
    const { client, endpoint } = engine;
    const orders = await deadOrders(client, [keyed("a"), keyed("b")]);
    const plan = await orders.plan();
    const journal = newJournal();
    const dead = interceptedClient(endpoint, (name, input, send) => (/^(SendMessage|ChangeMessage)/.test(name) ? unsent() : send(input)));
    await expect(orders.apply(plan, { journal, sqs: dead })).rejects.toThrow("ECONNREFUSED");
    expect((await countsOf(client, orders.dlqUrl)).inFlight).toBe(2);
    const text = readFileSync(journal, "utf8");
    writeFileSync(journal, `${text}{"at":"2026-01-01T00:00:00.000Z","event":"sent","messageId":"${orders.ids[0]}`);
    expect(await orders.apply(plan, { journal })).toMatchObject({ redriven: 2, left: [], failed: [] });
    expect((await orders.consume()).toSorted()).toEqual(["a", "b"]);
    for (const line of readFileSync(journal, "utf8").trim().split("\n")) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});

describeOnSqs("a run ends where", (engine) => {
  it.concurrent("what was sent back is dead again", async () => {
    const { client, endpoint } = engine;
    const orders = await deadOrders(
      client,
      ["0", "1", "2", "3"].map((body) => keyed(body)),
    );
    const comeBack = once("DeleteMessageBatch", async (input, send) => {
      const answer = await send(input);
      await sendAll(client, orders.dlqUrl, [keyed("new"), keyed("newer")]);
      return answer;
    });
    const report = await orders.apply(await orders.plan(), { ratePerSecond: 1, sqs: interceptedClient(endpoint, comeBack) });
    expect(report.stopped).toMatch(/^(the dead-letter queue grows: it has 5 messages, and should have 4|message .+ has come into)/);
    expect(report.redriven).toBeLessThan(4);
  });

  it.concurrent("another run has taken its lock", async () => {
    const { client, endpoint } = engine;
    const clock = testClock({ auto: true, startMs: Date.now() });
    const store = memoryStore({ clock });
    const orders = await deadOrders(
      client,
      ["0", "1"].map((body) => keyed(body)),
      { store },
    );
    const plan = await orders.plan();
    const steal = once("SendMessageBatch", async (input, send) => {
      clock.jump(20_000);
      const other = applyOther();
      await expect(other).resolves.toMatchObject({ stopped: "it was told to stop" });
      return send(input);
    });
    const applyOther = async () => orders.apply({ ...(await otherPlan()) }, { signal: AbortSignal.abort() });
    const otherPlan = () => orders.plan({ maxMessages: 1 });
    const report = await orders.apply(plan, { ratePerSecond: 1, sqs: interceptedClient(endpoint, steal) });
    expect(report.stopped).toMatch(/does not own its key any more/);
  });
});

/** A store that fails once. */
function failing({ store }: Orders, method: "read" | "release", isApplied: boolean): Store {
  let isOver = false;
  const away = async (call: () => Promise<unknown>): Promise<never> => {
    isOver = true;
    if (isApplied) await call();
    throw new StoreFailure("unreachable", "away", { maybeApplied: isApplied });
  };
  return {
    ...store,
    // The lock's record has another operation.
    read: (id) => (method === "read" && id.operation === "orders" && !isOver ? away(() => store.read(id)) : store.read(id)),
    release: (seen) => (method === "release" && !isOver ? away(() => store.release(seen)) : store.release(seen)),
  };
}
