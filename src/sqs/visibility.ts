import type { ChangeMessageVisibilityBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import { type Clock, late, within } from "../core/clock.ts";
import type { SQSRecord } from "./event.ts";
import { secondsUntil } from "./outcome.ts";

/** A message that comes back, and when (epoch milliseconds). */
export interface Comeback {
  readonly record: SQSRecord;
  readonly visibleAtMs: number;
}

/** What SQS takes in one request. */
const maxEntries = 10;

/**
 * Changes when failed messages come back: one change per message, ten in a request. What does not work within `giveUpMs` is
 * told as an error; it never fails a batch, whose messages then come back by their queue's own visibility timeout.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html
 */
export type ChangeVisibility = (comebacks: readonly Comeback[], giveUpMs: number) => Promise<readonly unknown[]>;

export function visibilityChanger(given: SQSClient | undefined, clock: Clock): ChangeVisibility {
  let client = given;
  const urls = new Map<string, string | undefined>(); // by the queue's ARN

  async function change(queueArn: string, comebacks: readonly Comeback[], abortSignal: AbortSignal): Promise<readonly unknown[]> {
    const sdk = await import("@aws-sdk/client-sqs");
    const sqs = (client ??= new sdk.SQSClient({
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true },
    }));
    const [, , , , QueueOwnerAWSAccountId, QueueName] = queueArn.split(":");
    const askUrl = async () =>
      (await sqs.send(new sdk.GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId }), { abortSignal })).QueueUrl;
    // Only an answer is remembered: one that never comes must not hold up the next batch as well.
    const QueueUrl = urls.get(queueArn) ?? (await askUrl());
    urls.set(queueArn, QueueUrl);
    const now = clock.now();
    async function changeChunk(chunk: readonly Comeback[]): Promise<readonly unknown[]> {
      const Entries = chunk.map(({ record, visibleAtMs }, index): ChangeMessageVisibilityBatchRequestEntry => ({
        Id: String(index), // not the message's: a batch may hold one twice
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: secondsUntil(visibleAtMs, now),
      }));
      const { Failed = [] } = await sqs.send(new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }), { abortSignal });
      return Failed.map((failed) => ({ ...failed, Id: chunk[Number(failed.Id)]?.record.messageId }));
    }
    return (await Promise.all(chunksOf(comebacks).map((chunk) => changeChunk(chunk).catch(asList)))).flat();
  }

  return async (comebacks, giveUpMs) => {
    if (giveUpMs <= 0) return [new Error("the invocation left no time to change it")];
    const over = new AbortController();
    const changes = [...Map.groupBy(comebacks, ({ record }) => record.eventSourceARN)].map(([queueArn, ofQueue]) =>
      change(queueArn, ofQueue, over.signal).catch(asList),
    );
    const errors = await within(clock, giveUpMs, Promise.all(changes));
    if (errors !== late) return errors.flat();
    over.abort();
    return [new Error(`the queue did not answer within ${giveUpMs} ms`)];
  };
}

function asList(error: unknown): readonly unknown[] {
  return [error];
}

function chunksOf<T>(list: readonly T[]): readonly (readonly T[])[] {
  const starts = Array.from({ length: Math.ceil(list.length / maxEntries) }, (_, n) => n * maxEntries);
  return starts.map((start) => list.slice(start, start + maxEntries));
}
