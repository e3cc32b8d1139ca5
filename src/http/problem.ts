import { defined } from "../core/errors.ts";
import type { HttpResponse } from "./response.ts";

/** What the answer is where the handler gives none. */
export type ProblemCode =
  | "idempotency_key_missing"
  | "idempotency_key_invalid"
  | "idempotency_key_reused"
  | "idempotency_in_progress"
  | "idempotency_outcome_uncertain"
  | "idempotency_result_unavailable"
  /** The run has lost its key to another that has not answered. */
  | "idempotency_superseded"
  | "idempotency_scope_unresolved"
  | "idempotency_store_unavailable"
  | "idempotency_body_too_large"
  | "idempotency_body_invalid"
  | "idempotency_misconfigured";

/** What an answer says in `Idempotency-Status`. */
export type IdempotencyStatus =
  | "created"
  | "released"
  | "unsaved"
  | "bypassed"
  | "replayed"
  | "stale"
  | "rejected"
  | "mismatch"
  | "conflict"
  | "uncertain"
  | "unavailable";

interface Kind {
  readonly status: number;
  readonly title: string;
  readonly state: IdempotencyStatus;
  /** May the same request be sent again, under the same key? */
  readonly retryable: boolean;
  /** Undefined: the key is not what is wrong. */
  readonly safeToUseNewKey?: boolean;
}

/** The table of answers. Titles of the first, third and fourth: draft-ietf-httpapi-idempotency-key-header-07 (expired) section 2.7. */
export const problems: Readonly<Record<ProblemCode, Kind>> = {
  idempotency_key_missing: kind(400, "Idempotency-Key is missing", "rejected", false, true),
  idempotency_key_invalid: kind(400, "Idempotency-Key is malformed", "rejected", false, true),
  idempotency_key_reused: kind(422, "Idempotency-Key is already used", "mismatch", false, true),
  idempotency_in_progress: kind(409, "A request is outstanding for this Idempotency-Key", "conflict", true, false),
  idempotency_outcome_uncertain: kind(409, "The outcome of the first request is unknown", "uncertain", false, false),
  idempotency_result_unavailable: kind(409, "The request is done, and its answer is not available", "unavailable", false, false),
  idempotency_superseded: kind(409, "Another request has taken over this Idempotency-Key", "stale", true, false),
  idempotency_scope_unresolved: kind(500, "The caller cannot be told", "rejected", false),
  idempotency_store_unavailable: kind(503, "Requests cannot be recorded at the moment", "rejected", true, false),
  idempotency_body_too_large: kind(413, "The request's body is too large", "rejected", false),
  idempotency_body_invalid: kind(400, "The request's body cannot be decoded", "rejected", false),
  idempotency_misconfigured: kind(500, "The service is misconfigured", "rejected", false),
};

export interface ProblemOptions {
  readonly statusCodes: Partial<Record<ProblemCode, number>>;
  readonly docsUrl: string | undefined;
}

/** What is known of this one. Nothing of another request is among it. */
export interface Occurrence {
  readonly code: ProblemCode;
  readonly detail: string;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** Lambda's, of this request. */
  readonly requestId?: string | undefined;
}

/**
 * A refusal as an answer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function problem({ code, detail, retryAfter, requestId }: Occurrence, { statusCodes, docsUrl }: ProblemOptions): HttpResponse {
  const { title, retryable, safeToUseNewKey, ...kind } = problems[code];
  const status = statusCodes[code] ?? kind.status;
  const type = docsUrl === undefined ? `urn:lambda-once:${code}` : `${docsUrl}#${code}`;
  const instance = requestId === undefined ? undefined : `urn:lambda-once:request:${encodeURIComponent(requestId.toWellFormed())}`;
  const members = defined({ type, title, status, detail, instance, code, retryable, safeToUseNewKey, retryAfter });
  const headers: Record<string, string[]> = {
    "content-type": ["application/problem+json"],
    "cache-control": ["no-store"],
    ...(retryAfter !== undefined && { "retry-after": [String(retryAfter)] }),
    ...(docsUrl !== undefined && { link: [`<${docsUrl}>; rel="describedby"; type="text/html"`] }),
  };
  return { status, headers, cookies: [], body: JSON.stringify(members), isBase64: false };
}

function kind(status: number, title: string, state: IdempotencyStatus, retryable: boolean, safeToUseNewKey?: boolean): Kind {
  return { status, title, state, retryable, ...(safeToUseNewKey !== undefined && { safeToUseNewKey }) };
}
