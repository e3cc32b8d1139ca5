// A step of what is done to the deployed app, and how it reads back what came of it.
import { expect } from "vitest";
import type { Ledger } from "../support/ledger.ts";
import { until } from "../support/until.ts";
import type { Caller, Item, Key, Message, Queue, Stage } from "./stage.ts";

export interface Step {
  readonly name: string;
  run(drive: Drive): Promise<Line>;
}

/** One line of the output: what was called from outside, and what was read back from tables and queues. */
export interface Line {
  readonly called: string;
  readonly read: string;
}

export interface Drive {
  readonly stage: Stage;
  readonly alice: Caller;
  readonly bob: Caller;
  /** Rows of the ledger, as they have to be in the end. */
  readonly expected: Map<string, Pick<Ledger, "charges" | "calls">>;
}

// A function's timeout and the queue's visibility, and some.
export const patienceMs = 90_000;

export const once: Pick<Ledger, "charges" | "calls"> = { charges: 1, calls: 1 };

interface Outcome {
  readonly charges: number;
  readonly calls: number;
  readonly attempt?: number;
}

/** Waits until the record is completed and the ledger agrees. */
export async function completed(
  stage: Stage,
  operation: string,
  key: Key,
  { charges, calls, attempt = 1 }: Outcome,
  reference: string,
): Promise<string> {
  const record = await completedRecord(stage, operation, key);
  expect(Number(record["attempt"]?.N)).toBe(attempt);
  const row = await stage.ledger(reference);
  expect(row).toMatchObject({ charges, calls });
  return `charges ${row.charges}, calls ${row.calls}; record ${record["status"]?.S}, attempt ${record["attempt"]?.N}`;
}

export function completedRecord(stage: Stage, operation: string, key: Key): Promise<Item> {
  return until(
    `${operation} ${String(key)} is completed`,
    async () => {
      const found = await stage.record(operation, key);
      return found?.["status"]?.S === "completed" ? found : undefined;
    },
    patienceMs,
  );
}

export function settled(stage: Stage, reference: string, isSettled: (row: Ledger) => boolean): Promise<Ledger> {
  return until(
    `the ledger has ${reference}`,
    async () => {
      const row = await stage.ledger(reference);
      return row.calls + row.charges > 0 && isSettled(row) ? row : undefined;
    },
    patienceMs,
  );
}

/** How often a message is in the dead-letter queue, once it is there. */
export function deadLetters(stage: Stage, queue: Queue, { body }: Message): Promise<number> {
  const text = JSON.stringify(body);
  const count = async () => (await stage.deadLetters(queue)).filter((dead) => dead === text).length || undefined;
  return until(`${text} is a dead letter`, count, patienceMs);
}
