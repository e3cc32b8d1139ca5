import { begin } from "./begin.ts";
import type { Call } from "./call.ts";
import { encodeResult, lostEncoding } from "./codec.ts";
import type { Runnable } from "./delivery.ts";
import { describeError } from "./errors.ts";
import { claimedExecution, type Running, runInside, unclaimedExecution } from "./execution.ts";
import type { ResolvedOptions } from "./options.ts";
import { leaseLost, refusal } from "./refusals.ts";
import { replay, winnersResult } from "./replay.ts";
import { type Ending, once, settle } from "./settle.ts";

/** The options that decide what is made of a result or an error. */
export type ResultPolicy<R> = Pick<ResolvedOptions<never[], R>, "codec" | "onReplay" | "onError">;

/**
 * Runs the work once per key: begins, works, settles. Every duplicate gets the first run's answer.
 *
 * @throws the work's own error, untouched; IdempotencyError for a refusal; ReplayedError for an error kept by policy.
 */
export async function run<R>(call: Call, policy: ResultPolicy<R>, work: () => Promise<R> | R): Promise<R> {
  const begun = await begin(call);
  switch (begun.kind) {
    case "run":
    case "unclaimed":
      return runOnce(call, policy, begun, work);
    case "replay":
      return replay(call, policy, begun.record);
    case "busy":
    case "mismatch":
    case "unknown":
    case "unavailable":
      throw refusal(call, begun);
  }
}

async function runOnce<R>(call: Call, policy: ResultPolicy<R>, begun: Runnable, work: () => Promise<R> | R): Promise<R> {
  let result: R;
  try {
    result = await runInside(insideOf(call, begun), work);
  } catch (error) {
    await settleError(call, policy, begun, error);
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
export async function settleResult<R>(call: Call, policy: ResultPolicy<R>, begun: Runnable, result: R): Promise<R> {
  const encoded = encodeResult(policy.codec, result);
  if (begun.kind === "unclaimed") {
    await settleUnclaimed(call, begun, { status: "completed", encoded });
    return result;
  }
  const { claim } = begun;
  const { attempt, startedAt } = claim.ref;
  const durationMs = Math.max(0, call.ports.clock.now() - startedAt);
  const settled = await claim.settle({ status: "completed", encoded });
  if (settled.kind === "failed") {
    // The work is done and its caller must know; the claim stays until its lease ends.
    call.report({ type: "store_error", during: "settle", error: settled.failure });
    return result;
  }
  if (settled.kind === "lost") {
    call.report({ type: "lease_lost", attempt });
    const winners = await winnersResult(call, policy, claim.ref, settled.record);
    if (winners === undefined) throw leaseLost(call, "another run has, or may have, taken its place");
    return winners.result;
  }
  const { encoding = encoded.encoding, bytes = 0, reason } = settled.kept ?? {};
  call.report({ type: "completed", attempt, durationMs, encoding, bytes });
  if (encoding === lostEncoding) {
    const why = ("reason" in encoded ? encoded.reason : reason) ?? "the store could not keep it";
    call.report({ type: "result_not_kept", attempt, reason: why });
  }
  return result;
}

/** Ends a run by policy after an error. Never throws: the error that the caller gets is the work's own. */
export async function settleError<R>(call: Call, policy: ResultPolicy<R>, begun: Runnable, error: unknown): Promise<void> {
  const ending = endingOf(policy, error);
  if (begun.kind === "unclaimed") return settleUnclaimed(call, begun, ending);
  const { attempt, startedAt } = begun.claim.ref;
  const durationMs = Math.max(0, call.ports.clock.now() - startedAt);
  const settled = await begun.claim.settle(ending);
  if (settled.kind === "failed") return call.report({ type: "store_error", during: "settle", error: settled.failure });
  if (settled.kind === "lost") return call.report({ type: "lease_lost", attempt });
  call.report({ type: ending.status, attempt, durationMs, errorName: ending.error.name });
}

function endingOf<R>(policy: ResultPolicy<R>, error: unknown): Exclude<Ending, { readonly status: "completed" }> {
  const described = describeError(error);
  switch (policy.onError(error)) {
    case "keep":
      return { status: "failed", error: described };
    case "hold":
      return { status: "held", error: { name: described.name } };
    case "release":
      return { status: "released", error: { name: described.name } };
  }
}

// The store could not be reached and policy said to run. How it ended is written once, since the claim may be there;
// whatever the store says to that, the caller gets the work's own result or error.
async function settleUnclaimed(call: Call, begun: Runnable & { readonly kind: "unclaimed" }, ending: Ending): Promise<void> {
  const settled = await settle(call, begun.ref, ending, once);
  if (settled.kind === "failed") call.report({ type: "store_error", during: "settle", error: settled.failure });
}
