// POST /payments of an HTTP API with an IAM authorizer. The same request twice is one charge, and one receipt.
// Environment: IDEMPOTENCY_TABLE, LEDGER_TABLE.
import middy from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import type { APIGatewayProxyEventV2WithIAMAuthorizer, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { currentExecution } from "lambda-once";
import { dynamodbStore } from "lambda-once/dynamodb";
import { emfMetrics } from "lambda-once/metrics";
import { idempotency } from "lambda-once/middy";
import * as z from "zod";
import { logRun } from "./log.ts";
import { CardDeclined, charge } from "./provider.ts";
import { refusals } from "./refusals.ts";

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

// In front of the claim: a request that is refused here leaves no record, so the client may mend it under the same key.
const validated: middy.MiddlewareObj<Request, Response> = {
  before(request) {
    const checked = Payment.safeParse(request.event.body);
    if (checked.success) request.event.body = checked.data;
    else request.earlyResponse = answer(400, { code: "PAYMENT_INVALID" });
  },
};

const once = idempotency<Request, Response>({
  store: dynamodbStore(),
  operation: "payments",
  // Whoever signed the request is a part of it, or one caller's receipt would be another's for the asking. An ARN of an assumed
  // role ends in the name of its session: a retry under another name is another caller's.
  key: ({ requestContext, headers }) => [requestContext.authorizer.iam.userArn, headers["idempotency-key"] ?? ""],
  fingerprint: ({ body }) => body,
  onInProgress: { waitMs: 4000 }, // a double click waits for the first one's receipt
  onReplay: (response) => ({ ...response, headers: { ...response.headers, "idempotent-replayed": "true" } }),
  onEvent: emfMetrics(),
});

function answer(statusCode: number, body: object): Response {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

// Without Middy's early timeout: it answers for a handler that still runs, and that may go on, frozen with its environment, in
// the next invocation.
export const handler = middy(pay, { timeoutEarlyInMillis: 0 })
  .use(httpErrorHandler({ fallbackMessage: JSON.stringify({ code: "INTERNAL_ERROR" }) }))
  .use(refusals)
  .use(httpJsonBodyParser())
  .use(validated)
  .use(once);
