// The table of answers, where nothing runs.
import type { Row } from "./wire-row.ts";

export const refusals: readonly Row[] = [
  {
    title: "no key",
    provoke: (_, send) => send({ key: null }),
    gist: [400, "rejected", "idempotency_key_missing"],
    advice: [false, true],
    echo: null,
    runs: 0,
  },
  {
    title: "a malformed key",
    provoke: (_, send) => send({ key: "a b" }),
    gist: [400, "rejected", "idempotency_key_invalid"],
    advice: [false, true],
    echo: null,
    runs: 0,
  },
  {
    title: "a key of another format",
    options: { keyFormat: "uuid" },
    gist: [400, "rejected", "idempotency_key_invalid"],
    advice: [false, true],
    echo: null,
    runs: 0,
  },
  {
    title: "a body over the limit",
    options: { maxBodyBytes: 4 },
    gist: [413, "rejected", "idempotency_body_too_large"],
    advice: [false, undefined],
    runs: 0,
  },
  {
    title: "a body that is not encoded as it says",
    provoke: (_, send) => send({ body: "\ud800" }),
    gist: [400, "rejected", "idempotency_body_invalid"],
    advice: [false, undefined],
    runs: 0,
  },
  {
    title: "misconfigured",
    options: { leaseMs: () => Number.NaN },
    gist: [500, "rejected", "idempotency_misconfigured"],
    advice: [false, undefined],
    runs: 0,
  },
  {
    title: "nobody's",
    options: { scope: "caller" },
    gist: [500, "rejected", "idempotency_scope_unresolved"],
    advice: [false, undefined],
    runs: 0,
  },
  {
    title: "store throttled",
    provoke: (_, send, table) => {
      table.faults.always({ answer: "throttled" });
      return send();
    },
    gist: [503, "rejected", "idempotency_store_unavailable"],
    advice: [true, false],
    retryAfter: "1",
    runs: 0,
  },
  {
    title: "store away",
    provoke: (_, send, table) => {
      table.faults.always({ answer: "unsent" });
      return send();
    },
    gist: [503, "rejected", "idempotency_store_unavailable"],
    advice: [true, false],
    retryAfter: "1",
    runs: 0,
  },
];
