import { answerBy, type Call, msSince, reportStoreError } from "./call.ts";
import { type Codec, lostEncoding, voidEncoding } from "./codec.ts";
import { defined, type IdempotencyError, ReplayedError } from "./errors.ts";
import type { ResolvedOptions } from "./options.ts";
import { codecOf, endedAt, type StoredRecord } from "./record.ts";
import { resultUnavailable, unavailable } from "./refusals.ts";
import { ask } from "./retry.ts";
import { type ClaimRef, StoreFailure } from "./store.ts";
import { judge } from "./verdict.ts";

/** The options that decide over a replay. */
export type ReplayPolicy<R> = Pick<ResolvedOptions<never[], R>, "codec" | "onReplay">;

/**
 * Answers from the record of a finished run.
 *
 * @throws ReplayedError for an error kept by policy; IdempotencyError `RESULT_UNAVAILABLE` where the result cannot be
 * read back, `STORE_UNAVAILABLE` or `CONFIG_INVALID` where the store did not give it.
 */
export async function replay<R>(call: Call, policy: ReplayPolicy<R>, record: StoredRecord): Promise<R> {
  if (record.status === "failed") {
    reportReplayed(call, record);
    throw new ReplayedError(record.error ?? { name: "Error" });
  }
  return handOver(call, policy, record, await readResult(call, policy.codec, record));
}

/**
 * The answer for an owner that finds its key in other hands: the winner's, where that has completed under the same
 * fingerprint and can be read; else undefined.
 */
export async function winnersResult<R>(
  call: Call,
  policy: ReplayPolicy<R>,
  loser: ClaimRef,
  record: StoredRecord | undefined,
): Promise<{ readonly result: R } | undefined> {
  if (record?.status !== "completed") return undefined;
  let result: R;
  try {
    const { owner, fingerprint } = loser;
    if (judge(record, { owner, fingerprint, onLeaseExpired: "throw" }, call.clock.now()).kind !== "replay") return undefined;
    result = await readResult(call, policy.codec, record);
  } catch {
    return undefined; // lost, unreadable for now, or of a newer build
  }
  return { result: await handOver(call, policy, record, result) };
}

// What `onReplay` throws is the caller's.
async function handOver<R>(call: Call, { onReplay }: ReplayPolicy<R>, record: StoredRecord, result: R): Promise<R> {
  reportReplayed(call, record);
  const { attempt, requestId } = record;
  return onReplay === undefined ? result : onReplay(result, { attempt, completedAt: endedAt(record), ...defined({ requestId }) });
}

async function readResult<R>(call: Call, codec: Codec<R>, record: StoredRecord): Promise<R> {
  const { encoding = lostEncoding, attempt } = record;
  if (encoding === voidEncoding) return undefined as R;
  if (encoding === lostEncoding) {
    call.report({ type: "result_not_kept", attempt, reason: "the first run's result could not be kept" });
    throw resultUnavailable(call, record, "it could not be kept");
  }
  const codecName = codecOf(encoding);
  if (codecName !== codec.name) throw unreadable(call, record, `it was kept by codec "${codecName}", and this build reads "${codec.name}"`);
  // A store that does not answer must not take the time for the caller's own answer.
  const text = await ask(call, (store) => store.result(record), { giveUpAt: answerBy(call) });
  if (text instanceof StoreFailure) {
    reportStoreError(call, "result", text);
    throw unavailable(call, text);
  }
  if (text === undefined) throw unreadable(call, record, "the store does not have it any more, or cannot decode it");
  try {
    return await codec.decode(text); // awaited, so that an async one cannot reject past this catch
  } catch (error) {
    throw unreadable(call, record, `codec "${codec.name}" could not decode it`, error);
  }
}

function unreadable(call: Call, record: StoredRecord, why: string, cause?: unknown): IdempotencyError {
  const error = resultUnavailable(call, record, why, cause);
  reportStoreError(call, "result", error);
  return error;
}

function reportReplayed(call: Call, record: StoredRecord): void {
  call.report({ type: "replayed", attempt: record.attempt, ageMs: msSince(call, endedAt(record)) });
}
