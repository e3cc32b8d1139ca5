// A request full of secrets, and what can happen to its key.
import { type KeyedRequest, leaseMs } from "./api.ts";
import type { TableStore } from "./table-store.ts";

/** Each is somewhere in the request, or in a header of the answer. */
export const secrets = {
  key: "the-key-3f9a",
  body: "4111111111111111",
  authorization: "Bearer eyJhbGciOi.sig",
  cookie: "session=c00kie",
  header: "x-secret-value",
  query: "qu3ry-value",
  path: "p4th-value",
  tenant: "ten4nt-name",
  setCookie: "session=n3w",
  token: "t0ken-of-one-answer",
} as const;

export const request: KeyedRequest = {
  key: secrets.key,
  path: `/cards/${secrets.path}`,
  query: { q: secrets.query },
  headers: { Authorization: secrets.authorization, Cookie: secrets.cookie, "X-Secret": secrets.header, "X-Tenant": secrets.tenant },
  body: { card: secrets.body },
};
export const answer = {
  headers: {
    "content-type": "text/plain",
    Authorization: secrets.token,
    "Proxy-Authenticate": secrets.token,
    "X-Auth-Token": secrets.token,
  },
  cookies: [`${secrets.setCookie}; HttpOnly`],
  body: "an answer",
};

type Send = (more?: KeyedRequest) => Promise<unknown[]>;

/** What happens to the key, until something of each kind was written. */
export interface Story {
  readonly title: string;
  /** Statuses of the handler's answers, one a run. */
  readonly runs: readonly number[];
  /** It throws them. */
  readonly throws?: true;
  readonly options?: object;
  tell(send: Send, table: TableStore): Promise<unknown>;
  /** Types of events, once each. */
  readonly types: readonly string[];
  readonly isLogged?: boolean;
}

export const stories: readonly Story[] = [
  {
    title: "created, replayed, mismatch",
    runs: [201],
    tell: async (send) => [await send(), await send(), await send({ body: { card: secrets.body, more: 1 } })],
    types: ["claimed", "completed", "mismatch", "replayed"],
  },
  {
    title: "released, run again",
    runs: [503, 201],
    tell: async (send) => [await send(), await send()],
    types: ["claimed", "completed", "released", "taken_over"],
  },
  {
    title: "held",
    runs: [503],
    options: { onServerError: "hold" },
    tell: async (send) => [await send(), await send()],
    types: ["claimed", "held", "unknown"],
  },
  {
    title: "kept 5xx",
    runs: [500],
    options: { onServerError: "keep" },
    tell: async (send) => [await send(), await send()],
    types: ["claimed", "completed", "replayed"],
  },
  {
    title: "an error that is kept, and thrown again",
    runs: [404],
    throws: true,
    tell: async (send) => [await send(), await send()],
    types: ["claimed", "completed", "replayed"],
    isLogged: true,
  },
  {
    title: "an error that frees the key",
    runs: [503, 503],
    throws: true,
    tell: async (send) => [await send(), await send()],
    types: ["claimed", "released", "taken_over"],
  },
  {
    title: "unsaved, in progress, taken over",
    runs: [201, 201],
    async tell(send, { faults, clock }) {
      faults.on("settle", { answer: "denied" });
      await send();
      await send();
      clock.jump(leaseMs + 1000);
      await send();
    },
    types: ["claimed", "completed", "in_progress", "store_error", "taken_over"],
  },
  {
    title: "no store",
    runs: [],
    async tell(send, { faults }) {
      faults.always({ answer: "denied" });
      await send();
    },
    types: ["store_error"],
    isLogged: true,
  },
  {
    title: "no store, and policy runs",
    runs: [201],
    options: { onStoreUnavailable: "run" },
    async tell(send, { faults }) {
      faults.always({ answer: "unsent" });
      await send();
    },
    types: ["store_error", "unprotected"],
  },
  { title: "nobody's", runs: [], options: { scope: () => undefined }, tell: (send) => send(), types: [], isLogged: true },
  { title: "no key", runs: [201], options: { required: false }, tell: (send) => send({ key: null }), types: ["unprotected"] },
  { title: "a bad key", runs: [], tell: (send) => send({ key: `${secrets.key} ` + secrets.body }), types: [] },
  {
    title: "an answer that cannot be kept",
    runs: [201],
    options: { toStored: () => undefined },
    tell: async (send) => [await send(), await send()],
    types: ["claimed", "completed", "result_not_kept"],
  },
];
