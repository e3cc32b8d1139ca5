// A short chaos run (the long one is `npm run chaos`), and that it finds mistakes.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeEach, expect, inject, it, vi } from "vitest";
import { sqsEngines } from "../../support/queues.ts";
import { describeOnSqs, type SuiteEngine } from "../../support/sqs-suites.ts";
import { clientOf } from "../../support/table.ts";
import { play, type Plant, type Played } from "./chaos/play.ts";
import { brokenIn, tableOf } from "./chaos/report.ts";

const endpoint = inject("dynamodbLocal");
const engines = sqsEngines
  .filter(({ name }) => name === "MiniStack")
  .map((engine) => ({ ...engine, missing: engine.missing ?? (endpoint === "" ? "DynamoDB Local is missing" : undefined) }));
const limitMs = 600_000;
const seed = 1;

describeOnSqs(
  "chaos",
  (engine) => {
    beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {})); // thousands of messages fail

    it("1,000 messages: one effect per key, none lost, all that repeats explained", { timeout: limitMs }, async () => {
      const played = await playOn(engine, 1000);
      console.log(tableOf(played));
      expect(brokenIn(played)).toEqual([]);
    });

    it.for<[plant: Plant, messages: number, ...finds: RegExp[]]>([
      ["acks what is in progress", 300, /^key-\d+: lost: its effect is not there/],
      ["claims nothing", 100, /^key-\d+: its effect is there \d+ times, at most 1 are explained/, /^nothing was deferred/],
      ["changes no visibility", 100, /^visibility was left unchanged \d+ times without a reason/],
      ["keys by messageId", 100, /^key-\d+: its effect is there \d+ times, at most 1 are explained/],
      ["lists no kill", 100, /^key-\d+: its effect is there 2 times, at most 1 are explained/],
    ])("finds a mistake: %s", { timeout: limitMs }, async ([plant, messages, ...finds]) => {
      const broken = brokenIn(await playOn(engine, messages, plant));
      for (const find of finds) expect(broken.filter((line) => find.test(line)).length).toBeGreaterThan(0);
    });
  },
  engines,
);

async function playOn({ client: sqs }: SuiteEngine, messages: number, plant?: Plant): Promise<Played> {
  // One for each run, since answers are lost in it.
  const dynamodb: DynamoDBClient = clientOf(endpoint, { requestHandler: { httpAgent: { keepAlive: true, maxSockets: 200 } } });
  try {
    return await play({ seed, messages, sqs, dynamodb, ...(plant === undefined ? {} : { plant }) });
  } finally {
    dynamodb.destroy();
  }
}
