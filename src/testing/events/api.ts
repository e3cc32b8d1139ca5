import { optional } from "../../core/check.ts";
import { named, text } from "../checks.ts";
import { copyOf, region } from "./parts.ts";
import { type CheckedRequest, type ChecksOf, httpChecks, type HttpRequestOptions } from "./http.ts";

/** A request to an API. A client that retries sends the same with a new `requestId`. */
export interface ApiRequestOptions extends HttpRequestOptions {
  /** The route that matched, such as `/orders/{id}`. Default: the path itself (v1), `$default` (v2). */
  readonly route?: string | undefined;
  readonly pathParameters?: Readonly<Record<string, string>> | undefined;
  /** `requestContext.authorizer`, such as `{ jwt: { claims, scopes } }` (v2) or `{ claims }` (v1). Default: there is none. */
  readonly authorizer?: Readonly<Record<string, unknown>> | undefined;
  /** Default: made of the request, so that the same request is the same event. */
  readonly requestId?: string | undefined;
}

/** The options, as checked. */
interface CheckedApiRequest extends CheckedRequest {
  readonly route: string | undefined;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
  readonly requestId: string | undefined;
}

export const apiChecks: ChecksOf<CheckedApiRequest> = {
  ...httpChecks,
  route: optional(text),
  pathParameters: optional(named(text, "give an object of texts"), {}),
  authorizer: optional((value, path) => copyOf(value as Record<string, unknown>, path)),
  requestId: optional(text),
};

export const apiId = "a1b2c3d4e5";
export const apiHost: string = `${apiId}.execute-api.${region}.amazonaws.com`;
