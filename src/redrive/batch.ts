// Ten messages: each judged again, its key freed, sent, and deleted only then.
import type { Message } from "@aws-sdk/client-sqs";
import { messageOf } from "../core/errors.ts";
import { sha256 } from "../core/key.ts";
import type { StoredRecord } from "../core/record.ts";
import { type Action, actionFor } from "./action.ts";
import type { Letter } from "./letters.ts";
import { type Run, Stopped } from "./run.ts";
import { send, type Sent } from "./send.ts";
import type { RedriveEntry } from "./types.ts";

/** How far a run has come. */
export interface Progress {
  /** Planned, and not come to yet. */
  readonly pending: Set<string>;
  /** In their source queue, or done: to be deleted wherever they are met. */
  readonly gone: Set<string>;
  /** Why, by `messageId`. */
  readonly left: Map<string, string>;
  readonly failed: Map<string, string>;
  /** Receipt handles of what stays in flight, so that it is not received again and again. */
  readonly held: Map<string, string>;
  /** FIFO groups of which a message stays: what comes after it must not overtake. */
  readonly stuck: Set<string>;
  /** How many messages were deleted. */
  removed: number;
  takeTokens(count: number): Promise<void>;
}

/** A letter that goes, and what its record said. */
interface Outgoing extends Letter {
  readonly record: RedriveEntry["record"];
}

/** @throws Stopped where a request failed, or a message has come that nobody planned; what was sent is deleted before. */
export async function redriveBatch(run: Run, progress: Progress, messages: readonly Message[]): Promise<void> {
  const letters = messages.map((message) => run.reader.read(message));
  for (const { messageId, message } of letters) progress.held.set(messageId, message.ReceiptHandle ?? "");
  const stranger = letters.find(({ messageId }) => !run.planned.has(messageId));
  if (stranger !== undefined && run.plan.complete)
    throw new Stopped(`message ${stranger.messageId} has come into the dead-letter queue meanwhile: see why, and make a new plan`);

  const outgoing: Outgoing[] = [];
  for (const letter of letters.filter(({ messageId }) => progress.pending.has(messageId) && !progress.gone.has(messageId)))
    outgoing.push(...(await made(run, progress, letter)));
  const trouble = await sendAll(run, progress, outgoing);
  await removeAll(
    run,
    progress,
    letters.filter(({ messageId }) => progress.gone.has(messageId)),
  );
  if (trouble !== undefined) throw trouble;
}

/** What of it is to be sent: it, once its key is free, or nothing. */
async function made(run: Run, progress: Progress, letter: Letter): Promise<Outgoing[]> {
  const { action, record } = await decided(run, progress, letter);
  if (action.does === "discard") {
    run.journal.write({ event: "discarded", messageId: letter.messageId, keyHash: keyHashOf(letter) });
    progress.gone.add(letter.messageId);
    return [];
  }
  const reason = action.does === "leave" ? action.reason : await freed(run, letter, action.release);
  if (reason === undefined) return [{ ...letter, record }];
  stay(run, progress, letter, "left", reason);
  return [];
}

interface Decided extends Pick<Outgoing, "record"> {
  readonly action: Action;
}

async function decided(run: Run, { stuck }: Progress, letter: Letter): Promise<Decided> {
  const group = groupOf(letter);
  if (group !== undefined && stuck.has(group)) return leave("one of its group that came before it stays");
  const entry = run.planned.get(letter.messageId);
  if (entry === undefined) return leave("it is not in the plan");
  await run.lock.keep();
  const judgement = await run.reader.judge(letter);
  return { action: actionFor(entry, judgement, run.consent, run.clock.now()), record: judgement.record };
}

function leave(reason: string): Decided {
  return { action: { does: "leave", reason }, record: undefined };
}

/** Frees its key where that is needed; says why it could not. */
async function freed({ store, journal }: Run, letter: Letter, seen: StoredRecord | undefined): Promise<string | undefined> {
  if (seen === undefined) return undefined;
  const answer = await store.release(seen);
  // Also where it was this request, tried again since its answer was lost.
  const isFree = answer.applied || (answer.record?.status === "released" && answer.record.attempt === seen.attempt);
  if (!isFree) return "its record has changed while its key was to be freed";
  journal.write({ event: "released", messageId: letter.messageId, keyHash: keyHashOf(letter) });
  return undefined;
}

/** Answers why it has to end. */
async function sendAll(run: Run, progress: Progress, letters: readonly Outgoing[]): Promise<Stopped | undefined> {
  for (const round of rounds(letters)) {
    const going = round.filter((letter) => {
      const group = groupOf(letter);
      const isStuck = group !== undefined && progress.stuck.has(group);
      if (isStuck) stay(run, progress, letter, "failed", "one of its group that came before it was not sent");
      return !isStuck;
    });
    for (const [arn, ofQueue] of Map.groupBy(going, ({ sourceQueueArn = "" }) => sourceQueueArn)) {
      const trouble = await sendTo(run, progress, run.queue.sources.get(arn) ?? "", ofQueue);
      if (trouble !== undefined) return trouble;
    }
  }
  return undefined;
}

/** Of a FIFO queue one of each group at a time: a batch may be sent in part, and what comes later must not overtake. */
function rounds(letters: readonly Outgoing[]): readonly (readonly Outgoing[])[] {
  const numbers = new Map<string, number>();
  const byRound = Map.groupBy(letters, (letter) => {
    const group = groupOf(letter);
    if (group === undefined) return 0;
    const number = numbers.get(group) ?? 0;
    numbers.set(group, number + 1);
    return number;
  });
  return [...byRound].toSorted(([one], [other]) => one - other).map(([, round]) => round);
}

async function sendTo(run: Run, progress: Progress, url: string, letters: readonly Outgoing[]): Promise<Stopped | undefined> {
  const { sqs, plan, journal, lock } = run;
  await progress.takeTokens(letters.length);
  await lock.keep();
  const answers = new Map<string, Sent>();
  const outgoing = letters.map(({ message, messageId, key }) => ({
    message,
    messageId,
    isStamped: key.kind === "keyed" && key.from === "messageId",
  }));
  let trouble: Stopped | undefined;
  try {
    await send(sqs, url, plan.runId, outgoing, answers);
  } catch (error) {
    trouble = new Stopped(`messages could not be sent: ${messageOf(error)}`);
  }
  for (const letter of letters) {
    const { messageId, message, record } = letter;
    const answer = answers.get(messageId) ?? {
      reason: `nobody knows whether it was sent${trouble === undefined ? "" : `: ${trouble.message}`}`,
    };
    if ("reason" in answer) {
      stay(run, progress, letter, "failed", answer.reason);
      continue;
    }
    const { sourceQueueArn = "" } = letter;
    journal.write({
      event: "sent",
      messageId,
      ...answer,
      sourceQueueArn,
      keyHash: keyHashOf(letter),
      ...(record !== undefined && { record }),
      bodySha256: sha256(message.Body ?? ""),
    });
    progress.gone.add(messageId);
  }
  return trouble;
}

/** Deletes what is in its source queue, or done. */
async function removeAll({ queue, journal }: Run, progress: Progress, letters: readonly Letter[]): Promise<void> {
  const kept = await queue.remove(letters.map(({ message }) => message)).catch((error: unknown) => messageOf(error));
  for (const { messageId } of letters) {
    const reason = typeof kept === "string" ? kept : kept.get(messageId);
    progress.pending.delete(messageId);
    if (reason === undefined) {
      journal.write({ event: "deleted", messageId });
      progress.held.delete(messageId);
      progress.removed++;
      progress.failed.delete(messageId);
    } else progress.failed.set(messageId, `it is done with, and could not be deleted: ${reason}`);
  }
}

function stay({ journal }: Run, progress: Progress, letter: Letter, how: "left" | "failed", reason: string): void {
  const { messageId } = letter;
  progress[how].set(messageId, reason);
  progress.pending.delete(messageId);
  journal.write({ event: how, messageId, reason });
  const group = groupOf(letter);
  if (group !== undefined) progress.stuck.add(group);
}

/** Of a FIFO queue: its messages go in order. */
function groupOf({ message, sourceQueueArn }: Letter): string | undefined {
  if (sourceQueueArn?.endsWith(".fifo") !== true) return undefined;
  return `${sourceQueueArn} ${message.Attributes?.MessageGroupId}`;
}

function keyHashOf({ key }: Letter): string {
  return key.id?.keyHash ?? "";
}
