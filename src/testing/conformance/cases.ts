import { hashKey } from "../../core/key.ts";
import { expiryAfter } from "../../core/lease.ts";
import type { RecordId, StoredRecord } from "../../core/record.ts";
import { type Answer, type ClaimRef, type Outcome, type Store, StoreFailure } from "../../core/store.ts";
import { check, checkApplied } from "./assertions.ts";

export type MakeStore = () => Promise<Store>;

/** What the obligations are checked with. */
export interface Suite {
  readonly make: MakeStore;
  test(name: string, run: () => Promise<void>): void;
  /** Does a refusal show the record that refused it? */
  readonly shows: boolean;
}

/** An id that no other test uses, of this process or of another one on the same table. */
export function nextId(): RecordId {
  return { operation: "conformance", keyHash: hashKey(crypto.randomUUID()) };
}

/** No whole second: times are kept to the millisecond. */
const startedAt = Date.UTC(2026, 0, 1) + 123;
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

/** With white space, newlines and a byte order mark at its ends, all of which a `trim` takes away. */
export function edged(text: string): string {
  return `\ufeff \r\n\t${text}\n\u00a0\r\n \ufeff`;
}

type Completed = Extract<Outcome, { status: "completed" }>;
type CompletedChanges = Partial<Pick<Completed, "encoding" | "text" | "expiresAt" | "write" | "resultSignal">>;
type ErroredChanges = Partial<Pick<Completed, "expiresAt" | "write">>;

export function completed(changes: CompletedChanges = {}): Completed {
  return { status: "completed", encoding: "json", text: '{"ok":true}', ...ended, ...changes };
}

export function errored(status: "failed" | "held" | "released", changes: ErroredChanges = {}): Outcome {
  const error = { name: "Declined", message: "no funds é", statusCode: 402, code: status === "failed" ? 51 : "51" };
  if (status !== "released") return { status, error, ...ended, ...changes };
  const { expiresAt: _, ...rest } = { ...ended, ...changes };
  return { status, error, ...rest };
}

/** One outcome of each kind. */
export function endings(changes: ErroredChanges = {}): readonly Outcome[] {
  return [completed(changes), errored("failed", changes), errored("held", changes), errored("released", changes)];
}

export function refused(record: StoredRecord | undefined): Answer {
  return { applied: false, record };
}

/** An answer without what became of a result, which is its store's own matter. */
export function withoutKept(answer: Answer): Answer {
  const { kept: _, ...rest } = answer;
  return rest;
}

export async function claimed(make: MakeStore, changes: Partial<ClaimRef> = {}): Promise<{ store: Store; ref: ClaimRef }> {
  const store = await make();
  const ref = refFor(nextId(), changes);
  checkApplied("claim, of an id that has no record", await store.claim(ref));
  return { store, ref };
}

/** A claim that was settled, or, with no outcome, that goes on. */
export async function finished(
  make: MakeStore,
  outcome: Outcome | undefined,
  changes: Partial<ClaimRef> = {},
): Promise<{ store: Store; ref: ClaimRef; record: StoredRecord }> {
  const { store, ref } = await claimed(make, changes);
  if (outcome !== undefined) checkApplied(`settle as ${outcome.status}, by the claim's owner`, await store.settle(ref, outcome));
  return { store, ref, record: await recordIn(store, ref.id) };
}

/** A claim that another owner has taken over, with all that it was given: attempt 2. */
export async function takenOver(make: MakeStore): Promise<{ store: Store; ref: ClaimRef }> {
  const { store, ref: old, record } = await finished(make, errored("released"));
  const changes = { owner: "next", attempt: 2, fingerprint: "1:f", requestId: "r", messageId: "m", startedAt: old.startedAt + 2 };
  const ref = refFor(old.id, changes);
  checkApplied("takeOver, of the record as it is", await store.takeOver(record, ref));
  return { store, ref };
}

/**
 * Checks that a refused write has changed nothing: neither the record, nor what the store has handed out of it. `before`
 * is a copy, since the store may hold what it has handed out.
 */
export async function checkUntouched(write: string, store: Store, seen: StoredRecord, before: StoredRecord): Promise<void> {
  check(`the record after a refused ${write}`, await store.read(before.id), before);
  check(`the record that was handed out before a refused ${write}`, seen, before);
}

/** The record, where there must be one. */
export async function recordIn(store: Store, id: RecordId): Promise<StoredRecord> {
  const record = await store.read(id);
  if (record === undefined) throw new Error("read: expected the record that was written, got nothing");
  return record;
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
