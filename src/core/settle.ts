import { answerBy, type Call } from "./call.ts";
import { type Alarm, alarmAt } from "./clock.ts";
import { type Encoded, lostEncoding } from "./codec.ts";
import type { KeptError } from "./errors.ts";
import { expiryAfter } from "./lease.ts";
import type { Status, StoredRecord } from "./record.ts";
import { ask } from "./retry.ts";
import { type Answer, type ClaimRef, type KeptResult, type Outcome, StoreFailure } from "./store.ts";

/** How a run ended, before the moment and the expiry are known. */
export type Ending =
  | ({ readonly status: "completed" } & Encoded)
  | { readonly status: "failed" | "held"; readonly error: KeptError }
  | { readonly status: "released"; readonly error: KeptError };

/** What became of writing an ending. */
export type Settled =
  | { readonly kind: "kept"; readonly kept: KeptResult | undefined }
  /** Another owner, or an operator, has the key; with the record that says so, if there is one. */
  | { readonly kind: "lost"; readonly record: StoredRecord | undefined }
  | { readonly kind: "failed"; readonly failure: StoreFailure };

/** How long a try is waited for where its lease is short or over. Milliseconds. */
const minTryMs = 1000;
/** What is left of the time to complete without the result, where that could not be written. Milliseconds. */
const lostMarginMs = 500;

/** For `until`: one request to the store, waited for no longer than a second; its client may send it more than once. */
export const once: number = Number.NEGATIVE_INFINITY;

/**
 * Writes an ending, fenced by the owner. The first try is always sent, also after the lease: the fence decides, not our
 * clock. Tries again until `until` (epoch milliseconds) where that can help. A result that cannot be written beside its
 * record in time is given up: that the work is done matters more.
 */
export async function settle(call: Call, ref: ClaimRef, ending: Ending, until: number): Promise<Settled> {
  const time = resultTime(call, endOf(call, until));
  const outcome = outcomeOf(call, ending, time.signal);
  const canStillWrite = (failure: StoreFailure): boolean => !(failure.part === "result" && time.signal().aborted);
  const answer = await write(call, ref, outcome, until, (failure) => canHeal(failure) && canStillWrite(failure));
  time.end();
  if (!(answer instanceof StoreFailure && answer.part === "result")) return settledBy(answer, ref, outcome.status);
  const reason = answer.message;
  const lost = outcomeOf(call, { status: "completed", encoding: lostEncoding, reason });
  const settled = settledBy(await write(call, ref, lost, until, canHeal), ref, "completed");
  return settled.kind === "kept" ? { kind: "kept", kept: { encoding: lostEncoding, bytes: 0, ...settled.kept, reason } } : settled;
}

/** A refusal that shows our own record as we wrote it answers a retry of what was applied. */
export function isOwn(record: StoredRecord | undefined, ref: ClaimRef, status: Status): record is StoredRecord {
  return record?.owner === ref.owner && record.status === status;
}

async function write(
  call: Call,
  ref: ClaimRef,
  outcome: Outcome,
  until: number,
  retry: (failure: StoreFailure) => boolean,
): Promise<Answer | StoreFailure> {
  const send = (sent: Outcome): Promise<Answer | StoreFailure> =>
    ask(call, (store) => store.settle(ref, sent), { retry, until, giveUpAt: endOf(call, until) });
  const answer = await send(outcome);
  if (!isRefused(answer) || answer.record !== undefined) return answer;
  // A release is not put: its key is free.
  if (outcome.status === "released") return { applied: true };
  // TTL deleted an overdue claim. The work is done and must not run again, so its record is put; its retention begins anew.
  const expiresAt = expiryAfter(call.clock.now(), call.policy.retentionSeconds);
  const put = await send({ ...outcome, expiresAt, write: "put" });
  // A try of our own claim that was on its way all this time came first: it is the record of our run, and ends like it.
  return isRefused(put) && isOwn(put.record, ref, "in_progress") ? write(call, ref, outcome, until, retry) : put;
}

function settledBy(answer: Answer | StoreFailure, ref: ClaimRef, status: Status): Settled {
  if (answer instanceof StoreFailure) return { kind: "failed", failure: answer };
  if (answer.applied) return { kind: "kept", kept: answer.kept };
  if (isOwn(answer.record, ref, status)) return { kind: "kept", kept: answer.kept ?? keptIn(answer.record) };
  return { kind: "lost", record: answer.record };
}

// A store that does not answer keeps no result from its caller: it is given up in time for the invocation to answer.
function endOf(call: Call, until: number): number {
  const end = Math.max(until, call.clock.now() + minTryMs);
  return Math.min(end, answerBy(call) ?? end);
}

/** The time for what is written beside the record. */
function resultTime({ clock }: Call, end: number): Alarm {
  const until = end - Math.min(lostMarginMs, (end - clock.now()) / 2);
  return alarmAt(clock, () => until, "the time to write a result is over");
}

function outcomeOf(call: Call, ending: Ending, resultSignal?: () => AbortSignal): Outcome {
  const completedAt = call.clock.now();
  const write = "update";
  if (ending.status === "released") return { ...ending, completedAt, write };
  const expiresAt = expiryAfter(completedAt, call.policy.retentionSeconds);
  if (ending.status !== "completed") return { ...ending, completedAt, write, expiresAt };
  return { ...ending, completedAt, write, expiresAt, resultSignal };
}

function isRefused(answer: Answer | StoreFailure): answer is Extract<Answer, { applied: false }> {
  return !(answer instanceof StoreFailure) && !answer.applied;
}

function keptIn(record: StoredRecord): KeptResult | undefined {
  if (record.encoding === undefined) return undefined;
  return { encoding: record.encoding, bytes: record.result === undefined ? 0 : Buffer.byteLength(record.result) };
}

function canHeal(failure: StoreFailure): boolean {
  return failure.kind !== "misconfigured";
}
