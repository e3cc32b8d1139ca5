// What a run has done, on disk before it does the next thing: whoever is killed goes on from there. One JSON object a line, no bodies.
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { fail, isObject } from "../core/check.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { refused } from "./plan-file.ts";
import type { DeadLetterQueue } from "./queue.ts";
import type { RedriveEntry, RedrivePlan } from "./types.ts";

export type JournalEntry =
  /** The first one: which run, and all that it is about. */
  | {
      readonly event: "run";
      readonly version: 1;
      readonly runId: string;
      /** Who: user@host. */
      readonly actor: string;
      readonly deadLetterQueueUrl: string;
      readonly operation: string;
      readonly messageIds: readonly string[];
    }
  /** Another process goes on with it. */
  | { readonly event: "resumed"; readonly actor: string }
  /** What is in flight from now on, by `messageId`. */
  | { readonly event: "received"; readonly receiptHandles: Readonly<Record<string, string>> }
  | { readonly event: "released"; readonly messageId: string; readonly keyHash: string }
  /** It is in its source queue, and may be deleted. */
  | {
      readonly event: "sent";
      readonly messageId: string;
      readonly newMessageId: string;
      readonly sourceQueueArn: string;
      readonly keyHash: string;
      /** What its record said. */
      readonly record?: RedriveEntry["record"];
      readonly bodySha256: string;
    }
  /** Its work is done, and it may be deleted. */
  | { readonly event: "discarded"; readonly messageId: string; readonly keyHash: string }
  | { readonly event: "deleted"; readonly messageId: string }
  | { readonly event: "left" | "failed"; readonly messageId: string; readonly reason: string }
  /** A move task of SQS's own begins, which takes what there is. */
  | { readonly event: "moving" }
  | { readonly event: "moved"; readonly messages: number };

export interface Journal {
  /** Newest last; of this process and of those before. */
  readonly entries: readonly JournalEntry[];
  /** On disk when it returns: what comes next may rest on it. */
  write(...entries: readonly JournalEntry[]): void;
  close(): void;
}

/**
 * Begins a journal, or goes on with the one that is there. Without a file it is kept in memory.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for a file that cannot be written, or is the journal of another run.
 */
export function openJournal(path: string | undefined, plan: RedrivePlan, clock: Clock): Journal {
  const entries: JournalEntry[] = [];
  const file = path === undefined ? undefined : openFile(path);
  if (path !== undefined && file !== undefined) entries.push(...readEntries(file, path, plan));
  const journal: Journal = {
    entries,
    write(...added) {
      if (file !== undefined) {
        const at = new Date(clock.now()).toISOString();
        append(file, added.map((entry) => `${JSON.stringify({ at, ...entry })}\n`).join(""));
      }
      entries.push(...added);
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
  const { runId, deadLetterQueueUrl, operation } = plan;
  const messageIds = plan.entries.map(({ messageId }) => messageId);
  const actor = whoIsThis();
  if (entries.length > 0) journal.write({ event: "resumed", actor });
  else journal.write({ event: "run", version: 1, runId, actor, deadLetterQueueUrl, operation, messageIds });
  return journal;
}

function whoIsThis(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname(); // a user without a name, as in some containers
  }
}

function openFile(path: string): number {
  let file: number;
  try {
    file = openSync(path, "a+");
  } catch (error) {
    throw fail("journal", path, `it cannot be written: ${messageOf(error)}`);
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw fail("journal", path, "it is no file");
}

function append(file: number, text: string): void {
  const { size } = fstatSync(file);
  try {
    writeFileSync(file, text); // all of it, where a single write may be short
    fdatasyncSync(file);
  } catch (error) {
    ftruncateSync(file, size); // half a line would be in the way of the next one
    throw error;
  }
}

function readEntries(file: number, path: string, { runId }: RedrivePlan): JournalEntry[] {
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const entries = whole
    .split("\n")
    .slice(0, -1)
    .map((line, i) => entryOf(line, `${path}:${i + 1}`));
  const [first] = entries;
  // Killed in the middle of the first line.
  const isTorn = whole === "" && text.startsWith('{"at":');
  if (text !== "" && !isTorn && first?.event !== "run")
    throw refused("journal", `${path} is no journal of a redrive: give the path of a new file`);
  if (first?.event === "run" && first.runId !== runId)
    throw refused("journal", `${path} is the journal of run ${first.runId}, and the plan is of run ${runId}: give the path of a new file`);
  // A process that was killed in the middle of a line has not done yet what it says.
  if (whole !== text) ftruncateSync(file, Buffer.byteLength(whole));
  return entries;
}

function entryOf(line: string, where: string): JournalEntry {
  try {
    const entry: unknown = JSON.parse(line);
    if (isObject(entry) && typeof entry["event"] === "string") return entry as JournalEntry;
  } catch {
    // as below
  }
  throw refused("journal", `${where} is no line of a journal: it was changed`);
}

/** A queue whose receives are in the journal: whoever goes on after a kill need not wait until they are visible. */
export function journaled(queue: DeadLetterQueue, journal: Journal): DeadLetterQueue {
  return {
    ...queue,
    async receive(most, visibilitySeconds) {
      const messages = await queue.receive(most, visibilitySeconds);
      const receiptHandles = Object.fromEntries(messages.map(({ MessageId = "", ReceiptHandle = "" }) => [MessageId, ReceiptHandle]));
      if (messages.length > 0) journal.write({ event: "received", receiptHandles });
      return messages;
    },
  };
}

/** The newest receipt handles of what a process before this one may have in flight. */
export function inFlight({ entries }: Journal): string[] {
  const handles = new Map<string, string>();
  for (const entry of entries) {
    if (entry.event === "received") for (const [id, handle] of Object.entries(entry.receiptHandles)) handles.set(id, handle);
    if (entry.event === "deleted") handles.delete(entry.messageId);
  }
  return [...handles.values()];
}
