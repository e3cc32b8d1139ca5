import { checkFields } from "../../core/check.ts";
import { apiChecks, apiHost, apiId, type ApiRequestOptions } from "./api.ts";
import { joinedValues, lowerCased, type ReceivedRequest, receive, sourceIp, urlEncoded, userAgent } from "./http.ts";
import { accountId, region } from "./parts.ts";
import { extendedIdOf, logTime, uuidOf } from "../aws-forms.ts";

/** A request to a function URL. */
export type FunctionUrlOptions = Omit<ApiRequestOptions, "route" | "pathParameters">;

const { route: _route, pathParameters: _parameters, ...urlChecks } = apiChecks;
const urlId = "k3v7x2m9q4demo5urlid8w6z1c0b2n4p";
const urlHost = `${urlId}.lambda-url.${region}.on.aws`;

export interface ApiGatewayV2Event {
  version: string;
  routeKey: string;
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  pathParameters?: Readonly<Record<string, string>>;
  requestContext: {
    accountId: string;
    apiId: string;
    authorizer?: Readonly<Record<string, unknown>>;
    domainName: string;
    domainPrefix: string;
    http: { method: string; path: string; protocol: string; sourceIp: string; userAgent: string };
    requestId: string;
    routeKey: string;
    stage: string;
    time: string;
    timeEpoch: number;
  };
  body?: string;
  isBase64Encoded: boolean;
}

/**
 * A request through an HTTP API, payload format 2.0: names of headers are lower-case, what comes more than once is joined
 * with commas, and cookies are a list of their own.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, or a wrong value.
 */
export function apiGatewayV2(options: ApiRequestOptions = {}): ApiGatewayV2Event {
  const { route, pathParameters, authorizer, requestId, ...http } = checkFields(options, "options", apiChecks);
  const request = receive(http, apiHost);
  const routeKey = route === undefined ? "$default" : `${request.method} ${route}`;
  const id = requestId ?? extendedIdOf(request.digits);
  return eventV2(request, { accountId, id, routeKey, pathParameters, authorizer, domainName: apiHost, prefix: apiId });
}

/**
 * A request to a function URL: payload format 2.0, without a route. Without an authorizer, its account is `anonymous`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, or a wrong value.
 */
export function functionUrl(options: FunctionUrlOptions = {}): ApiGatewayV2Event {
  const { authorizer, requestId, ...http } = checkFields(options, "options", urlChecks);
  const request = receive(http, urlHost);
  const id = requestId ?? uuidOf(request.digits);
  const account = authorizer === undefined ? "anonymous" : accountId;
  return eventV2(request, {
    accountId: account,
    id,
    routeKey: "$default",
    pathParameters: {},
    authorizer,
    domainName: urlHost,
    prefix: urlId,
  });
}

interface Around {
  readonly accountId: string;
  readonly id: string;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
  readonly domainName: string;
  readonly prefix: string;
}

function eventV2(request: ReceivedRequest, around: Around): ApiGatewayV2Event {
  const { method, path, query, body, isBase64Encoded, atMs } = request;
  const { authorizer, routeKey, domainName } = around;
  const headers = lowerCased(request.headers).filter(([name]) => name !== "cookie");
  const cookies = lowerCased(request.headers).flatMap(([name, values]) => (name === "cookie" ? values : []));
  const parts = urlEncoded(query).flatMap(([name, values]) => values.map((value) => `${name}=${value}`));
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: parts.join("&"),
    ...(cookies.length > 0 && { cookies: cookies.flatMap((line) => line.split(/; ?/)) }),
    headers: joinedValues(headers),
    ...(query.length > 0 && { queryStringParameters: joinedValues(query) }),
    ...(Object.keys(around.pathParameters).length > 0 && { pathParameters: around.pathParameters }),
    requestContext: {
      accountId: around.accountId,
      apiId: around.prefix,
      ...(authorizer !== undefined && { authorizer }),
      domainName,
      domainPrefix: around.prefix,
      http: { method, path, protocol: "HTTP/1.1", sourceIp, userAgent },
      requestId: around.id,
      routeKey,
      stage: "$default",
      time: logTime(atMs),
      timeEpoch: atMs,
    },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  };
}
