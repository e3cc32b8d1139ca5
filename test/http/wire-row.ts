// A row of the table of answers: what has happened to a key, and what its client is told.
import type { HttpOptions } from "../../src/http/index.ts";
import type { Api, KeyedRequest, Work } from "./api.ts";
import type { Received } from "./received.ts";
import type { TableStore } from "./table-store.ts";

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
  provoke?(api: Api, send: Send, table: TableStore): Promise<Received>;
  /** Asks while the first run is under way; the answer to look at is this one's. */
  during?(send: Send): Promise<Received>;
}

type Send = (request?: KeyedRequest) => Promise<Received>;
