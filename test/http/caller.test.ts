// One shape per authorizer, as AWS documents it, with the members around the one that counts.
import { describe, expect, it } from "vitest";
import { callerOf } from "../../src/http/caller.ts";
import type { HttpEvent } from "../../src/http/event.ts";
import { events } from "../../src/testing/index.ts";

type Context = HttpEvent["requestContext"];

const issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool";
const claims = { iss: issuer, sub: "user-1", client_id: "client-1", "cognito:username": "anna" };
const accessKey = "AKIAIOSFODNN7EXAMPLE";
const role = "arn:aws:sts::123456789012:assumed-role/shoppers/session-1";

/** Of a REST API; each member is there, and null where nothing is known of it. */
const nobody = events.apiGatewayV1().requestContext.identity;
/** The same by way of a role. */
const restSigner = {
  ...nobody,
  accessKey,
  accountId: "123456789012",
  caller: "AROAEXAMPLE:session-1",
  user: "AROAEXAMPLE:session-1",
  userArn: role,
};
const pool = {
  cognitoIdentityId: "eu-west-1:identity-1",
  cognitoIdentityPoolId: "eu-west-1:pool-1",
  cognitoAuthenticationType: "authenticated",
  cognitoAuthenticationProvider: `${issuer},${issuer}:CognitoSignIn:user-1`,
};
const iam = {
  accessKey,
  accountId: "123456789012",
  callerId: "AROAEXAMPLE:session-1",
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: role,
  userId: "AROAEXAMPLE:session-1",
};
const poolIam = {
  ...iam,
  cognitoIdentity: { amr: ["authenticated"], identityId: "eu-west-1:identity-1", identityPoolId: "eu-west-1:pool-1" },
};
const http = { method: "POST", path: "/payments" };

const subject = ["subject", issuer, "user-1"];
const signer = ["signer", "AROAEXAMPLE:session-1"];
const identity = ["identity", "eu-west-1:identity-1"];

describe("the caller", () => {
  it.for<{ name: string; requestContext: Context; caller: readonly string[] }>([
    {
      name: "REST API, Lambda authorizer",
      requestContext: { identity: nobody, authorizer: { principalId: "user-1", tenant: "t-1", integrationLatency: 5 } },
      caller: ["principal", "user-1"],
    },
    {
      name: "HTTP API with payload format 1.0, Lambda authorizer",
      requestContext: { stage: "$default", identity: nobody, authorizer: { principalId: "user-1" } },
      caller: ["principal", "user-1"],
    },
    { name: "REST API, Cognito user pool", requestContext: { identity: nobody, authorizer: { claims } }, caller: subject },
    {
      name: "HTTP API with payload format 1.0, JWT",
      requestContext: { stage: "$default", identity: nobody, authorizer: { claims, scopes: null } },
      caller: subject,
    },
    { name: "HTTP API, JWT", requestContext: { http, authorizer: { jwt: { claims, scopes: ["pay"] } } }, caller: subject },
    {
      name: "a JWT beside claims of another kind",
      requestContext: { http, authorizer: { jwt: { claims, scopes: null }, claims: { ...claims, sub: "user-2" } } },
      caller: subject,
    },
    { name: "REST API, IAM", requestContext: { identity: restSigner }, caller: signer },
    {
      name: "REST API, IAM user",
      requestContext: { identity: { ...restSigner, caller: "AIDAEXAMPLE", user: "AIDAEXAMPLE" } },
      caller: ["signer", "AIDAEXAMPLE"],
    },
    { name: "REST API, identity pool", requestContext: { identity: { ...restSigner, ...pool } }, caller: identity },
    { name: "HTTP API or function URL, IAM", requestContext: { http, authorizer: { iam } }, caller: signer },
    { name: "HTTP API or function URL, identity pool", requestContext: { http, authorizer: { iam: poolIam } }, caller: identity },
  ])("$name", ({ requestContext, caller }) => {
    expect(callerOf({ requestContext })).toEqual(caller);
  });

  it.for<{ name: string; requestContext: Context }>([
    { name: "no request context", requestContext: undefined },
    { name: "an empty one", requestContext: {} },
    { name: "REST API without an authorizer", requestContext: { identity: nobody } },
    { name: "members that are null", requestContext: { identity: null, authorizer: null } },
    {
      name: "an API key, which many may have",
      requestContext: { identity: { ...nobody, apiKey: "key-1", apiKeyId: "id-1" } },
    },
    {
      name: "a client certificate",
      requestContext: {
        identity: { ...nobody, clientCert: { clientCertPem: "PEM", subjectDN: "CN=shop", issuerDN: "CN=ca", serialNumber: "1" } },
      },
    },
    {
      name: "a client certificate of an HTTP API",
      requestContext: { http, authentication: { clientCert: { subjectDN: "CN=shop", serialNumber: "1" } } } as Context,
    },
    { name: "an HTTP API's Lambda authorizer", requestContext: { http, authorizer: { lambda: { user: "user-1" } } } },
    {
      name: "an HTTP API's Lambda authorizer that calls something principalId",
      requestContext: { http, authorizer: { lambda: { principalId: "user-1" } } },
    },
    {
      name: "an HTTP API's Lambda authorizer that calls something claims",
      requestContext: { http, authorizer: { lambda: { claims, jwt: { claims }, iam } } },
    },
    { name: "a load balancer", requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1" } } },
    { name: "a function URL without IAM", requestContext: { http, accountId: "anonymous" } as Context },
    { name: "the source address only", requestContext: { http: { ...http, sourceIp: "203.0.113.7" } } },
    { name: "an access key only", requestContext: { identity: { ...nobody, accessKey } } },
    { name: "an access key of IAM only", requestContext: { http, authorizer: { iam: { accessKey } } } },
    {
      name: "a role only, which others share",
      requestContext: { identity: { ...nobody, userArn: role, accountId: "123456789012" } },
    },
    {
      name: "a role of IAM only, which others share",
      requestContext: { http, authorizer: { iam: { userArn: role, accountId: "123456789012" } } },
    },
    {
      name: "an identity pool without an identity",
      requestContext: { identity: { ...nobody, cognitoIdentityPoolId: "eu-west-1:pool-1" } },
    },
    { name: "an issuer without a subject", requestContext: { http, authorizer: { jwt: { claims: { iss: issuer } } } } },
    { name: "a subject without an issuer", requestContext: { http, authorizer: { jwt: { claims: { sub: "user-1" } } } } },
    {
      name: "a client's token without a subject",
      requestContext: { http, authorizer: { jwt: { claims: { iss: issuer, client_id: "c" } } } },
    },
    { name: "an empty principal", requestContext: { authorizer: { principalId: "" } } },
    { name: "an empty subject", requestContext: { authorizer: { claims: { iss: issuer, sub: "" } } } },
    { name: "an empty identity", requestContext: { http, authorizer: { iam: { userId: "", cognitoIdentity: { identityId: "" } } } } },
    { name: "a principal that is no text", requestContext: { authorizer: { principalId: 5 } } },
    { name: "claims that are a text", requestContext: { authorizer: { claims: JSON.stringify(claims) } } },
    { name: "an authorizer that is a text", requestContext: { authorizer: "user-1" } as unknown as Context },
  ])("is nobody: $name", ({ requestContext }) => {
    expect(callerOf({ requestContext })).toBeUndefined();
  });

  it("is not what a client says in a header, as a load balancer's OIDC is where it can be gone around", () => {
    const headers = { "x-amzn-oidc-identity": "user-1", "x-amzn-oidc-data": "token", authorization: "Bearer token" };
    expect(callerOf({ headers, requestContext: { elb: {} } })).toBeUndefined();
  });

  it("is told apart by what told it, where the texts are the same", () => {
    const contexts: Context[] = [
      { authorizer: { principalId: "x" } },
      { identity: { caller: "x" } },
      { identity: { cognitoIdentityId: "x" } },
      { authorizer: { claims: { iss: "x", sub: "x" } } },
      { authorizer: { claims: { iss: "xx", sub: "x" } } },
      { authorizer: { claims: { iss: "x", sub: "xx" } } },
    ];
    const callers = contexts.map((requestContext) => JSON.stringify(callerOf({ requestContext })));
    expect(new Set(callers).size).toBe(contexts.length);
  });

  it("of a session is another one in another session, and the same with another access key", () => {
    const other = { ...restSigner, caller: "AROAEXAMPLE:session-2" };
    expect(callerOf({ requestContext: { identity: other } })).not.toEqual(signer);
    expect(callerOf({ requestContext: { identity: { ...restSigner, accessKey: "ASIAOTHER" } } })).toEqual(signer);
    expect(callerOf({ requestContext: { http, authorizer: { iam: { ...iam, accessKey: "ASIAOTHER" } } } })).toEqual(signer);
  });
});
