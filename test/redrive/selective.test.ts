// Which messages a run gets to, where SQS shows them as it likes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@aws-sdk/client-sqs";
import { afterAll, describe, expect, it } from "vitest";
import { openJournal } from "../../src/redrive/journal.ts";
import { sealed } from "../../src/redrive/plan-file.ts";
import { testClock } from "../support/clock.ts";
import { countsOf, sendAll } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { interceptedClient } from "../support/sqs-faults.ts";
import { deadOrders, grouped, keyed, type Letter } from "./orders.ts";

describeOnSqs("a run", (engine) => {
  it.concurrent("gets to planned messages behind many unplanned ones", async () => {
    const { client } = engine;
    const letters: Letter[] = Array.from({ length: 16 }, (_, i) => keyed(`${i}`));
    const orders = await deadOrders(client, letters.slice(0, 10));
    await sendAll(client, orders.dlqUrl, letters.slice(10));
    const { checksum: _, ...plan } = await orders.plan();
    const last = sealed({ ...plan, complete: false, entries: plan.entries.slice(-1) });
    expect(await orders.apply(last, { ratePerSecond: 1 })).toMatchObject({ redriven: 1, left: [], failed: [] });
    expect((await countsOf(client, orders.dlqUrl)).visible).toBe(15);
  });

  it.concurrent("goes on where what it left is shown again and again", async () => {
    const { client, endpoint } = engine;
    const letters: Letter[] = Array.from({ length: 16 }, (_, i) => keyed(`${i}`));
    const orders = await deadOrders(client, letters.slice(0, 10));
    await sendAll(client, orders.dlqUrl, letters.slice(10));
    const plan = await orders.plan();
    const stays = new Set(plan.entries.slice(0, 11).map(({ messageId }) => messageId));
    const entries = plan.entries.map((entry) => (stays.has(entry.messageId) ? { ...entry, decision: "leave" as const } : entry));
    const sqs = interceptedClient(endpoint, async (name, input: { VisibilityTimeout?: number }, send) => {
      const isRun = name === "ReceiveMessage" && input.VisibilityTimeout === 120;
      return send((isRun ? { ...input, VisibilityTimeout: 2 } : input) as never);
    });
    expect(await orders.apply({ ...plan, entries }, { sqs, ratePerSecond: 1 })).toMatchObject({ redriven: 5, failed: [] });
  });

  it.concurrent("remembers that a FIFO group waits for one that stays, also where that one is not shown again", async () => {
    const { client, endpoint } = engine;
    const orders = await deadOrders(client, [grouped(keyed("a1"), "a"), grouped(keyed("a2"), "a")], { fifo: true });
    const plan = await orders.plan();
    const leaving = plan.entries.map((entry) => (entry.messageId === orders.ids[0] ? { ...entry, decision: "leave" as const } : entry));
    let shown = 0;
    const sqs = interceptedClient(endpoint, async (name, input: object, send) => {
      if (name !== "ReceiveMessage") return send(input as never);
      const answer = (await send({ ...input, VisibilityTimeout: 0, MaxNumberOfMessages: 10 } as never)) as { Messages?: Message[] };
      const isLook = (input as { VisibilityTimeout?: number }).VisibilityTimeout !== 120;
      if (isLook) return answer;
      shown++;
      return { ...answer, Messages: answer.Messages?.filter(({ MessageId }) => (MessageId === orders.ids[0]) === (shown === 1)) };
    });
    const { redriven, left } = await orders.apply({ ...plan, entries: leaving }, { sqs });
    expect(shown).toBeGreaterThan(1);
    expect([redriven, left.length]).toEqual([0, 2]);
  });
});

describe("a journal", () => {
  const folder = mkdtempSync(join(tmpdir(), "lambda-once-journal-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const plan = sealed({
    version: 1,
    runId: "run-1",
    createdAt: "2026-01-01T00:00:00.000Z",
    deadLetterQueueUrl: "https://q",
    operation: "orders",
    complete: true,
    entries: [],
  });
  const linesOf = (path: string) =>
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; actor?: string });

  it("whose first line was torn begins anew; one that goes on says who goes on with it", () => {
    const path = join(folder, "torn.jsonl");
    writeFileSync(path, '{"at":"2026-01-01T00:00:00.000Z","event":"ru');
    for (let process = 0; process < 2; process++) openJournal(path, plan, testClock()).close();
    expect(linesOf(path)).toMatchObject([{ event: "run", actor: expect.stringMatching(/@/) as unknown }, { event: "resumed" }]);
  });

  it("that cannot be written fails, and says nothing that it has not written", () => {
    const path = join(folder, "closed.jsonl");
    const journal = openJournal(path, plan, testClock());
    journal.close();
    expect(() => journal.write({ event: "deleted", messageId: "m" })).toThrow(/EBADF/);
    expect(journal.entries.map(({ event }) => event)).toEqual(["run"]);
    expect(linesOf(path).map(({ event }) => event)).toEqual(["run"]);
  });
});
