import { type Message, SQSClient } from "@aws-sdk/client-sqs";
import { matching, wholeNumber } from "../core/check.ts";
import { clockOf } from "../lambda/prepare.ts";
import { newOwner } from "../lambda/system.ts";
import { resolveSqsOptions, type ResolvedSqsOptions, type SqsOptions } from "../sqs/options.ts";
import { identityOf, type LetterReader, letterReader } from "./letters.ts";
import { peek } from "./peek.ts";
import { sealed } from "./plan-file.ts";
import { openDeadLetterQueue } from "./queue.ts";
import type { RedriveEntry, RedrivePlan } from "./types.ts";

/** What the handler has. */
export type HandlerOptions = Pick<SqsOptions, "store" | "operation" | "key" | "fingerprint" | "onLeaseExpired">;

export interface PlanOptions extends HandlerOptions {
  /** Of the dead-letter queue. */
  deadLetterQueueUrl: string;
  /** Default: made from the environment. */
  sqs?: SQSClient | undefined;
  /** How many messages are looked at, at least 1. Default: all. */
  maxMessages?: number | undefined;
}

/**
 * Looks at the dead letters of a handler, and at what its records say of them: which are to be sent back, whose key has to be freed before, which
 * are done, and which better stay. Takes no lock and writes nothing; each look spends a receive of the dead-letter queue's, and the messages are
 * visible again before it resolves. Of a FIFO queue at most ten messages of a group can be seen at a time.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for a wrong option, a queue that does not exist or is nobody's dead-letter queue; `StoreFailure` where
 * a record could not be read.
 */
export async function planRedrive({ deadLetterQueueUrl, maxMessages, sqs, ...handler }: PlanOptions): Promise<RedrivePlan> {
  checkUrl(deadLetterQueueUrl);
  const most = maxMessages === undefined ? Number.POSITIVE_INFINITY : wholeNumber(1)(maxMessages, "maxMessages");
  const options = handlerOptions(handler, sqs);
  const queue = await openDeadLetterQueue(sqs ?? new SQSClient(), deadLetterQueueUrl);
  const reader = letterReader(options, queue);
  const entries: RedriveEntry[] = [];
  const { complete } = await peek(queue, most, async (messages) => {
    entries.push(...(await Promise.all(messages.map((message) => entryOf(reader, message)))));
  });
  const createdAt = new Date(clockOf(options).now()).toISOString();
  return sealed({ version: 1, runId: newOwner(), createdAt, deadLetterQueueUrl, operation: options.operation, complete, entries });
}

export function checkUrl(url: unknown): string {
  return matching(/^https?:\/\/\S+$/, "give the URL of a dead-letter queue")(url, "deadLetterQueueUrl");
}

export function handlerOptions(handler: HandlerOptions, sqs: SQSClient | undefined): ResolvedSqsOptions<unknown, unknown> {
  return resolveSqsOptions<undefined, unknown>({ ...handler, sqs }, process.env) as ResolvedSqsOptions<unknown, unknown>;
}

async function entryOf(reader: LetterReader, message: Message): Promise<RedriveEntry> {
  const letter = reader.read(message);
  const { seen: _, ...judged } = await reader.judge(letter);
  return { ...identityOf(letter), ...judged, decision: judged.proposal };
}
