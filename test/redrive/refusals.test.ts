// What a run refuses before anything moves: each error names the way out, and queue, dead-letter queue and records are as they were.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, expect, it } from "vitest";
import { hashKey } from "../../src/core/key.ts";
import type { ApplyOptions, RedriveEntry, RedrivePlan } from "../../src/redrive/index.ts";
import { startMove } from "../support/moves.ts";
import { countsOf, deleteAll, receive, sendAll } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { byId, deadOrders, keyed, type Orders } from "./orders.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-once-redrive-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Case {
  readonly what: string;
  /** Makes it so, and answers the plan that is given. */
  arrange(orders: Orders, client: SQSClient): Promise<unknown>;
  readonly options?: Partial<ApplyOptions>;
  readonly refused: RegExp;
}

const editing =
  (change: (plan: RedrivePlan) => object) =>
  async (orders: Orders): Promise<unknown> => {
    const plan = await orders.plan();
    return { ...plan, ...change(plan) };
  };
const editingEntry = (change: Partial<RedriveEntry> & Record<string, unknown>) =>
  editing(({ entries: [first, ...others] }) => ({ entries: [{ ...first, ...change }, ...others] }));
const asIs = (orders: Orders) => orders.plan();

const cases: readonly Case[] = [
  { what: "no plan", arrange: async () => "plan.json", refused: /^plan is "plan.json": give what planRedrive made/ },
  { what: "a plan of a newer version", arrange: editing(() => ({ version: 2 })), refused: /^plan\.version is 2/ },
  {
    what: "a plan for another queue",
    arrange: editing(() => ({ deadLetterQueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/other" })),
    refused: /^the plan was changed/,
  },
  { what: "a plan for another operation", arrange: editing(() => ({ operation: "refunds" })), refused: /^the plan was changed/ },
  { what: "a plan that says it is complete", arrange: editing(() => ({ complete: "yes" })), refused: /^the plan was changed/ },
  { what: "an entry that is gone", arrange: editing(({ entries }) => ({ entries: entries.slice(1) })), refused: /^the plan was changed/ },
  {
    what: "an entry that is nothing",
    arrange: editing(({ entries }) => ({ entries: [null, ...entries.slice(1)] })),
    refused: /^the plan was changed/,
  },
  { what: "an edited messageId", arrange: editingEntry({ messageId: "other" }), refused: /^the plan was changed/ },
  { what: "an edited reason", arrange: editingEntry({ reason: "why not" }), refused: /^the plan was changed/ },
  { what: "an edited proposal", arrange: editingEntry({ proposal: "discard", decision: "discard" }), refused: /^the plan was changed/ },
  { what: "an added member", arrange: editingEntry({ note: "mine" }), refused: /^the plan was changed/ },
  {
    what: "a decision that the record forbids",
    arrange: editingEntry({ decision: "discard" }),
    refused: /^plan\.entries\[0\]\.decision is "discard": give redrive, which its record asks for, or leave$/,
  },
  {
    what: "a decision that is none",
    arrange: editingEntry({ decision: "yes" as never }),
    refused: /^plan\.entries\[0\]\.decision is "yes"/,
  },
  {
    what: "a key that is another one than the plan's",
    arrange: asIs,
    options: { key: ({ body }) => `order ${body}` },
    refused: /^message .+ has another keyHash than in the plan/,
  },
  {
    what: "a planned message that is gone",
    async arrange(orders, client) {
      const plan = await orders.plan();
      const [message] = await receive(client, orders.dlqUrl, { most: 1 });
      await deleteAll(client, orders.dlqUrl, message === undefined ? [] : [message]);
      return plan;
    },
    refused: /^1 planned messages are not in the dead-letter queue any more, such as .+: make a new plan/,
  },
  {
    what: "a planned message that somebody looks at",
    async arrange(orders, client) {
      const plan = await orders.plan();
      await receive(client, orders.dlqUrl, { most: 1, visibilitySeconds: 30 });
      return plan;
    },
    refused: /^1 planned messages are not to be had, and 1 are in flight: wait/,
  },
  {
    what: "a message that nobody planned",
    async arrange(orders, client) {
      const plan = await orders.plan();
      await sendAll(client, orders.dlqUrl, [keyed("new")]);
      return plan;
    },
    refused: /^1 messages of the dead-letter queue are not in the plan, such as .+: make a new plan/,
  },
  {
    what: "another run",
    async arrange(orders) {
      const arn = orders.dlqArn;
      const id = { operation: "lambda-once.redrive", keyHash: hashKey(arn) };
      const now = Date.now();
      const lease = { startedAt: now, leaseUntil: now + 15_000, expiresAt: Math.ceil(now / 1000) + 100, retentionSeconds: 85 };
      await orders.store.claim({ id, keyParts: arn, owner: "another run", ...lease });
      return orders.plan();
    },
    refused: /^another run brings the dead letters of .+ back: wait/,
  },
  {
    what: "a move task under way",
    async arrange(orders, client) {
      const plan = await orders.plan();
      await startMove(client, { SourceArn: orders.dlqArn, MaxNumberOfMessagesPerSecond: 1 });
      return plan;
    },
    refused: /^a move task of SQS's own brings these dead letters back/,
  },
  { what: "a rate of 0", arrange: asIs, options: { ratePerSecond: 0 }, refused: /^ratePerSecond is 0: give a whole number from 1 to 500/ },
  { what: "a rate of 501", arrange: asIs, options: { ratePerSecond: 501 }, refused: /^ratePerSecond is 501/ },
  { what: "a mode that is none", arrange: asIs, options: { mode: "all" as never }, refused: /^mode is "all"/ },
  { what: "a flag that is none", arrange: asIs, options: { discardDuplicates: "no" as never }, refused: /^discardDuplicates is "no"/ },
  { what: "an option that is none", arrange: asIs, options: { rate: 5 } as never, refused: /^rate is 5: no such option/ },
  { what: "a store that is none", arrange: asIs, options: { store: {} as never }, refused: /^store/ },
  {
    what: "a journal that cannot be written",
    arrange: asIs,
    options: { journal: folder },
    refused: /^journal is ".+": it cannot be written/,
  },
  { what: "a journal on a device", arrange: asIs, options: { journal: "/dev/full" }, refused: /^journal is "\/dev\/full": it is no file/ },
  {
    what: "a journal that is something else",
    arrange: asIs,
    options: { journal: file("notes.txt", "hello\n") },
    refused: /notes\.txt:1 is no line of a journal/,
  },
  {
    what: "a journal that is JSON and no journal",
    arrange: asIs,
    options: { journal: file("a.json", '{"event":"sent"}\n') },
    refused: /a\.json is no journal of a redrive/,
  },
  {
    what: "the journal of another run",
    arrange: asIs,
    options: { journal: file("other.jsonl", '{"event":"run","version":1,"runId":"other"}\n') },
    refused: /other\.jsonl is the journal of run other, and the plan is of run/,
  },
];

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describeOnSqs("refused, and nothing has moved", (engine) => {
  it.concurrent.for(cases)("$what", async ({ arrange, options, refused }) => {
    const { client } = engine;
    const orders = await deadOrders(client, [keyed("a"), byId("b")]);
    const plan = (await arrange(orders, client)) as RedrivePlan;
    const before = await total(client, orders);
    await expect(orders.apply(plan, options)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(refused) as unknown,
    });
    expect(await total(client, orders)).toEqual(before);
    expect(orders.effects.size).toBe(0);
  });
});

/** How many messages both queues have: of a move task's those that it has moved as well. */
async function total(client: SQSClient, { url, dlqUrl }: Orders): Promise<number> {
  const counts = [await countsOf(client, url), await countsOf(client, dlqUrl)];
  return counts.reduce((sum, { visible, inFlight, delayed }) => sum + visible + inFlight + delayed, 0);
}
