import { describeError, type IdempotencyError, type IdempotencyErrorCode } from "../core/errors.ts";
import { StoreFailure } from "../core/store.ts";
import { requestIdIn, isContext } from "../lambda/context.ts";
import type { Asker } from "./asker.ts";
import { originalRequest, withMarks } from "./marks.ts";
import type { ResolvedHttpOptions } from "./options.ts";
import { type Occurrence, problem, type ProblemCode, problems } from "./problem.ts";
import { render } from "./render.ts";
import type { HttpResult } from "./response.ts";

/** The longest that a client is told to wait, seconds: a first run mostly ends long before its lease. */
const maxRetryAfter = 10;

const codes: Readonly<Record<IdempotencyErrorCode, ProblemCode>> = {
  KEY_MISSING: "idempotency_key_missing",
  KEY_INVALID: "idempotency_key_invalid",
  KEY_REUSED: "idempotency_key_reused",
  IN_PROGRESS: "idempotency_in_progress",
  LEASE_LOST: "idempotency_superseded",
  STORE_UNAVAILABLE: "idempotency_store_unavailable",
  OUTCOME_UNKNOWN: "idempotency_outcome_uncertain",
  RESULT_UNAVAILABLE: "idempotency_result_unavailable",
  CONFIG_INVALID: "idempotency_misconfigured",
  NO_EXECUTION: "idempotency_misconfigured",
};

/** For clients: what it means to them, and nothing of another request, nor of how the service is built. */
const details: Readonly<Record<ProblemCode, string>> = {
  idempotency_key_missing: "Send a key, unique to this operation, in the header.",
  idempotency_key_invalid: "Correct the header.",
  idempotency_key_reused: "This key belongs to another request. A different request needs a key of its own.",
  idempotency_in_progress: "The first request with this key has not ended. Send the same request again, with the same key, later.",
  idempotency_outcome_uncertain: "The first request with this key may have had its effect. Find out before sending it under another key.",
  idempotency_result_unavailable:
    "The request with this key has had its effect, and its answer cannot be given again. A new key would repeat it.",
  idempotency_superseded:
    "Another request took its place. Send the same request again, with the same key: it gets that one's answer, or runs where that one failed.",
  idempotency_scope_unresolved: "This request ran nothing: whose it is could not be told. The log of the service has more.",
  idempotency_store_unavailable: "This request ran nothing. Send the same request again, with the same key.",
  idempotency_body_too_large: "This request ran nothing.",
  idempotency_body_invalid: "This request ran nothing: its body is not encoded as it says.",
  idempotency_misconfigured: "This request ran nothing. The log of the service says what is wrong.",
};

/** A refusal of the core as an answer. */
export function problemOf(error: IdempotencyError, options: ResolvedHttpOptions, asker: Asker): HttpResult {
  const code = codes[error.code];
  const isHook = error.path === "fromStored" || error.path === "onReplay";
  if (isHook || problems[code].status >= 500) logFault(options.operation, code, faultOf(error));
  const headers = code === "idempotency_result_unavailable" ? originalRequest(error) : {};
  return answer({ code, detail: details[code], retryAfter: retryAfterOf(error) }, options, asker, headers);
}

/** What the door itself has to say against a request. */
export interface OwnRefusal {
  readonly code: ProblemCode;
  /** For the client, where there is more to say than the code's own words. */
  readonly detail?: string;
  /** For the log. */
  readonly fault?: string;
}

export function refusalAnswer({ code, detail = details[code], fault }: OwnRefusal, options: ResolvedHttpOptions, asker: Asker): HttpResult {
  if (fault !== undefined) logFault(options.operation, code, fault);
  return answer({ code, detail }, options, asker);
}

function answer(told: Occurrence, options: ResolvedHttpOptions, { frontDoor, context, echo }: Asker, headers = {}): HttpResult {
  const requestId = isContext(context) ? requestIdIn(context) : undefined;
  const response = problem({ ...told, requestId }, options);
  return withMarks(render({ response, form: "text" }, frontDoor), frontDoor, {
    ...echo,
    ...headers,
    "idempotency-status": problems[told.code].state,
  }) as HttpResult;
}

/** What an operator has to know stands in the log, or nobody would. `what` must not hold anything of the request. */
function logFault(operation: string, code: ProblemCode, what: string): void {
  console.error(`operation "${operation}": ${code}: ${what}`);
}

/** What a refusal says of its reason; what a user's own function has given or thrown may be anything, and stays where it is. */
function faultOf({ message, cause, path }: IdempotencyError): string {
  if (path === "leaseMs") return "`leaseMs` gave no time, or threw: give milliseconds, at least 100";
  if (cause === undefined || cause instanceof StoreFailure) return message;
  return `${path ?? "a function of the options"} threw ${kindOf(cause)}`;
}

/** Which error it is. A name that is no word may hold anything, and lines of its own. */
export function kindOf(error: unknown): string {
  const { name } = describeError(error);
  return /^[A-Za-z]{1,50}$/.test(name) ? name : "an error";
}

function retryAfterOf({ code, retryAfterMs = 1 }: IdempotencyError): number | undefined {
  if (code === "STORE_UNAVAILABLE" || code === "LEASE_LOST") return 1;
  return code === "IN_PROGRESS" ? Math.min(maxRetryAfter, Math.max(1, Math.ceil(retryAfterMs / 1000))) : undefined;
}
