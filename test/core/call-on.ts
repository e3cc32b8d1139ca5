import type { Call } from "../../src/core/call.ts";
import type { ClaimRef } from "../../src/core/store.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { testClock } from "../support/clock.ts";
import { id, leaseMs, retentionSeconds } from "../support/deliveries.ts";

export const policy: Call["policy"] = { retentionSeconds, waitMs: 0, onLeaseExpired: "run", onStoreUnavailable: "throw" };

/** A call as a door makes it, on a memory store of its own; changed as told. */
export function callOn(changes: Partial<Call> = {}): Call {
  const clock = testClock({ auto: true });
  return {
    store: memoryStore({ clock }),
    clock,
    random: Math.random,
    newOwner: () => crypto.randomUUID(),
    policy,
    id,
    keyParts: "order-1",
    fingerprint: undefined,
    requestId: undefined,
    messageId: undefined,
    retryFailedBeforeMs: undefined,
    measureLeaseMs: () => leaseMs,
    deadline: () => undefined,
    report: () => {},
    ...changes,
  };
}

/** The claim of "me" on a call's key, made just now. */
export function refOn({ clock }: Pick<Call, "clock">, changes: Partial<ClaimRef> = {}): ClaimRef {
  const now = clock.now();
  return {
    id,
    keyParts: "order-1",
    owner: "me",
    attempt: 1,
    startedAt: now,
    leaseUntil: now + leaseMs,
    expiresAt: (now + leaseMs) / 1000 + retentionSeconds,
    retentionSeconds,
    ...changes,
  };
}
