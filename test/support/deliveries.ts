import { expect } from "vitest";
import { type IdempotencyEvent, type IdempotencyOptions, idempotent, IdempotencyError } from "../../src/index.ts";
import { hashKey } from "../../src/core/key.ts";
import { expiryAfter } from "../../src/core/lease.ts";
import type { RecordId, StoredRecord } from "../../src/core/record.ts";
import type { Bench } from "./bench.ts";

export const operation = "charge";
export const leaseMs = 10_000;
export const retentionSeconds = 3600;

export interface Order {
  readonly id: string;
  readonly amount?: number;
}

export const order: Order = { id: "order-1", amount: 5 };
export const id: RecordId = { operation, keyHash: hashKey(order.id) };

type Work = (order: Order) => unknown;
export type Options = Partial<IdempotencyOptions<[Order], unknown>>;

/** A wrapped handler, with what it did. */
export interface Wrapped {
  (order?: Order): Promise<unknown>;
  /** How often the work ran. */
  runs: number;
  readonly events: IdempotencyEvent[];
  /** Types of the events, in order. */
  readonly types: () => string[];
}

/** Wraps work on a bench: key is the order's id, lease 10 s, retention an hour, no fingerprint unless asked for. */
export function wrap(bench: Pick<Bench, "store">, work: Work = () => "done", options: Options = {}): Wrapped {
  const events: IdempotencyEvent[] = [];
  const fn = idempotent<[Order], unknown>(
    (given) => {
      wrapped.runs++;
      return work(given);
    },
    {
      store: bench.store,
      operation,
      key: (given) => given.id,
      leaseMs,
      retentionSeconds,
      onEvent: (event) => events.push(event),
      ...options,
    },
  );
  const wrapped = Object.assign((given: Order = order) => fn(given), { runs: 0, events, types: () => events.map(({ type }) => type) });
  return wrapped;
}

/** The whole payload as the fingerprint. */
export const checked: Options = { fingerprint: (given) => given };

/** A record of another owner, in progress since just now, with a lease of 10 s; changed as told. */
export function record(bench: Bench, changes: Partial<StoredRecord> = {}): StoredRecord {
  const startedAt = bench.clock.now();
  const leaseUntil = startedAt + leaseMs;
  const base: StoredRecord = {
    id,
    version: 1,
    status: "in_progress",
    owner: "another",
    attempt: 1,
    leaseUntil,
    startedAt,
    expiresAt: expiryAfter(leaseUntil, retentionSeconds),
  };
  return { ...base, ...changes };
}

/** A record that another owner has completed, just now. */
export function completedRecord(bench: Bench, changes: Partial<StoredRecord> = {}): StoredRecord {
  const now = bench.clock.now();
  return record(bench, {
    status: "completed",
    encoding: "json",
    result: '"theirs"',
    completedAt: now,
    expiresAt: expiryAfter(now, retentionSeconds),
    ...changes,
  });
}

/** The error that a delivery is refused with. */
export async function refusal(delivery: Promise<unknown>): Promise<IdempotencyError> {
  const error: unknown = await delivery.then(
    (result) => {
      throw new Error(`expected a refusal, got ${JSON.stringify(result)}`);
    },
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(IdempotencyError);
  return error as IdempotencyError;
}
