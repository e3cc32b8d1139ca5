import { describe, expect, it } from "vitest";
import { isDenied, isKept, keptHeaders } from "../../src/http/kept-headers.ts";

const nothing: ReadonlySet<string> = new Set();

const kept = `
  accept-patch accept-post allow content-digest content-disposition content-encoding content-language content-location content-md5
  content-range content-security-policy content-security-policy-report-only content-type cross-origin-embedder-policy
  cross-origin-opener-policy cross-origin-resource-policy deprecation etag last-modified link location origin-agent-cluster
  permissions-policy referrer-policy report-to reporting-endpoints repr-digest retry-after strict-transport-security sunset vary
  x-content-type-options x-dns-prefetch-control x-download-options x-frame-options x-permitted-cross-domain-policies x-xss-protection
  access-control-allow-origin access-control-allow-credentials access-control-expose-headers access-control-max-age`.trim();

const secrets = `
  authorization authentication-info cookie proxy-authenticate proxy-authentication-info proxy-authorization set-cookie set-cookie2
  www-authenticate`.trim();
const hops = "connection http2-settings keep-alive proxy-connection te trailer transfer-encoding upgrade";
const own = "content-length date age cache-control idempotent-replayed idempotency-status idempotency-original-request";
const traces = `
  baggage traceparent tracestate b3 x-cloud-trace-context x-correlation-id x-request-id x-trace-id request-id sentry-trace
  server-timing traceresponse uber-trace-id elastic-apm-traceparent newrelic sw8 grpc-trace-bin apigw-requestid x-honeycomb-trace
  x-amzn-trace-id x-amzn-requestid x-amzn-remapped-date x-amz-apigw-id x-amz-cf-id x-amz-request-id x-b3-traceid x-b3-spanid
  x-datadog-trace-id x-instana-t x-newrelic-id x-ot-span-context`.trim();
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
