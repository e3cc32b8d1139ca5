// What a batch asks of DynamoDB: 2 requests for a fresh message, 1 for a finished duplicate, 0 for a key's second in its batch.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { startEmbedded } from "../engines/embedded.ts";
import type { Engine } from "../engines/engine.ts";
import { clientOf, freshTable } from "../support/table.ts";
import { consumerOn, keyed, type Message, type Work } from "./consumer.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await startEmbedded();
});
afterAll(() => engine.stop());

/** What a client sends, each try. */
function sentBy(client: DynamoDBClient): string[] {
  const sent: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        sent.push(String(commandName).replace("ItemCommand", ""));
        return next(args);
      },
    { step: "finalizeRequest", priority: "low" },
  );
  return sent;
}

async function requestsOf(work: Work, ...batches: Message[][]): Promise<string[][]> {
  const client = clientOf(engine.endpoint);
  const tableName = await freshTable(client);
  const sent = sentBy(client);
  const consumer = consumerOn({ store: dynamodbStore({ client, tableName }) }, work);
  const requests: string[][] = [];
  for (const batch of batches) {
    const before = sent.length;
    await consumer.deliver(batch);
    requests.push(sent.slice(before).toSorted());
  }
  client.destroy();
  return requests;
}

const done: Work = () => ({ answer: "nobody reads it" });
const fails: Work = () => Promise.reject(new Error("down"));
const one = [keyed("order-1")];

describe("requests to DynamoDB", () => {
  it.for([
    { name: "a fresh message, then its finished duplicate", batches: [one, one], requests: [["Put", "Update"], ["Put"]] },
    { name: "a fresh message by its messageId", batches: [["x"], ["x"]], requests: [["Put", "Update"], ["Put"]] },
    {
      name: "ten fresh ones",
      batches: [Array.from({ length: 10 }, (_, i) => keyed(`order-${i}`))],
      requests: [[...Array<string>(10).fill("Put"), ...Array<string>(10).fill("Update")]],
    },
    { name: "a key three times in a batch", batches: [[...one, ...one, ...one]], requests: [["Put", "Update"]] },
    { name: "a finished key three times in a batch", batches: [one, [...one, ...one, ...one]], requests: [["Put", "Update"], ["Put"]] },
    {
      name: "another payload under a key of the batch",
      batches: [[...one, keyed("order-1", "another")]],
      requests: [["Put", "Put", "Update"]],
    },
    {
      name: "one that fails, and again",
      work: fails,
      batches: [one, one],
      requests: [
        ["Put", "Update"],
        ["Put", "Put", "Update"],
      ],
    },
    { name: "no message", batches: [[]], requests: [[]] },
  ])("$name", async ({ work = done, batches, requests }) => {
    expect(await requestsOf(work, ...batches)).toEqual(requests);
  });

  it("a result that nobody reads is not kept", async () => {
    const client = clientOf(engine.endpoint);
    const store = dynamodbStore({ client, tableName: await freshTable(client) });
    const consumer = consumerOn({ store }, () => "x".repeat(500_000));
    await consumer.deliver(one);
    expect(await consumer.record("order-1")).toMatchObject({ status: "completed", encoding: "void" });
    expect(consumer.events.at(-1)).toMatchObject({ type: "completed", encoding: "void", bytes: 0 });
    client.destroy();
  });
});
