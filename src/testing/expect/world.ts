import { IdempotencyError } from "../../core/errors.ts";
import { skewMarginMs } from "../../core/lease.ts";
import { isExpired, type RecordId, type StoredRecord } from "../../core/record.ts";
import type { Store } from "../../core/store.ts";
import { type Records, storeOver } from "../../memory/records.ts";
import { firstDay, turnedClock, type TurnedClock } from "../clock.ts";
import { inPatience } from "../real-time.ts";

/** A request to the store, or a sleep, that waits at the gate of its environment. */
export interface Move {
  /** The place of its environment: earlier ones have a lower one. */
  readonly place: number;
  /** Of a sleep: epoch milliseconds. */
  readonly wakeAt?: number | undefined;
  go(): void;
}

/** A request that the store has decided. */
export interface Decided {
  readonly environment: string;
  /** What the environment was given. */
  readonly event: number | undefined;
  readonly call: string;
  readonly id: RecordId;
  readonly how: "applied" | "refused";
}

/** What the environments of one schedule share. */
export interface World {
  readonly clock: TurnedClock;
  /** Decides at once; what environments ask of it waits at their gates. */
  readonly store: Store;
  readonly records: Records;
  /** What waits at the gates. */
  readonly moves: Set<Move>;
  /** Which requests the store decided, in order, for people. */
  readonly log: Decided[];
  /** Something waits at a gate, or is over. */
  stir(): void;
  /** Waits until that is so; after the patience is over, for what `late` throws. */
  stirred(late: () => never): Promise<void>;
}

/** Begins at the first of January 2026, UTC, or at `sentMs`, epoch milliseconds, where that is later. */
export function newWorld(sentMs: number): World {
  const clock = turnedClock(Math.max(firstDay, sentMs));
  const records: Records = new Map();
  let stir: (() => void) | undefined;
  return {
    clock,
    records,
    store: storeOver(records, clock),
    moves: new Set(),
    log: [],
    stir: () => stir?.(),
    stirred: (late) => inPatience(new Promise<void>((resolve) => (stir = resolve)), late),
  };
}

/**
 * Turns the clock.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where a finished record expires by it: what comes then again is no mistake.
 */
export function turn({ clock, records }: World, ms: number): void {
  clock.jump(ms);
  for (const record of records.values()) {
    if (record.completedAt === undefined || record.status === "released" || !isExpired(record, clock.now())) continue;
    const retentionSeconds = record.expiresAt - Math.ceil(record.completedAt / 1000);
    const what = `retentionSeconds of operation "${record.id.operation}" is ${retentionSeconds}: its record expires within a schedule`;
    const message = `${what}, in which all leases lapse several times; give a longer one in the test`;
    throw new IdempotencyError("CONFIG_INVALID", message, { path: "retentionSeconds" });
  }
}

/** Turns the clock until every lease has lapsed, for others too, by at least so many milliseconds. Answers by how many. */
export function lapseLeases(world: World, atLeastMs = 0): number {
  const { clock, records } = world;
  const ends = [...records.values()].filter(({ status }) => status === "in_progress").map(({ leaseUntil }) => leaseUntil);
  const ms = Math.max(atLeastMs, ...ends.map((end) => end + skewMarginMs - clock.now()));
  turn(world, ms);
  return ms;
}

/** Will no delivery answer this key, by policy or for want of its result? */
export function isClosed({ status, encoding }: StoredRecord): boolean {
  return status === "held" || status === "in_progress" || encoding === "lost";
}
