// The command's process is killed at each of its requests to queue and table, in three moments of each, and started again: nothing is lost, and
// nothing is done twice.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChangeMessageVisibilityBatchCommand } from "@aws-sdk/client-sqs";
import { afterAll, expect, it, vi } from "vitest";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { countsOf, sqsEngines } from "../support/queues.ts";
import { describeOnSqs, type SuiteEngine } from "../support/sqs-suites.ts";
import { clientOf, freshTable } from "../support/table.ts";
import { runApply } from "./kill/command.ts";
import { type Killed, type Plant, playKills } from "./kill/random.ts";
import { moments } from "./kill/strike.ts";
import { byId, deadOrders, grouped, keyed } from "./orders.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-once-kill-"));
afterAll(() => rmSync(folder, { recursive: true }));
const nothing = { visible: 0, inFlight: 0, delayed: 0 };
const effects = { done: 1, poison: 1, "by id": 1 };

// Queue and table behind one proxy.
const withTables = sqsEngines.filter(({ name }) => name === "MiniStack");
describeOnSqs(
  "a run that is killed",
  (engine) => {
    it("at each request, and started again", { timeout: 600_000 }, async () => {
      const { actions } = await play(engine, { fifo: false });
      expect(new Set(actions)).toEqual(new Set([...actions, ...steps, "ReceiveMessage"]));
      const strikes = firstsOf(actions).flatMap((at) => moments.map((moment) => ({ at, moment })));
      const { wrong, struck } = await playAll(engine, false, strikes);
      expect(wrong).toEqual([]);
      expect(new Set(struck)).toEqual(new Set([...struck, ...steps.flatMap((step) => moments.map((moment) => `${step} ${moment}`))]));
    });

    it("of a FIFO queue, at each step of a message, and started again", { timeout: 600_000 }, async () => {
      const strikes = steps.flatMap((action) => moments.map((moment) => ({ action, at: action === "SendMessageBatch" ? 1 : 0, moment })));
      const { wrong, struck } = await playAll(engine, true, strikes);
      expect([wrong, struck.length]).toEqual([[], strikes.length]);
    });

    it("20 times at random, over 100 messages", { timeout: 600_000 }, async () => {
      expect(await kills(engine, 100, 20)).toMatchObject({ kills: 20, lost: [], doubled: [], remaining: 0 });
    });

    it.for<[Plant, "lost" | "doubled"]>([
      ["forgets records", "doubled"],
      ["lies of a message that was sent", "lost"],
    ])("finds a mistake: %s", { timeout: 600_000 }, async ([plant, found]) => {
      const played = await kills(engine, 40, 2, plant);
      expect(played[found].length).toBeGreaterThan(0);
    });
  },
  withTables,
);

async function kills({ client: sqs, endpoint }: SuiteEngine, messages: number, count: number, plant?: Plant): Promise<Killed> {
  vi.spyOn(console, "error").mockImplementation(() => {}); // half of the messages fail at first
  const dynamodb = clientOf(endpoint);
  try {
    return await playKills({ sqs, dynamodb, endpoint, messages, kills: count, seed: 1, plant });
  } finally {
    dynamodb.destroy();
    vi.restoreAllMocks();
  }
}

type Strike = NonNullable<Parameters<typeof runApply>[0]["strike"]>;

/** What frees a key, sends, and deletes. */
const steps = ["UpdateItem", "SendMessageBatch", "DeleteMessageBatch"];

interface Played {
  /** What does not hold. */
  readonly wrong: readonly string[];
  /** Action and moment of those that were killed: a lock is extended by the clock, and a run may end before its last requests come. */
  readonly struck: readonly string[];
}

/** Plays them three at a time. */
async function playAll(engine: SuiteEngine, fifo: boolean, strikes: readonly Strike[]): Promise<Played> {
  const wrong: string[] = [];
  const struck: string[] = [];
  const next = strikes[Symbol.iterator]();
  const playOn = async () => {
    for (const strike of next) {
      try {
        const { code, actions } = await play(engine, { fifo, strike });
        if (code === undefined) struck.push(`${strike.action ?? actions[strike.at]} ${strike.moment}`);
      } catch (error) {
        wrong.push(`${JSON.stringify(strike)}: ${String(error)}`);
      }
    }
  };
  await Promise.all([playOn(), playOn(), playOn()]);
  return { wrong, struck };
}

/** The first request of each kind, by what came before it. */
function firstsOf(actions: readonly string[]): number[] {
  const seen = new Set<string>();
  return actions.flatMap((action, at) => {
    const pair = `${actions[at - 1]} ${action}`;
    if (seen.has(pair)) return [];
    seen.add(pair);
    return [at];
  });
}

async function play({ client, endpoint }: SuiteEngine, { fifo, strike }: { readonly fifo: boolean; readonly strike?: Strike }) {
  const dynamodb = clientOf(endpoint);
  try {
    const table = await freshTable(dynamodb);
    const letters = [keyed("done"), keyed("poison"), byId("by id")];
    const orders = await deadOrders(client, fifo ? letters.map((letter) => grouped(letter, "g")) : letters, {
      fifo,
      store: dynamodbStore({ client: dynamodb, tableName: table }),
    });
    await orders.had(["done"], "done");
    await orders.had(["poison"], "poison");
    const name = join(folder, orders.ids[0] ?? "");
    writeFileSync(`${name}.plan`, JSON.stringify(await orders.plan()));
    const options = { endpoint, table, plan: `${name}.plan`, journal: `${name}.journal` };
    const first = await runApply({ ...options, ...(strike && { strike }) });
    if (strike !== undefined && first.code !== 0) {
      expect(first.code).toBeUndefined();
      // Time passes: what nobody knows to be in flight is visible again.
      const Entries = first.lostHandles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
      if (Entries.length > 0) await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: orders.dlqUrl, Entries }));
      const second = await runApply(options);
      expect([second.code, second.stderr]).toEqual([0, expect.any(String)]);
    } else expect([first.code, first.stderr]).toEqual([0, expect.any(String)]);
    const order = await orders.consume();
    // Three messages of a group: one that was sent twice is known to SQS.
    if (fifo) expect(order).toEqual(["done", "poison", "by id"]);
    expect(Object.fromEntries(orders.effects)).toEqual(effects);
    expect([await countsOf(client, orders.dlqUrl), await countsOf(client, orders.url)]).toEqual([nothing, nothing]);
    return first;
  } finally {
    dynamodb.destroy();
  }
}
