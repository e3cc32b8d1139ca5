// What every store must do, as plain functions: any test runner can run them, and a store of one's own can be held to them.
import { expiryAfter } from "../../src/core/lease.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import { claimedRecord, type ClaimRef, type Outcome, type Store } from "../../src/core/store.ts";
import { check, completed, errored, nextId, noise, refFor, refused, resultIn } from "./cases.ts";

/** What an engine may lack. */
export type Capability =
  /** A refused takeover, settlement, extension or release shows the record that refused it. */
  "record-of-refusal";

export interface ConformanceOptions {
  /** A store that is empty, or at least has none of this suite's ids. */
  make(): Promise<Store>;
  test(name: string, run: () => Promise<void>): void;
  readonly lacks?: readonly Capability[];
}

/** Declares one test for each obligation of a store. */
export function storeConformance({ make, test, lacks = [] }: ConformanceOptions): void {
  const shows = !lacks.includes("record-of-refusal");

  test("claim: puts a record in progress, attempt 1, with all it was given", async () => {
    const store = await make();
    const ref = refFor(nextId(), { fingerprint: "1:f", requestId: "r é💥", messageId: "m" });
    check(await store.claim(ref), { applied: true });
    check(await store.read(ref.id), claimedRecord(ref, 1));
  });

  test("claim: optional members stay absent", async () => {
    const store = await make();
    const ref = refFor(nextId());
    await store.claim(ref);
    const record = await store.read(ref.id);
    check([record?.fingerprint, record?.requestId, record?.result, record?.completedAt], [undefined, undefined, undefined, undefined]);
  });

  for (const status of ["in_progress", "completed", "failed", "held", "released"] as const) {
    test(`claim: refused by a record that is ${status}, expired or not, and shows it`, async () => {
      const store = await make();
      const ref = refFor(nextId(), { expiresAt: 1 });
      await store.claim(ref);
      if (status !== "in_progress")
        await store.settle(ref, status === "completed" ? completed({ expiresAt: 1 }) : errored(status, { expiresAt: 1 }));
      const before = await store.read(ref.id);
      check(before?.status, status);
      check(await store.claim({ ...ref, owner: "newcomer" }), { applied: false, record: before });
      check(await store.read(ref.id), before);
    });
  }

  test("claim: operations and keys are apart", async () => {
    const store = await make();
    const id = nextId();
    check((await store.claim(refFor(id))).applied, true);
    check((await store.claim(refFor({ ...id, operation: "other:op/with.chars-_" }))).applied, true);
    check((await store.claim(refFor(nextId()))).applied, true);
  });

  test("claim: of 20 at once, one is applied", async () => {
    const store = await make();
    const id = nextId();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => store.claim(refFor(id, { owner: `o${i}` }))));
    check(answers.filter(({ applied }) => applied).length, 1);
  });

  test("takeOver: replaces the record as seen, attempt + 1, and nothing of the old one stays", async () => {
    const { store, ref, record } = await finished(make, errored("failed"), { fingerprint: "1:f", requestId: "r" });
    const next = refFor(ref.id, { owner: "next", startedAt: 5000, leaseUntil: 9000, expiresAt: 99 });
    check(await store.takeOver(record, next), { applied: true });
    check(await store.read(ref.id), claimedRecord(next, 2));
  });

  for (const [name, change] of Object.entries({ owner: "x", attempt: 7, leaseUntil: 7, status: "held", expiresAt: 7 })) {
    test(`takeOver: refused where ${name} is not as seen`, async () => {
      const { store, ref, record } = await finished(make, errored("released"));
      const answer = await store.takeOver({ ...record, [name]: change } as StoredRecord, refFor(ref.id, { owner: "next" }));
      check(answer, refused(shows ? record : undefined));
      check(await store.read(ref.id), record);
    });
  }

  test("takeOver: refused where there is no record any more", async () => {
    const store = await make();
    const ref = refFor(nextId());
    check(await store.takeOver(claimedRecord(ref, 1), ref), refused(undefined));
    check(await store.read(ref.id), undefined);
  });

  test("takeOver: of 20 at once, one is applied", async () => {
    const { store, ref, record } = await finished(make, errored("released"));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => store.takeOver(record, refFor(ref.id, { owner: `o${i}` }))));
    check(answers.filter(({ applied }) => applied).length, 1);
    check((await store.read(ref.id))?.attempt, 2);
  });

  const endings: readonly Outcome[] = [completed(), errored("failed"), errored("held"), errored("released")];
  for (const outcome of endings) {
    test(`settle: ${outcome.status} is kept with the claim's own members`, async () => {
      const { store, ref, record } = await finished(make, outcome, { fingerprint: "1:f", requestId: "r" });
      const { status, completedAt } = outcome;
      const own = status === "completed" ? { encoding: outcome.encoding } : { error: outcome.error };
      // A released key expires when its claim would have.
      const expiresAt = outcome.status === "released" ? ref.expiresAt : outcome.expiresAt;
      const { result, chunks, ...rest } = record; // how a result is kept is its store's own matter
      check(rest, { ...claimedRecord(ref, 1), ...own, status, completedAt, expiresAt });
      if (status === "completed") check(await resultIn(store, record), outcome.text);
    });

    test(`settle: ${outcome.status} is refused to another owner, and once it is settled`, async () => {
      const store = await make();
      const ref = refFor(nextId());
      await store.claim(ref);
      check(await store.settle({ ...ref, owner: "another" }, outcome), refused(shows ? claimedRecord(ref, 1) : undefined));
      check(await store.read(ref.id), claimedRecord(ref, 1));
      await store.settle(ref, outcome);
      const settled = await store.read(ref.id);
      const { kept: _, ...second } = await store.settle(ref, completed({ text: '"second"' }));
      check(second, refused(shows ? settled : undefined));
      check(await store.read(ref.id), settled);
    });

    test(`settle: ${outcome.status} is refused where there is no record, and puts nothing`, async () => {
      const store = await make();
      const ref = refFor(nextId());
      check(await store.settle(ref, outcome), refused(undefined));
      check(await store.read(ref.id), undefined);
    });
  }

  test("settle: a put writes the whole record where there is none, and is refused where there is one", async () => {
    const store = await make();
    const ref = refFor(nextId(), { attempt: 3, fingerprint: "1:f", requestId: "r" });
    check((await store.settle(ref, completed({ write: "put" }))).applied, true);
    const { result, chunks, ...record } = (await store.read(ref.id))!;
    const { completedAt, expiresAt } = completed();
    check(record, { ...claimedRecord(ref, 3), status: "completed", encoding: "json", completedAt, expiresAt });
    check(await store.settle({ ...ref, owner: "another" }, errored("failed", { write: "put" })), refused(await store.read(ref.id)));
  });

  const texts = {
    "an empty text": "",
    unicode: '"é\\u0000\u2028💥"',
    "100 KB": JSON.stringify("x".repeat(100_000)),
    "300 KB": JSON.stringify("é".repeat(150_000)),
    "5 MB that do not compress": JSON.stringify(noise(5 * 1024 * 1024)),
  };
  for (const [name, text] of Object.entries(texts)) {
    test(`result: ${name} comes back byte for byte`, async () => {
      const { store, record } = await finished(make, completed({ text }));
      check((await resultIn(store, record)) === text, true);
      check((await resultIn(store, record)) === text, true);
    });
  }

  test("result: each run of a key has its own, also where a slower one ends under it", async () => {
    const { store, ref, record } = await finished(make, completed({ text: JSON.stringify(noise(20_000, 1)) }));
    const next = { ...refFor(ref.id, { owner: "next" }), attempt: 2 };
    await store.takeOver(record, next);
    const text = JSON.stringify(noise(20_000, 2));
    await store.settle(next, completed({ text }));
    check((await store.settle(ref, completed({ text: JSON.stringify(noise(20_000, 3)) }))).applied, false);
    check((await resultIn(store, (await store.read(ref.id))!)) === text, true);
  });

  for (const encoding of ["void", "lost"]) {
    test(`result: ${encoding} has no text`, async () => {
      const { store, record } = await finished(make, completed({ encoding, text: undefined }));
      check([record.encoding, await resultIn(store, record)], [encoding, undefined]);
    });
  }

  test("result: one of 8 MB is kept or is lost, and never fails", async () => {
    const store = await make();
    const ref = refFor(nextId());
    const text = JSON.stringify("x".repeat(8 * 1024 * 1024));
    await store.claim(ref);
    const answer = await store.settle(ref, completed({ text }));
    const record = (await store.read(ref.id))!;
    check([answer.applied, record.status], [true, "completed"]);
    check(answer.applied ? answer.kept?.encoding : undefined, record.encoding);
    check((await resultIn(store, record)) === text, record.encoding !== "lost");
  });

  test("extend: moves lease and expiry", async () => {
    const { store, ref } = await claimed(make);
    const leaseUntil = ref.leaseUntil + 1501;
    check(await store.extend(ref, leaseUntil), { applied: true });
    check(await store.read(ref.id), { ...claimedRecord(ref, 1), leaseUntil, expiresAt: expiryAfter(leaseUntil, ref.retentionSeconds) });
  });

  for (const by of [0, -1]) {
    test(`extend: refused where the lease would not move forward (by ${by})`, async () => {
      const { store, ref } = await claimed(make);
      check(await store.extend(ref, ref.leaseUntil + by), refused(shows ? claimedRecord(ref, 1) : undefined));
      check(await store.read(ref.id), claimedRecord(ref, 1));
    });
  }

  test("extend: refused to another owner, to a settled claim, and where there is no record", async () => {
    const { store, ref } = await claimed(make);
    const later = ref.leaseUntil + 1000;
    check((await store.extend({ ...ref, owner: "another" }, later)).applied, false);
    await store.settle(ref, completed());
    check((await store.extend(ref, later)).applied, false);
    const absent = refFor(nextId());
    check(await store.extend(absent, later), refused(undefined));
    check(await store.read(absent.id), undefined);
  });

  for (const outcome of [undefined, errored("failed"), errored("held"), errored("released")]) {
    test(`release: frees a record that is ${outcome?.status ?? "in progress"}; its fingerprint is forgotten`, async () => {
      const { store, ref } = await claimed(make, { fingerprint: "1:f" });
      if (outcome !== undefined) await store.settle(ref, outcome);
      const seen = (await store.read(ref.id))!;
      check(await store.release(seen), { applied: true });
      const { fingerprint, ...rest } = seen;
      check(await store.read(ref.id), { ...rest, status: "released" });
    });
  }

  for (const [name, change] of Object.entries({ owner: "x", attempt: 7, leaseUntil: 7, status: "held", expiresAt: 7 })) {
    test(`release: refused where ${name} is not as seen`, async () => {
      const { store, ref } = await claimed(make, { fingerprint: "1:f" });
      const seen = (await store.read(ref.id))!;
      check(await store.release({ ...seen, [name]: change } as StoredRecord), refused(shows ? seen : undefined));
      check(await store.read(ref.id), seen);
    });
  }
}

async function claimed(make: () => Promise<Store>, changes: Partial<ClaimRef> = {}): Promise<{ store: Store; ref: ClaimRef }> {
  const store = await make();
  const ref = refFor(nextId(), changes);
  await store.claim(ref);
  return { store, ref };
}

async function finished(
  make: () => Promise<Store>,
  outcome: Outcome,
  changes: Partial<ClaimRef> = {},
): Promise<{ store: Store; ref: ClaimRef; record: StoredRecord }> {
  const { store, ref } = await claimed(make, changes);
  check((await store.settle(ref, outcome)).applied, true);
  return { store, ref, record: (await store.read(ref.id))! };
}
