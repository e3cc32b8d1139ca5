// A row of the table of outcomes: a message alone in its batch, and what becomes of it.
import { expect, onTestFinished, vi } from "vitest";
import type { StoredRecord } from "../../src/index.ts";
import type { SQSRecord } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import type { Bench, BenchKind } from "../support/bench.ts";
import { type Consumer, consumerOn, contextOf, keyed, type Message, type Options, type Work } from "./consumer.ts";

export interface Row {
  readonly name: string;
  /** What the store has of this key already, and what will happen to it. */
  readonly prior?: (bench: Bench) => StoredRecord | void;
  readonly message?: Partial<Message & object>;
  readonly change?: (message: SQSRecord) => unknown;
  readonly options?: Options;
  readonly work?: (bench: Bench) => ReturnType<Work>;
  /** Done, or failed: how many seconds until it comes back, at the least and at the most. */
  readonly becomes: "done" | readonly [least: number, most: number];
  /** Default: it does not run. */
  readonly runs?: boolean;
  /** The status of its record afterwards. Default: there is none. */
  readonly status?: StoredRecord["status"];
  readonly events: readonly string[];
  /** What is logged: this error; one that has these members; or, in a list, what is no error. Default: nothing. */
  readonly logs?: object;
  /** What comes after. */
  readonly then?: (consumer: Consumer, bench: Bench) => Promise<void>;
}

/** At once; and by the backoff of a first receive. */
export const atOnce = [0, 0] as const;
export const firstBackoff = [0, 2] as const;

/** Plays a row twice, with the least and the most of randomness. */
export async function play(row: Row, open: BenchKind["open"]): Promise<void> {
  const random = vi.spyOn(Math, "random");
  onTestFinished(() => random.mockRestore());
  for (const [place, value] of [0, 0.999].entries()) {
    random.mockReturnValue(value);
    const bench = await open();
    const prior = row.prior?.(bench);
    if (prior !== undefined) await bench.put(prior);
    const consumer = consumerOn(bench, () => row.work?.(bench), row.options);
    const event = events.sqs([{ ...keyed("order-1"), ...row.message }]);
    const [message] = event.Records as [SQSRecord];
    row.change?.(message);
    const answer = await consumer.deliverEvent(event, contextOf());
    const isDone = row.becomes === "done";
    expect(answer).toEqual({ batchItemFailures: isDone ? [] : [{ itemIdentifier: message.messageId }] });
    expect(consumer.changes()).toEqual(isDone ? [] : [{ body: message.body, seconds: row.becomes[place] }]);
    expect(consumer.ran).toHaveLength(row.runs === true ? 1 : 0);
    expect(consumer.types()).toEqual(row.events);
    expect((await consumer.record("order-1"))?.status).toBe(row.status);
    const text = `operation "charge": message ${message.messageId} failed`;
    expect(consumer.logged()).toEqual(row.logs === undefined ? [] : [[text, expectedIn(row.logs)]]);
    await row.then?.(consumer, bench);
  }
}

function expectedIn(logs: object): unknown {
  if (Array.isArray(logs)) return logs[0];
  return logs instanceof Error ? logs : expect.objectContaining(logs);
}
