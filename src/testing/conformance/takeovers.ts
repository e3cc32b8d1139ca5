import { claimedRecord, type Outcome } from "../../core/store.ts";
import { noise } from "../random.ts";
import { check, checkApplied } from "./assertions.ts";
import { claimed, completed, endings, errored, finished, nextId, otherThanSeen, recordIn, refFor, refused, type Suite } from "./cases.ts";

/** What `takeOver` owes. */
export function takeoverObligations({ make, test, shows }: Suite): void {
  for (const outcome of [undefined, ...endings(), completed({ text: JSON.stringify(noise(50_000)) })]) {
    const what = `${outcome?.status ?? "in_progress"}${isLarge(outcome) ? ", of a large result" : ""}`;
    test(`takeOver: replaces a record that is ${what}, attempt + 1, and nothing of the old one stays`, async () => {
      const { store, ref, record } = await finished(make, outcome, { fingerprint: "1:f", requestId: "r", messageId: "m" });
      const next = refFor(ref.id, { owner: "next", startedAt: 5000, leaseUntil: 9000, expiresAt: 99 });
      check("the answer to takeOver, of the record as it is", await store.takeOver(record, next), { applied: true });
      check("the record after a takeover", await store.read(ref.id), claimedRecord(next, 2));
    });
  }

  for (const [name, change] of otherThanSeen) {
    test(`takeOver: refused where ${name} is not as seen`, async () => {
      const { store, ref, record } = await finished(make, errored("released"));
      const answer = await store.takeOver({ ...record, ...change }, refFor(ref.id, { owner: "next" }));
      check(`the answer to takeOver, where ${name} is not as seen`, answer, refused(shows ? record : undefined));
      check("the record after a refused takeover", await store.read(ref.id), record);
    });
  }

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

  test("takeOver: of a takeover and an ending at once, one is applied", async () => {
    const { store, ref } = await claimed(make);
    const seen = await recordIn(store, ref.id);
    const [taken, settled] = await Promise.all([store.takeOver(seen, refFor(ref.id, { owner: "next" })), store.settle(ref, completed())]);
    check("takeOver and settle at once: were both applied, or none?", taken.applied === settled.applied, false);
    const { owner, status } = await recordIn(store, ref.id);
    const wanted = taken.applied ? { owner: "next", status: "in_progress" } : { owner: ref.owner, status: "completed" };
    check("the record after a takeover and an ending at once", { owner, status }, wanted);
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
