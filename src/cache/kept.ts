import { LRUCache } from "lru-cache";
import { lostEncoding, voidEncoding } from "../core/codec.ts";
import { codecOf, endedAt, isExpired, nameOf, type RecordId, recordVersion, type StoredRecord } from "../core/record.ts";

/**
 * What a record takes in memory beside its text: its members, its name and its place in the list. Bytes; measured on Node
 * 24, it is 1.5 KB with a short operation and 2 KB with the longest.
 */
export const overheadBytes = 2048;

export interface Bounds {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** A moment in the order of what was asked and answered here. */
export type Turn = number;

/** Completed records with the text of their results, each frozen. */
export interface KeptRecords {
  /** The record of a key, until it expires. */
  find(id: RecordId): StoredRecord | undefined;
  /** Is it one that `find` gave out? Such a record carries its own text, also when it is kept no more. */
  isOwn(record: StoredRecord): boolean;
  /** To be taken before the store is asked: where a record is replaced while it is asked, its answer is old. */
  turn(): Turn;
  /** A record of the store gave way to another: nothing is kept of its key, and whatever was asked before is old. */
  replaced(id: RecordId): void;
  /** A record was seen in the store: what is kept of its key gives way to what is later. */
  seen(record: StoredRecord): void;
  /**
   * Keeps a record with its text, as seen in the store by what was asked at `since`. Not one that is unfinished, expired,
   * of a newer format, without the text that its encoding tells of, old, or no later than the one that is kept.
   */
  keep(record: StoredRecord, text: string | undefined, since: Turn): void;
}

/** Records within bounds, the least recently used leaving first; `now` gives epoch milliseconds. */
export function keptRecords({ maxItems, maxBytes }: Bounds, now: () => number): KeptRecords {
  const records = new LRUCache<string, StoredRecord>({ max: maxItems, maxSize: maxBytes, sizeCalculation: sizeOf });
  const own = new WeakSet<StoredRecord>();
  let lastTurn: Turn = 0;

  return {
    find(id) {
      const record = records.get(nameOf(id));
      if (record === undefined || !isExpired(record, now())) return record;
      records.delete(nameOf(id));
      return undefined;
    },
    isOwn: (record) => own.has(record),
    turn: () => lastTurn,
    replaced(id) {
      records.delete(nameOf(id));
      lastTurn++;
    },
    seen(record) {
      const kept = records.peek(nameOf(record.id));
      if (kept !== undefined && isLater(record, kept)) records.delete(nameOf(record.id));
    },
    keep(record, text, since) {
      if (record.status !== "completed" || record.version > recordVersion || isExpired(record, now())) return;
      if (text === undefined && !hasNoText(record)) return;
      const name = nameOf(record.id);
      const before = records.peek(name);
      if (since !== lastTurn || (before !== undefined && !isLater(record, before))) return;
      const kept = withText(record, text);
      own.add(kept);
      records.set(name, kept); // one that is too large is refused, and none makes room for it
    },
  };
}

function hasNoText({ encoding }: StoredRecord): boolean {
  return encoding === voidEncoding || encoding === lostEncoding;
}

function sizeOf({ result }: StoredRecord): number {
  return overheadBytes + (typeof result === "string" ? Buffer.byteLength(result) : 0);
}

// A key's next run starts when the record of the last one has expired. Its attempt tells nothing by itself: once TTL has
// deleted the record, it counts from 1 again.
function isLater(record: StoredRecord, than: StoredRecord): boolean {
  const ahead = endedAt(record) - endedAt(than);
  return ahead > 0 || (ahead === 0 && record.attempt > than.attempt);
}

// Inline, as the store's `result` gave it: neither compressed nor in chunks any more.
function withText(record: StoredRecord, text: string | undefined): StoredRecord {
  const { chunks, ...members } = record;
  const { operation, keyHash } = record.id;
  return Object.freeze({ ...members, id: Object.freeze({ operation, keyHash }), encoding: codecOf(record.encoding), result: text });
}
