import { checkFields } from "../../core/check.ts";
import { apiChecks, apiHost, apiId, type ApiRequestOptions } from "./api.ts";
import { allValues, lastValues, orNothing, receive, sourceIp, userAgent } from "./http.ts";
import { accountId } from "./parts.ts";
import { extendedIdOf, logTime, uuidOf } from "../aws-forms.ts";

export interface ApiGatewayV1Event {
  resource: string;
  path: string;
  httpMethod: string;
  headers: Record<string, string>;
  multiValueHeaders: Record<string, string[]>;
  queryStringParameters: Record<string, string> | null;
  multiValueQueryStringParameters: Record<string, string[]> | null;
  pathParameters: Readonly<Record<string, string>> | null;
  stageVariables: null;
  requestContext: ApiGatewayV1Context;
  body: string | null;
  isBase64Encoded: boolean;
}

interface ApiGatewayV1Context {
  accountId: string;
  apiId: string;
  authorizer: Readonly<Record<string, unknown>> | undefined;
  domainName: string;
  domainPrefix: string;
  extendedRequestId: string;
  httpMethod: string;
  identity: typeof anonymous & { sourceIp: string; userAgent: string };
  path: string;
  protocol: string;
  requestId: string;
  requestTime: string;
  requestTimeEpoch: number;
  resourceId: string;
  resourcePath: string;
  stage: string;
}

const anonymous: Record<
  | "accessKey"
  | "accountId"
  | "apiKey"
  | "apiKeyId"
  | "caller"
  | "clientCert"
  | "cognitoAuthenticationProvider"
  | "cognitoAuthenticationType"
  | "cognitoIdentityId"
  | "cognitoIdentityPoolId"
  | "principalOrgId"
  | "user"
  | "userArn",
  null
> = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};

/**
 * A request through a REST API with Lambda proxy integration.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, or a wrong value.
 */
export function apiGatewayV1(options: ApiRequestOptions = {}): ApiGatewayV1Event {
  const { route, pathParameters, authorizer, requestId, ...http } = checkFields(options, "options", apiChecks);
  const request = receive(http, apiHost);
  const { method, path, headers, query, digits, atMs } = request;
  const resource = route ?? path;
  const stage = "prod";
  return {
    resource,
    path,
    httpMethod: method,
    headers: lastValues(headers),
    multiValueHeaders: allValues(headers),
    queryStringParameters: orNothing(lastValues(query), null),
    multiValueQueryStringParameters: orNothing(allValues(query), null),
    pathParameters: orNothing(pathParameters, null),
    stageVariables: null,
    requestContext: {
      accountId,
      apiId,
      authorizer,
      domainName: apiHost,
      domainPrefix: apiId,
      extendedRequestId: extendedIdOf(digits),
      httpMethod: method,
      identity: { ...anonymous, sourceIp, userAgent },
      path: `/${stage}${path}`,
      protocol: "HTTP/1.1",
      requestId: requestId ?? uuidOf(digits),
      requestTime: logTime(atMs),
      requestTimeEpoch: atMs,
      resourceId: "q1w2e3",
      resourcePath: resource,
      stage,
    },
    body: request.body ?? null,
    isBase64Encoded: request.isBase64Encoded,
  };
}
