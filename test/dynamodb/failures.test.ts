import { describe, expect, it } from "vitest";
import type { StoreFailureKind } from "../../src/core/store.ts";
import { toFailure } from "../../src/dynamodb/failures.ts";

/** What the SDK throws: an error with these members. */
function sdkError(
  name: string,
  members: { message?: string; code?: string; status?: number; attempts?: number; throttling?: boolean } = {},
): Error {
  const { message = "why", code, status, attempts, throttling } = members;
  return Object.assign(new Error(message), {
    name,
    ...(code === undefined ? {} : { code }),
    ...(status === undefined && attempts === undefined ? {} : { $metadata: { httpStatusCode: status, attempts } }),
    ...(throttling === undefined ? {} : { $retryable: { throttling } }),
  });
}

const refused = { status: 400, attempts: 1 };

interface Case {
  readonly name: string;
  readonly thrown: unknown;
  readonly kind: StoreFailureKind;
  readonly maybeApplied: boolean;
}

const cases: readonly Case[] = [
  // DynamoDB answered no.
  ...[
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
  ].map((name): Case => ({ name, thrown: sdkError(name, refused), kind: "throttled", maybeApplied: false })),
  { name: "HTTP 429", thrown: sdkError("Unknown", { status: 429, attempts: 1 }), kind: "throttled", maybeApplied: false },
  {
    name: "whatever the SDK itself calls throttling",
    thrown: sdkError("NewException", { ...refused, throttling: true }),
    kind: "throttled",
    maybeApplied: false,
  },
  {
    name: "TransactionConflictException",
    thrown: sdkError("TransactionConflictException", refused),
    kind: "conflict",
    maybeApplied: false,
  },
  {
    name: "ReplicatedWriteConflictException",
    thrown: sdkError("ReplicatedWriteConflictException", refused),
    kind: "conflict",
    maybeApplied: false,
  },
  ...[
    "ResourceNotFoundException",
    "AccessDeniedException",
    "ValidationException",
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
  ].map((name): Case => ({ name, thrown: sdkError(name, refused), kind: "misconfigured", maybeApplied: false })),
  { name: "HTTP 403", thrown: sdkError("Unknown", { status: 403, attempts: 1 }), kind: "misconfigured", maybeApplied: false },

  // Nothing was ever sent.
  { name: "a missing region", thrown: sdkError("Error", { message: "Region is missing" }), kind: "misconfigured", maybeApplied: false },
  {
    name: "no credentials",
    thrown: sdkError("CredentialsProviderError", { message: "Could not load credentials from any providers" }),
    kind: "misconfigured",
    maybeApplied: false,
  },
  { name: "no token", thrown: sdkError("TokenProviderError"), kind: "misconfigured", maybeApplied: false },
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].map((code): Case => ({
    name: code,
    thrown: sdkError("Error", { code, attempts: 1 }),
    kind: "unreachable",
    maybeApplied: false,
  })),

  // Sent, and nobody knows what became of it.
  { name: "TimeoutError", thrown: sdkError("TimeoutError", { code: "ETIMEDOUT", attempts: 1 }), kind: "unreachable", maybeApplied: true },
  {
    name: "a reset connection",
    thrown: sdkError("TimeoutError", { code: "ECONNRESET", attempts: 1 }),
    kind: "unreachable",
    maybeApplied: true,
  },
  {
    name: "an answer that broke off",
    thrown: sdkError("Error", { code: "ECONNRESET", status: 200, attempts: 1 }),
    kind: "unreachable",
    maybeApplied: true,
  },
  {
    name: "an answer that is no JSON",
    thrown: sdkError("SyntaxError", { status: 200, attempts: 1 }),
    kind: "unreachable",
    maybeApplied: true,
  },
  { name: "an abort", thrown: sdkError("AbortError"), kind: "unreachable", maybeApplied: true },
  {
    name: "InternalServerError",
    thrown: sdkError("InternalServerError", { status: 500, attempts: 1 }),
    kind: "unreachable",
    maybeApplied: true,
  },
  {
    name: "HTTP 408, as a proxy says it",
    thrown: sdkError("Unknown", { status: 408, attempts: 1 }),
    kind: "unreachable",
    maybeApplied: true,
  },
  { name: "HTTP 503", thrown: sdkError("ServiceUnavailable", { status: 503, attempts: 1 }), kind: "unreachable", maybeApplied: true },
  { name: "an error that says nothing", thrown: new Error(), kind: "unreachable", maybeApplied: true },
  { name: "a text", thrown: "odd", kind: "unreachable", maybeApplied: true },
  { name: "null", thrown: null, kind: "unreachable", maybeApplied: true },
  { name: "undefined", thrown: undefined, kind: "unreachable", maybeApplied: true },

  // One try was lost, whatever the last one said.
  {
    name: "throttled at the second try",
    thrown: sdkError("ThrottlingException", { status: 400, attempts: 2 }),
    kind: "throttled",
    maybeApplied: true,
  },
  {
    name: "a conflict at the second try",
    thrown: sdkError("TransactionConflictException", { status: 400, attempts: 2 }),
    kind: "conflict",
    maybeApplied: true,
  },
  {
    name: "denied at the second try",
    thrown: sdkError("AccessDeniedException", { status: 400, attempts: 2 }),
    kind: "misconfigured",
    maybeApplied: true,
  },
  {
    name: "ECONNREFUSED at the third try",
    thrown: sdkError("Error", { code: "ECONNREFUSED", attempts: 3 }),
    kind: "unreachable",
    maybeApplied: true,
  },
  {
    name: "HTTP 500 at the third try",
    thrown: sdkError("InternalServerError", { status: 500, attempts: 3 }),
    kind: "unreachable",
    maybeApplied: true,
  },
];

describe("what the SDK throws", () => {
  it.for(cases)("$name is $kind, maybe applied: $maybeApplied", ({ thrown, kind, maybeApplied }) => {
    const failure = toFailure(thrown, "PutItem", "orders");
    expect(failure).toMatchObject({ name: "StoreFailure", kind, maybeApplied });
    expect(failure.cause).toBe(thrown);
    expect(failure.message).toContain("PutItem");
    expect(failure.message).toContain('"orders"');
  });

  it("tells the SDK's own name and message too", () => {
    expect(toFailure(sdkError("ThrottlingException", { ...refused, message: "slow down" }), "PutItem", "orders").message).toContain(
      "ThrottlingException: slow down",
    );
  });

  it("a missing permission names what the role needs", () => {
    expect(toFailure(sdkError("AccessDeniedException", refused), "UpdateItem", "orders").message).toContain("dynamodb:UpdateItem");
  });
});
