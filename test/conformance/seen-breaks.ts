// Stores that compare what was seen only roughly, or do not keep apart what was seen and what is there now.
import { nameOf, type StoredRecord } from "../../src/core/record.ts";
import type { Break, NamedBreaks } from "./breaks.ts";

const bySeen = ["takeOver", "release"] as const;

/** A call compares a number by its rounding. */
const roughly =
  (call: (typeof bySeen)[number], member: "leaseUntil" | "expiresAt" | "attempt", rounded: (value: number) => number): Break =>
  (store, records) => {
    const asCompared = (seen: StoredRecord): StoredRecord => {
      const now = records.get(nameOf(seen.id));
      return now !== undefined && rounded(now[member]) === rounded(seen[member]) ? { ...seen, [member]: now[member] } : seen;
    };
    return call === "takeOver"
      ? { takeOver: (seen, request) => store.takeOver(asCompared(seen), request) }
      : { release: (seen) => store.release(asCompared(seen)) };
  };

/** A release writes more than it should, of what `concerns` picks. */
const releasing =
  (more: Partial<StoredRecord>, concerns: (seen: StoredRecord) => boolean): Break =>
  (store, records) => ({
    async release(seen) {
      const answer = await store.release(seen);
      const now = records.get(nameOf(seen.id));
      if (answer.applied && now !== undefined && concerns(seen)) records.set(nameOf(seen.id), { ...now, ...more });
      return answer;
    },
  });

/** Answers with the result of what is there now, where its text is as long as `concerns` says. */
const resultNow =
  (concerns: (length: number) => boolean): Break =>
  (store, records) => ({
    result(record) {
      const now = records.get(nameOf(record.id)) ?? record;
      const { length } = now.result ?? "";
      return store.result(concerns(length) ? now : record);
    },
  });

/** Hands out one object for each id, and overwrites it at each call of these. */
const oneObject =
  (...calls: readonly ("read" | "claim")[]): Break =>
  (store) => {
    const objects = new Map<string, StoredRecord>();
    const handedOut = (record: StoredRecord | undefined): StoredRecord | undefined => {
      if (record === undefined) return undefined;
      const object = objects.get(nameOf(record.id)) ?? { ...record };
      objects.set(nameOf(record.id), object);
      return Object.assign(object, record);
    };
    return {
      ...(calls.includes("read") && { read: async (id) => handedOut(await store.read(id)) }),
      ...(calls.includes("claim") && {
        async claim(request) {
          const answer = await store.claim(request);
          return answer.applied ? answer : { ...answer, record: handedOut(answer.record) };
        },
      }),
    };
  };

const roughBreaks: NamedBreaks = Object.fromEntries(
  bySeen.flatMap((call) => {
    const caughtBy = (what: string): string => `${call}: refused where ${what} than was seen`;
    const leases = ["the lease ends 1 ms later", "the lease ends 1 ms earlier"].map(caughtBy);
    const expiries = ["the expiry is 1 s later", "the expiry is 1 s earlier"].map(caughtBy);
    return [
      [`${call} compares leases by the second`, [leases, roughly(call, "leaseUntil", (ms) => Math.floor(ms / 1000))] as const],
      [`${call} compares expiries by the minute`, [expiries, roughly(call, "expiresAt", (s) => Math.floor(s / 60))] as const],
      [
        `${call} compares attempts by two`,
        [[caughtBy("the attempt is 1 higher")], roughly(call, "attempt", (n) => Math.floor(n / 2))] as const,
      ],
    ];
  }),
);

const allSizes = ["small", "20 KB", "1 MB"].map(
  (size) => `result: of a record that was taken over since it is its own or nothing, ${size}`,
);
const [small, , large] = allSizes;

const aReadRecord = "read: a record stays as it was handed out, whatever is written and read after it";
const aShownRecord = "claim: a record that refused it stays as it was handed out, whatever is written and read after it";

export const seenBreaks: NamedBreaks = {
  ...roughBreaks,
  "read hands out one object for each id": [[aReadRecord], oneObject("read")],
  "a refused claim hands out one object for each id": [[aShownRecord], oneObject("claim")],
  "read and a refused claim hand out one object for each id": [[aReadRecord, aShownRecord], oneObject("read", "claim")],
  "result is that of the record which is there now": [allSizes, resultNow(() => true)],
  "result is that of the record which is there now, of what is inline": [[small ?? ""], resultNow((length) => length < 1000)],
  "result is that of the record which is there now, of what is large": [[large ?? ""], resultNow((length) => length > 400_000)],
  ...Object.fromEntries(
    (["in_progress", "failed", "held", "released"] as const).flatMap((status) => {
      const caughtBy = [`release: keeps the attempt and all else of a takeover that is ${status}`];
      return [
        [
          `release begins to count again, of what is ${status}`,
          [caughtBy, releasing({ attempt: 1 }, (seen) => seen.status === status)] as const,
        ],
        [`release counts, of what is ${status}`, [caughtBy, releasing({ attempt: 3 }, (seen) => seen.status === status)] as const],
      ];
    }),
  ),
};
