// Who asks, and for what.
import type { ClaimRef } from "../../src/core/store.ts";
import type { Newcomer } from "../../src/core/verdict.ts";
import type { Turn } from "./turn.ts";

/** What a release says that is no handler's end. */
export const notStarted = "NotStarted";

const id = { operation: "model", keyHash: "key" };

export function newcomerOf(turn: Turn, i: number): Newcomer {
  const { name, payload, retryFailedBeforeMs } = turn.delivery(i);
  return { owner: name, fingerprint: fingerprintOf(payload), onLeaseExpired: turn.world.configuration.onLeaseExpired, retryFailedBeforeMs };
}

export function fingerprintOf(payload: string | undefined): string | undefined {
  return payload === undefined ? undefined : `1:${payload}`;
}

/** `refOf` in begin.ts. */
export function refOf(turn: Turn, i: number, attempt: number): ClaimRef {
  const { leaseMs, retentionSeconds } = turn.world.configuration;
  const { name, payload } = turn.delivery(i);
  const startedAt = turn.clock(i);
  const leaseUntil = startedAt + leaseMs;
  const expiresAt = turn.world.rules.claimExpiry(startedAt, leaseUntil, retentionSeconds);
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
