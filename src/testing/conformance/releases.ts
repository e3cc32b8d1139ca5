import { claimedRecord } from "../../core/store.ts";
import { asSeenObligations } from "./as-seen.ts";
import { check, checkApplied } from "./assertions.ts";
import { errored, finished, nextId, recordIn, refFor, refused, takenOver, type Suite } from "./cases.ts";

/** What `release` owes: an operator's, by the record as it was seen. */
export function releaseObligations(suite: Suite): void {
  const { make, test } = suite;
  for (const outcome of [undefined, errored("failed"), errored("held"), errored("released")]) {
    test(`release: frees a record that is ${outcome?.status ?? "in_progress"}; its fingerprint is forgotten`, async () => {
      const { store, ref, record } = await finished(make, outcome, { fingerprint: "1:f", requestId: "r", messageId: "m" });
      check("the answer to release, of the record as it is", await store.release(record), { applied: true });
      check("the record after release", await store.read(ref.id), { ...record, fingerprint: undefined, status: "released" });
    });
  }

  for (const outcome of [undefined, errored("failed"), errored("held"), errored("released")]) {
    test(`release: keeps the attempt and all else of a takeover that is ${outcome?.status ?? "in_progress"}`, async () => {
      const { store, ref } = await takenOver(make);
      if (outcome !== undefined) checkApplied("settle, by the owner of a takeover", await store.settle(ref, outcome));
      const record = await recordIn(store, ref.id);
      const freed = { ...record, attempt: 2, fingerprint: undefined, status: "released" };
      checkApplied("release, of the record as it is", await store.release(record));
      check("the record after release", await store.read(ref.id), freed);
    });
  }

  asSeenObligations(suite, "release", (store, seen) => store.release(seen));

  test("release: refused where there is no record, and puts nothing", async () => {
    const store = await make();
    const ref = refFor(nextId());
    check("the answer to release, where there is no record", await store.release(claimedRecord(ref, 1)), refused(undefined));
    check("the record after a refused release", await store.read(ref.id), undefined);
  });
}
