// POST /payments of an HTTP API, as it would be deployed: one charge per Idempotency-Key.
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { Store } from "lambda-once";
import { type HttpResult, idempotentHttp } from "lambda-once/http";
import type { Provider } from "./provider.ts";

export type Event = APIGatewayProxyEventV2WithJWTAuthorizer;
type Result = APIGatewayProxyStructuredResultV2;

export interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type Payments = (event: Event, context: Context) => Promise<Result | HttpResult>;

export function openPayments(provider: Provider, store: Store): Payments {
  async function pay({ body, requestContext }: Event): Promise<Result> {
    const amount = amountIn(body);
    if (amount === undefined) return answer(400, { code: "PAYMENT_INVALID" });
    const { id } = await provider.charge(String(requestContext.authorizer.jwt.claims["sub"]), amount);
    return answer(201, { chargeId: id, amount });
  }

  // No `scope`: the event names its caller, the subject of the token, and each caller's keys are their own.
  return idempotentHttp(pay, { store, operation: "payments" });
}

/** Cents. */
function amountIn(body: string | undefined): number | undefined {
  try {
    const { amount } = JSON.parse(body ?? "") as { readonly amount?: unknown };
    return Number.isSafeInteger(amount) && Number(amount) > 0 ? Number(amount) : undefined;
  } catch {
    return undefined; // no JSON, or no object
  }
}

function answer(statusCode: number, body: object): Result {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
