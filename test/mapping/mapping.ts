// The event source mapping that the tests play between a real queue and a handler, with ReportBatchItemFailures on:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html, services-sqs-errorhandling.html and services-sqs-scaling.html there.
// Visibility, receive counts, the order of FIFO groups and the move to the dead-letter queue are the engine's own.
import { setTimeout } from "node:timers/promises";
import { DeleteMessageBatchCommand, type Message, type SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";
import { countsOf, type Queues, receive } from "../support/queues.ts";
import { until } from "../support/until.ts";
import { eventOf } from "./event.ts";
import { type Ending, invoke, type Invocation } from "./invocation.ts";

export interface MappingOptions {
  readonly client: SQSClient;
  readonly queue: Pick<Queues, "url" | "arn">;
  readonly handler: (event: SQSEvent, context: Context) => unknown;
  /** Records of an invocation at most, 1 to 10. Default: 10. */
  readonly batchSize?: number;
  /** Invocations at once at most. Default: 10. */
  readonly concurrency?: number;
  /** Default: 3,000, as of a function on AWS. */
  readonly functionTimeoutMs?: number;
  /** Sees each invocation before its handler runs, and may decide that it will end badly. */
  readonly onInvocation?: (invocation: Invocation) => void;
}

/** What has happened so far. */
export interface MappingCounts {
  readonly invocations: number;
  /** Deliveries: a message that was delivered twice counts twice. */
  readonly records: number;
  readonly deleted: number;
  /** What the engine would not delete: its receipt handle was no longer the newest. */
  readonly notDeleted: number;
  /** Records that an answer named as failed. */
  readonly failed: number;
  /** Batches that failed as a whole, by reason. */
  readonly wholeBatches: Partial<Record<Ending, number>>;
}

export interface Mapping {
  counts(): MappingCounts;
  /** Resolves when nothing more comes, nothing is in flight or delayed, and no invocation runs; throws after `limitMs`. */
  idle(limitMs?: number): Promise<void>;
  /** Polls no more, and resolves when the invocations that run have ended. */
  stop(): Promise<void>;
}

const pauseMs = 10;
/** What so many polls of each poller do not find is not there, whatever the engine counts (`drainedCount`). */
const phantomPolls = 50;

/** Starts to poll. An error of the client ends it: `idle` and `stop` then reject. */
export function startMapping(options: MappingOptions): Mapping {
  const { client, queue, batchSize = 10, concurrency = 10, functionTimeoutMs = 3_000 } = options;
  const stopping = new AbortController();
  const counts = { invocations: 0, records: 0, deleted: 0, notDeleted: 0, failed: 0, wholeBatches: {} as Partial<Record<Ending, number>> };
  let running = 0;
  let emptyPolls = 0; // since somebody waits, the last message came, or one was seen in flight

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const messages = await receive(client, queue.url, { most: batchSize });
      emptyPolls++;
      if (messages.length > 0) await deliver(messages);
      // All together ask an empty queue a hundred times a second.
      else await setTimeout(pauseMs * concurrency, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function deliver(messages: readonly Message[]): Promise<void> {
    running++;
    emptyPolls = 0;
    counts.invocations++;
    counts.records += messages.length;
    const ending = await invoke(eventOf(messages, queue.arn), { ...options, functionTimeoutMs });
    if (typeof ending === "string") {
      counts.wholeBatches[ending] = (counts.wholeBatches[ending] ?? 0) + 1;
    } else {
      const failed = new Set(ending.failed);
      counts.failed += failed.size;
      await remove(messages.filter(({ MessageId = "" }) => !failed.has(MessageId)));
    }
    running--;
  }

  async function remove(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    // A message may be in a batch twice: its id would not do as the id of an entry.
    const Entries = messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    const { Successful = [], Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }));
    counts.deleted += Successful.length;
    counts.notDeleted += Failed.length;
  }

  const polling = Promise.all(Array.from({ length: concurrency }, poll));
  // Whoever asks next is told; until then it is not unhandled.
  polling.catch(() => stopping.abort());
  const isIdle = async (): Promise<true | undefined> => {
    if (stopping.signal.aborted) await polling;
    const { visible, inFlight, delayed } = await countsOf(client, queue.url);
    if (inFlight + delayed + running > 0) emptyPolls = 0;
    else if (visible === 0 || emptyPolls >= phantomPolls * concurrency) return true;
    return undefined;
  };
  return {
    counts: () => structuredClone(counts),
    async idle(limitMs = 45_000) {
      emptyPolls = 0; // those from before say nothing of a message that has just come
      await until(`${queue.url} is empty`, isIdle, limitMs);
    },
    async stop() {
      stopping.abort();
      await polling;
    },
  };
}
