// A redrive as a Lambda function: called by hand, or by a schedule.
import { fail, flag, isObject, optional, wholeNumber } from "../core/check.ts";
import { dynamodbStore } from "../dynamodb/index.ts";
import { applyRedrive, type ApplyOptions } from "./apply.ts";
import { deadLetterQueueVariable, operationVariable, sourceQueueVariable } from "./environment.ts";
import { checkUrl, handlerOptions, planOf, type PlanOptions } from "./plan.ts";
import type { RedrivePlan, RedriveReport } from "./types.ts";

export interface RedriveHandlerOptions
  extends
    Partial<Omit<PlanOptions, "maxMessages" | "onProgress" | "signal">>,
    Pick<ApplyOptions, "ratePerSecond" | "discardDuplicates" | "releaseLapsed"> {
  /** How many messages an invocation brings back at most, at least 1; of those that stay it looks at ten times as many. Default: 1,000. */
  maxMessages?: number | undefined;
}

export interface RedriveEvent {
  /** Default true: the answer is a plan, and nothing is done. */
  readonly dryRun?: boolean | undefined;
}

/** `complete`: every message was seen, and the run came to its end; where it is false, another invocation goes on. */
export type RedriveAnswer = RedrivePlan | (RedriveReport & { readonly complete: boolean });

interface Context {
  getRemainingTimeInMillis(): number;
}

const defaultMaxMessages = 1000;
const looksPerMessage = 10;
/** What is left of the invocation to end in: a batch in hand, its rate and the tries of its requests. Milliseconds. */
const endingMs = 20_000;

/**
 * A Lambda function that brings dead letters back, as many as its time allows: selectively, without a journal. Where it is cut short, the next
 * invocation goes on; what was sent and not deleted is sent again, and its key absorbs it. A dry run unless its event says `dryRun: false`.
 *
 * Without options it takes everything from the environment that `IdempotentQueueConsumer` with `redrive: true` sets. A handler with a `key` of its
 * own needs a function of its own, which has the same.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for a wrong option, when it is made; and what `planRedrive` and `applyRedrive` throw.
 * @example
 * export const handler = redriveHandler({ key: orderKey });
 */
export function redriveHandler(options: RedriveHandlerOptions = {}): (event: unknown, context: Context) => Promise<RedriveAnswer> {
  const {
    deadLetterQueueUrl = fromEnvironment(deadLetterQueueVariable, "deadLetterQueueUrl"),
    operation = fromEnvironment(operationVariable, "operation"),
    store = dynamodbStore(),
    sourceQueueArn = process.env[sourceQueueVariable] || undefined,
    maxMessages,
    ratePerSecond,
    discardDuplicates,
    releaseLapsed,
    sqs,
    ...handler
  } = options;
  checkUrl(deadLetterQueueUrl);
  handlerOptions({ ...handler, store, operation }, sqs);
  const most = optional(wholeNumber(1), defaultMaxMessages)(maxMessages, "maxMessages");
  return async (event, context) => {
    const { dryRun } = checkEvent(event);
    const leftMs = context.getRemainingTimeInMillis();
    const signal = AbortSignal.timeout(Math.floor(Math.max(leftMs / 2, leftMs - endingMs)));
    // What stays must not be in the way of what is behind it, invocation after invocation.
    const looked = { deadLetterQueueUrl, sourceQueueArn, maxMessages: most * looksPerMessage };
    // The run looks once more, before it moves anything.
    const lookedLongEnough = AbortSignal.timeout(Math.floor(leftMs / 3));
    const plan = await planOf({ ...handler, ...looked, sqs, operation, store }, most, () => lookedLongEnough.aborted);
    if (dryRun) return plan;
    const report = await applyRedrive(plan, { ...handler, sqs, store, ratePerSecond, discardDuplicates, releaseLapsed, signal });
    return { ...report, complete: plan.complete && report.stopped === undefined };
  };
}

function fromEnvironment(name: string, path: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw fail(path, value, `give it, or set ${name}`);
  return value;
}

// A schedule's event has members of its own.
function checkEvent(event: unknown): { readonly dryRun: boolean } {
  return { dryRun: optional(flag, true)(isObject(event) ? event["dryRun"] : undefined, "event.dryRun") };
}
