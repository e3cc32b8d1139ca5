// What the configurations share.
import type { StoredRecord } from "../../src/core/record.ts";
import type { Budget } from "./state.ts";

export const none: Budget = { crashes: 0, losses: 0, deletions: 0, extensions: 0 };

export const usual = {
  deliveries: [{ name: "A" }, { name: "B" }],
  leaseMs: 1000,
  retentionSeconds: 1,
  tickMs: 1000,
  untilMs: 4000,
  onLeaseExpired: "run",
  budget: none,
} as const;

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

export const running: StoredRecord = { ...released, status: "in_progress", owner: "A", expiresAt: 2 };
