import { type Message, SQSClient } from "@aws-sdk/client-sqs";
import { type Check, checkFields, fail, matching, optional, shaped, theFunction, wholeNumber } from "../core/check.ts";
import { clockOf } from "../lambda/prepare.ts";
import { newOwner } from "../lambda/system.ts";
import { resolveSqsOptions, type ResolvedSqsOptions, type SqsOptions } from "../sqs/options.ts";
import { identityOf, type LetterReader, letterReader } from "./letters.ts";
import { peek } from "./peek.ts";
import { sealed } from "./plan-file.ts";
import { checkMayLook, type DeadLetterQueue, openDeadLetterQueue } from "./queue.ts";
import type { RedriveEntry, RedrivePlan } from "./types.ts";

/** What the handler has. */
export type HandlerOptions = Pick<SqsOptions, "store" | "operation" | "key" | "fingerprint" | "onLeaseExpired" | "retentionSeconds">;

interface OwnOptions {
  /** Of the dead-letter queue. */
  deadLetterQueueUrl: string;
  /** How many messages are looked at, at least 1. Default: all. */
  maxMessages?: number | undefined;
  /** Only messages of this queue; those of others are left. Default: of all whose dead letters go there. */
  sourceQueueArn?: string | undefined;
  /** How many were seen so far. */
  onProgress?: ((progress: { readonly seen: number }) => void) | undefined;
  /** Ends the look: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface PlanOptions extends HandlerOptions, OwnOptions {
  /** Default: made from the environment. */
  sqs?: SQSClient | undefined;
}

export const theSignal: Check<AbortSignal> = shaped({ addEventListener: theFunction }, "give an AbortSignal");

const ownChecks = {
  deadLetterQueueUrl: checkUrl,
  maxMessages: optional(wholeNumber(1), Number.POSITIVE_INFINITY),
  sourceQueueArn: optional(matching(/^arn:\S+$/, "give the ARN of a queue")),
  onProgress: optional(theFunction),
  signal: optional(theSignal),
} satisfies Record<keyof OwnOptions, Check<unknown>>;

/**
 * Looks at the dead letters of a handler, and at what its records say of them: which are to be sent back, whose key has to be freed before, which
 * are done, and which better stay. Takes no lock and writes nothing; each look spends a receive of the dead-letter queue's, and the messages are
 * visible again before it resolves. Of a FIFO queue at most ten messages of a group can be seen at a time.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for a wrong option, a queue that does not exist or is nobody's dead-letter queue; `StoreFailure` where
 * a record could not be read.
 */
export async function planRedrive(options: PlanOptions): Promise<RedrivePlan> {
  return planOf(options, Number.POSITIVE_INFINITY);
}

/** The same with at most so many messages that do not stay, and of what was seen until `isOver`. */
export async function planOf(
  { store, operation, key, fingerprint, onLeaseExpired, retentionSeconds, sqs, ...others }: PlanOptions,
  mostToGo: number,
  isOver: () => boolean = () => false,
): Promise<RedrivePlan> {
  const { deadLetterQueueUrl, maxMessages, sourceQueueArn, onProgress, signal } = checkFields(others, "options", ownChecks);
  const options = handlerOptions({ store, operation, key, fingerprint, onLeaseExpired, retentionSeconds }, sqs);
  const queue = await openDeadLetterQueue(sqs ?? new SQSClient(), deadLetterQueueUrl);
  checkMayLook(queue);
  checkSource(queue, sourceQueueArn);
  const reader = letterReader(options, queue);
  const entries: RedriveEntry[] = [];
  async function look(messages: readonly Message[]): Promise<void> {
    entries.push(...(await Promise.all(messages.map((message) => entryOf(reader, message, sourceQueueArn)))));
    onProgress?.({ seen: entries.length });
    signal?.throwIfAborted();
  }
  const peeked = await peek(queue, maxMessages, look, () => isOver() || within(entries, mostToGo).length < entries.length);
  const complete = peeked.complete && within(entries, mostToGo).length === entries.length;
  const createdAt = new Date(clockOf(options).now()).toISOString();
  return sealed({
    version: 1,
    runId: newOwner(),
    createdAt,
    deadLetterQueueUrl,
    operation: options.operation,
    complete,
    entries: within(entries, mostToGo),
  });
}

/** The first of them, until so many have been among them that do not stay. */
function within(entries: readonly RedriveEntry[], mostToGo: number): readonly RedriveEntry[] {
  let going = 0;
  const end = entries.findIndex(({ decision }) => decision !== "leave" && ++going > mostToGo);
  return end === -1 ? entries : entries.slice(0, end);
}

export function checkUrl(url: unknown): string {
  return matching(/^https?:\/\/\S+$/, "give the URL of a dead-letter queue")(url, "deadLetterQueueUrl");
}

export function handlerOptions(handler: HandlerOptions, sqs: SQSClient | undefined): ResolvedSqsOptions<unknown, unknown> {
  return resolveSqsOptions<undefined, unknown>({ ...handler, sqs }, process.env) as ResolvedSqsOptions<unknown, unknown>;
}

function checkSource({ sources }: DeadLetterQueue, arn: string | undefined): void {
  if (arn === undefined || sources.has(arn)) return;
  throw fail("sourceQueueArn", arn, `it sends no dead letters there; give ${[...sources.keys()].join(" or ")}`);
}

async function entryOf(reader: LetterReader, message: Message, onlyOf: string | undefined): Promise<RedriveEntry> {
  const letter = reader.read(message);
  if (onlyOf !== undefined && letter.sourceQueueArn !== onlyOf)
    return { ...identityOf(letter), proposal: "leave", decision: "leave", reason: `it did not come from ${onlyOf}` };
  const { seen: _, ...judged } = await reader.judge(letter);
  return { ...identityOf(letter), ...judged, decision: judged.proposal };
}
