import { contextLeftMs } from "../lambda/context.ts";
import { fifoGroupOf, type SQSRecord } from "./event.ts";
import { notStarted, type MessageOutcome } from "./outcome.ts";

/**
 * Delivers the records of a batch, and says what became of each, in their order. Those of a FIFO group run one after the
 * other, and none after one that failed, which shares its fate; groups run side by side, whatever `concurrency` says, which
 * is a standard queue's. A record whose turn comes when little time is left is not started.
 */
export async function deliverBatch(
  records: readonly SQSRecord[],
  concurrency: number,
  isTimeUp: () => boolean,
  deliver: (record: SQSRecord) => Promise<MessageOutcome>,
): Promise<readonly MessageOutcome[]> {
  const outcomes: MessageOutcome[] = Array.from(records, () => notStarted);
  const lanes = lanesOf(records);
  const isFifo = records.some((record) => fifoGroupOf(record) !== undefined);
  let next = 0;

  async function walk(lane: Lane): Promise<void> {
    for (const [place, { record, index }] of lane.entries()) {
      const outcome = isTimeUp() ? notStarted : await deliver(record);
      outcomes[index] = outcome;
      if (outcome.kind === "done") continue;
      for (const rest of lane.slice(place + 1)) outcomes[rest.index] = outcome;
      return;
    }
  }
  async function work(): Promise<void> {
    for (let lane = lanes[next++]; lane !== undefined; lane = lanes[next++]) await walk(lane);
  }
  await Promise.all(Array.from({ length: isFifo ? lanes.length : Math.min(concurrency, lanes.length) }, work));
  return outcomes;
}

type Lane = readonly { readonly record: SQSRecord; readonly index: number }[];

/** What must run in order: a FIFO group, or a single record. */
function lanesOf(records: readonly SQSRecord[]): readonly Lane[] {
  const placed = records.map((record, index) => ({ record, index }));
  return [...Map.groupBy(placed, ({ record, index }) => fifoGroupOf(record) ?? index).values()];
}

/** How much time is kept for what has begun, milliseconds, and as a part of the time at the start. */
const reserveMs = 1000;
const reservePart = 0.1;

/** Says when it is too late to start a record. Half of the time is never too late, so that a short timeout still does its work. */
export function timeUp(context: unknown): () => boolean {
  const total = contextLeftMs(context) ?? 0;
  if (total <= 0) return () => false; // it says nothing
  const reserve = Math.min(Math.max(reserveMs, total * reservePart), total / 2);
  return () => (contextLeftMs(context) ?? total) < reserve;
}
