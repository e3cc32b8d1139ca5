// What SQS refuses, or does not answer, is told, and changes no answer.
import { ChangeMessageVisibilityBatchCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { contextOf, mockedSqs } from "./consumer.ts";
import { allOf, batchOf, failingOn } from "./failing.ts";

describe("what SQS refuses, or does not answer, is told, and changes no answer", () => {
  const down = new Error("down");
  const batch = batchOf(21);

  it("entries that it refused", async () => {
    const { client, mock } = mockedSqs();
    const Failed = [{ Id: "3", Code: "InvalidParameterValue", SenderFault: true }];
    mock.on(ChangeMessageVisibilityBatchCommand).resolvesOnce({ Failed }).resolves({ Failed: [] });
    const { handler, told, errors } = failingOn(client);
    expect(await handler(batch, contextOf())).toEqual(allOf(batch));
    expect(errors()).toEqual([{ ...Failed[0], Id: batch.Records[3]?.messageId }]);
    expect(told).toMatchObject([{ operation: "charge", at: expect.any(Number) }]);
  });

  it("a request that fails: the others are sent", async () => {
    const { client, mock } = mockedSqs();
    mock.on(ChangeMessageVisibilityBatchCommand).rejectsOnce(down).resolves({});
    const { handler, errors } = failingOn(client);
    expect(await handler(batch, contextOf())).toEqual(allOf(batch));
    expect(errors()).toEqual([down]);
    expect(mock.commandCalls(ChangeMessageVisibilityBatchCommand)).toHaveLength(3);
  });

  it.for([
    { name: "it fails", first: () => Promise.reject(down) },
    { name: "there is none", first: () => ({}) },
  ])("no URL of the queue: it is asked for again with the next batch: $name", async ({ first }) => {
    const { client, mock } = mockedSqs();
    mock.on(GetQueueUrlCommand).callsFakeOnce(first).resolves({ QueueUrl: "https://queue" });
    mock.on(ChangeMessageVisibilityBatchCommand, { QueueUrl: undefined }).rejects(down);
    const { handler, errors } = failingOn(client);
    expect(await handler(batch, contextOf())).toEqual(allOf(batch));
    expect(errors().length).toBeGreaterThan(0);
    expect(new Set(errors())).toEqual(new Set([down]));
    const before = errors().length;
    expect(await handler(batch, contextOf())).toEqual(allOf(batch));
    expect(errors()).toHaveLength(before);
    expect(mock.commandCalls(GetQueueUrlCommand)).toHaveLength(2);
  });

  const silent = () => new Promise<never>(() => {});
  it.for([
    { name: "after 2 s", leftMs: 30_000, waits: 2000 },
    { name: "200 ms before the deadline", leftMs: 1500, waits: 1300 },
    { name: "after 2 s, where the context tells nothing", leftMs: Number.NaN, waits: 2000 },
    { name: "after 2 s, where the context has 0 in it", leftMs: 0, waits: 2000 },
  ])("silence is given up $name", async ({ leftMs, waits }) => {
    for (const command of [ChangeMessageVisibilityBatchCommand, GetQueueUrlCommand]) {
      const { client, mock } = mockedSqs();
      mock.on(command as typeof GetQueueUrlCommand).callsFake(silent);
      const { handler, errors, clock } = failingOn(client);
      let answer: unknown;
      const pending = handler(
        batch,
        contextOf(() => leftMs),
      ).then((given) => (answer = given));
      await clock.advance(waits - 1);
      expect(answer).toBeUndefined();
      await clock.advance(1);
      await pending;
      expect(answer).toEqual(allOf(batch));
      expect(errors()).toEqual([new Error(`the queue did not answer within ${waits} ms`)]);
      const sent = mock.calls().map(({ args }) => args as unknown as [command: unknown, options: { abortSignal: AbortSignal }]);
      for (const [, { abortSignal }] of sent) expect(abortSignal.aborted).toBe(true);
    }
  });

  it("nothing is asked where nothing of it is left, which is told", async () => {
    const { client, mock } = mockedSqs();
    const { handler, errors } = failingOn(client);
    expect(
      await handler(
        batch,
        contextOf(() => 150),
      ),
    ).toEqual(allOf(batch));
    expect(errors()).toEqual([new Error("the invocation left no time to change it")]);
    expect(mock.calls()).toEqual([]);
  });

  it("a URL that was not answered is asked for again with the next batch", async () => {
    const { client, mock } = mockedSqs();
    mock.on(GetQueueUrlCommand).callsFakeOnce(silent).resolves({ QueueUrl: "https://queue" });
    const { handler, errors, clock } = failingOn(client);
    const pending = handler(batch, contextOf());
    await clock.advance(2000);
    await pending;
    expect(await handler(batch, contextOf())).toEqual(allOf(batch));
    expect(errors()).toHaveLength(1);
  });

  it("no time limit stays behind once it has answered", async () => {
    const { handler, clock } = failingOn(mockedSqs().client);
    await handler(batch, contextOf());
    expect(clock.sleeping()).toBe(0);
  });

  it("a client that throws", async () => {
    const { handler, errors } = failingOn({
      send: () => {
        throw down;
      },
    } as unknown as SQSClient);
    expect(await handler(batch, contextOf())).toEqual(allOf(batch));
    expect(new Set(errors())).toEqual(new Set([down]));
  });

  it("@aws-sdk/client-sqs is not installed", async () => {
    vi.doMock("@aws-sdk/client-sqs", () => Promise.reject(down));
    onTestFinished(() => vi.doUnmock("@aws-sdk/client-sqs"));
    const { handler, errors } = failingOn(undefined);
    expect(await handler(batch, contextOf())).toEqual(allOf(batch));
    expect(errors()).toHaveLength(1);
    expect(errors()[0]?.cause ?? errors()[0]).toBe(down);
  });
});
