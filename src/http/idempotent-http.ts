import { theFunction } from "../core/check.ts";
import { runInside } from "../core/execution.ts";
import { entrance } from "./entrance.ts";
import { type HttpOptions, resolveHttpOptions } from "./options.ts";
import type { HttpResult } from "./response.ts";
import { starter } from "./run.ts";

/** A handler of HTTP requests. It may get more than these two, as a base handler of Middy does. */
export type LambdaHandler<Event, Context, Result> = (event: Event, context: Context) => Promise<Result>;

/**
 * Wraps a handler of HTTP requests, such as a Middy chain, so that it runs once per `Idempotency-Key`: each duplicate gets the
 * first run's answer, with `Idempotent-Replayed: true`. What is refused is answered with problem details (RFC 9457); an error
 * of the handler's is thrown as it is, and a kept one again as `ReplayedError`. `docs/http.md` has each answer.
 *
 * Works behind a REST API, an HTTP API (payload formats 1.0 and 2.0), a function URL and a load balancer.
 *
 * @throws IdempotencyError `CONFIG_INVALID`, here and now, for a wrong option; at the call for an event that is no HTTP request.
 * @throws What the handler throws; `ReplayedError` for an error that was kept; what `onReplay` throws.
 * @example
 * const once = idempotentHttp(pay, { store: dynamodbStore(), operation: "payments" });
 * export const handler = middy(once).use(cors()).use(httpErrorHandler());
 */
export function idempotentHttp<Event, Context, Result>(
  handler: (event: Event, context: Context) => Promise<Result> | Result,
  options: HttpOptions<NoInfer<Event>, NoInfer<Context>>,
): LambdaHandler<Event, Context, Result | HttpResult> {
  theFunction(handler, "handler");
  const resolved = resolveHttpOptions(options, process.env);
  const enter = entrance(resolved);
  const start = starter(resolved);

  return async function idempotentHttpHandler(this: unknown, ...args): Promise<Result | HttpResult> {
    const work = (): Promise<Result> | Result => handler.apply(this, args);
    const entered = enter(...args);
    if (entered.kind === "pass") return work();
    if (entered.kind === "unprotected") return runInside(entered.inside, work);
    if (entered.kind === "refused") return entered.answer;
    const started = await start(entered.keyed);
    if (started.kind === "answered") return started.answer as HttpResult;
    const { run } = started;
    let result: Result;
    try {
      result = await runInside(run.inside, work);
    } catch (error) {
      const other = await run.threw(error);
      if (other === undefined) throw error;
      return other.answer as HttpResult;
    }
    return (await run.answered(result)) as Result | HttpResult;
  };
}
