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

export const seenBreaks: NamedBreaks = Object.fromEntries(
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
