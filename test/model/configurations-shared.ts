// What the configurations share.
import type { StoredRecord } from "../../src/core/record.ts";
import type { Counted } from "./tally.ts";
import type { Budget, Configuration } from "./state.ts";

export const none: Budget = { crashes: 0, losses: 0, deletions: 0, extensions: 0 };

/** What every configuration checks that does not say otherwise. */
const usualChecks: readonly Counted[] = [
  "one run per lease",
  "only the owner writes",
  "no kept outcome is lost",
  "no run after a kept outcome",
  "equal answers",
  "attempts go up",
  "nothing stays stuck",
  "expired answers nobody",
  "a record is kept for its retention",
  "busy",
  "replay",
  "takeover lapsed",
  "takeover expired",
];

/** More than that. */
export function and(...more: readonly Counted[]): readonly Counted[] {
  return [...usualChecks, ...more];
}

/** Less. */
export function but(left: readonly Counted[], more: readonly Counted[] = []): readonly Counted[] {
  return and(...more).filter((counted) => !left.includes(counted));
}

/** Where answers get lost. */
export const ofLosses = ["an owner is not told that it lost", "mine", "takeover released"] as const;

export const usual = {
  deliveries: [{ name: "A" }, { name: "B" }],
  leaseMs: 1000,
  retentionSeconds: 2,
  tickMs: 1000,
  untilMs: 3000,
  onLeaseExpired: "run",
  budget: none,
  checks: usualChecks,
} as const;

/** Clocks that differ: what is kept counts for as much less. */
export const longer = { retentionSeconds: 3, untilMs: 4000 } as const;
export const behind = [{ name: "A", skewMs: -1000 }, { name: "B" }] as const;
export const three = [{ name: "A" }, { name: "B" }, { name: "C" }] as const;

export const released: StoredRecord = {
  id: { operation: "model", keyHash: "key" },
  version: 1,
  status: "released",
  owner: "Z",
  attempt: 1,
  startedAt: 0,
  leaseUntil: 1000,
  expiresAt: 3,
};

/** A's run, under a claim to 1 s. */
export function runningFor(retentionSeconds: number): Pick<Configuration, "record" | "running" | "retentionSeconds"> {
  return { record: { ...released, status: "in_progress", owner: "A", expiresAt: 1 + retentionSeconds }, running: "A", retentionSeconds };
}
