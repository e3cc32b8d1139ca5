import { SQSClient } from "@aws-sdk/client-sqs";
import { type Check, checkFields, flag, matching, oneOf, optional, theFunction, wholeNumber } from "../core/check.ts";
import { clockOf } from "../lambda/prepare.ts";
import { checkBulk, redriveInBulk } from "./bulk.ts";
import { journaled, openJournal } from "./journal.ts";
import { letterReader } from "./letters.ts";
import { takeLock } from "./lock.ts";
import { type HandlerOptions, handlerOptions, theSignal } from "./plan.ts";
import { checkPlan } from "./plan-file.ts";
import { checkMayLook, openDeadLetterQueue } from "./queue.ts";
import { type RedriveProgress, reportOf, type Run } from "./run.ts";
import { redriveSelected } from "./selective.ts";
import type { RedrivePlan, RedriveReport } from "./types.ts";

interface OwnOptions {
  /** A file that says what was done, so that a run that was killed goes on where it was. Default: none. */
  journal?: string | undefined;
  /**
   * `selective`, the default: each message is judged again, sent and deleted. `bulk`: SQS's own move task, for plans whose messages all go back as
   * they are.
   */
  mode?: "selective" | "bulk" | undefined;
  /** Messages sent in a second, 1 to 500. Default: 10. */
  ratePerSecond?: number | undefined;
  /** Deletes messages whose work is done, where the default sends them back to be answered from their record. */
  discardDuplicates?: boolean | undefined;
  /** Frees the keys of runs that ended without an answer under `onLeaseExpired: "throw"`. Find out first what they did. */
  releaseLapsed?: boolean | undefined;
  onProgress?: ((progress: RedriveProgress) => void) | undefined;
  /** Ends the run after the messages in hand. */
  signal?: AbortSignal | undefined;
}

export interface ApplyOptions extends Omit<HandlerOptions, "operation">, OwnOptions {
  /** Default: made from the environment. */
  sqs?: SQSClient | undefined;
}

const ownChecks = {
  journal: optional(matching(/\S/, "give the path of a file")),
  mode: oneOf("selective", "bulk"),
  ratePerSecond: optional(wholeNumber(1, 500), 10),
  discardDuplicates: optional(flag, false),
  releaseLapsed: optional(flag, false),
  onProgress: optional(theFunction),
  signal: optional(theSignal),
} satisfies Record<keyof OwnOptions, Check<unknown>>;

/**
 * Does what a plan says, or less: what has changed since is left. One run at a time for a dead-letter queue. A message is deleted only when it is in
 * its source queue, or its work is done; a run that is killed in between leaves a second one, which its key absorbs.
 *
 * @throws IdempotencyError `CONFIG_INVALID`, and nothing has moved: a wrong option, a plan that was changed or does not fit the queue, another run or
 * move task under way, a bulk that the plan does not allow; `StoreFailure` where nobody knows whether another run is under way.
 */
export async function applyRedrive(plan: RedrivePlan, options: ApplyOptions): Promise<RedriveReport> {
  const checked = checkPlan(plan);
  const { store, key, fingerprint, onLeaseExpired, retentionSeconds, sqs = new SQSClient(), ...others } = options;
  const own = checkFields(others, "options", ownChecks);
  const handler = handlerOptions({ store, key, fingerprint, onLeaseExpired, retentionSeconds, operation: checked.operation }, sqs);
  if (own.mode === "bulk") checkBulk(checked, own.discardDuplicates);
  const queue = await openDeadLetterQueue(sqs, checked.deadLetterQueueUrl);
  checkMayLook(queue);
  const lock = await takeLock(handler, queue.arn, checked.runId);
  const clock = clockOf(handler);
  try {
    const journal = openJournal(own.journal, checked, clock);
    try {
      const run: Run = {
        plan: checked,
        planned: new Map(checked.entries.map((entry) => [entry.messageId, entry])),
        sqs,
        queue: journaled(queue, journal),
        store: handler.store,
        clock,
        journal,
        reader: letterReader(handler, queue),
        lock,
        ratePerSecond: own.ratePerSecond,
        consent: own,
        signal: own.signal,
        onProgress: own.onProgress,
      };
      return reportOf(run, await (own.mode === "bulk" ? redriveInBulk(run) : redriveSelected(run)));
    } finally {
      journal.close();
    }
  } finally {
    await lock.release();
  }
}
