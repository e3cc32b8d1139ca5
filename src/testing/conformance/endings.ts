import { claimedRecord, type Outcome } from "../../core/store.ts";
import { check, checkApplied } from "./assertions.ts";
import {
  checkUntouched,
  takenOver,
  claimed,
  completed,
  endings,
  errored,
  finished,
  nextId,
  recordIn,
  refFor,
  refused,
  resultIn,
  withoutKept,
  type Suite,
} from "./cases.ts";

/** What `settle` owes, but for the results that it keeps. */
export function endingObligations(suite: Suite): void {
  for (const outcome of endings()) eachEndingObligations(suite, outcome);
  putObligations(suite);
}

function eachEndingObligations({ make, test, shows }: Suite, outcome: Outcome): void {
  const { status } = outcome;

  test(`settle: ${status} is kept with the claim's own members`, async () => {
    const { store, ref, record } = await finished(make, outcome, { fingerprint: "1:f", requestId: "r", messageId: "m" });
    const own = outcome.status === "completed" ? { encoding: outcome.encoding } : { error: outcome.error };
    // A released key expires when its claim would have.
    const expiresAt = outcome.status === "released" ? ref.expiresAt : outcome.expiresAt;
    const { result, chunks, ...rest } = record; // how a result is kept is its store's own matter
    const wanted = { ...claimedRecord(ref, 1), ...own, status, completedAt: outcome.completedAt, expiresAt };
    check(`the record after settle as ${status}`, rest, wanted);
    if (outcome.status === "completed") check("the result of the record", await resultIn(store, record), outcome.text);
  });

  test(`settle: ${status} keeps the members and the attempt of a takeover`, async () => {
    const { store, ref } = await takenOver(make);
    checkApplied("settle, by the owner of a takeover", await store.settle(ref, outcome));
    const { owner, attempt, startedAt, leaseUntil, fingerprint, requestId, messageId } = await recordIn(store, ref.id);
    const kept = { owner, attempt, startedAt, leaseUntil, fingerprint, requestId, messageId };
    const { owner: next, startedAt: start, leaseUntil: lease } = ref;
    const wanted = { owner: next, attempt: 2, startedAt: start, leaseUntil: lease, fingerprint: "1:f", requestId: "r", messageId: "m" };
    check(`what settle as ${status} does not touch`, kept, wanted);
  });

  test(`settle: ${status} is refused to another owner, and once it is settled`, async () => {
    const { store, ref } = await claimed(make);
    const before = claimedRecord(ref, 1);
    const stranger = await store.settle({ ...ref, owner: "another" }, outcome);
    check("the answer to settle, by another than the owner", withoutKept(stranger), refused(shows ? before : undefined));
    check("the record after a refused settle", await store.read(ref.id), before);
    checkApplied("settle, by the claim's owner", await store.settle(ref, outcome));
    const settled = await recordIn(store, ref.id);
    const copy = structuredClone(settled);
    const second = await store.settle(ref, completed({ text: '"second"' }));
    check("the answer to settle, of what is settled", withoutKept(second), refused(shows ? copy : undefined));
    await checkUntouched("settle", store, settled, copy);
  });

  test(`settle: ${status} sent again, as a client does whose answer was lost, is refused and shows what it has written`, async () => {
    const { store, ref, record } = await finished(make, outcome);
    const again = await store.settle(ref, outcome); // the same objects: a store may go on from what it has begun for them
    check("the answer to the same settle once more", withoutKept(again), refused(shows ? record : undefined));
    check("the record after the same settle once more", await store.read(ref.id), record);
    if (shows && again.kept !== undefined) check("kept, of the same settle once more", again.kept.encoding, record.encoding);
  });

  test(`settle: ${status} is refused where there is no record, and puts nothing`, async () => {
    const store = await make();
    const ref = refFor(nextId());
    check("the answer to settle, where there is no record", withoutKept(await store.settle(ref, outcome)), refused(undefined));
    check("the record after a refused settle", await store.read(ref.id), undefined);
  });
}

function putObligations({ make, test }: Suite): void {
  for (const outcome of endings({ write: "put" }).filter(({ status }) => status !== "released")) {
    test(`settle: a put of ${outcome.status} writes the whole record where there is none`, async () => {
      const store = await make();
      const ref = refFor(nextId(), { attempt: 3, fingerprint: "1:f", requestId: "r", messageId: "m" });
      checkApplied("settle by a put, where there is no record", await store.settle(ref, outcome));
      const { result, chunks, ...record } = await recordIn(store, ref.id);
      const { write: _, ...members } = outcome;
      const { text, resultSignal, ...own } = members.status === "completed" ? members : { ...members, text: "", resultSignal: undefined };
      check("the record after a put", record, { ...claimedRecord(ref, 3), ...own });
    });
  }

  test("settle: a put is refused where there is a record, also the claim's own", async () => {
    const { store, ref } = await claimed(make);
    const put = errored("failed", { write: "put" });
    const running = claimedRecord(ref, 1);
    check("the answer to a put over the claim's own record", await store.settle(ref, put), refused(running));
    check("the record after a refused put", await store.read(ref.id), running);
    await store.settle(ref, completed());
    const settled = await recordIn(store, ref.id);
    const copy = structuredClone(settled);
    check("the answer to a put over another's record", await store.settle({ ...ref, owner: "another" }, put), refused(copy));
    await checkUntouched("put", store, settled, copy);
  });
}
