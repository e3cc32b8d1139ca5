import { type Message, SQSClient } from "@aws-sdk/client-sqs";
import { matching, wholeNumber } from "../core/check.ts";
import { IdempotencyError, messageOf } from "../core/errors.ts";
import { clockOf } from "../lambda/prepare.ts";
import { newOwner } from "../lambda/system.ts";
import { resolveSqsOptions, type SqsOptions } from "../sqs/options.ts";
import { type DeadLetterQueue, openDeadLetterQueue, type Seen } from "./dead-letters.ts";
import { type DeadLetter, decide } from "./decide.ts";
import { type KeyOfLetter, keyReader } from "./keys.ts";
import { lambdaRecord } from "./message.ts";
import type { RedriveEntry, RedrivePlan } from "./types.ts";

/** What the handler has, and where its dead letters are. */
export interface PlanOptions extends Pick<SqsOptions, "store" | "operation" | "key" | "fingerprint" | "onLeaseExpired"> {
  /** Of the dead-letter queue. */
  deadLetterQueueUrl: string;
  /** Default: made from the environment. */
  sqs?: SQSClient | undefined;
  /** How many messages are looked at, at least 1. Default: all. */
  maxMessages?: number | undefined;
}

/** How many records are read at a time. */
const readsAtATime = 10;

/**
 * Looks at the dead letters of a handler, and at what its records say of them: which are to be sent back, whose key has to be freed before, which
 * are done, and which better stay. Takes no lock and writes nothing; each look spends a receive of the dead-letter queue's, and the messages are
 * visible again before it resolves. Of a FIFO queue at most ten messages of a group can be seen at a time.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for a wrong option, a queue that does not exist or is nobody's dead-letter queue.
 */
export async function planRedrive({ deadLetterQueueUrl, maxMessages, sqs, ...handler }: PlanOptions): Promise<RedrivePlan> {
  matching(/^https?:\/\/\S+$/, "give the URL of a dead-letter queue")(deadLetterQueueUrl, "deadLetterQueueUrl");
  const most = maxMessages === undefined ? Number.POSITIVE_INFINITY : wholeNumber(1)(maxMessages, "maxMessages");
  const options = resolveSqsOptions<undefined, unknown>({ ...handler, sqs }, process.env);
  const keyOf = keyReader(options as Parameters<typeof keyReader>[0]);
  const queue = await openDeadLetterQueue(sqs ?? new SQSClient(), deadLetterQueueUrl);
  const clock = clockOf(options);
  const { store, retentionSeconds, onLeaseExpired } = options;

  async function entryOf(message: Message): Promise<RedriveEntry> {
    const { MessageId: messageId = "" } = message;
    const sourceQueueArn = sourceOf(queue, message);
    if (sourceQueueArn === undefined) return { messageId, decision: "leave", reason: "nothing tells from which queue it came" };
    const found = keyOf(lambdaRecord(message, sourceQueueArn));
    const entry = { messageId, sourceQueueArn, ...(found.id !== undefined && { keyHash: found.id.keyHash }) };
    if (found.kind === "lost") return { ...entry, decision: "leave", reason: found.reason };
    const letter: DeadLetter = { fingerprint: found.fingerprint, sentAt: sentAt(message), retentionSeconds, onLeaseExpired };
    return { ...entry, ...(await judged(found, letter)) };
  }

  async function judged({ id }: Extract<KeyOfLetter, { kind: "keyed" }>, letter: DeadLetter) {
    const record = await store.read(id);
    try {
      return decide(record, letter, clock.now());
    } catch (error) {
      if (!(error instanceof IdempotencyError)) throw error;
      return { decision: "leave" as const, reason: messageOf(error) };
    }
  }

  async function planOf({ messages, complete }: Seen): Promise<RedrivePlan> {
    const entries: RedriveEntry[] = [];
    for (let from = 0; from < messages.length; from += readsAtATime)
      entries.push(...(await Promise.all(messages.slice(from, from + readsAtATime).map(entryOf))));
    const createdAt = new Date(clock.now()).toISOString();
    return { version: 1, runId: newOwner(), createdAt, deadLetterQueueUrl, operation: options.operation, complete, entries };
  }

  return queue.peek(most, planOf);
}

function sourceOf({ sources }: DeadLetterQueue, { Attributes }: Message): string | undefined {
  // SQS tells it of what it has moved itself. What somebody has put there has it from nobody.
  const told = (Attributes as Partial<Record<string, string>> | undefined)?.["DeadLetterQueueSourceArn"];
  return told ?? (sources.length === 1 ? sources[0] : undefined);
}

function sentAt({ Attributes }: Message): number | undefined {
  const time = Number(Attributes?.SentTimestamp);
  return Number.isSafeInteger(time) && time > 0 ? time : undefined;
}
