import { expiryAfter } from "../../core/lease.ts";
import type { StoredRecord } from "../../core/record.ts";
import { type Answer, claimedRecord, type ClaimRef, type Outcome, type Store } from "../../core/store.ts";
import { check, checkApplied } from "./assertions.ts";
import { claimed, completed, finished, nextId, refFor, refused, resultIn, type Suite, withoutKept } from "./cases.ts";

/** Of 64 characters, the most that an operation has; they differ in the last one. */
const longOperations = ["a", "b"].map((last) => `${"operation.".repeat(7).slice(0, 63)}${last}`);

/** Owners that are two: by their case, by what follows the first 8 characters, by their last one, by one more. */
const nearlyTheSame: readonly (readonly [own: string, other: string])[] = [
  ["owner", "Owner"],
  ["owner", "OWNER"],
  ["0195f1c8-aaaa", "0195f1c8-bbbb"],
  ["7b0f4a52-6c1e-4d4e-9a57-2f1d8e3c5b60", "7b0f4a52-6c1e-4d4e-9a57-2f1d8e3c5b61"],
  ["owner", "owner1"],
];

/** A write to a record that there is, and what it makes of a claim's. */
interface Write {
  readonly call: "takeOver" | "settle" | "extend" | "release";
  write(store: Store, ref: ClaimRef): Promise<Answer>;
  changes(ref: ClaimRef): Partial<StoredRecord>;
}

const writes: readonly Write[] = [
  {
    call: "takeOver",
    write: (store, ref) => store.takeOver(claimedRecord(ref, 1), successor(ref)),
    changes: (ref) => claimedRecord(successor(ref), 2),
  },
  {
    call: "settle",
    write: (store, ref) => store.settle(ref, failureOf(ref)),
    changes: (ref) => {
      const { write: _, ...members } = failureOf(ref);
      return members;
    },
  },
  { call: "extend", write: (store, ref) => store.extend(ref, extensionOf(ref).leaseUntil), changes: extensionOf },
  {
    call: "release",
    write: (store, ref) => store.release(claimedRecord(ref, 1)),
    changes: () => ({ status: "released", fingerprint: undefined }),
  },
];

/** What keeps records apart: operation, key and owner, each of them whole. */
export function apartObligations(suite: Suite): void {
  const { make, test } = suite;
  for (const write of writes) eachWriteObligations(suite, write);

  test("claim: operations of 64 characters come back whole, and are apart", async () => {
    const store = await make();
    const { keyHash } = nextId();
    const refs = longOperations.map((operation) => refFor({ operation, keyHash }, { owner: operation }));
    for (const ref of refs) checkApplied(`claim, under ${ref.id.operation}`, await store.claim(ref));
    for (const ref of refs) check(`the record under ${ref.id.operation}`, await store.read(ref.id), claimedRecord(ref, 1));
  });

  test("read: nothing of the same key under another operation", async () => {
    const { store, ref } = await claimed(make);
    for (const operation of ["other", ...longOperations]) {
      check(`read, of the same key under ${operation}`, await store.read({ ...ref.id, operation }), undefined);
    }
  });

  test("claim: of two keys at once, each has its own record", async () => {
    const store = await make();
    const refs = twoRefs();
    for (const answer of await Promise.all(refs.map((ref) => store.claim(ref)))) checkApplied("claim, of two keys at once", answer);
    for (const ref of refs) check("the record of one of two keys", await store.read(ref.id), claimedRecord(ref, 1));
  });

  test("read: of two keys at once, each has its own record", async () => {
    const { store, refs } = await twoClaims(make);
    const records = await Promise.all(refs.map(({ id }) => store.read(id)));
    for (const [at, ref] of refs.entries()) check("the record of one of two keys", records[at], claimedRecord(ref, 1));
  });

  test("result: of two keys at once, each has its own", async () => {
    const store = await make();
    const made = async (): Promise<Store> => store;
    const [one, two] = [await finished(made, completed({ text: '"one"' })), await finished(made, completed({ text: '"two"' }))];
    const texts = await Promise.all([resultIn(store, one.record), resultIn(store, two.record)]);
    check("the results of two keys", { one: texts[0], two: texts[1] }, { one: '"one"', two: '"two"' });
  });
}

function eachWriteObligations({ make, test, shows }: Suite, { call, write, changes }: Write): void {
  test(`${call}: of two keys at once, each has its own record`, async () => {
    const { store, refs } = await twoClaims(make);
    const answers = await Promise.all(refs.map((ref) => write(store, ref)));
    for (const answer of answers) checkApplied(`${call}, of two keys at once`, answer);
    for (const ref of refs) check("the record of one of two keys", await store.read(ref.id), { ...claimedRecord(ref, 1), ...changes(ref) });
  });

  test(`${call}: refused where the key has a record under another operation only`, async () => {
    const { store, ref } = await claimed(make);
    const elsewhere = { ...ref, id: { ...ref.id, operation: "other" } };
    check(`the answer to ${call}, under another operation`, withoutKept(await write(store, elsewhere)), refused(undefined));
    check(`the record after a refused ${call}`, await store.read(ref.id), claimedRecord(ref, 1));
  });

  test(`${call}: refused where the record's owner is another, however alike`, async () => {
    for (const [own, other] of nearlyTheSame) {
      const { store, ref } = await claimed(make, { owner: own });
      const before = claimedRecord(ref, 1);
      const answer = await write(store, { ...ref, owner: other });
      check(`the answer to ${call}, by ${other} instead of ${own}`, withoutKept(answer), refused(shows ? before : undefined));
      check(`the record after a refused ${call}`, await store.read(ref.id), before);
    }
  });
}

function successor(ref: ClaimRef): ClaimRef {
  return { ...ref, owner: `after ${ref.owner}`, startedAt: ref.startedAt + 1, leaseUntil: ref.leaseUntil + 1 };
}

function failureOf({ owner, startedAt, expiresAt }: ClaimRef): Extract<Outcome, { status: "failed" | "held" }> {
  const error = { name: "Declined", message: `of ${owner}` };
  return { status: "failed", error, completedAt: startedAt + 5, expiresAt: expiresAt + 5, write: "update" };
}

function extensionOf({ leaseUntil: old, retentionSeconds }: ClaimRef): { leaseUntil: number; expiresAt: number } {
  const leaseUntil = old + 4000;
  return { leaseUntil, expiresAt: expiryAfter(leaseUntil, retentionSeconds) };
}

/** Two claims that have nothing in common but their operation. */
function twoRefs(): readonly ClaimRef[] {
  return [1, 2].map((n) => {
    const { startedAt, leaseUntil, expiresAt } = refFor(nextId());
    const texts = { owner: `owner ${n}`, fingerprint: `1:${n}`, requestId: `request ${n}`, messageId: `message ${n}` };
    const times = { startedAt: startedAt + n, leaseUntil: leaseUntil + 2000 * n, expiresAt: expiresAt + 2 * n };
    return refFor(nextId(), { ...texts, ...times, retentionSeconds: 3600 * n });
  });
}

async function twoClaims(make: Suite["make"]): Promise<{ store: Store; refs: readonly ClaimRef[] }> {
  const store = await make();
  const refs = twoRefs();
  for (const ref of refs) checkApplied("claim, of an id that has no record", await store.claim(ref));
  return { store, refs };
}
