import { claimedRecord } from "../../core/store.ts";
import { check, checkApplied } from "./assertions.ts";
import { checkUntouched, claimed, endings, finished, nextId, recordIn, refFor, refused, type Suite } from "./cases.ts";

/** Others than `conformance`: by their case, their 11th character, what follows it. */
const otherOperations = ["other:op/with.chars-_", "Conformance", "CONFORMANCE", "conformancf", "conformance2", "conformance-"];

/** What `claim` and `read` owe. */
export function claimObligations({ make, test }: Suite): void {
  test("claim: puts a record in progress, attempt 1, with all it was given", async () => {
    const { store, ref } = await claimed(make, { fingerprint: "1:f", requestId: "r é💥", messageId: "m" });
    check("the record after a claim", await store.read(ref.id), claimedRecord(ref, 1));
  });

  test("claim: optional members stay absent", async () => {
    const { store, ref } = await claimed(make);
    const { fingerprint, requestId, messageId, encoding, result, chunks, error, completedAt } = await recordIn(store, ref.id);
    const optional = { fingerprint, requestId, messageId, encoding, result, chunks, error, completedAt };
    check("the record after a claim without optional members", optional, {});
  });

  for (const outcome of [undefined, ...endings({ expiresAt: 1 })]) {
    test(`claim: refused by a record that is ${outcome?.status ?? "in_progress"}, expired or not, and shows it`, async () => {
      const { store, ref, record } = await finished(make, outcome, { expiresAt: 1 });
      check("the record before the claim", record.status, outcome?.status ?? "in_progress");
      const before = structuredClone(record);
      check("the answer to a claim of an id that has a record", await store.claim({ ...ref, owner: "newcomer" }), refused(before));
      await checkUntouched("claim", store, record, before);
    });
  }

  test("claim: operations and keys are apart", async () => {
    const store = await make();
    const id = nextId();
    checkApplied("claim", await store.claim(refFor(id)));
    for (const operation of otherOperations) {
      checkApplied(`claim, of the same key under another operation, ${operation}`, await store.claim(refFor({ ...id, operation })));
    }
    checkApplied("claim, of another key", await store.claim(refFor(nextId())));
  });

  test("claim: of 20 at once, one is applied", async () => {
    const store = await make();
    const id = nextId();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => store.claim(refFor(id, { owner: `o${i}` }))));
    check("how many of 20 claims at once were applied", answers.filter(({ applied }) => applied).length, 1);
    const winner = answers.findIndex(({ applied }) => applied);
    check("the owner after 20 claims at once", (await recordIn(store, id)).owner, `o${winner}`);
  });

  test("read: nothing where there is no record", async () => {
    const { store } = await claimed(make);
    check("read, of an id that was never claimed", await store.read(nextId()), undefined);
  });
}
