// POST /orders of an HTTP API with a JWT authorizer. The same request twice is one order, and one message in the queue; where
// this dies after it has sent, the retry sends again, with the same key and the same body, and the consumer tells them.
// Environment: IDEMPOTENCY_TABLE, ORDERS_QUEUE_URL.
import { SendMessageCommand, type SendMessageCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { currentExecution, idempotent, IdempotencyError, type IdempotencyErrorCode } from "lambda-once";
import { dynamodbStore } from "lambda-once/dynamodb";
import { withIdempotencyKey } from "lambda-once/sqs";
import { Order } from "./order.ts";

type Request = APIGatewayProxyEventV2WithJWTAuthorizer;

const sqs = new SQSClient();

const placeOrder = idempotent(
  async (request: Request, _context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
    const asked = Order.omit({ orderId: true }).safeParse(contentOf(request));
    if (!asked.success) return { statusCode: 400, body: JSON.stringify({ code: "ORDER_INVALID" }) };
    // The same in each attempt: a message that is sent again must be the same message.
    const orderId = currentExecution().deriveKey("order id");
    const message: SendMessageCommandInput = {
      QueueUrl: process.env["ORDERS_QUEUE_URL"],
      MessageBody: JSON.stringify({ orderId, ...asked.data }),
    };
    await sqs.send(new SendMessageCommand(withIdempotencyKey(message, currentExecution().deriveKey("order placed"))));
    return { statusCode: 202, body: JSON.stringify({ orderId }) };
  },
  {
    store: dynamodbStore(),
    operation: "place-order",
    key: ({ requestContext, headers }) => [requestContext.authorizer.jwt.claims["sub"] as string, headers["idempotency-key"] ?? ""],
    fingerprint: ({ body }) => body,
  },
);

function contentOf({ body = "", isBase64Encoded }: Request): unknown {
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, "base64").toString() : body);
  } catch {
    return undefined;
  }
}

export async function handler(event: Request, context: Context): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    return await placeOrder(event, context);
  } catch (error) {
    if (!(error instanceof IdempotencyError)) throw error;
    return refusal(error);
  }
}

const statusCodes: Partial<Record<IdempotencyErrorCode, number>> = {
  KEY_MISSING: 400,
  KEY_INVALID: 400,
  KEY_REUSED: 422,
  STORE_UNAVAILABLE: 503,
  CONFIG_INVALID: 500,
};

function refusal({ code, retryAfterMs }: IdempotencyError): APIGatewayProxyStructuredResultV2 {
  const headers = retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) };
  return { statusCode: statusCodes[code] ?? 409, headers, body: JSON.stringify({ code }) };
}
