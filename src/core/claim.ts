import { type Call, reportStoreError } from "./call.ts";
import type { IdempotencyError } from "./errors.ts";
import { checkLeaseMs, type HeldLease, holdLease } from "./lease.ts";
import { leaseLost, unavailable } from "./refusals.ts";
import { ask, isConflict, maxRetryMs } from "./retry.ts";
import { type Ending, isOwn, settle, type Settled } from "./settle.ts";
import { type ClaimRef, StoreFailure } from "./store.ts";

/** The right to run a key. Only `begin` hands one out, and only its holder can write to the record. */
export interface Claim {
  readonly ref: ClaimRef;
  readonly lease: HeldLease;
  /** Ends the claim: once, whichever way, so that what was sent as completed is never released. */
  settle(ending: Ending): Promise<Settled>;
  /**
   * Ends the claim and writes nothing: its work may still go on, and nobody will know how it ends. The key stays closed
   * until the lease lapses; nothing extends it any more, and the signal still tells the work when to stop.
   */
  abandon(): void;
  /** See `Execution.extendLease`. */
  extend(ms: number): Promise<void>;
}

export function holdClaim(call: Call, ref: ClaimRef, leaseMs: number): Claim {
  const { clock } = call;
  const lease = holdLease(clock, ref.leaseUntil, leaseMs);
  let ended = false;

  async function extend(ms: number): Promise<void> {
    const extensionMs = checkLeaseMs(ms, "extendLease");
    if (ended) throw runEnded(call);
    const until = clock.now() + extensionMs;
    if (until <= lease.until()) return;
    // Not again once the run has ended: where its ending could not be written, the lease would lock the key anew.
    const answer = await ask(call, (store) => store.extend(ref, until), { retry: (failure) => !ended && isConflict(failure) });
    if (answer instanceof StoreFailure) {
      if (ended) throw runEnded(call);
      reportStoreError(call, "extend", answer);
      throw unavailable(call, answer);
    }
    if (answer.applied) return lease.move(until, extensionMs);
    if (isOwn(answer.record, ref, "in_progress") && answer.record.leaseUntil >= until)
      return lease.move(answer.record.leaseUntil, answer.record.leaseUntil - clock.now());
    if (ended) throw runEnded(call); // it was our own end that refused it
    call.report({ type: "lease_lost", attempt: ref.attempt });
    throw leaseLost(call, "its lease lapsed, and the key is another's or free");
  }

  function endOnce(): void {
    if (ended) throw new Error("a claim is settled once");
    ended = true;
  }

  return {
    ref,
    lease,
    abandon: endOnce,
    extend,
    async settle(ending) {
      endOnce();
      lease.end();
      const leaseUntil = lease.until();
      return settle(call, { ...ref, leaseUntil }, ending, Math.min(clock.now() + maxRetryMs, leaseUntil));
    },
  };
}

function runEnded(call: Call): IdempotencyError {
  return leaseLost(call, "its run has ended");
}
