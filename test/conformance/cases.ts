import { canonicalJson } from "../../src/core/fingerprint.ts";
import { hashKey } from "../../src/core/key.ts";
import { expiryAfter } from "../../src/core/lease.ts";
import type { RecordId, StoredRecord } from "../../src/core/record.ts";
import { type Answer, type ClaimRef, type Outcome, type Store, StoreFailure } from "../../src/core/store.ts";

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

/** Letters and digits in no order, always the same for a seed, and hard to compress. */
export function noise(length: number, seed = 1): string {
  let state = seed;
  const parts: string[] = [];
  for (let made = 0; made < length; made += 6) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    parts.push(((state >>> 1) % 36 ** 6).toString(36).padStart(6, "0"));
  }
  return parts.join("").slice(0, length);
}

/** The text of a result. A store may need more than one request for it, and say `conflict` until it has it all. */
export async function resultIn(store: Store, record: StoredRecord): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await store.result(record);
    } catch (error) {
      if (!(error instanceof StoreFailure && error.kind === "conflict") || tries === 100) throw error;
    }
  }
}
