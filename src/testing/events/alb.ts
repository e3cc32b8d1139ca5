import { checkFields } from "../../core/check.ts";
import { allValues, httpChecks, type HttpRequestOptions, lastValues, lowerCased, receive, urlEncoded } from "./http.ts";
import { theFlag } from "../checks.ts";
import { accountId, region } from "./parts.ts";

/** A request to a load balancer. */
export interface AlbOptions extends HttpRequestOptions {
  /** As the target group's attribute `lambda.multi_value_headers.enabled`: lists instead of the last value. Default: false. */
  readonly multiValueHeaders?: boolean | undefined;
}

const albChecks = { ...httpChecks, multiValueHeaders: theFlag };

export interface AlbEvent {
  requestContext: { elb: { targetGroupArn: string } };
  httpMethod: string;
  path: string;
  queryStringParameters?: Record<string, string>;
  multiValueQueryStringParameters?: Record<string, string[]>;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: boolean;
}

/**
 * A request through an Application Load Balancer. The query stays as the URL has it, names of headers are lower-case, and
 * a request without a body has an empty one. It has no id: what tells two requests apart is what the client sends.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, or a wrong value.
 */
export function alb(options: AlbOptions = {}): AlbEvent {
  const { multiValueHeaders, ...http } = checkFields(options, "options", albChecks);
  const request = receive(http, `lambda-alb-123578498.${region}.elb.amazonaws.com`);
  const [headers, query] = [lowerCased(request.headers), urlEncoded(request.query)];
  return {
    requestContext: { elb: { targetGroupArn: `arn:aws:elasticloadbalancing:${region}:${accountId}:targetgroup/orders/49e9d65c45c6791a` } },
    httpMethod: request.method,
    path: request.path,
    ...(multiValueHeaders
      ? { multiValueQueryStringParameters: allValues(query), multiValueHeaders: allValues(headers) }
      : { queryStringParameters: lastValues(query), headers: lastValues(headers) }),
    body: request.body ?? "",
    isBase64Encoded: request.isBase64Encoded,
  };
}
