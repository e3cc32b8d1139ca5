import { expiryAfter } from "../../core/lease.ts";
import { claimedRecord } from "../../core/store.ts";
import { check, checkApplied } from "./assertions.ts";
import { checkUntouched, claimed, takenOver, endings, finished, nextId, refFor, refused, type Suite } from "./cases.ts";

/** What `extend` owes. */
export function leaseObligations({ make, test, shows }: Suite): void {
  test("extend: moves lease and expiry", async () => {
    const { store, ref } = await claimed(make, { fingerprint: "1:f" });
    const leaseUntil = ref.leaseUntil + 1501;
    check("the answer to extend, by the owner", await store.extend(ref, leaseUntil), { applied: true });
    const expiresAt = expiryAfter(leaseUntil, ref.retentionSeconds);
    check("the record after extend", await store.read(ref.id), { ...claimedRecord(ref, 1), leaseUntil, expiresAt });
  });

  test("extend: keeps all else of a claim, also of one that was taken over", async () => {
    const { store, ref } = await takenOver(make);
    const leaseUntil = ref.leaseUntil + 1501;
    checkApplied("extend, by the owner of a takeover", await store.extend(ref, leaseUntil));
    const expiresAt = expiryAfter(leaseUntil, ref.retentionSeconds);
    check("the record after extend", await store.read(ref.id), { ...claimedRecord(ref, 2), leaseUntil, expiresAt });
  });

  for (const by of [0, -1]) {
    test(`extend: refused where the lease would not move forward (by ${by})`, async () => {
      const { store, ref } = await claimed(make);
      const before = claimedRecord(ref, 1);
      const answer = await store.extend(ref, ref.leaseUntil + by);
      check("the answer to extend, to no later a moment", answer, refused(shows ? before : undefined));
      check("the record after a refused extend", await store.read(ref.id), before);
    });
  }

  test("extend: sent again, as a client does whose answer was lost, is refused and shows what it has written", async () => {
    const { store, ref } = await claimed(make);
    const leaseUntil = ref.leaseUntil + 1501;
    checkApplied("extend, by the owner", await store.extend(ref, leaseUntil));
    const extended = await store.read(ref.id);
    check("the answer to the same extend once more", await store.extend(ref, leaseUntil), refused(shows ? extended : undefined));
    check("the record after the same extend once more", await store.read(ref.id), extended);
  });

  test("extend: refused to another owner", async () => {
    const { store, ref } = await claimed(make);
    const before = claimedRecord(ref, 1);
    const answer = await store.extend({ ...ref, owner: "another" }, ref.leaseUntil + 1000);
    check("the answer to extend, by another than the owner", answer, refused(shows ? before : undefined));
    check("the record after a refused extend", await store.read(ref.id), before);
  });

  for (const outcome of endings()) {
    test(`extend: refused once the claim is ${outcome.status}`, async () => {
      const { store, ref, record } = await finished(make, outcome);
      const before = structuredClone(record);
      const answer = await store.extend(ref, ref.leaseUntil + 1000);
      check("the answer to extend, of what is settled", answer, refused(shows ? before : undefined));
      await checkUntouched("extend", store, record, before);
    });
  }

  test("extend: refused where there is no record, and puts nothing", async () => {
    const store = await make();
    const ref = refFor(nextId());
    check("the answer to extend, where there is no record", await store.extend(ref, ref.leaseUntil + 1000), refused(undefined));
    check("the record after a refused extend", await store.read(ref.id), undefined);
  });
}
