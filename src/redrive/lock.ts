// One run at a time for a dead-letter queue: a claim on its ARN, which has one form only, in the table of the records.
import { begin } from "../core/begin.ts";
import type { Call } from "../core/call.ts";
import { hashKey, sha256 } from "../core/key.ts";
import type { RecordId } from "../core/record.ts";
import { unavailable } from "../core/refusals.ts";
import { clockOf } from "../lambda/prepare.ts";
import { newOwner } from "../lambda/system.ts";
import type { ResolvedSqsOptions } from "../sqs/options.ts";
import { refused } from "./plan-file.ts";

const operation = "lambda-once.redrive";
const leaseMs = 15_000;
/** What has to be left of the lease: it is extended once a second, and tells then whether it is still this process's. Milliseconds. */
const reserveMs = 14_000;

export interface Lock {
  /**
   * Sees to it that the lock holds for a while.
   *
   * @throws IdempotencyError `LEASE_LOST` where another run has it, `STORE_UNAVAILABLE` where nobody knows.
   */
  keep(): Promise<void>;
  release(): Promise<void>;
}

/** Its record: in progress while a run is under way. */
export function lockIdOf(queueArn: string): RecordId {
  return { operation, keyHash: hashKey(queueArn) };
}

/**
 * A process that goes on with a run takes the lock from the one before at once: that was killed, or ends when it keeps the lock next.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where another run is under way; StoreFailure where nobody knows.
 */
export async function takeLock(options: ResolvedSqsOptions<unknown, unknown>, queueArn: string, runId: string): Promise<Lock> {
  const clock = clockOf(options);
  const id = lockIdOf(queueArn);
  const run = sha256(`${operation} ${runId}`);
  const seen = await options.store.read(id);
  if (seen?.status === "in_progress" && seen.owner.startsWith(run)) await options.store.release(seen);
  const call: Call = {
    store: options.store,
    clock,
    random: Math.random,
    newOwner: () => `${run} ${newOwner()}`,
    policy: { ...options, waitMs: 0, onLeaseExpired: "run", onStoreUnavailable: "throw" },
    id,
    keyParts: queueArn,
    fingerprint: undefined,
    requestId: undefined,
    messageId: undefined,
    retryFailedBeforeMs: undefined,
    measureLeaseMs: () => leaseMs,
    deadline: () => undefined,
    report: () => {},
  };
  const begun = await begin(call);
  if (begun.kind === "unavailable") throw unavailable(call, begun.failure);
  if (begun.kind !== "run")
    throw refused(
      "deadLetterQueueUrl",
      `another run brings the dead letters of ${queueArn} back: wait for its end, or 15 seconds after it was killed`,
    );
  const { claim } = begun;
  return {
    async keep() {
      if (claim.lease.until() - clock.now() < reserveMs) await claim.extend(leaseMs);
    },
    async release() {
      await claim.settle({ status: "released", error: { name: "Done" } });
    },
  };
}
