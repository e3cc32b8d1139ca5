// Who asks, and for what.
import type { ClaimRef } from "../../src/core/store.ts";
import type { Newcomer } from "../../src/core/verdict.ts";
import type { Action } from "./action.ts";

/** What a release says that is no handler's end. */
export const notStarted = "NotStarted";

const id = { operation: "model", keyHash: "key" };

export function newcomerOf(action: Action, i: number): Newcomer {
  const { name, payload, retryFailedBeforeMs } = action.delivery(i);
  return {
    owner: name,
    fingerprint: fingerprintOf(payload),
    onLeaseExpired: action.world.configuration.onLeaseExpired,
    retryFailedBeforeMs,
  };
}

function fingerprintOf(payload: string | undefined): string | undefined {
  return payload === undefined ? undefined : `1:${payload}`;
}

/** `refOf` in begin.ts. */
export function refOf(action: Action, i: number, attempt: number): ClaimRef {
  const { leaseMs, retentionSeconds } = action.world.configuration;
  const { name, payload } = action.delivery(i);
  const startedAt = action.clock(i);
  const leaseUntil = startedAt + leaseMs;
  const expiresAt = action.world.rules.claimExpiry(startedAt, leaseUntil, retentionSeconds);
  return {
    id,
    keyParts: "key",
    owner: name,
    attempt,
    startedAt,
    leaseUntil,
    expiresAt,
    retentionSeconds,
    fingerprint: fingerprintOf(payload),
  };
}
