// What a message of a dead-letter queue is to its handler, and what its record says of it.
import type { Message } from "@aws-sdk/client-sqs";
import { IdempotencyError, messageOf } from "../core/errors.ts";
import type { StoredRecord } from "../core/record.ts";
import { clockOf } from "../lambda/prepare.ts";
import type { ResolvedSqsOptions } from "../sqs/options.ts";
import { decide, type DeadLetter } from "./decide.ts";
import { type KeyOfLetter, keyReader } from "./keys.ts";
import { lambdaRecord } from "./message.ts";
import type { DeadLetterQueue } from "./queue.ts";
import type { RedriveEntry } from "./types.ts";

/** A dead letter, by what it says itself. */
export interface Letter {
  readonly message: Message;
  readonly messageId: string;
  readonly sourceQueueArn: string | undefined;
  /** Why nobody can tell its key stands in its reason. */
  readonly key: KeyOfLetter;
}

export type Judgement = Omit<RedriveEntry, "messageId" | "sourceQueueArn" | "keyHash" | "keyFrom" | "decision"> & {
  /** The record itself, where there is one. */
  readonly seen?: StoredRecord;
};

export interface LetterReader {
  read(message: Message): Letter;
  /** Asks the store. What it throws is a `StoreFailure`. */
  judge(letter: Letter): Promise<Judgement>;
}

export function letterReader(options: ResolvedSqsOptions<unknown, unknown>, { arn, sources }: DeadLetterQueue): LetterReader {
  const keyOf = keyReader(options);
  const clock = clockOf(options);
  const { store, operation, retentionSeconds, onLeaseExpired } = options;

  function keyIn(message: Message, sourceQueueArn: string | undefined): KeyOfLetter {
    if (sourceQueueArn === undefined) return { kind: "lost", reason: "nothing tells from which queue it came" };
    if (!sources.has(sourceQueueArn))
      return { kind: "lost", reason: `its queue ${sourceQueueArn} does not send its dead letters here any more` };
    return keyOf(lambdaRecord(message, sourceQueueArn));
  }

  return {
    read(message) {
      const { MessageId: messageId = "" } = message;
      const sourceQueueArn = sourceOf(message, sources);
      return { message, messageId, sourceQueueArn, key: keyIn(message, sourceQueueArn) };
    },
    async judge({ message, key }) {
      if (key.kind === "lost") return { proposal: "leave", reason: key.reason };
      const letter: DeadLetter = {
        operation,
        fingerprint: key.fingerprint,
        sentAt: sentAt(message),
        // In a FIFO queue the move to the dead-letter queue begins its time anew.
        isSentAtFirst: !arn.endsWith(".fifo"),
        retentionSeconds,
        onLeaseExpired,
      };
      const seen = await store.read(key.id);
      try {
        return { ...decide(seen, letter, clock.now()), ...(seen !== undefined && { seen }) };
      } catch (error) {
        if (!(error instanceof IdempotencyError)) throw error;
        return { proposal: "leave", reason: messageOf(error) };
      }
    },
  };
}

function sourceOf({ Attributes }: Message, sources: DeadLetterQueue["sources"]): string | undefined {
  // SQS tells it of what it has moved itself. What somebody has put there has it from nobody.
  const told = (Attributes as Partial<Record<string, string>> | undefined)?.["DeadLetterQueueSourceArn"];
  const [only, ...others] = sources.keys();
  return told ?? (others.length === 0 ? only : undefined);
}

function sentAt({ Attributes }: Message): number | undefined {
  const time = Number(Attributes?.SentTimestamp);
  return Number.isSafeInteger(time) && time > 0 ? time : undefined;
}

/** What of a letter stays the same from the plan to the run. */
export function identityOf({
  messageId,
  sourceQueueArn,
  key,
}: Letter): Pick<RedriveEntry, "messageId" | "sourceQueueArn" | "keyHash" | "keyFrom"> {
  return {
    messageId,
    ...(sourceQueueArn !== undefined && { sourceQueueArn }),
    ...(key.id !== undefined && { keyHash: key.id.keyHash }),
    ...(key.kind === "keyed" && { keyFrom: key.from }),
  };
}
