import { theFunction } from "../core/check.ts";
import { runInside } from "../core/execution.ts";
import type { IdempotencyOptions } from "../core/options.ts";
import { resolveOptions } from "../core/resolve.ts";
import { run } from "../core/run.ts";
import { preparer } from "./prepare.ts";

/**
 * Wraps a function, such as a Lambda handler, so that it runs once per key: each duplicate gets the first run's answer.
 *
 * The wrapped function always answers with a promise. It rejects with the function's own error, untouched; with
 * `IdempotencyError` for a refusal; with `ReplayedError` for an error kept by `onError: "keep"`.
 *
 * @throws IdempotencyError `CONFIG_INVALID`, here and now, for a wrong option.
 * @example
 * export const handler = idempotent(charge, {
 *   store: dynamodbStore(),
 *   operation: "charge",
 *   key: (event) => event.orderId,
 *   fingerprint: (event) => event,
 * });
 */
export function idempotent<A extends unknown[], R>(
  fn: (...args: A) => Promise<R> | R,
  // Spread, so that arguments are inferred from `fn` alone: an optional one stays optional, whatever `key` makes of it.
  options: IdempotencyOptions<[...A], R>,
): (...args: A) => Promise<R> {
  theFunction(fn, "fn");
  const resolved = resolveOptions(options, process.env);
  const prepare = preparer(resolved);
  return async function idempotentHandler(this: unknown, ...args: A): Promise<R> {
    const work = (): Promise<R> | R => fn.apply(this, args);
    const prepared = prepare(args);
    return prepared.kind === "keyed" ? run(prepared.call, resolved, work) : runInside(prepared.inside, work);
  };
}
