import { fail } from "../core/check.ts";
import { runInside, unclaimedExecution } from "../core/execution.ts";
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
  if (typeof fn !== "function") throw fail("fn", fn, "give the function to wrap");
  const resolved = resolveOptions(options, process.env);
  const prepare = preparer(resolved);
  return async function idempotentHandler(this: unknown, ...args: A): Promise<R> {
    const work = (): Promise<R> | R => fn.apply(this, args);
    const prepared = prepare(args);
    switch (prepared.kind) {
      case "keyed":
        return run(prepared.call, resolved, work);
      case "disabled":
        return runInside(unclaimedExecution(prepared.id), work);
      case "keyless":
        return runInside(undefined, work);
    }
  };
}
