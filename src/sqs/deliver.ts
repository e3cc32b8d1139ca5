import type { Call } from "../core/call.ts";
import { invalid } from "../core/key.ts";
import { describeError } from "../core/errors.ts";
import type { ErrorPolicy } from "../core/options.ts";
import { type Running, runInside } from "../core/execution.ts";
import { skewMarginMs } from "../core/lease.ts";
import { run } from "../core/run.ts";
import { clockOf, preparer, reporter } from "../lambda/prepare.ts";
import { attributeOf, type SQSRecord } from "./event.ts";
import { findKey } from "./message-key.ts";
import type { OncePerKey } from "./once-per-key.ts";
import type { ResolvedSqsOptions } from "./options.ts";
import { isDeferred, type MessageOutcome, outcomeOf, secondsUntil } from "./outcome.ts";

/** Delivers one record of a batch; never rejects. */
export type Deliver<C> = (record: SQSRecord, context: C, oncePerKey: OncePerKey) => Promise<MessageOutcome>;

/** `work` is what the record's handler does, schema included. */
export function deliverer<Data, C>(
  options: ResolvedSqsOptions<Data, C>,
  work: (record: SQSRecord, context: C) => Promise<void>,
): Deliver<C> {
  const { operation, codec, onReplay, onError } = options;
  const clock = clockOf(options);
  const prepare = preparer<[record: SQSRecord, context: C], unknown>({ ...options, key: options.key ?? defaultKey });
  let isTold = false; // once per cold start

  function defaultKey(record: SQSRecord): ReturnType<typeof findKey>["key"] {
    const { key, from } = findKey(record);
    if (from === "messageId" && !isTold) {
      isTold = true;
      reporter(options)({ type: "key_lost_on_redrive" });
    }
    return key;
  }

  return async (record, context, oncePerKey) => {
    async function runKeyed(prepared: Call): Promise<MessageOutcome> {
      let policy: ErrorPolicy | undefined; // what the handler's error does to its key
      let attempt = 0;
      const call: Call = {
        ...prepared,
        messageId: record.messageId,
        retryFailedBeforeMs: failureIsOldBeforeMs(record),
        report(event) {
          if ("attempt" in event) attempt = event.attempt;
          prepared.report(event);
        },
      };
      try {
        await run<unknown>(call, { codec, onReplay, onError: (error) => (policy = onError(error)) }, () => work(record, context));
        return { kind: "done", attempt };
      } catch (error) {
        return failure(error, policy, call);
      }
    }

    function failure(error: unknown, policy: ErrorPolicy | undefined, call?: Call): MessageOutcome {
      const now = clock.now();
      const outcome = outcomeOf(error, policy, record, now);
      if (outcome.kind === "done") return outcome;
      if (policy === undefined && isDeferred(error)) {
        call?.report({ type: "deferred", visibilitySeconds: secondsUntil(outcome.visibleAtMs, now) });
      }
      // Nobody else sees it: the batch is answered, not thrown.
      else log(`operation "${operation}": message ${record.messageId} failed`, error);
      return outcome;
    }

    // Without a key nothing is kept, so it runs again whatever the policy says of its error: not at once.
    async function runUnprotected(inside: Running | undefined): Promise<MessageOutcome> {
      try {
        await runInside(inside, () => work(record, context));
        return { kind: "done", attempt: 0 };
      } catch (error) {
        return failure(error, "release");
      }
    }

    try {
      if (typeof record.body !== "string") throw invalid("body", "is not there: this is no SQS record");
      const prepared = prepare([record, context]);
      if (prepared.kind === "keyed") return await oncePerKey(prepared.call, () => runKeyed(prepared.call));
      return await runUnprotected(prepared.inside);
    } catch (error) {
      return failure(error, undefined);
    }
  };
}

// What cannot be shown, such as an error whose own `inspect` throws, must not fail the batch.
function log(message: string, error: unknown): void {
  try {
    console.error(message, error);
  } catch {
    console.error(message, describeError(error));
  }
}

/**
 * A failure from before this moment, epoch milliseconds, is no answer to the message, which was sent, or redriven, later. The
 * one time is of the queue's clock and the other of a function's: what is too close to tell is taken for an answer.
 */
function failureIsOldBeforeMs(record: SQSRecord): number | undefined {
  const sentAt = Number(attributeOf(record, "SentTimestamp"));
  return Number.isSafeInteger(sentAt) && sentAt > 0 ? sentAt - skewMarginMs : undefined;
}
