import type { Call, EventBody } from "./call.ts";
import { holdClaim } from "./claim.ts";
import { consider } from "./consider.ts";
import { type Begun, type Delivery, end, type Step } from "./delivery.ts";
import { expiryAfter, signalAt } from "./lease.ts";
import type { StoredRecord } from "./record.ts";
import { ask } from "./retry.ts";
import { once, settle } from "./settle.ts";
import { claimedRecord, type ClaimRef, StoreFailure } from "./store.ts";
import { judge, retryAfterMs } from "./verdict.ts";

type Write = Exclude<Step, { readonly do: "end" }>;

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
  const delivery: Delivery = {
    call,
    newcomer: {
      owner: call.ports.newOwner(),
      fingerprint: call.fingerprint,
      retryFailedBeforeMs: call.retryFailedBeforeMs,
      onLeaseExpired: call.policy.onLeaseExpired,
    },
    startedAt: call.ports.clock.now(),
    lastSeen: undefined,
    waitUntil: undefined,
  };
  let step: Step = { do: "claim" };
  for (let writes = 0; writes < maxWrites && step.do !== "end"; writes++) step = await write(delivery, step);
  const begun = step.do === "end" ? step.begun : await giveUp(delivery);
  const event = refusalEvent(begun);
  if (event !== undefined) call.report(event);
  return begun;
}

async function write(delivery: Delivery, step: Write): Promise<Step> {
  const { call, newcomer } = delivery;
  const { store, clock } = call.ports;
  const leaseMs = call.measureLeaseMs();
  const ref = refOf(delivery, step.do === "takeOver" ? step.seen.attempt + 1 : 1, leaseMs);
  const answer = await ask(call.ports, () => (step.do === "takeOver" ? store.takeOver(step.seen, ref) : store.claim(ref)));
  if (answer instanceof StoreFailure) return end(await noAnswer(delivery, answer, ref));
  if (answer.applied) return start(delivery, step, claimedRecord(ref, ref.attempt), ref, leaseMs);
  if (answer.record === undefined) return { do: "claim" }; // TTL deleted it in between
  const verdict = judge(answer.record, newcomer, clock.now());
  if (verdict.kind === "mine") return start(delivery, step, answer.record, ref, leaseMs);
  return consider(delivery, answer.record, verdict);
}

// The claim is ours, but an answer that took too long gives nothing to start on: then it is taken over from ourselves.
function start(delivery: Delivery, step: Write, record: StoredRecord, asked: ClaimRef, leaseMs: number): Step {
  const { call } = delivery;
  const now = call.ports.clock.now();
  delivery.lastSeen = record;
  const { attempt, leaseUntil, expiresAt, startedAt } = record;
  if (step.do === "takeOver") call.report({ type: "taken_over", attempt, from: step.from });
  else call.report({ type: "claimed", attempt, durationMs: now - delivery.startedAt });
  if (now >= signalAt(leaseUntil, leaseMs)) return { do: "takeOver", seen: record, from: "lapsed" };
  return end({ kind: "run", claim: holdClaim(call, { ...asked, attempt, leaseUntil, expiresAt, startedAt }, leaseMs) });
}

async function noAnswer(delivery: Delivery, failure: StoreFailure, ref: ClaimRef): Promise<Begun> {
  const { call, lastSeen } = delivery;
  call.report({ type: "store_error", during: "claim", error: failure });
  // Policy may run where nothing is known of the key, never once a record was seen, and never for a throttled key:
  // that is just when duplicates arrive.
  if (call.policy.onStoreUnavailable === "run" && failure.kind === "unreachable" && lastSeen === undefined) {
    return { kind: "unclaimed", ref };
  }
  // A claim that may be there runs nothing, so it must not lock the key either.
  if (failure.maybeApplied || isOwn(delivery)) await releaseQuietly(call, ref);
  return { kind: "unavailable", failure };
}

async function giveUp(delivery: Delivery): Promise<Begun> {
  const { call, lastSeen } = delivery;
  if (lastSeen !== undefined && isOwn(delivery)) await releaseQuietly(call, refOf(delivery, lastSeen.attempt, 0));
  return { kind: "busy", record: lastSeen, retryAfterMs: lastSeen === undefined ? 1 : retryAfterMs(lastSeen, call.ports.clock.now()) };
}

function isOwn({ lastSeen, newcomer }: Delivery): boolean {
  return lastSeen?.owner === newcomer.owner;
}

// Fenced like every settlement: it can only free our own claim. One try, and whatever comes back changes no answer.
async function releaseQuietly(call: Call, ref: ClaimRef): Promise<void> {
  await settle(call, ref, { status: "released", error: { name: "StoreFailure" } }, once);
}

function refOf({ call, newcomer }: Delivery, attempt: number, leaseMs: number): ClaimRef {
  const { id, keyParts, fingerprint, requestId, messageId, policy } = call;
  const startedAt = call.ports.clock.now();
  const leaseUntil = startedAt + leaseMs;
  const { retentionSeconds } = policy;
  const expiresAt = expiryAfter(leaseUntil, retentionSeconds);
  return {
    id,
    keyParts,
    owner: newcomer.owner,
    attempt,
    startedAt,
    leaseUntil,
    expiresAt,
    retentionSeconds,
    fingerprint,
    requestId,
    messageId,
  };
}

function refusalEvent(begun: Begun): EventBody | undefined {
  switch (begun.kind) {
    case "busy":
      return { type: "in_progress", retryAfterMs: begun.retryAfterMs };
    case "mismatch":
    case "unknown":
      return { type: begun.kind };
    case "unclaimed":
      return { type: "unprotected", reason: "store_unavailable" };
    case "run":
    case "replay":
    case "unavailable":
      return undefined;
  }
}
