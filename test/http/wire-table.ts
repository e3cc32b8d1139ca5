// The table of answers: what has happened to a key, and what its client is told.
import type { HttpOptions } from "../../src/http/index.ts";
import { type Api, type KeyedRequest, leaseMs, type Work } from "./api.ts";
import type { Received } from "./received.ts";
import type { TableStore } from "./table-store.ts";

/** A row of the table of answers. */
export interface Row {
  readonly title: string;
  readonly options?: Partial<HttpOptions>;
  readonly work?: Work;
  /** What the client's answer is told to be like: status, `Idempotency-Status`, code. */
  readonly gist: readonly unknown[];
  /** `retryable` and `safeToUseNewKey` of a problem; undefined: the member is absent. */
  readonly advice?: readonly (boolean | undefined)[];
  /** Default: there is none. */
  readonly retryAfter?: string;
  readonly hasOriginal?: boolean;
  readonly replayed?: boolean;
  /** Null: no key is echoed. */
  readonly echo?: null;
  readonly runs: number;
  /** Default: the only request there is. */
  provoke?(api: Api, send: (request?: KeyedRequest) => Promise<Received>, table: TableStore): Promise<Received>;
}

const twice: NonNullable<Row["provoke"]> = async (_, send) => {
  await send();
  return send();
};
const down: Work = () => ({ status: 503, headers: { "retry-after": "7" }, body: "down" });

export const rows: readonly Row[] = [
  { title: "first run, kept", gist: [201, "created"], runs: 1 },
  { title: "first run, released", work: down, gist: [503, "released"], retryAfter: "7", runs: 1 },
  { title: "a released key runs again", work: down, provoke: twice, gist: [503, "released"], retryAfter: "7", runs: 2 },
  { title: "retry after completion", provoke: twice, gist: [201, "replayed"], hasOriginal: true, replayed: true, runs: 1 },
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
    title: "other payload, completed",
    async provoke(_, send) {
      await send();
      return send({ body: { amount: 6 } });
    },
    gist: [422, "mismatch", "idempotency_key_reused"],
    advice: [false, true],
    runs: 1,
  },
  {
    title: "other payload, of an unknown outcome",
    options: { onServerError: "hold" },
    work: down,
    async provoke(_, send) {
      await send();
      return send({ body: { amount: 6 } });
    },
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
    title: "a body over the limit",
    options: { maxBodyBytes: 4 },
    gist: [413, "rejected", "idempotency_body_too_large"],
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
