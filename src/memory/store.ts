import { checkClock, checkFields } from "../core/check.ts";
import type { Clock } from "../core/clock.ts";
import type { Store } from "../core/store.ts";
import { storeOver } from "./records.ts";

/**
 * A store in this process's memory, for tests and local work: it forgets everything with the process, and nothing ever
 * leaves it by itself. Passes the same conformance suite as `dynamodbStore`.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option or a clock that is none.
 * @example
 * const charge = idempotent(handler, { store: memoryStore(), operation: "charge", key: (event) => event.orderId });
 */
export function memoryStore(options: { readonly clock?: Clock | undefined } = {}): Store {
  checkFields(options, "options", { clock: checkClock });
  return storeOver(new Map(), options.clock);
}
