import { begin } from "./begin.ts";
import { type Call, msSince, reportStoreError } from "./call.ts";
import { encodeResult, lostEncoding } from "./codec.ts";
import type { Runnable } from "./delivery.ts";
import { describeError } from "./errors.ts";
import { claimedExecution, type Running, runInside, unclaimedExecution } from "./execution.ts";
import type { ErrorPolicy, ResolvedOptions } from "./options.ts";
import type { StoredRecord } from "./record.ts";
import { leaseLost, refusal } from "./refusals.ts";
import { replay, type ReplayPolicy, winnersResult } from "./replay.ts";
import { type Ending, once, settle } from "./settle.ts";
import type { ClaimRef, KeptResult } from "./store.ts";

/** The options that decide what is made of a result or an error. */
export type ResultPolicy<R> = Pick<ResolvedOptions<never[], R>, "codec" | "onReplay" | "onError">;

/**
 * Runs the work once per key: begins, works, settles. Every duplicate gets the first run's answer.
 *
 * @throws the work's own error, untouched; IdempotencyError for a refusal; ReplayedError for an error kept by policy.
 */
export async function run<R>(call: Call, policy: ResultPolicy<R>, work: () => Promise<R> | R): Promise<R> {
  const begun = await begin(call);
  if (begun.kind === "replay") return replay(call, policy, begun.record);
  if (begun.kind === "run" || begun.kind === "unclaimed") return runOnce(call, policy, begun, work);
  throw refusal(call, begun);
}

async function runOnce<R>(call: Call, policy: ResultPolicy<R>, begun: Runnable, work: () => Promise<R> | R): Promise<R> {
  let result: R;
  try {
    result = await runInside(insideOf(call, begun), work);
  } catch (error) {
    await settleError(call, policy.onError(error), begun, error);
    throw error;
  }
  return settleResult(call, policy, begun, result);
}

/** What the work of a run is to see. */
export function insideOf(call: Call, begun: Runnable): Running {
  if (begun.kind === "unclaimed") return unclaimedExecution(call.id);
  const { ref, lease, extend } = begun.claim;
  return claimedExecution(call.id, ref.attempt, lease, extend);
}

/**
 * Completes a run. Its answer is the result, or the winner's where the claim was lost.
 *
 * @throws IdempotencyError `LEASE_LOST` where the claim was lost and no winner's result is to be had.
 */
export async function settleResult<R>(call: Call, policy: ReplayPolicy<R>, begun: Runnable, result: R): Promise<R> {
  const lost = await end(call, begun, { status: "completed", ...encodeResult(policy.codec, result) });
  if (lost === undefined) return result;
  const winners = await winnersResult(call, policy, lost.ref, lost.record);
  if (winners === undefined) throw leaseLost(call, "another run has, or may have, taken its place");
  return winners.result;
}

/** Ends a run after an error, as policy says. Never throws: the error that the caller gets is the work's own. */
export async function settleError(call: Call, policy: ErrorPolicy, begun: Runnable, error: unknown): Promise<void> {
  await end(call, begun, endingOf(policy, error));
}

function endingOf(policy: ErrorPolicy, error: unknown): Ending {
  const described = describeError(error);
  const { name } = described;
  switch (policy) {
    case "keep":
      return { status: "failed", error: described };
    case "hold":
      return { status: "held", error: { name } };
    case "release":
      return { status: "released", error: { name } };
  }
}

/** A claim that was lost, and the record that says so, if there is one. */
interface Lost {
  readonly ref: ClaimRef;
  readonly record: StoredRecord | undefined;
}

// Writes an ending and tells what became of that. Where the store did not take it, the work is done all the same and its
// caller must know; the claim stays until its lease ends.
async function end(call: Call, begun: Runnable, ending: Ending): Promise<Lost | undefined> {
  if (begun.kind === "unclaimed") return endUnclaimed(call, begun.ref, ending);
  const { ref } = begun.claim;
  const { attempt, startedAt } = ref;
  const durationMs = msSince(call, startedAt);
  const settled = await begun.claim.settle(ending);
  if (settled.kind === "lost") {
    call.report({ type: "lease_lost", attempt });
    return { ref, record: settled.record };
  }
  if (settled.kind === "failed") reportStoreError(call, "settle", settled.failure);
  else if (ending.status === "completed") {
    const kept: KeptResult = { bytes: 0, ...ending, ...settled.kept };
    call.report({ type: "completed", attempt, durationMs, encoding: kept.encoding, bytes: kept.bytes });
    reportNotKept(call, attempt, kept);
  } else call.report({ type: ending.status, attempt, durationMs, errorName: ending.error.name });
  return undefined;
}

// Written once, since the claim may be there: whatever the store says to that, the run's answer stands.
async function endUnclaimed(call: Call, ref: ClaimRef, ending: Ending): Promise<undefined> {
  const settled = await settle(call, ref, ending, once);
  if (settled.kind === "failed") reportStoreError(call, "settle", settled.failure);
  else if (settled.kind === "kept" && ending.status === "completed") reportNotKept(call, 0, { bytes: 0, ...ending, ...settled.kept });
}

function reportNotKept(call: Call, attempt: number, { encoding, reason }: KeptResult): void {
  if (encoding === lostEncoding) call.report({ type: "result_not_kept", attempt, reason: reason ?? "the store could not keep it" });
}
