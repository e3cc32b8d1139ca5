// What API Gateway does: a request becomes an event (payload format 2.0), and the function's result an answer.
import { randomUUID } from "node:crypto";
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Context, Event, Payments } from "./payments.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** The function's own, so far below Lambda's default that a client need not wait long where a run has died. */
const timeoutMs = 3000;

/**
 * The authorizer's part. Everybody who opens the page is this customer: who they are is not what it shows, and with an
 * authorizer in the event the function can be as it is deployed, without a `scope` of its own.
 */
const claims = { iss: "https://login.example.com", sub: "customer-7" };

/** Takes a request to the function; a function that throws is an answer too. */
export async function invoke(payments: Payments, request: IncomingMessage): Promise<Answer> {
  try {
    return answerOf(await payments(eventOf(request, await buffer(request)), contextOf(timeoutMs)));
  } catch (error) {
    console.error(error);
    const body = Buffer.from('{"message":"Internal Server Error"}');
    return { status: 500, headers: { "content-type": "application/json" }, body };
  }
}

function eventOf(request: IncomingMessage, body: Buffer): Event {
  const { method = "", url = "/", headersDistinct, socket } = request;
  const [rawPath = "/", rawQueryString = ""] = url.split(/\?(.*)/s);
  const { cookie, ...others } = headersDistinct;
  const headers = Object.fromEntries(Object.entries(others).map(([name, values]) => [name, values?.join(",")]));
  const isText = isUtf8(body);
  const routeKey = `${method} ${rawPath}`;
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.flatMap((line) => line.split("; ")) }),
    headers,
    requestContext: {
      accountId: "123456789012",
      apiId: "local",
      authorizer: { principalId: "", integrationLatency: 0, jwt: { claims, scopes: [] } },
      domainName: headers["host"] ?? "",
      domainPrefix: "local",
      http: {
        method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: socket.remoteAddress ?? "",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey,
      stage: "$default",
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: !isText,
  };
}

function contextOf(leftMs: number): Context {
  const deadline = Date.now() + leftMs;
  return { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
}

function answerOf(result: Awaited<ReturnType<Payments>>): Answer {
  const { statusCode = 200, headers = {}, cookies = [], body = "", isBase64Encoded = false } = result;
  const texts = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return {
    status: statusCode,
    headers: { ...Object.fromEntries(texts), ...(cookies.length > 0 && { "set-cookie": cookies }) },
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  };
}
