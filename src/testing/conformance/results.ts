import { StoreFailure } from "../../core/store.ts";
import { noise } from "../random.ts";
import { check, checkApplied, checkOneOf, checkText } from "./assertions.ts";
import { claimed, completed, edged, finished, recordIn, refFor, resultIn, type Suite } from "./cases.ts";

const texts: Record<string, () => string> = {
  "an empty text": () => "",
  unicode: () => '"é\\u0000\u2028💥"',
  "100 KB": () => JSON.stringify("x".repeat(100_000)),
  "300 KB": () => JSON.stringify("é".repeat(150_000)),
  "5 MB that do not compress": largeText,
  "a text with white space at its ends": () => edged("[1]"),
  "20 KB with white space at their ends": () => edged(noise(20_000)),
  "1 MB with white space at its ends": () => edged(noise(1_000_000)),
  "white space alone": () => edged(""),
};

/** Lengths, of texts that hardly compress. */
const ofEachSize = [
  ["small", 20],
  ["20 KB", 20_000],
  ["1 MB", 1_000_000],
] as const;

/** What `settle` and `result` owe to results. */
export function resultObligations({ make, test }: Suite): void {
  for (const [name, makeText] of Object.entries(texts)) {
    test(`result: ${name} comes back byte for byte`, async () => {
      const text = makeText();
      const { store, record } = await finished(make, completed({ text }));
      checkText("the result of a completed record", await resultIn(store, record), text);
      checkText("the result of a completed record, asked once more", await resultIn(store, record), text);
    });
  }

  test("result: settle says how it was kept", async () => {
    for (const text of ["1", JSON.stringify(noise(20_000))]) {
      const { store, ref } = await claimed(make);
      const answer = await store.settle(ref, completed({ text }));
      checkApplied("settle as completed", answer);
      if (answer.kept !== undefined) check("kept.encoding", answer.kept.encoding, (await recordIn(store, ref.id)).encoding);
    }
  });

  test("result: each run of a key has its own, also where a slower one ends under it", async () => {
    const { store, ref, record } = await finished(make, completed({ text: JSON.stringify(noise(20_000, 1)) }));
    const next = { ...refFor(ref.id, { owner: "next" }), attempt: 2 };
    checkApplied("takeOver, of the record as it is", await store.takeOver(record, next));
    const text = JSON.stringify(noise(20_000, 2));
    checkApplied("settle, by the owner of a takeover", await store.settle(next, completed({ text })));
    const slower = await store.settle(ref, completed({ text: JSON.stringify(noise(20_000, 3)) }));
    check("the answer to settle, by an owner that has lost", slower.applied, false);
    checkText("the result after an owner that has lost", await resultIn(store, await recordIn(store, ref.id)), text);
  });

  for (const [name, length] of ofEachSize) {
    test(`result: of a record that was taken over since it is its own or nothing, ${name}`, async () => {
      const [old, text] = [1, 2].map((seed) => JSON.stringify(noise(length, seed)));
      const { store, ref, record } = await finished(make, completed({ text: old }));
      const next = { ...refFor(ref.id, { owner: "next" }), attempt: 2 };
      checkApplied("takeOver, of the record as it is", await store.takeOver(record, next));
      checkOneOf("the result of the record before, while the next run goes on", await resultIn(store, record), [old, undefined]);
      checkApplied("settle, by the owner of a takeover", await store.settle(next, completed({ text })));
      checkOneOf("the result of the record before, after the next run", await resultIn(store, record), [old, undefined]);
      checkText("the result of the record that is there", await resultIn(store, await recordIn(store, ref.id)), text);
    });
  }

  for (const encoding of ["void", "lost"]) {
    test(`result: ${encoding} has no text`, async () => {
      const { store, record } = await finished(make, completed({ encoding, text: undefined }));
      check("the encoding", record.encoding, encoding);
      check("the result", await resultIn(store, record), undefined);
    });
  }

  test("result: one of 8 MB is kept or is lost, and never fails", async () => {
    const { store, ref } = await claimed(make);
    const text = JSON.stringify("x".repeat(8 * 1024 * 1024));
    const answer = await store.settle(ref, completed({ text }));
    checkApplied("settle, of a result of 8 MB", answer);
    const record = await recordIn(store, ref.id);
    check("the status", record.status, "completed");
    if (answer.kept !== undefined) check("kept.encoding", answer.kept.encoding, record.encoding);
    checkText("the result", await resultIn(store, record), record.encoding === "lost" ? undefined : text);
  });

  test("result: where it is too late to write one, it is kept with its record, or the record is not touched", async () => {
    const { store, ref } = await claimed(make);
    const before = await recordIn(store, ref.id);
    const text = JSON.stringify(noise(500_000));
    const late = completed({ text, resultSignal: () => AbortSignal.abort() });
    const answer = await store.settle(ref, late).catch((thrown: unknown) => thrown);
    const record = await recordIn(store, ref.id);
    if (answer instanceof StoreFailure) {
      check("the part of the failure", answer.part, "result");
      check("the record after it", record, before);
      checkApplied("settle as lost, after it", await store.settle(ref, completed({ encoding: "lost", text: undefined })));
    } else checkText("the result", await resultIn(store, record), text);
  });
}

let large: string | undefined;

/** Made when first asked for: it takes a while. */
function largeText(): string {
  return (large ??= JSON.stringify(noise(5 * 1024 * 1024)));
}
