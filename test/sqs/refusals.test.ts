// What becomes of a message that is refused: nothing runs, and no other try can help.
import { describe, it } from "vitest";
import { fingerprintOf } from "../../src/core/fingerprint.ts";
import type { StoredRecord } from "../../src/index.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { completedRecord, record } from "../support/deliveries.ts";
import { atOnce, play, type Row } from "./rows.ts";

const fingerprint = fingerprintOf("another body");

/** Refused before anything is asked of the store. */
function keyless(name: string, code: string, more: Partial<Row>): Row {
  return { name, becomes: atOnce, events: [], logs: { code }, ...more };
}

const keyOf = (key: unknown): Partial<Row> => ({ options: { key: () => key as string } });
const attribute = (value: string | Uint8Array): Partial<Row> => ({ message: { messageAttributes: { "idempotency-key": value } } });
const keys = [
  ...[undefined, null, "", Number.NaN, [], ["a", undefined]].map((key) =>
    keyless(`no key: ${JSON.stringify(key)}`, "KEY_MISSING", keyOf(key)),
  ),
  ...[{}, Infinity, "x".repeat(1025), "\ud800"].map((key) =>
    keyless(`a wrong key: ${JSON.stringify(key).slice(0, 20)}`, "KEY_INVALID", keyOf(key)),
  ),
  keyless("a promise for a key", "KEY_INVALID", { options: { key: () => Promise.reject(new Error("late")) as never } }),
  keyless("a key function that throws", "KEY_INVALID", { options: { key: ({ body }) => JSON.parse(`{${body}`) as string } }),
  keyless("a key function that throws, onMissingKey says run", "KEY_INVALID", {
    options: { key: ({ body }) => JSON.parse(`{${body}`) as string, onMissingKey: "run" },
  }),
  keyless("a fingerprint function that throws", "KEY_INVALID", {
    options: { fingerprint: ({ body }) => JSON.parse(`{${body}`) as unknown },
  }),
  keyless("a producer's key of bytes", "KEY_INVALID", attribute(Buffer.from("key"))),
  keyless("a producer's key without a character", "KEY_INVALID", attribute("")),
  keyless("a producer's key that is too long", "KEY_INVALID", attribute("x".repeat(1025))),
];

const bodies = [undefined, null, 5, { orderId: "order-1" }].map((body) =>
  keyless(`a body that is no text: ${JSON.stringify(body)}`, "KEY_INVALID", { change: (message) => Object.assign(message, { body }) }),
);

function mismatch(name: string, status: StoredRecord["status"], prior: (bench: Bench) => StoredRecord): Row {
  return { name, prior, becomes: atOnce, status, events: ["mismatch"], logs: { code: "KEY_REUSED" } };
}
const payloads = [
  mismatch("another payload has completed", "completed", (bench) => completedRecord(bench, { fingerprint })),
  mismatch("another payload is in progress", "in_progress", (bench) => record(bench, { fingerprint })),
  mismatch("another payload was released", "released", (bench) =>
    record(bench, { fingerprint, status: "released", completedAt: bench.clock.now() }),
  ),
];

describe("what becomes of a message that is refused", () => {
  it.for([...keys, ...bodies, ...payloads])("$name", (row) => play(row, memoryBench.open));
});
