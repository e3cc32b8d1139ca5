import type { StoredRecord } from "../../core/record.ts";
import type { Answer, Store } from "../../core/store.ts";
import { check } from "./assertions.ts";
import { checkUntouched, errored, finished, refused, type Suite } from "./cases.ts";

/** How what is handed in may differ from the record: each member that is compared, by a lot, and by the least that it can. */
const unlike: readonly (readonly [where: string, changed: (record: StoredRecord) => Partial<StoredRecord>])[] = [
  ["owner is not as seen", () => ({ owner: "x" })],
  ["attempt is not as seen", () => ({ attempt: 7 })],
  ["leaseUntil is not as seen", () => ({ leaseUntil: 7 })],
  ["status is not as seen", () => ({ status: "held" })],
  ["expiresAt is not as seen", () => ({ expiresAt: 7 })],
  ["the lease ends 1 ms later than was seen", ({ leaseUntil }) => ({ leaseUntil: leaseUntil - 1 })],
  ["the lease ends 1 ms earlier than was seen", ({ leaseUntil }) => ({ leaseUntil: leaseUntil + 1 })],
  ["the expiry is 1 s later than was seen", ({ expiresAt }) => ({ expiresAt: expiresAt - 1 })],
  ["the expiry is 1 s earlier than was seen", ({ expiresAt }) => ({ expiresAt: expiresAt + 1 })],
  ["the attempt is 1 higher than was seen", ({ attempt }) => ({ attempt: attempt - 1 })],
];

/** A write by the record as it was seen, which owes to be refused by any other. */
export function asSeenObligations(
  { make, test, shows }: Suite,
  call: "takeOver" | "release",
  write: (store: Store, seen: StoredRecord) => Promise<Answer>,
): void {
  for (const [where, changed] of unlike) {
    test(`${call}: refused where ${where}`, async () => {
      for (const outcome of [undefined, errored("released")]) {
        const { store, record } = await finished(make, outcome, { fingerprint: "1:f" });
        const before = structuredClone(record);
        const answer = await write(store, { ...record, ...changed(record) });
        check(`the answer to ${call}, where ${where}`, answer, refused(shows ? before : undefined));
        await checkUntouched(call, store, record, before);
      }
    });
  }
}
