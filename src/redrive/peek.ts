// Looks at what is in a dead-letter queue. SQS has no list of messages: they are received, and become visible again.
import type { Message } from "@aws-sdk/client-sqs";
import { type DeadLetterQueue, isDry } from "./queue.ts";

/** Long enough for a look at all; what an interrupted look has in flight is visible after that. */
const visibilitySeconds = 600;

export interface Peeked {
  readonly messageIds: ReadonlySet<string>;
  /** How many are in flight elsewhere. */
  readonly elsewhere: number;
  /** Whether these are all. */
  readonly complete: boolean;
}

/**
 * Shows messages to `look`, each once, while nobody else receives them. They are visible again before it resolves, or rejects. Keeps nothing of
 * them but receipt handles. `isEnough`: whether what it has seen, by `messageId`, will do.
 */
export async function peek(
  queue: DeadLetterQueue,
  most: number,
  look: (messages: readonly Message[]) => Promise<void>,
  isEnough: (seen: ReadonlyMap<string, unknown>) => boolean = () => false,
): Promise<Peeked> {
  const handles = new Map<string, string>();
  try {
    for (let idle = 0; handles.size < most && !isEnough(handles);) {
      const messages = await queue.receive(most - handles.size, visibilitySeconds);
      const fresh = messages.filter(({ MessageId = "" }) => !handles.has(MessageId));
      // One that was seen before comes with a new receipt handle, and only that one is good.
      for (const { MessageId = "", ReceiptHandle = "" } of messages) handles.set(MessageId, ReceiptHandle);
      await look(fresh);
      idle = fresh.length > 0 ? 0 : idle + 1;
      if (await isDry(queue, idle)) break;
    }
    const { visible, inFlight } = await queue.counts();
    const elsewhere = Math.max(0, inFlight - handles.size);
    return { messageIds: new Set(handles.keys()), elsewhere, complete: visible === 0 && elsewhere === 0 };
  } finally {
    await queue.makeVisible([...handles.values()]);
  }
}
