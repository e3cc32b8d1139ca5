// A consumer with the batches of a path before it.
import { format } from "node:util";
import type { SQSRecord } from "../src/sqs/index.ts";
import type { NthCall } from "./cpu-time.ts";
import type { SqsPath } from "./sqs.ts";
import type { Consumer } from "./sqs-consumers.ts";
import { eventOf } from "./sqs-events.ts";
import { delayed, freshClient, recordingClient, sqsClient } from "./stub.ts";

const tableName = "bench";
const batches = 20;

/** Delivers the n-th batch, of which there are a few, over and over. */
export async function prepareBatches(
  { keyNames, isStamped, wrap }: Consumer,
  path: SqsPath,
  messages: number,
  delayMs: number,
): Promise<NthCall> {
  const events = Array.from({ length: batches }, (_, batch) => eventOf(messages, batch, isStamped));
  let client = freshClient();
  if (path === "duplicates") {
    const recording = recordingClient(keyNames);
    const first = wrap(async () => {}, { client: recording.client, tableName }, sqsClient(0));
    for (const event of events) await first(event);
    client = await recording.replay();
  }
  const consume = wrap(workOf(path), { client: delayed(client, delayMs), tableName }, sqsClient(delayMs));
  const failures = path === "failing" ? Math.ceil(messages / 2) : 0;
  return async (n) => {
    const { batchItemFailures } = await consume(events[n % batches] ?? { Records: [] });
    if (batchItemFailures.length !== failures) throw new Error(`${batchItemFailures.length} of ${messages} messages failed`);
  };
}

/** What a consumer logs is made to a text, as Lambda does it, and goes nowhere. */
export function logNothing(): void {
  console.error = (...args: unknown[]) => void format(...args);
}

function workOf(path: SqsPath): (record: SQSRecord) => Promise<void> {
  if (path === "duplicates")
    return async () => {
      throw new Error("a duplicate runs the handler");
    };
  if (path === "fresh") return async () => {};
  return async ({ messageId }) => {
    if (/[02468]$/.test(messageId)) throw new Error("declined");
  };
}
