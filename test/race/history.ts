// What the table held for the key, and when.
import type { StoredRecord } from "../../src/core/record.ts";
import type { Delivery } from "./delivery.ts";

/** The table held this from one moment of the world's time until another. */
export interface Moment {
  readonly record: StoredRecord | undefined;
  readonly from: number;
  until: number;
}

export interface History {
  /** The table holds this from now on. */
  remember(record: StoredRecord | undefined): void;
  /** What it holds now. */
  last(): StoredRecord | undefined;
  /** Did it hold such a record while this delivery was under way? `from` and `until` are within the delivery. */
  held(delivery: Delivery, such: (record: StoredRecord, moment: Moment) => boolean): boolean;
  /** All that it held of an owner's. */
  of(owner: string): StoredRecord[];
  /** What it has held since it first held this owner's: all but that, and undefined where it held nothing. */
  othersSince(owner: string): (StoredRecord | undefined)[];
  /** The last end of a run's lease that it took. */
  leaseUntil(owner: string, attempt: number): number;
}

export function openHistory(now: () => number): History {
  const moments: Moment[] = [{ record: undefined, from: now(), until: Number.POSITIVE_INFINITY }];
  const of = (owner: string): StoredRecord[] => moments.flatMap(({ record }) => (record?.owner === owner ? [record] : []));

  return {
    remember(record) {
      const last = moments.at(-1);
      if (last !== undefined) last.until = now();
      moments.push({ record, from: now(), until: Number.POSITIVE_INFINITY });
    },
    last: () => moments.at(-1)?.record,
    held: ({ startedAt }, such) =>
      moments.some(
        ({ record, from, until }) =>
          until >= startedAt &&
          record !== undefined &&
          such(record, { record, from: Math.max(from, startedAt), until: Math.min(until, now()) }),
      ),
    of,
    othersSince(owner) {
      const first = moments.findIndex(({ record }) => record?.owner === owner);
      return first === -1 ? [] : moments.slice(first).flatMap(({ record }) => (record?.owner === owner ? [] : [record]));
    },
    leaseUntil: (owner, attempt) =>
      Math.max(0, ...of(owner).map((record) => (record.status === "in_progress" && record.attempt === attempt ? record.leaseUntil : 0))),
  };
}
