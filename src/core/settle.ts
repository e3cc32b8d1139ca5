import type { Call } from "./call.ts";
import type { Encoded } from "./codec.ts";
import type { KeptError } from "./errors.ts";
import { expiryAfter } from "./lease.ts";
import type { Status, StoredRecord } from "./record.ts";
import { ask, type Patience } from "./retry.ts";
import { type Answer, type ClaimRef, type KeptResult, type Outcome, StoreFailure } from "./store.ts";

/** How a run ended, before the moment and the expiry are known. */
export type Ending =
  | { readonly status: "completed"; readonly encoded: Encoded }
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
/** What is left to the invocation for its own answer, and the least that a try gets. Milliseconds. */
const answerMarginMs = 200;

/** For `until`: one request to the store, waited for no longer than a second; its client may send it more than once. */
export const once: number = Number.NEGATIVE_INFINITY;

/**
 * Writes an ending, fenced by the owner. The first try is always sent, also after the lease: the fence decides, not our
 * clock. Tries again until `until` (epoch milliseconds) where that can help.
 */
export async function settle(call: Call, ref: ClaimRef, ending: Ending, until: number): Promise<Settled> {
  const { store } = call.ports;
  const outcome = outcomeOf(call, ending);
  const released = outcome.status === "released";
  let answer = await ask(call.ports, () => store.settle(ref, outcome), patience(call, until));
  if (isGone(answer) && !released) {
    // TTL deleted an overdue claim. The work is done and must not run again, so its record is put; a release is not.
    answer = await ask(call.ports, () => store.settle(ref, { ...outcome, write: "put" }), patience(call, until));
  }
  if (answer instanceof StoreFailure) return { kind: "failed", failure: answer };
  if (answer.applied) return { kind: "kept", kept: answer.kept };
  if (isOwn(answer.record, ref, outcome.status)) return { kind: "kept", kept: keptIn(answer.record) };
  if (released && answer.record === undefined) return { kind: "kept", kept: undefined };
  return { kind: "lost", record: answer.record };
}

/** A refusal that shows our own record as we wrote it answers a retry of what was applied. */
export function isOwn(record: StoredRecord | undefined, ref: ClaimRef, status: Status): record is StoredRecord {
  return record?.owner === ref.owner && record.status === status;
}

// A store that does not answer keeps no result from its caller: it is given up in time for the invocation to answer.
function patience(call: Call, until: number): Patience {
  const now = call.ports.clock.now();
  const left = (call.deadline() ?? Number.POSITIVE_INFINITY) - now;
  const giveUpAt = Math.max(until, now + minTryMs);
  // A context that says that nothing is left says nothing.
  return {
    retry: canHeal,
    until,
    giveUpAt: left > 0 ? Math.min(giveUpAt, now + Math.max(answerMarginMs, left - answerMarginMs)) : giveUpAt,
  };
}

function outcomeOf(call: Call, ending: Ending): Outcome {
  const completedAt = call.ports.clock.now();
  const base = { completedAt, write: "update" } as const;
  if (ending.status === "released") return { ...base, ...ending };
  const expiresAt = expiryAfter(completedAt, call.policy.retentionSeconds);
  if (ending.status !== "completed") return { ...base, ...ending, expiresAt };
  const { encoded } = ending;
  return { ...base, status: "completed", expiresAt, encoding: encoded.encoding, text: "text" in encoded ? encoded.text : undefined };
}

function isGone(answer: Answer | StoreFailure): boolean {
  return !(answer instanceof StoreFailure) && !answer.applied && answer.record === undefined;
}

function keptIn(record: StoredRecord): KeptResult | undefined {
  if (record.encoding === undefined) return undefined;
  return { encoding: record.encoding, bytes: record.result === undefined ? 0 : Buffer.byteLength(record.result) };
}

function canHeal(failure: StoreFailure): boolean {
  return failure.kind !== "misconfigured";
}
