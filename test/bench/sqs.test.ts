// The consumers that are compared do the same work, and a batch whose messages wait for each other is seen.
import { describe, expect, it } from "vitest";
import { bars, check } from "../../bench/bars.ts";
import { measureWall, type SqsPath } from "../../bench/sqs.ts";
import { type Consumer, consumers } from "../../bench/sqs-consumers.ts";
import { consumerNames } from "../../bench/sqs-names.ts";
import { eventOf } from "../../bench/sqs-events.ts";
import { logNothing, prepareBatches } from "../../bench/sqs-prepare.ts";
import { freshClient, recordingClient, sqsClient } from "../../bench/stub.ts";

logNothing();

interface Sender {
  send(command: never): unknown;
}

/** Counts what is sent. */
function counted<T extends Sender>(client: T): { readonly client: T; sent(): number } {
  let sent = 0;
  const send = client.send.bind(client);
  client.send = (command) => {
    sent += 1;
    return send(command);
  };
  return { client, sent: () => sent };
}

function events(isStamped: boolean): ReturnType<typeof eventOf> {
  return eventOf(10, 0, isStamped);
}

describe.each(consumerNames)("a consumer, %s,", (name) => {
  const { wrap, isStamped, keyNames } = consumers()[name];

  it("runs ten fresh messages with two requests each, and none to SQS", async () => {
    const [dynamodb, sqs, seen] = [counted(freshClient()), counted(sqsClient(0)), [] as string[]];
    const consume = wrap(async ({ messageId }) => void seen.push(messageId), { client: dynamodb.client, tableName: "bench" }, sqs.client);
    expect(await consume(events(isStamped))).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual(events(isStamped).Records.map(({ messageId }) => messageId));
    expect({ dynamodb: dynamodb.sent(), sqs: sqs.sent() }).toEqual({ dynamodb: 20, sqs: 0 });
  });

  it("runs no duplicate, with one request each, and none to SQS", async () => {
    const recording = recordingClient(keyNames);
    let runs = 0;
    const work = async (): Promise<void> => void (runs += 1);
    await wrap(work, { client: recording.client, tableName: "bench" }, sqsClient(0))(events(isStamped));
    const [dynamodb, sqs] = [counted(await recording.replay()), counted(sqsClient(0))];
    const answer = await wrap(work, { client: dynamodb.client, tableName: "bench" }, sqs.client)(events(isStamped));
    expect({ answer, runs, dynamodb: dynamodb.sent(), sqs: sqs.sent() }).toEqual({
      answer: { batchItemFailures: [] },
      runs: 10,
      dynamodb: 10,
      sqs: 0,
    });
  });

  it.for<[SqsPath, number]>([
    ["fresh", 1],
    ["duplicates", 10],
    ["failing", 1],
    ["failing", 10],
  ])("is ready for %s messages, %d in a batch", async ([path, messages]) => {
    const deliver = await prepareBatches(consumers()[name], path, messages, 0);
    for (const n of [0, 1, 25]) await deliver(n);
  });
});

it("a stamped message has its producer's key, another one has none", () => {
  const attributes = [true, false].map((isStamped) => events(isStamped).Records.map((record) => record.messageAttributes));
  expect(attributes.map((all) => all.map((one) => one["idempotency-key"]?.stringValue !== undefined))).toEqual([
    Array.from({ length: 10 }, () => true),
    Array.from({ length: 10 }, () => false),
  ]);
});

describe("a batch is measured only if it was done right:", () => {
  const named = (count: number): Consumer => ({
    keyNames: ["id"],
    isStamped: false,
    wrap: () => async (event) => ({
      batchItemFailures: event.Records.slice(0, count).map(({ messageId }) => ({ itemIdentifier: messageId })),
    }),
  });

  it.for<[SqsPath, number]>([
    ["fresh", 1],
    ["duplicates", 1],
    ["failing", 0],
    ["failing", 10],
  ])("%s, with %d of ten named as failed, is refused", async ([path, count]) => {
    const deliver = await prepareBatches(named(count), path, 10, 0);
    await expect(deliver(0)).rejects.toThrow(`${count} of 10 messages failed`);
  });

  it("duplicates that run are refused", async () => {
    const forgetful: Consumer = {
      ...named(0),
      wrap: (work) => async (event) => {
        await Promise.all(event.Records.map(work));
        return { batchItemFailures: [] };
      },
    };
    await expect((await prepareBatches(forgetful, "duplicates", 10, 0))(0)).rejects.toThrow("a duplicate runs the handler");
  });
});

it("the bars of wall time fall where the messages of a batch run one after the other", async () => {
  const wallMs = await measureWall("fresh", [1, 10], 3, { concurrency: 1 });
  const fallen = check({ sqs: { wallMs, cpuUs: [] } }, ["sqs"]).filter(({ value, outcome }) => value !== undefined && outcome === "falls");
  expect(fallen.map(({ bar }) => bar.name)).toEqual(bars.map(({ name }) => name).filter((name) => name.startsWith("SQS, wall time")));
});
