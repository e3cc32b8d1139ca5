import { claimedRecord, type Outcome } from "../../core/store.ts";
import { noise } from "../random.ts";
import { asSeenObligations } from "./as-seen.ts";
import { check, checkApplied } from "./assertions.ts";
import { completed, endings, errored, finished, nextId, recordIn, refFor, refused, type Suite } from "./cases.ts";

/** What `takeOver` owes. */
export function takeoverObligations(suite: Suite): void {
  const { make, test } = suite;
  for (const outcome of [undefined, ...endings(), completed({ text: JSON.stringify(noise(50_000)) })]) {
    const what = `${outcome?.status ?? "in_progress"}${isLarge(outcome) ? ", of a large result" : ""}`;
    test(`takeOver: replaces a record that is ${what}, attempt + 1, and nothing of the old one stays`, async () => {
      const { store, ref, record } = await finished(make, outcome, { fingerprint: "1:f", requestId: "r", messageId: "m" });
      const next = refFor(ref.id, { owner: "next", startedAt: 5000, leaseUntil: 9000, expiresAt: 99 });
      check("the answer to takeOver, of the record as it is", await store.takeOver(record, next), { applied: true });
      check("the record after a takeover", await store.read(ref.id), claimedRecord(next, 2));
    });
  }

  asSeenObligations(suite, "takeOver", (store, seen) => store.takeOver(seen, refFor(seen.id, { owner: "next" })));

  test("takeOver: refused where there is no record any more", async () => {
    const store = await make();
    const ref = refFor(nextId());
    check("the answer to takeOver, where there is no record", await store.takeOver(claimedRecord(ref, 1), ref), refused(undefined));
    check("the record after a refused takeover", await store.read(ref.id), undefined);
  });

  test("takeOver: of 20 at once, one is applied", async () => {
    const { store, ref, record } = await finished(make, errored("released"));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => store.takeOver(record, refFor(ref.id, { owner: `o${i}` }))));
    check("how many of 20 takeovers at once were applied", answers.filter(({ applied }) => applied).length, 1);
    const { owner, attempt } = await recordIn(store, ref.id);
    const winner = answers.findIndex(({ applied }) => applied);
    check("the record after 20 takeovers at once", { owner, attempt }, { owner: `o${winner}`, attempt: 2 });
  });

  test("takeOver: what was taken over can be claimed by nobody, and be taken over again", async () => {
    const { store, ref, record } = await finished(make, errored("released"));
    checkApplied("takeOver, of the record as it is", await store.takeOver(record, refFor(ref.id, { owner: "second" })));
    const second = await recordIn(store, ref.id);
    check("the answer to claim, after a takeover", await store.claim(refFor(ref.id, { owner: "newcomer" })), refused(second));
    checkApplied("takeOver, of a takeover", await store.takeOver(second, refFor(ref.id, { owner: "third" })));
    check("the attempt after two takeovers", (await recordIn(store, ref.id)).attempt, 3);
  });
}

function isLarge(outcome: Outcome | undefined): boolean {
  return outcome?.status === "completed" && (outcome.text?.length ?? 0) > 1000;
}
