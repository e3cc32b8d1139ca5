// What a run knows, and how far it has come.
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../core/clock.ts";
import type { Store } from "../core/store.ts";
import type { Consent } from "./action.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import type { LetterReader } from "./letters.ts";
import type { Lock } from "./lock.ts";
import type { DeadLetterQueue } from "./queue.ts";
import type { RedriveEntry, RedrivePlan, RedriveReport, Remaining } from "./types.ts";

export interface Run {
  readonly plan: RedrivePlan;
  /** By `messageId`. */
  readonly planned: ReadonlyMap<string, RedriveEntry>;
  readonly sqs: SQSClient;
  readonly queue: DeadLetterQueue;
  readonly store: Store;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly reader: LetterReader;
  readonly lock: Lock;
  readonly ratePerSecond: number;
  readonly consent: Consent;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: RedriveProgress) => void) | undefined;
}

export interface RedriveProgress {
  /** Messages of the plan that nothing more is done with. */
  readonly done: number;
  readonly total: number;
}

/** Ends a run before its time: what is not done yet stays where it is. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

export function stopIfAborted({ signal }: Pick<Run, "signal">): void {
  if (signal?.aborted === true) throw new Stopped("it was told to stop");
}

/** Messages that are in their source queue, or need not be, by `messageId`: of this process and of those before. */
export function gone({ journal }: Pick<Run, "journal">): Set<string> {
  return new Set([...idsOf(journal, "sent"), ...idsOf(journal, "discarded")]);
}

export interface Ending {
  readonly left: ReadonlyMap<string, string>;
  readonly failed: ReadonlyMap<string, string>;
  readonly stopped?: string | undefined;
}

export function reportOf({ plan, journal }: Pick<Run, "plan" | "journal">, { left, failed, stopped }: Ending): RedriveReport {
  const moved = journal.entries.findLast((entry) => entry.event === "moved")?.messages ?? 0;
  return {
    runId: plan.runId,
    redriven: idsOf(journal, "sent").size + moved,
    released: idsOf(journal, "released").size,
    discarded: idsOf(journal, "discarded").size,
    left: remaining(left),
    failed: remaining(failed),
    ...(stopped !== undefined && { stopped }),
  };
}

function idsOf({ entries }: Journal, event: Extract<JournalEntry, { messageId: string }>["event"]): Set<string> {
  return new Set(entries.flatMap((entry) => (entry.event === event ? [entry.messageId] : [])));
}

function remaining(reasons: ReadonlyMap<string, string>): Remaining[] {
  return [...reasons].map(([messageId, reason]) => ({ messageId, reason }));
}
