// Headers that `header` does not take for the key: what is a secret, shared by many requests, or never goes back to a client.
import { describe, expect, it } from "vitest";
import { keyHeader } from "../../src/http/option-checks.ts";

const names = (text: string): string[] => text.trim().split(/\s+/);

const sayingSomethingElse = names(`
  accept accept-encoding accept-language content-encoding content-language content-type expect forwarded from host if-match
  if-modified-since if-none-match origin priority range referer user-agent via x-api-key x-csrf-token x-forwarded-for
  x-forwarded-host x-forwarded-port x-forwarded-proto x-requested-with x-xsrf-token
  cdn-loop cf-connecting-ip client-ip dnt if-range if-unmodified-since max-forwards pragma prefer save-data true-client-ip
  x-client-ip x-http-method-override x-real-ip sec-fetch-site x-forwarded-user
  etag link location retry-after vary access-control-allow-origin`);

const neverEchoed = names(`
  authorization cookie set-cookie proxy-authorization connection content-length date cache-control idempotency-status
  x-auth-token x-access-token dpop trace-id ot-tracer-traceid
  traceparent x-trace-id request-id x-amzn-trace-id x-amz-request-id`);

describe("the header of the key", () => {
  it.for([...sayingSomethingElse, ...neverEchoed])("is not %s, however it is written", (name) => {
    for (const given of [name, name.toUpperCase()]) {
      expect(() => keyHeader(given, "header")).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", path: "header", message: expect.stringContaining("give a header of its own") }),
      );
    }
  });

  it.for(names("idempotency-key x-idempotency-key x-request-id x-correlation-id x-key accept-key from-key x-api-key-id my-origin"))(
    "may be %s",
    (name) => {
      expect([keyHeader(name, "header"), keyHeader(name.toUpperCase(), "header")]).toEqual([name, name]);
    },
  );
});
