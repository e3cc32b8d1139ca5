// The six front doors a function of HTTP requests can stand behind: the event that each makes of a request, the result that a
// handler owes it, and what a client gets of that result. Independent of src/http, which is held to it.
import { events } from "../../src/testing/index.ts";
import { joined, type Received, received, type Result } from "./received.ts";

export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** A request as a client sends it. */
export interface ClientRequest {
  /** Default: `POST`. */
  readonly method?: string;
  /** Without stage and query. Default: `/payments`. */
  readonly path?: string;
  /** The template that the path has matched. Default: the front door has a catch-all. */
  readonly route?: string;
  readonly query?: Fields;
  readonly headers?: Fields;
  /** Text, bytes, or what is sent as JSON. */
  readonly body?: unknown;
  /** Whom the front door has authenticated. Default: nobody. */
  readonly caller?: Caller;
}

/** `subject`: by a token of the issuer that all have; `signer`: by AWS's signature. */
export type Caller = { readonly subject: string } | { readonly signer: string };

/** An answer of a handler's, before it has the form of a front door. */
export interface Answer {
  readonly status: number;
  readonly headers?: Fields;
  readonly cookies?: readonly string[];
  /** Bytes go out in Base64. */
  readonly body?: string | Uint8Array;
}

export interface FrontDoor {
  readonly name: string;
  /** The kinds of callers that it can name. */
  readonly names: readonly ("subject" | "signer")[];
  /** Does it tell which template a path has matched? */
  readonly routes: boolean;
  /** Is a field that comes twice one value, all values, or the last one? */
  readonly repeated: "joined" | "listed" | "last";
  event(request: ClientRequest): object;
  /** A handler's answer in the form that this front door reads. */
  result(answer: Answer): Result;
  /** What a client gets; throws where the front door would answer 502. */
  seen(result: unknown): Received;
}

const issuer = "https://issuer.example";

export const rest: FrontDoor = {
  name: "REST API",
  names: ["subject", "signer"],
  routes: true,
  repeated: "listed",
  event: restEvent,
  result: ({ cookies = [], ...answer }) => ({
    ...shared(answer),
    multiValueHeaders: { ...listed(answer), ...(cookies.length > 0 && { "Set-Cookie": [...cookies] }) },
  }),
  seen: (result) => received(result, { lists: true, singles: true }),
};

export const payload1: FrontDoor = { ...rest, name: "HTTP API, payload format 1.0", event: payload1Event };

export const payload2: FrontDoor = {
  name: "HTTP API, payload format 2.0",
  names: ["subject", "signer"],
  routes: true,
  repeated: "joined",
  event: ({ caller, ...request }) => events.apiGatewayV2({ ...defaults, ...request, authorizer: caller && authorizerV2(caller) }),
  result: ({ cookies = [], ...answer }) => ({ ...shared(answer), headers: joined(listed(answer)), cookies: [...cookies] }),
  seen: (result) => received(inferred(result), { singles: true, cookies: true }),
};

export const functionUrl: FrontDoor = {
  ...payload2,
  name: "function URL",
  names: ["signer"],
  routes: false,
  event: ({ caller, route: _, ...request }) => events.functionUrl({ ...defaults, ...request, authorizer: caller && authorizerV2(caller) }),
};

export const alb: FrontDoor = {
  name: "load balancer",
  names: [],
  routes: false,
  repeated: "last",
  event: (request) => albEvent(request, false),
  result: ({ cookies = [], ...answer }) => ({
    ...shared(answer),
    statusDescription: String(answer.status),
    headers: { ...joined(listed(answer)), ...(cookies.length > 0 && { "Set-Cookie": cookies.at(-1) ?? "" }) },
  }),
  seen: (result) => received(result, { singles: true, strict: true }),
};

export const albMulti: FrontDoor = {
  ...rest,
  name: "load balancer, multi-value headers",
  names: [],
  routes: false,
  event: (request) => albEvent(request, true),
  seen: (result) => received(result, { lists: true, strict: true }),
};

export const frontDoors: readonly FrontDoor[] = [rest, payload1, payload2, functionUrl, alb, albMulti];

const defaults = { method: "POST", path: "/payments" };

function restEvent({ caller, ...request }: ClientRequest): object {
  const claims = caller !== undefined && "subject" in caller ? { authorizer: { claims: claimsOf(caller.subject) } } : {};
  const event = events.apiGatewayV1({ ...defaults, route: "/{proxy+}", ...request, ...claims });
  if (caller === undefined || "subject" in caller) return event;
  const { requestContext } = event;
  const identity = { ...requestContext.identity, ...signerOf(caller.signer), caller: caller.signer, user: caller.signer };
  return { ...event, requestContext: { ...requestContext, identity } };
}

// Like a REST API's, but its path has the stage in front, names of headers are lower-case, and its catch-all has a name.
function payload1Event(request: ClientRequest): object {
  const event = restEvent({ ...request, headers: lowerCased(request.headers) }) as Record<string, unknown>;
  return { version: "1.0", ...event, resource: request.route ?? "$default", path: `/prod${request.path ?? defaults.path}` };
}

function albEvent({ caller, route: _, ...request }: ClientRequest, multiValueHeaders: boolean): object {
  if (caller !== undefined) throw new Error("a load balancer names no caller");
  return events.alb({ ...defaults, ...request, multiValueHeaders });
}

function authorizerV2(caller: Caller): Record<string, unknown> {
  if ("subject" in caller) return { jwt: { claims: claimsOf(caller.subject), scopes: null } };
  return { iam: { ...signerOf(caller.signer), callerId: caller.signer, userId: caller.signer, cognitoIdentity: null } };
}

function claimsOf(subject: string): Record<string, string> {
  return { iss: issuer, sub: subject, client_id: "shop" };
}

// Two sessions of one role: the same account, the same access key's owner, another session.
function signerOf(signer: string): Record<string, string> {
  return { accountId: "123456789012", accessKey: "ASIAEXAMPLE", userArn: `arn:aws:sts::123456789012:assumed-role/shop/${signer}` };
}

function shared({ status, body = "" }: Answer): Pick<Result, "statusCode" | "body" | "isBase64Encoded"> {
  const isText = typeof body === "string";
  return { statusCode: status, body: isText ? body : Buffer.from(body).toString("base64"), isBase64Encoded: !isText };
}

function listed({ headers = {} }: Answer): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? [value] : [...value]]));
}

function lowerCased(headers: Fields = {}): Fields {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response */
function inferred(result: unknown): unknown {
  if (typeof result === "object" && result !== null && "statusCode" in result) return result;
  const body = typeof result === "string" ? result : JSON.stringify(result ?? null);
  return { statusCode: 200, headers: { "content-type": "application/json" }, body };
}
