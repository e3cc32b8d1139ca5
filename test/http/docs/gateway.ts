// An HTTP API on this machine: requests become events (payload format 2.0), and a function's result an answer.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { events } from "../../../src/testing/index.ts";

export interface Context {
  readonly awsRequestId: string;
  readonly functionName: string;
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

export interface Route {
  /** As `/payments/{id}`. */
  readonly template: string;
  readonly handler: Handler;
  /** Without one, nobody is named as the caller. */
  readonly hasAuthorizer: boolean;
}

export interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

/** The path at which a function can be invoked with an event made by hand, as with Lambda's runtime interface emulator. */
const invocations = "/2015-03-31/functions/";

/** What Lambda would say is left, whenever it is asked. Milliseconds. */
const leftMs = 30_000;

/** @param whose Who sends what names nobody by `Authorization: Bearer NAME`. */
export async function openGateway(routes: readonly Route[], whose: string): Promise<Gateway> {
  let requests = 0;

  function context(): Context {
    requests++;
    const awsRequestId = `5f0c2f1e-0000-4000-8000-${String(requests).padStart(12, "0")}`;
    return { awsRequestId, functionName: "payments", getRemainingTimeInMillis: () => leftMs };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { method = "", url = "/" } = request;
    const path = new URL(url, "http://localhost").pathname;
    if (path.startsWith(invocations)) {
      const name = path.slice(invocations.length).split("/")[0];
      const result = await routes.find(({ template }) => template === `/${name}`)?.handler(JSON.parse(body.toString()), context());
      return respond(response, { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(result) });
    }
    const route = routes.find(({ template }) => matches(template, path));
    if (route === undefined) return respond(response, { statusCode: 404, body: '{"message":"Not Found"}' });
    const headers = fieldsOf(request);
    const caller = request.headers.authorization?.replace("Bearer ", "") ?? whose;
    const isText = /^application\/json|^text\//.test(request.headers["content-type"] ?? "application/json");
    const event = events.apiGatewayV2({
      method,
      path,
      headers,
      route: route.template,
      ...(body.length > 0 && { body: isText ? body.toString() : new Uint8Array(body) }),
      ...(route.hasAuthorizer && { authorizer: { jwt: { claims: { iss: "https://login.example.com", sub: caller }, scopes: null } } }),
    });
    respond(response, (await route.handler(event, context())) as Result);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => respond(response, { statusCode: 500, body: '{"message":"Internal Server Error"}' }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Result {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
}

function respond(response: ServerResponse, { statusCode, headers = {}, cookies = [], body = "" }: Result): void {
  response.sendDate = false;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  // What belongs to the connection says nothing of the function; the end of the body is the end of the connection.
  for (const name of ["connection", "content-length", "transfer-encoding"]) response.removeHeader(name);
  response.writeHead(statusCode);
  response.end(body);
}

function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);
}

function fieldsOf({ rawHeaders }: IncomingMessage): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) (fields[rawHeaders[i]?.toLowerCase() ?? ""] ??= []).push(rawHeaders[i + 1] ?? "");
  return fields;
}
