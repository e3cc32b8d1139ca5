import { describe, expect, it } from "vitest";
import { isDenied, isKept, keptHeaders } from "../../src/http/kept-headers.ts";

const nothing: ReadonlySet<string> = new Set();

const kept = `
  content-type content-language content-disposition content-location content-encoding content-range content-digest
  location etag last-modified link retry-after allow vary
  access-control-allow-origin access-control-allow-credentials access-control-expose-headers access-control-max-age
  content-security-policy strict-transport-security x-content-type-options x-frame-options referrer-policy permissions-policy
  cross-origin-resource-policy deprecation sunset`.trim();

const secrets = "set-cookie set-cookie2 authorization cookie www-authenticate authentication-info proxy-authenticate proxy-authorization";
const hops = "connection http2-settings keep-alive proxy-connection te trailer transfer-encoding upgrade";
const own = "content-length date age cache-control idempotent-replayed idempotency-status idempotency-original-request";
const traces = `
  x-amzn-trace-id x-amzn-requestid x-amzn-remapped-date x-amz-apigw-id x-amz-cf-id x-amz-request-id traceparent tracestate baggage b3
  x-b3-traceid x-b3-spanid x-datadog-trace-id sentry-trace uber-trace-id server-timing traceresponse x-trace-id request-id x-request-id x-correlation-id x-cloud-trace-context`.trim();
const denied = [secrets, hops, own, traces].flatMap((names) => names.split(/\s+/));

describe("a header of an answer", () => {
  it.for(kept.split(/\s+/))("%s is kept", (name) => {
    expect(isKept(name, nothing)).toBe(true);
    expect(isDenied(name)).toBe(false);
  });

  it.for(denied)("%s is not, whatever is asked for", (name) => {
    expect(isDenied(name)).toBe(true);
    expect(isKept(name, nothing)).toBe(false);
    expect(isKept(name, new Set([name]))).toBe(false);
  });

  it.for([
    "server",
    "x-powered-by",
    "x-tenant",
    "x-token",
    "idempotency-key",
    "expires",
    "pragma",
    "constructor",
    "__proto__",
    "",
    "access-control",
    "x-amz",
  ])("%s is where it is asked for", (name) => {
    expect(isKept(name, nothing)).toBe(false);
    expect(isKept(name, new Set(["x-other"]))).toBe(false);
    expect(isKept(name, new Set([name]))).toBe(true);
  });
});

describe("what is kept of headers", () => {
  it("is what may be, all values in their order", () => {
    const headers = { vary: ["origin", "accept"], "set-cookie": ["a=1"], "content-type": ["text/plain"], "x-tenant": ["t"], date: ["now"] };
    expect(keptHeaders(headers, new Set(["x-tenant", "set-cookie", "date"]))).toEqual({
      vary: ["origin", "accept"],
      "content-type": ["text/plain"],
      "x-tenant": ["t"],
    });
    expect(headers).toHaveProperty("set-cookie");
  });
});
