import type middy from "@middy/core";
import { IdempotencyError, type IdempotencyErrorCode } from "lambda-once";

const statusCodes: Partial<Record<IdempotencyErrorCode, number>> = {
  KEY_MISSING: 400,
  KEY_INVALID: 400,
  KEY_REUSED: 422,
  STORE_UNAVAILABLE: 503,
  CONFIG_INVALID: 500,
};

/** Gives refusals a status and a code that a client can act on; the error handler, further out, logs and answers with them. */
export const refusals: middy.MiddlewareObj = {
  onError(request) {
    const { error: cause } = request;
    if (!(cause instanceof IdempotencyError)) return;
    const { code, retryAfterMs = 0 } = cause;
    const headers = retryAfterMs > 0 ? { "retry-after": String(Math.ceil(retryAfterMs / 1000)) } : {};
    const answer = { statusCode: statusCodes[code] ?? 409, expose: true, headers };
    request.error = Object.assign(new Error(JSON.stringify({ code }), { cause }), answer);
  },
};
