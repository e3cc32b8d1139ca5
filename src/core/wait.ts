import type { Call } from "./call.ts";
import { backoffMs, late, within } from "./clock.ts";
import type { StoredRecord } from "./record.ts";
import { ask } from "./retry.ts";
import { StoreFailure } from "./store.ts";
import { judge, type Newcomer, retryAfterMs } from "./verdict.ts";

/** A wait ends this long before the invocation does. Milliseconds. */
const deadlineMarginMs = 500;
/** The last read, at the end of a wait, is waited for this long: less than the margin. Milliseconds. */
const lastReadMs = 250;
const baseMs = 50;
const capMs = 1000;

/** What a wait ended with; `changed` without a record means that it was deleted. `askedAt`: epoch milliseconds. */
export type Woken =
  | { readonly kind: "changed"; readonly record: StoredRecord | undefined; readonly askedAt: number }
  | { readonly kind: "timeout"; readonly record: StoredRecord }
  | { readonly kind: "failed"; readonly failure: StoreFailure };

/** When a wait that starts now has to end, epoch milliseconds. */
export function waitEnd(call: Call): number {
  const deadline = call.deadline() ?? Number.POSITIVE_INFINITY;
  return Math.min(call.clock.now() + call.policy.waitMs, deadline - deadlineMarginMs);
}

/**
 * Waits until the record says something else than busy. Reads, no writes: a refused write is billed by the size of the
 * record, and a hundred waiters must not throttle the key that they wait for. Full jitter keeps them apart.
 */
export async function waitWhileBusy(call: Call, newcomer: Newcomer, busy: StoredRecord, until: number): Promise<Woken> {
  const { clock, random, id } = call;
  let record = busy;
  for (let attempt = 0; ; attempt++) {
    const now = clock.now();
    if (now >= until) return { kind: "timeout", record };
    const sleepMs = backoffMs(attempt, random, baseMs, capMs);
    await clock.sleep(Math.max(1, Math.min(sleepMs, until - now, retryAfterMs(record, now))));
    const askedAt = clock.now();
    const read = await within(
      clock,
      Math.max(until - askedAt, lastReadMs),
      ask(call, (store) => store.read(id)),
    );
    if (read === late) return { kind: "timeout", record };
    if (read instanceof StoreFailure) return { kind: "failed", failure: read };
    if (read === undefined || judge(read, newcomer, clock.now()).kind !== "busy") return { kind: "changed", record: read, askedAt };
    record = read;
  }
}
