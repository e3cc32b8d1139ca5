import { type Call, msSince, reportStoreError } from "./call.ts";
import { holdClaim } from "./claim.ts";
import { consider } from "./consider.ts";
import { type Begun, busy, type Delivery, isWrite, type Step, type Write } from "./delivery.ts";
import { expiryAfter, signalAt } from "./lease.ts";
import type { StoredRecord } from "./record.ts";
import { ask } from "./retry.ts";
import { once, settle } from "./settle.ts";
import { claimedRecord, type ClaimRef, StoreFailure } from "./store.ts";
import { judge } from "./verdict.ts";

// Two writes are the rule at most; more takes races that change the record between two requests.
const maxWrites = 10;

/**
 * Claims the key, or says why not.
 *
 * ```text
 * claim ─┬─ applied ───────────────────▶ run; but where the answer took so long that the signal has fired, take it over
 *        └─ refused ─▶ judge ─ mine ───▶ run, likewise (our own answer was lost)
 *                        ├─ takeover ──▶ one more write, onto the record as seen
 *                        ├─ busy ──────▶ wait by policy and judge again; else busy
 *                        ├─ unknown ───▶ one consistent read and judge again; else unknown
 *                        └─ replay, mismatch
 * ```
 *
 * @throws IdempotencyError `CONFIG_INVALID` for a lease function that answers nonsense, or a record of a newer build.
 */
export async function begin(call: Call): Promise<Begun> {
  const { clock, newOwner, fingerprint, retryFailedBeforeMs, policy } = call;
  const delivery: Delivery = {
    call,
    newcomer: { owner: newOwner(), fingerprint, retryFailedBeforeMs, onLeaseExpired: policy.onLeaseExpired },
    startedAt: clock.now(),
    lastSeen: undefined,
    unstarted: undefined,
    waitUntil: undefined,
  };
  try {
    let step: Step = { kind: "claim" };
    for (let writes = 0; writes < maxWrites && isWrite(step); writes++) step = await write(delivery, step);
    const begun = isWrite(step) ? outOfTries(delivery) : step;
    report(call, begun);
    return begun;
  } finally {
    // Nothing runs under it, so it must not lock the key. Fenced like every settlement: it can only free our own claim;
    // one request, and whatever comes back changes no answer.
    if (delivery.unstarted !== undefined)
      await settle(call, delivery.unstarted, { status: "released", error: { name: "NotStarted" } }, once);
  }
}

async function write(delivery: Delivery, step: Write): Promise<Step> {
  const { call, newcomer } = delivery;
  const leaseMs = call.measureLeaseMs();
  const ref = refOf(delivery, step.kind === "takeover" ? step.seen.attempt + 1 : 1, leaseMs);
  const answer = await ask(call, (store) => (step.kind === "takeover" ? store.takeOver(step.seen, ref) : store.claim(ref)));
  if (answer instanceof StoreFailure) return noAnswer(delivery, answer, ref);
  delivery.unstarted = undefined; // what the store says of the key now is what counts
  if (answer.applied) return start(delivery, step, claimedRecord(ref, ref.attempt), ref, leaseMs);
  if (answer.record === undefined) return { kind: "claim" }; // TTL deleted it in between
  const verdict = judge(answer.record, newcomer, call.clock.now());
  if (verdict.kind === "mine") return start(delivery, step, answer.record, ref, leaseMs);
  return consider(delivery, answer.record, verdict);
}

// The claim is ours, but an answer that took too long gives nothing to start on: then it is taken over from ourselves.
function start(delivery: Delivery, step: Write, record: StoredRecord, asked: ClaimRef, leaseMs: number): Step {
  const { call } = delivery;
  const now = call.clock.now();
  const { attempt, leaseUntil, expiresAt, startedAt } = record;
  const ref: ClaimRef = { ...asked, attempt, leaseUntil, expiresAt, startedAt };
  delivery.lastSeen = record;
  delivery.unstarted = ref;
  if (step.kind === "takeover") call.report({ type: "taken_over", attempt, from: step.from });
  else call.report({ type: "claimed", attempt, durationMs: msSince(call, delivery.startedAt) });
  // Short leases are rounded up for whoever comes fresh; a waiter has had its time.
  const tooLate = delivery.waitUntil !== undefined && now >= (call.deadline() ?? Number.POSITIVE_INFINITY);
  if (tooLate) return busy(call);
  if (now >= signalAt(leaseUntil, leaseMs)) return { kind: "takeover", seen: record, from: "lapsed" };
  delivery.unstarted = undefined;
  return { kind: "run", claim: holdClaim(call, ref, leaseMs) };
}

function noAnswer(delivery: Delivery, failure: StoreFailure, ref: ClaimRef): Begun {
  const { call, lastSeen } = delivery;
  reportStoreError(call, "claim", failure);
  // Policy may run where nothing is known of the key, never once a record was seen, and never for a throttled key:
  // that is just when duplicates arrive.
  if (call.policy.onStoreUnavailable === "run" && failure.kind === "unreachable" && lastSeen === undefined) {
    return { kind: "unclaimed", ref };
  }
  if (failure.maybeApplied) delivery.unstarted = ref;
  return { kind: "unavailable", failure };
}

function outOfTries({ call, newcomer, lastSeen }: Delivery): Begun {
  // Our own claim is about to be released.
  return busy(call, lastSeen?.owner === newcomer.owner ? undefined : lastSeen);
}

function refOf({ call, newcomer }: Delivery, attempt: number, leaseMs: number): ClaimRef {
  const { id, keyParts, fingerprint, requestId, messageId, policy } = call;
  const { retentionSeconds } = policy;
  const startedAt = call.clock.now();
  const leaseUntil = startedAt + leaseMs;
  return {
    id,
    keyParts,
    owner: newcomer.owner,
    attempt,
    startedAt,
    leaseUntil,
    expiresAt: expiryAfter(leaseUntil, retentionSeconds),
    retentionSeconds,
    fingerprint,
    requestId,
    messageId,
  };
}

function report(call: Call, begun: Begun): void {
  if (begun.kind === "busy") call.report({ type: "in_progress", retryAfterMs: begun.retryAfterMs });
  else if (begun.kind === "mismatch" || begun.kind === "unknown") call.report({ type: begun.kind });
  else if (begun.kind === "unclaimed") call.report({ type: "unprotected", reason: "store_unavailable" });
}
