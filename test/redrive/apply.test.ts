// What a run does with dead letters, on both engines: to queue, dead-letter queue and records.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SendMessageBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, describe, expect, it } from "vitest";
import type { Store } from "../../src/core/store.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { applyRedrive, type ApplyOptions, planRedrive, type RedrivePlan } from "../../src/redrive/index.ts";
import { idempotentSqs, PermanentError } from "../../src/sqs/index.ts";
import { type DeadLetters, deadLetters } from "../support/dead-letters.ts";
import { countsOf, receive } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-once-redrive-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Message = Omit<SendMessageBatchRequestEntry, "Id">;
const keyed = (key: string, body = key): Message => ({
  MessageBody: body,
  MessageAttributes: { "idempotency-key": { DataType: "String", StringValue: key } },
});
const nothing = { visible: 0, inFlight: 0, delayed: 0 };

describeOnSqs("a run", (engine) => {
  const run = (sqs: SQSClient, plan: RedrivePlan, store: Store, options: Partial<ApplyOptions> = {}) =>
    applyRedrive(plan, { store, sqs, ratePerSecond: 500, ...options });
  const planFor = ({ dlqUrl }: DeadLetters, store: Store) =>
    planRedrive({ deadLetterQueueUrl: dlqUrl, store, operation: "orders", sqs: engine.client });

  it("sends back what is to be done, with body and attributes as they were, and leaves nothing", async () => {
    const { client } = engine;
    const store = memoryStore();
    const attributes = {
      bytes: { DataType: "Binary.png", BinaryValue: Uint8Array.of(0, 255) },
      price: { DataType: "Number.int", StringValue: "12" },
    };
    const dead = await deadLetters(client, [
      { ...keyed("a"), MessageAttributes: { ...keyed("a").MessageAttributes, ...attributes } },
      { MessageBody: "by id", MessageAttributes: attributes },
    ]);
    const journal = join(folder, `${Math.random()}.jsonl`);
    const report = await run(client, await planFor(dead, store), store, { journal });
    expect(report).toMatchObject({ redriven: 2, released: 0, discarded: 0, left: [], failed: [] });
    expect(report.stopped).toBeUndefined();
    expect(await countsOf(client, dead.dlqUrl)).toEqual(nothing);
    const back = await receive(client, dead.url);
    expect(back.map(({ Body, MessageAttributes }) => [Body, MessageAttributes]).toSorted()).toEqual([
      ["a", { ...keyed("a").MessageAttributes, ...attributes }],
      ["by id", { "idempotency-key": { DataType: "String", StringValue: dead.ids[1] }, ...attributes }],
    ]);
  });
});
