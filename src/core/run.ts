import { begin } from "./begin.ts";
import type { Call } from "./call.ts";
import { type Claim, leaseLost, unavailable } from "./claim.ts";
import { encodeResult, lostEncoding } from "./codec.ts";
import type { Refusal } from "./delivery.ts";
import { describeError, IdempotencyError } from "./errors.ts";
import { claimedExecution, runInside, unclaimedExecution } from "./execution.ts";
import type { ResolvedOptions } from "./options.ts";
import { replay, winnersAnswer } from "./replay.ts";
import { type Ending, once, settle } from "./settle.ts";
import type { ClaimRef } from "./store.ts";

/** The options that decide over a run's answer. */
export type AnswerPolicy<R> = Pick<ResolvedOptions<never[], R>, "codec" | "onReplay" | "onError">;

type Errored = Exclude<Ending, { readonly status: "completed" }>;

/**
 * Runs the work once per key: begins, works, settles. Every duplicate gets the first run's answer.
 *
 * @throws the work's own error, untouched; IdempotencyError for a refusal; ReplayedError for an error kept by policy.
 */
export async function run<R>(call: Call, policy: AnswerPolicy<R>, work: () => Promise<R> | R): Promise<R> {
  const begun = await begin(call);
  switch (begun.kind) {
    case "run":
      return runClaimed(call, policy, begun.claim, work);
    case "unclaimed":
      return runUnclaimed(call, policy, begun.ref, work);
    case "replay":
      return replay(call, policy, begun.record);
    default:
      throw refusal(call, begun);
  }
}

/** A refusal as an error, for doors whose callers expect one. */
export function refusal(call: Call, refused: Refusal): IdempotencyError {
  if (refused.kind === "unavailable") return unavailable(call, refused.failure);
  const { operation, keyHash } = call.id;
  const details = { keyHash, requestId: refused.record?.requestId };
  switch (refused.kind) {
    case "busy": {
      const { retryAfterMs } = refused;
      return new IdempotencyError(
        "IN_PROGRESS",
        `another delivery of this key of "${operation}" is in progress; try again in ${retryAfterMs} ms`,
        { ...details, retryAfterMs },
      );
    }
    case "mismatch":
      return new IdempotencyError(
        "KEY_REUSED",
        `this key of "${operation}" belongs to another payload; a new payload needs a new key`,
        details,
      );
    case "unknown":
      return new IdempotencyError(
        "OUTCOME_UNKNOWN",
        `nobody knows how the first run of this key of "${operation}" ended; find out, then release the key`,
        details,
      );
  }
}

async function runClaimed<R>(call: Call, policy: AnswerPolicy<R>, claim: Claim, work: () => Promise<R> | R): Promise<R> {
  const inside = claimedExecution(call.id, claim.ref.attempt, claim.lease, claim.extend);
  let result: R;
  try {
    result = await runInside(inside, work);
  } catch (error) {
    await settleError(call, policy, claim, error);
    throw error;
  }
  return settleResult(call, policy, claim, result);
}

/** Completes a claim. The answer is the result, or the winner's where the claim was lost. */
export async function settleResult<R>(call: Call, policy: AnswerPolicy<R>, claim: Claim, result: R): Promise<R> {
  const { attempt, startedAt } = claim.ref;
  const encoded = encodeResult(policy.codec, result);
  const settled = await claim.settle({ status: "completed", encoded });
  if (settled.kind === "failed") {
    // The work is done and its caller must know; the claim stays until its lease ends.
    call.report({ type: "store_error", during: "settle", error: settled.failure });
    return result;
  }
  if (settled.kind === "lost") {
    call.report({ type: "lease_lost", attempt });
    const answer = await winnersAnswer(call, policy, claim.ref, settled.record);
    if (answer === undefined) throw leaseLost(call, "another run has, or may have, taken its place");
    return answer.result;
  }
  const { encoding = encoded.encoding, bytes = 0, reason } = settled.kept ?? {};
  call.report({ type: "completed", attempt, durationMs: call.ports.clock.now() - startedAt, encoding, bytes });
  if (encoding === lostEncoding) {
    call.report({
      type: "result_not_kept",
      attempt,
      reason: ("reason" in encoded ? encoded.reason : reason) ?? "the store could not keep it",
    });
  }
  return result;
}

/** Ends a claim by policy after an error. Never throws: the error that the caller gets is the work's own. */
export async function settleError<R>(call: Call, policy: AnswerPolicy<R>, claim: Claim, error: unknown): Promise<void> {
  const { attempt, startedAt } = claim.ref;
  const ending = endingOf(policy, error);
  const settled = await claim.settle(ending);
  if (settled.kind === "failed") return call.report({ type: "store_error", during: "settle", error: settled.failure });
  if (settled.kind === "lost") return call.report({ type: "lease_lost", attempt });
  call.report({ type: ending.status, attempt, durationMs: call.ports.clock.now() - startedAt, errorName: ending.error.name });
}

function endingOf<R>(policy: AnswerPolicy<R>, error: unknown): Errored {
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

// The store could not be reached and policy says to run. Its outcome is written once, since the claim may be there;
// whatever the store says to that, the caller gets the work's own result or error.
async function runUnclaimed<R>(call: Call, policy: AnswerPolicy<R>, ref: ClaimRef, work: () => Promise<R> | R): Promise<R> {
  let result: R;
  try {
    result = await runInside(unclaimedExecution(call.id), work);
  } catch (error) {
    await writeOnce(call, ref, endingOf(policy, error));
    throw error;
  }
  await writeOnce(call, ref, { status: "completed", encoded: encodeResult(policy.codec, result) });
  return result;
}

async function writeOnce(call: Call, ref: ClaimRef, ending: Ending): Promise<void> {
  const settled = await settle(call, ref, ending, once);
  if (settled.kind === "failed") call.report({ type: "store_error", during: "settle", error: settled.failure });
}
