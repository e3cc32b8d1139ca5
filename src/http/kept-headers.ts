import type { Values } from "./values.ts";

/** What describes the answer itself, or tells browsers how to treat it. */
const kept: ReadonlySet<string> = new Set(
  `accept-patch accept-post allow content-digest content-disposition content-encoding content-language content-location content-md5
  content-range content-security-policy content-security-policy-report-only content-type cross-origin-embedder-policy
  cross-origin-opener-policy cross-origin-resource-policy deprecation etag last-modified link location origin-agent-cluster
  permissions-policy referrer-policy report-to reporting-endpoints repr-digest retry-after strict-transport-security sunset vary
  x-content-type-options x-dns-prefetch-control x-download-options x-frame-options x-permitted-cross-domain-policies
  x-xss-protection`.split(/\s+/),
);

/** What is a secret of one answer, belongs to one connection or one delivery, or is made anew for each answer. */
const denied: ReadonlySet<string> = new Set(
  `authorization authentication-info cookie proxy-authenticate proxy-authentication-info proxy-authorization set-cookie
  set-cookie2 www-authenticate
  access-token dpop dpop-nonce x-id-token x-access-token x-api-key x-auth-token x-authorization x-csrf-token
  x-forwarded-access-token x-refresh-token x-session-token x-xsrf-token
  connection http2-settings keep-alive proxy-connection te trailer transfer-encoding upgrade
  content-length date age cache-control idempotency-original-request idempotency-status idempotent-replayed
  baggage traceparent tracestate b3 x-cloud-trace-context x-correlation-id x-request-id x-trace-id request-id sentry-trace
  server-timing traceresponse uber-trace-id elastic-apm-traceparent newrelic sw8 grpc-trace-bin apigw-requestid
  x-honeycomb-trace cf-ray correlation-id request-context trace-id x-correlationid x-ms-request-id x-span-id x-requestid
  x-trace`.split(/\s+/),
);
const deniedPrefixes = ["x-amzn-", "x-amz-", "x-b3-", "x-datadog-", "x-instana-", "x-newrelic-", "x-ot-", "ot-tracer-", "uberctx-"];

/** May a header, by its lower-case name, be neither kept nor echoed, whatever options say? */
export function isDenied(name: string): boolean {
  return denied.has(name) || deniedPrefixes.some((prefix) => name.startsWith(prefix));
}

/** Does a header of an answer, by its lower-case name, belong to its duplicates too? `more`: names beside the usual ones. */
export function isKept(name: string, more: ReadonlySet<string>): boolean {
  return kept.has(name) || name.startsWith("access-control-") || (more.has(name) && !isDenied(name));
}

export function keptHeaders(headers: Values, more: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name, more)));
}
