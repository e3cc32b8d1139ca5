import { canonicalJson } from "../../src/core/fingerprint.ts";
import { hashKey } from "../../src/core/key.ts";
import { expiryAfter } from "../../src/core/lease.ts";
import type { RecordId, StoredRecord } from "../../src/core/record.ts";
import type { Answer, ClaimRef, Outcome } from "../../src/core/store.ts";

let ids = 0;

/** An id that no other test of this process uses. */
export function nextId(): RecordId {
  return { operation: "conformance", keyHash: hashKey([process.pid, Math.random(), ids++]) };
}

const startedAt = Date.UTC(2026, 0, 1);
const ended = { completedAt: startedAt + 1, expiresAt: 2_000_000_000, write: "update" } as const;

export function refFor(id: RecordId, changes: Partial<ClaimRef> = {}): ClaimRef {
  const leaseUntil = startedAt + 10_000;
  return {
    id,
    keyParts: "raw",
    owner: "owner",
    attempt: 1,
    startedAt,
    leaseUntil,
    retentionSeconds: 3600,
    expiresAt: expiryAfter(leaseUntil, 3600),
    ...changes,
  };
}

type Completed = Extract<Outcome, { status: "completed" }>;

export function completed(changes: { encoding?: string; text?: string | undefined; expiresAt?: number; write?: "put" } = {}): Completed {
  return { status: "completed", encoding: "json", text: '{"ok":true}', ...ended, ...changes };
}

export function errored(status: "failed" | "held" | "released", changes: { expiresAt?: number; write?: "put" } = {}): Outcome {
  const error = { name: "Declined", message: "no funds é", statusCode: 402, code: status === "failed" ? 51 : "51" };
  if (status !== "released") return { status, error, ...ended, ...changes };
  const { expiresAt: _, ...rest } = { ...ended, ...changes };
  return { status, error, ...rest };
}

export function refused(record: StoredRecord | undefined): Answer {
  return { applied: false, record };
}

/** Deep equality in which an undefined member counts as absent. */
export function check(actual: unknown, expected: unknown): void {
  const [got, wanted] = [canonicalJson(actual), canonicalJson(expected)];
  if (got !== wanted) throw new Error(`expected ${wanted.slice(0, 2000)}, got ${got.slice(0, 2000)}`);
}
