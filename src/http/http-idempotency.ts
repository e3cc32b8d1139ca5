import type middy from "@middy/core";
import { enclosing } from "../core/execution.ts";
import { watch, type Watched } from "../lambda/watch.ts";
import { entrance } from "./entrance.ts";
import { type HttpOptions, resolveHttpOptions } from "./options.ts";
import type { HttpResult } from "./response.ts";
import { type HttpRun, starter } from "./run.ts";

/** Lambda's context, as Middy types it. */
type LambdaContext = middy.Request["context"];

/** A run between `before` and its end. */
interface WatchedRun {
  readonly run: HttpRun;
  readonly watched: Watched;
}

/**
 * A Middy middleware with which a handler of HTTP requests runs once per `Idempotency-Key`, as with `idempotentHttp`. It stands
 * first in its chain: what it keeps is the response that the later middlewares have made, and a replay, as a refusal, is an
 * early response that skips them. Where other middlewares are to see each answer, as CORS does, wrap the inner chain with
 * `idempotentHttp` instead.
 *
 * Nothing is kept, and the key stays closed until the lease lapses, where a later `before` answers early, a later `after` returns
 * a value or sets `earlyResponse`, or a later `onError` returns a value or throws. The last two set `request.response` instead.
 *
 * @throws IdempotencyError `CONFIG_INVALID`, here and now, for a wrong option; at the call for an event that is no HTTP request.
 * @example
 * export const handler = middy(pay).use(httpIdempotency({ store: dynamodbStore(), operation: "payments" })).use(httpJsonBodyParser());
 */
export function httpIdempotency<Event = unknown, Result = unknown, Context extends LambdaContext = LambdaContext>(
  options: HttpOptions<Event, Context>,
): middy.MiddlewareObj<Event, Result | HttpResult, Error, Context> {
  type Request = middy.Request<Event, Result | HttpResult, Error, Context>;
  const resolved = resolveHttpOptions(options, process.env);
  const enter = entrance(resolved);
  const start = starter(resolved);
  const runs = new WeakMap<Request, WatchedRun>();

  // Once: whoever ends a run takes it.
  function take(request: Request): WatchedRun | undefined {
    const run = runs.get(request);
    runs.delete(request);
    return run;
  }

  async function httpIdempotencyBefore(request: Request): Promise<void> {
    const outer = enclosing();
    const entered = enter(request.event, request.context);
    if (entered.kind === "pass") return;
    if (entered.kind === "unprotected") return void watch(request, entered.inside, outer);
    if (entered.kind === "refused") return void (request.earlyResponse = entered.answer);
    const started = await start(entered.keyed);
    if (started.kind === "answered") request.earlyResponse = started.answer as HttpResult;
    else runs.set(request, { run: started.run, watched: watch(request, started.run.inside, outer) });
  }

  async function httpIdempotencyAfter(request: Request): Promise<void> {
    const taken = take(request);
    if (taken === undefined) return;
    let result: unknown;
    try {
      result = await (request.response as unknown); // Middy 7 hands on what is like a promise and is none of its own
    } catch (error) {
      const other = await taken.run.threw(error);
      if (other === undefined) throw error;
      return void (request.response = other.answer as HttpResult);
    }
    request.response = (await taken.run.answered(result)) as HttpResult;
  }

  async function httpIdempotencyOnError(request: Request): Promise<void> {
    const taken = take(request);
    if (taken === undefined) return;
    const { run, watched } = taken;
    const answer = watched.answer();
    if (answer !== undefined) {
      // A later `after` threw, and its error is on its way. What becomes of the run is told as an event.
      await Promise.resolve(answer.value)
        .then(run.unheard, run.threw)
        .catch(() => {});
      return;
    }
    try {
      await end(request, run, watched.error());
    } catch (error) {
      // Another run's, for the error handlers that are to come: what one has made of ours is not what happened.
      request.response = undefined as unknown as HttpResult;
      request.error = error as Error;
    }
  }

  return { before: httpIdempotencyBefore, after: httpIdempotencyAfter, onError: httpIdempotencyOnError };
}

// An error handler inside has made an answer of the error, or one outside is going to.
async function end(request: middy.Request, run: HttpRun, error: unknown): Promise<void> {
  if (request.response !== undefined) request.response = await run.handled(error, request.response);
  else {
    const other = await run.threw(error);
    if (other !== undefined) request.response = other.answer;
  }
}
