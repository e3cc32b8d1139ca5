// The table of answers, where a handler runs. What is said to an owner that has lost its key: conformance-races.test.ts.
import { leaseMs, type Work } from "./api.ts";
import type { Row } from "./wire-row.ts";

const twice: NonNullable<Row["provoke"]> = async (_, send) => {
  await send();
  return send();
};
const thenAnother: NonNullable<Row["provoke"]> = async (_, send) => {
  await send();
  return send({ body: { amount: 6 } });
};
const down: Work = () => ({ status: 503, headers: { "retry-after": "7" }, body: "down" });

export const rows: readonly Row[] = [
  { title: "first run, kept", gist: [201, "created"], runs: 1 },
  { title: "first run, released", work: down, gist: [503, "released"], retryAfter: "7", runs: 1 },
  { title: "a released key runs again", work: down, provoke: twice, gist: [503, "released"], retryAfter: "7", runs: 2 },
  { title: "retry after completion", provoke: twice, gist: [201, "replayed"], hasOriginal: true, replayed: true, runs: 1 },
  {
    title: "first still running",
    during: (send) => send(),
    gist: [409, "conflict", "idempotency_in_progress"],
    advice: [true, false],
    retryAfter: "10",
    runs: 1,
  },
  {
    title: "other payload, first still running",
    during: (send) => send({ body: { amount: 6 } }),
    gist: [422, "mismatch", "idempotency_key_reused"],
    advice: [false, true],
    runs: 1,
  },
  {
    title: "other payload, completed",
    provoke: thenAnother,
    gist: [422, "mismatch", "idempotency_key_reused"],
    advice: [false, true],
    runs: 1,
  },
  {
    title: "other payload, of an unknown outcome",
    options: { onServerError: "hold" },
    work: down,
    provoke: thenAnother,
    gist: [422, "mismatch", "idempotency_key_reused"],
    advice: [false, true],
    runs: 1,
  },
  {
    title: "lease lapsed, taken over",
    async provoke(_, send, table) {
      table.faults.on("settle", { answer: "denied" });
      await send();
      table.clock.jump(leaseMs + 1000);
      return send();
    },
    gist: [201, "created"],
    runs: 2,
  },
  {
    title: "lease lapsed, not to be taken over",
    options: { onLeaseExpired: "throw" },
    async provoke(_, send, table) {
      table.faults.on("settle", { answer: "denied" });
      await send();
      table.clock.jump(leaseMs + 1000);
      return send();
    },
    gist: [409, "uncertain", "idempotency_outcome_uncertain"],
    advice: [false, false],
    runs: 1,
  },
  { title: "held, first", options: { onServerError: "hold" }, work: down, gist: [503, "uncertain"], retryAfter: "7", runs: 1 },
  {
    title: "held, duplicate",
    options: { onServerError: "hold" },
    work: down,
    provoke: twice,
    gist: [409, "uncertain", "idempotency_outcome_uncertain"],
    advice: [false, false],
    runs: 1,
  },
  {
    title: "kept 5xx, duplicate",
    options: { onServerError: "keep" },
    work: down,
    provoke: twice,
    gist: [503, "replayed"],
    retryAfter: "7",
    hasOriginal: true,
    replayed: true,
    runs: 1,
  },
  {
    title: "done, answer not kept",
    options: { toStored: () => undefined as never },
    provoke: twice,
    gist: [409, "unavailable", "idempotency_result_unavailable"],
    advice: [false, false],
    hasOriginal: true,
    runs: 1,
  },
  {
    title: "past its retention",
    async provoke(_, send, table) {
      await send();
      table.clock.jump(3_601_000);
      return send();
    },
    gist: [201, "created"],
    runs: 2,
  },
  {
    title: "store away, and policy runs",
    options: { onStoreUnavailable: "run" },
    provoke: (_, send, table) => {
      table.faults.always({ answer: "unsent" });
      return send();
    },
    gist: [201, "bypassed"],
    runs: 1,
  },
  {
    title: "answer not saved",
    provoke: (_, send, table) => {
      table.faults.on("settle", { answer: "denied" });
      return send();
    },
    gist: [201, "unsaved"],
    runs: 1,
  },
];
