import type { SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { idempotent } from "../../../src/index.ts";
import { idempotentSqs, PermanentError } from "../../../src/sqs/index.ts";
import type { SqsOptions } from "../../../src/sqs/options.ts";
import { events as aws } from "../../../src/testing/events/builders.ts";
import { expectIdempotent, type ExpectIdempotentOptions, type MakeHandler } from "../../../src/testing/expect/expect-idempotent.ts";
import { isAnswered, play } from "../../../src/testing/expect/play.ts";
import { keptMessages, withMessages } from "../../../src/testing/expect/queue.ts";
import { alone, inTurn } from "../../../src/testing/expect/schedule.ts";

const operation = "charge";
/** Takes every change of visibility. */
const sqs = { send: async () => ({ QueueUrl: "url" }) } as unknown as SQSClient;
interface Message {
  readonly messageId: string;
  readonly body: string;
}

const key = ({ body }: Pick<Message, "body">): string => body;

async function messageFrom(makeHandler: MakeHandler, options: ExpectIdempotentOptions): Promise<string> {
  return expectIdempotent(makeHandler, options).then(
    () => "it passed",
    ({ message }: Error) => message,
  );
}

describe("messages that were sent after the first of January 2026", () => {
  const events = [aws.sqs(["order-1", "order-2"], { atMs: Date.UTC(2026, 10, 1) }), aws.sqs(["order-3"])];

  it.for<[string, Pick<SqsOptions, "onError">, new (message: string) => Error]>([
    ["kept by policy", { onError: "keep" }, RangeError],
    ["a PermanentError", {}, PermanentError],
  ])("a failure is no older than its message: %s", async ([, policy, Failure]) => {
    const done: string[] = [];
    const makeHandler: MakeHandler = ({ store }) =>
      idempotentSqs(
        ({ body }) => {
          done.push(body);
          if (body === "order-2") throw new Failure("no funds");
        },
        { store, operation, key, sqs, ...policy },
      );
    await expectIdempotent(makeHandler, { events, effects: () => done, schedules: 30 });
  });
});

describe("a batch of which some messages failed", () => {
  const messages = { one: "00000000-0000-4000-8000-000000000001", two: "00000000-0000-4000-8000-000000000002" };
  const batch = aws.sqs(Object.entries(messages).map(([body, messageId]) => ({ body, messageId })));

  /** A handler of batches that names what failed as `named` does; `work` may fail. */
  function batches(work: (message: Message) => unknown, named: (failed: readonly Message[]) => readonly string[]): MakeHandler {
    return ({ store }) => {
      const once = idempotent(async (message: Message) => void (await work(message)), { store, operation, key });
      return async ({ Records }: { Records: readonly Message[] }) => {
        const failed: Message[] = [];
        for (const record of Records) await once(record).catch(() => failed.push(record));
        return { batchItemFailures: named(failed).map((itemIdentifier) => ({ itemIdentifier })) };
      };
    };
  }

  const allOf = (failed: readonly Message[]): string[] => failed.map(({ messageId }) => messageId);

  it("passes where each is named", async () => {
    const done: string[] = [];
    await expectIdempotent(
      batches(({ body }) => done.push(body), allOf),
      { events: [batch], effects: () => done },
    );
  });

  it("is found where the first only is named: the other one is deleted, and its effect is missing", async () => {
    const done: string[] = [];
    const message = await messageFrom(
      batches(
        ({ body }) => done.push(body),
        (failed) => allOf(failed).slice(0, 1),
      ),
      { events: [batch], effects: () => done },
    );
    expect(message).toContain('effects() "two": expected 1, came 0');
    expect(message).toContain(`all leases have lapsed: of events[0], what its queue still has, ${messages.one}, to environment`);
  });

  it("is found where none is named, if only environments fail it: it does more than alone", async () => {
    const done: string[] = [];
    const makeHandler: MakeHandler = (o) => {
      let isDown = true;
      const charge = ({ body }: Message): void => {
        if (body === "two" && isDown) {
          isDown = false;
          throw new RangeError("down");
        }
        done.push(body);
      };
      return batches(charge, () => [])(o);
    };
    expect(await messageFrom(makeHandler, { events: [batch], effects: () => done })).toContain(
      'effects() "two": expected 0, came 1; no event does this when it is delivered alone',
    );
  });

  it.for<[string, named: string[], then: string[][]]>([
    ["one message", [messages.two], [["two"], ["two"]]],
    [
      "all",
      Object.values(messages),
      [
        ["one", "two"],
        ["one", "two"],
      ],
    ],
    [
      "one that was not delivered, as Lambda does all",
      [messages.two, "another"],
      [
        ["one", "two"],
        ["one", "two"],
      ],
    ],
    ["none", [], []],
  ])("is delivered again, by an answer that names %s", async ([, named, then]) => {
    const seen: string[][] = [];
    const makeHandler: MakeHandler =
      () =>
      async ({ Records }: { Records: readonly Message[] }) => {
        seen.push(Records.map(({ body }) => body));
        return { batchItemFailures: named.map((itemIdentifier) => ({ itemIdentifier })) };
      };
    await play({ makeHandler, events: [batch], deliveries: 0 }, alone(0), 2);
    expect(seen).toEqual([["one", "two"], ...then]);
  });

  it("has been answered when each message has been by one of its deliveries", async () => {
    const answers = [[messages.one], [messages.two]];
    const makeHandler: MakeHandler = () => async () => ({ batchItemFailures: answers.shift()?.map((id) => ({ itemIdentifier: id })) });
    const twice = inTurn([0, 0]);
    const { waves } = await play({ makeHandler, events: [batch], deliveries: 0 }, twice, 2);
    expect(waves).toHaveLength(2);
    expect(isAnswered(waves, 0)).toBe(true);
  });

  it("is shortened whatever it came in: a batch or a list, not a message alone", () => {
    const [one, two] = batch.Records;
    expect(withMessages(batch, [messages.two])).toEqual({ Records: [two] });
    expect(withMessages(batch.Records, [messages.one])).toEqual([one]);
    expect(withMessages(one, [messages.one])).toBe(one);
    expect(
      [batch, batch.Records, one].map((event) => keptMessages(event, { batchItemFailures: [{ itemIdentifier: messages.one }] })),
    ).toEqual([[messages.one], [messages.one], [messages.one]]);
  });

  it.for([undefined, null, "text", {}, { batchItemFailures: null }, { batchItemFailures: [null] }, { batchItemFailures: [{}] }])(
    "has no answer that names messages: %j",
    (answer) => expect(keptMessages(batch, answer)).toBeUndefined(),
  );
});
