import type middy from "@middy/core";
import { begin } from "../core/begin.ts";
import type { Call } from "../core/call.ts";
import type { Runnable } from "../core/delivery.ts";
import { enclosing } from "../core/execution.ts";
import type { IdempotencyOptions } from "../core/options.ts";
import { refusal } from "../core/refusals.ts";
import { replay } from "../core/replay.ts";
import { resolveOptions } from "../core/resolve.ts";
import { insideOf, settleError, settleResult } from "../core/run.ts";
import { preparer } from "../lambda/prepare.ts";
import { isEarlyTimeout, isOutOfTime } from "../lambda/timeout.ts";
import { watch, type Watched } from "../lambda/watch.ts";

export type { IdempotencyOptions } from "../core/options.ts";

/** Lambda's context, as Middy types it. */
export type LambdaContext = middy.Request["context"];

/** A run between `before` and its end. */
interface Run {
  readonly call: Call;
  readonly begun: Runnable;
  readonly watched: Watched;
}

/**
 * A Middy middleware with which a handler runs once per key: each duplicate gets the first run's answer, as an early
 * response. It stands first in its chain: what it keeps is the response that the later middlewares have made, and a
 * replay skips them. To let replays pass through every `after`, wrap the handler with `idempotent` instead.
 *
 * A refusal is thrown as `IdempotencyError`, an error kept by `onError: "keep"` as `ReplayedError`, both for the chain's
 * error handler. After Middy's early timeout nothing is written, since the handler may still run: the key stays closed
 * until the lease lapses. So it does, unseen, where a later `before` answers early, or a later `onError` returns a value
 * or throws.
 *
 * @throws IdempotencyError `CONFIG_INVALID`, here and now, for a wrong option.
 * @example
 * export const handler = middy(charge).use(
 *   idempotency({ store: dynamodbStore(), operation: "charge", key: (event: Order) => event.orderId }),
 * );
 */
export function idempotency<Event = unknown, Result = unknown, Context extends LambdaContext = LambdaContext>(
  options: IdempotencyOptions<[event: Event, context: Context], Result>,
): middy.MiddlewareObj<Event, Result, Error, Context> {
  type Request = middy.Request<Event, Result, Error, Context>;
  const resolved = resolveOptions(options, process.env);
  const prepare = preparer(resolved);
  const runs = new WeakMap<Request, Run>();

  // Once: whoever ends a run takes it.
  function take(request: Request): Run | undefined {
    const run = runs.get(request);
    runs.delete(request);
    return run;
  }

  async function idempotentBefore(request: Request): Promise<void> {
    const outer = enclosing();
    const prepared = prepare([request.event, request.context]);
    if (prepared.kind === "unprotected") return void watch(request, prepared.inside, outer);
    const { call } = prepared;
    const begun = await begin(call);
    if (begun.kind === "replay") {
      request.earlyResponse = await replay(call, resolved, begun.record); // not returned: an answer of undefined would run again
    } else if (begun.kind === "run" || begun.kind === "unclaimed") {
      runs.set(request, { call, begun, watched: watch(request, insideOf(call, begun), outer) });
    } else throw refusal(call, begun);
  }

  async function idempotentAfter(request: Request): Promise<void> {
    const run = take(request);
    if (run === undefined) return;
    request.response = await complete(run, request.context, request.response);
  }

  async function idempotentOnError(request: Request): Promise<void> {
    const run = take(request);
    if (run === undefined) return;
    const answer = run.watched.answer();
    if (answer === undefined) return failed(run, request.context, run.watched.error());
    // The work is done, and a later `after` threw. What becomes of the answer is told as an event.
    await complete(run, request.context, answer.value).catch(() => {});
  }

  // Middy 7 hands on what is like a promise and is none of its own: only awaited it tells how the handler ended.
  async function complete(run: Run, context: unknown, answer: unknown): Promise<Result> {
    let result: Result;
    try {
      result = await (answer as Result | Promise<Result>);
    } catch (error) {
      await failed(run, context, error);
      throw error;
    }
    return settleResult(run.call, resolved, run.begun, result);
  }

  async function failed({ call, begun, watched }: Run, context: unknown, error: unknown): Promise<void> {
    if (isEarlyTimeout(error)) return abandon(begun);
    const policy = resolved.onError(error);
    // Freed while its handler may still run, the key would let a second one run beside it.
    if (policy === "release" && isOutOfTime(context, watched.leftAtCallMs())) return abandon(begun);
    await settleError(call, policy, begun, error);
  }

  return { before: idempotentBefore, after: idempotentAfter, onError: idempotentOnError };
}

function abandon(begun: Runnable): void {
  if (begun.kind === "run") begun.claim.abandon();
}
