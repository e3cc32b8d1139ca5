import type { FrontDoor } from "./event.ts";

/** Where an answer goes, and what it says of the request. */
export interface Asker {
  readonly door: FrontDoor;
  readonly context: unknown;
  /** The header of the key, as it was sent: every answer has it. */
  readonly echo: Readonly<Record<string, string>>;
}

/** The request that made the answer: Lambda's id, where it is one that a header can say. */
export function originalRequest({ requestId }: { readonly requestId?: string } = {}): Record<string, string> {
  return requestId !== undefined && /^[!-~]+$/.test(requestId) ? { "idempotency-original-request": requestId } : {};
}
