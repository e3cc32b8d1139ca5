import type { HttpEvent } from "./event.ts";
import type { Fields } from "./values.ts";

/**
 * Who sent a request, as the front door has authenticated them: the same list for the same principal whichever front door it
 * is; undefined where it names none.
 *
 * | authorizer | caller |
 * |---|---|
 * | Lambda, on a REST API (or payload format 1.0) | `principalId` |
 * | JWT, Cognito user pool | issuer and subject |
 * | IAM | the identity of Cognito's identity pool, else the user id with its session; never the role alone, which others share |
 *
 * A Lambda authorizer's context on payload format 2.0, an API key, a client certificate and a load balancer's OIDC name no
 * principal that could be trusted to be one.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference
 */
export function callerOf({ requestContext }: HttpEvent): readonly string[] | undefined {
  const { authorizer, identity } = requestContext ?? {};
  const principal = textIn(authorizer, "principalId");
  if (principal !== undefined) return ["principal", principal];
  return (
    subjectOf(fieldsIn(fieldsIn(authorizer, "jwt"), "claims") ?? fieldsIn(authorizer, "claims")) ??
    signerOf(fieldsIn(authorizer, "iam"), identity)
  );
}

function subjectOf(claims: Fields | undefined): readonly string[] | undefined {
  const [issuer, subject] = [textIn(claims, "iss"), textIn(claims, "sub")];
  return issuer === undefined || subject === undefined ? undefined : ["subject", issuer, subject];
}

function signerOf(iam: Fields | undefined, identity: Fields | null | undefined): readonly string[] | undefined {
  const poolIdentity = textIn(fieldsIn(iam, "cognitoIdentity"), "identityId") ?? textIn(identity, "cognitoIdentityId");
  if (poolIdentity !== undefined) return ["identity", poolIdentity];
  const signer = textIn(iam, "userId") ?? textIn(identity, "caller");
  return signer === undefined ? undefined : ["signer", signer];
}

function fieldsIn(fields: Fields | null | undefined, name: string): Fields | undefined {
  const value = fields?.[name];
  return typeof value === "object" && value !== null ? (value as Fields) : undefined;
}

function textIn(fields: Fields | null | undefined, name: string): string | undefined {
  const value = fields?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
