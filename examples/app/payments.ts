// POST /payments of an HTTP API with an IAM authorizer, with an Idempotency-Key. The same request twice is one charge, and one
// receipt.
// Environment: IDEMPOTENCY_TABLE, LEDGER_TABLE.
import middy from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import type { APIGatewayProxyEventV2WithIAMAuthorizer, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { currentExecution } from "lambda-once";
import { dynamodbStore } from "lambda-once/dynamodb";
import { idempotentHttp } from "lambda-once/http";
import { emfMetrics } from "lambda-once/metrics";
import * as z from "zod";
import { logRun } from "./log.ts";
import { CardDeclined, charge } from "./provider.ts";

const Payment = z.object({
  reference: z.string().min(1),
  card: z.string().min(1),
  amount: z.int().positive(),
  document: z.boolean().optional(),
});

/** A request behind the parser of its body and the check of it. */
type Request = Omit<APIGatewayProxyEventV2WithIAMAuthorizer, "body"> & { body: z.infer<typeof Payment> };
type Response = APIGatewayProxyStructuredResultV2;

async function pay({ body }: Request): Promise<Response> {
  logRun(body.reference);
  try {
    return answer(201, await charge({ ...body, signal: currentExecution().signal }));
  } catch (error) {
    if (!(error instanceof CardDeclined)) throw error; // frees the key: the client's retry tries again
    return answer(402, { code: "CARD_DECLINED" }); // kept: the retry gets this answer
  }
}

// Kept like any answer that the same request would get again: a client that mends its request gives it a new key.
const validated: middy.MiddlewareObj<Request, Response> = {
  before(request) {
    const checked = Payment.safeParse(request.event.body);
    if (checked.success) request.event.body = checked.data;
    else request.earlyResponse = answer(400, { code: "PAYMENT_INVALID" });
  },
};

function answer(statusCode: number, body: object): Response {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

// Both without Middy's early timeout: it answers for a handler that still runs, and that may go on, frozen with its environment,
// in the next invocation.
const inner = middy(pay, { timeoutEarlyInMillis: 0 }).use(httpJsonBodyParser()).use(validated);

const once = idempotentHttp(inner, {
  store: dynamodbStore(),
  operation: "payments",
  // Keys are the caller's own: IAM says who signed the request. Said aloud, since nobody else's receipt hangs on anything else.
  scope: "caller",
  onInProgress: { waitMs: 4000 }, // a double click waits for the first one's receipt
  onEvent: emfMetrics(),
});

export const handler = middy(once, { timeoutEarlyInMillis: 0 }).use(
  httpErrorHandler({ fallbackMessage: JSON.stringify({ code: "INTERNAL_ERROR" }) }),
);
