import { expiryAfter } from "../../core/lease.ts";
import { codecOf } from "../../core/record.ts";
import { claimedRecord, type Outcome } from "../../core/store.ts";
import { noise } from "../random.ts";
import { check, checkApplied, checkText } from "./assertions.ts";
import { claimed, completed, edged, errored, finished, nextId, recordIn, refFor, resultIn, type Suite } from "./cases.ts";

/** Names of codecs that a user may have written. */
const encodings = ["JSON", "msgpack", "acme/avro.v2", "x"];

/** The most that is kept of an error's message. Characters, of which each of these takes two bytes of UTF-8. */
const longMessage = `${"é".repeat(1023)}.`;

/** In 2040: its seconds are past what 32 bits hold with a sign, which ends in January 2038. Epoch milliseconds. */
const farAway = Date.UTC(2040, 5, 1) + 123;

const edgedTexts = { fingerprint: edged("1:f"), requestId: edged("r"), messageId: edged("m") };

/** What a store owes to the values that it is given. */
export function valueObligations({ make, test }: Suite): void {
  test("settle: an encoding of any name comes back", async () => {
    for (const encoding of encodings) {
      const { store, record } = await finished(make, completed({ encoding, text: "<1>" }));
      check("the encoding of a completed record", record.encoding, encoding);
      checkText("the result of a completed record", await resultIn(store, record), "<1>");
    }
  });

  test("settle: an encoding of any name comes back, of a large result as well", async () => {
    for (const text of [noise(20_000), "x".repeat(20_000)]) {
      const { store, record } = await finished(make, completed({ encoding: "msgpack", text }));
      check("the codec of a completed record, without its compression", codecOf(record.encoding), "msgpack");
      checkText("the result of a completed record", await resultIn(store, record), text);
    }
  });

  for (const status of ["failed", "held", "released"] as const) {
    test(`settle: the message of 1,024 characters of an error that is ${status} comes back whole`, async () => {
      const error = { name: "Declined", message: longMessage };
      const { record } = await finished(make, { ...errored(status), error } as Outcome);
      checkText("the message of the error", record.error?.message, longMessage);
    });
  }

  for (const status of ["failed", "held", "released"] as const) {
    test(`settle: white space at the ends of the texts of an error that is ${status} comes back`, async () => {
      const error = { name: edged("Declined"), message: edged("no funds"), code: edged("51") };
      const { record } = await finished(make, { ...errored(status), error } as Outcome);
      check("the error", record.error, error);
    });
  }

  test("claim: white space at the ends of its texts comes back", async () => {
    const { store, ref } = await claimed(make, edgedTexts);
    check("the record after a claim", await store.read(ref.id), claimedRecord(ref, 1));
  });

  test("takeOver: white space at the ends of its texts comes back", async () => {
    const { store, ref, record } = await finished(make, errored("released"));
    const next = refFor(ref.id, { owner: "next", ...edgedTexts });
    checkApplied("takeOver, of the record as it is", await store.takeOver(record, next));
    check("the record after a takeover", await store.read(ref.id), claimedRecord(next, 2));
  });

  test("settle: white space at the ends of the texts of a put comes back", async () => {
    const store = await make();
    const ref = refFor(nextId(), edgedTexts);
    checkApplied("settle by a put, where there is no record", await store.settle(ref, errored("failed", { write: "put" })));
    const { fingerprint, requestId, messageId } = await recordIn(store, ref.id);
    check("the texts of the record after a put", { fingerprint, requestId, messageId }, edgedTexts);
  });

  test("claim: a lease and an expiry in 2040 come back", async () => {
    const { store, ref } = await claimed(make, { leaseUntil: farAway, expiresAt: expiryAfter(farAway, 3600) });
    check("the record after a claim until 2040", await store.read(ref.id), claimedRecord(ref, 1));
  });

  test("takeOver: a lease and an expiry in 2040 come back", async () => {
    const { store, ref, record } = await finished(make, errored("released"));
    const next = refFor(ref.id, { owner: "next", leaseUntil: farAway, expiresAt: expiryAfter(farAway, 3600) });
    checkApplied("takeOver, of the record as it is", await store.takeOver(record, next));
    check("the record after a takeover until 2040", await store.read(ref.id), claimedRecord(next, 2));
  });

  test("extend: a lease and an expiry in 2040 come back", async () => {
    const { store, ref } = await claimed(make);
    checkApplied("extend, to 2040", await store.extend(ref, farAway));
    const expiresAt = expiryAfter(farAway, ref.retentionSeconds);
    check("the record after extend to 2040", await store.read(ref.id), { ...claimedRecord(ref, 1), leaseUntil: farAway, expiresAt });
  });

  test("settle: an expiry in 2040 comes back", async () => {
    const expiresAt = expiryAfter(farAway, 3600);
    for (const outcome of [completed({ expiresAt }), errored("failed", { expiresAt }), errored("held", { expiresAt })]) {
      const { record } = await finished(make, outcome);
      check(`the expiry of a record that is ${outcome.status}`, record.expiresAt, expiresAt);
    }
  });

  for (const by of [0, -1]) {
    test(`takeOver: applied where the new lease ends no later than the one seen (by ${by})`, async () => {
      const { store, ref, record } = await finished(make, undefined);
      const next = refFor(ref.id, { owner: "next", leaseUntil: record.leaseUntil + by });
      checkApplied("takeOver, by a lease that ends no later", await store.takeOver(record, next));
      check("the lease after a takeover", (await recordIn(store, ref.id)).leaseUntil, next.leaseUntil);
    });
  }
}
