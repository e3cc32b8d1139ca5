import type { Call } from "./call.ts";
import { IdempotencyError } from "./errors.ts";
import { type HeldLease, holdLease } from "./lease.ts";
import { checkLeaseMs } from "./check.ts";
import { ask, maxRetryMs } from "./retry.ts";
import { type Ending, isOwn, settle, type Settled } from "./settle.ts";
import { type ClaimRef, StoreFailure } from "./store.ts";

/** The right to run a key. Only `begin` hands one out, and only its holder can write to the record. */
export interface Claim {
  readonly ref: ClaimRef;
  readonly lease: HeldLease;
  /** Ends the claim: once, whichever way, so that what was sent as completed is never released. */
  settle(ending: Ending): Promise<Settled>;
  /** See `Execution.extendLease`. */
  extend(ms: number): Promise<void>;
}

export function holdClaim(call: Call, ref: ClaimRef, leaseMs: number): Claim {
  const { clock } = call.ports;
  const lease = holdLease(clock, ref.leaseUntil, leaseMs);
  let ended = false;
  return {
    ref,
    lease,
    async settle(ending) {
      if (ended) throw new Error("a claim is settled once");
      ended = true;
      lease.end();
      const leaseUntil = lease.until;
      return settle(call, { ...ref, leaseUntil }, ending, Math.min(clock.now() + maxRetryMs, leaseUntil));
    },
    async extend(ms) {
      const extensionMs = checkLeaseMs(ms, "extendLease");
      if (ended) throw leaseLost(call, "its run has ended");
      await extend(call, ref, lease, extensionMs);
    },
  };
}

async function extend(call: Call, ref: ClaimRef, lease: HeldLease, extensionMs: number): Promise<void> {
  const { store, clock } = call.ports;
  const until = clock.now() + extensionMs;
  if (until <= lease.until) return;
  const answer = await ask(call.ports, () => store.extend(ref, until));
  if (answer instanceof StoreFailure) {
    call.report({ type: "store_error", during: "extend", error: answer });
    throw unavailable(call, answer);
  }
  if (answer.applied) return lease.move(Math.max(until, lease.until), extensionMs);
  if (isOwn(answer.record, ref, "in_progress") && answer.record.leaseUntil >= until)
    return lease.move(answer.record.leaseUntil, extensionMs);
  call.report({ type: "lease_lost", attempt: ref.attempt });
  throw leaseLost(call, "its lease lapsed, and the key is another's or free");
}

/** The store gave no answer: what the caller is told. */
export function unavailable(call: Call, failure: StoreFailure): IdempotencyError {
  const details = { keyHash: call.id.keyHash, cause: failure };
  if (failure.kind === "misconfigured") return new IdempotencyError("CONFIG_INVALID", failure.message, { ...details, path: "store" });
  return new IdempotencyError("STORE_UNAVAILABLE", `operation "${call.id.operation}": ${failure.message}`, details);
}

export function leaseLost(call: Call, why: string): IdempotencyError {
  return new IdempotencyError("LEASE_LOST", `this execution of "${call.id.operation}" does not own its key any more: ${why}`, {
    keyHash: call.id.keyHash,
  });
}
