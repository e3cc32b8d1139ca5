import { describe, expect, it } from "vitest";
import { IdempotencyError, type IdempotencyErrorCode, ReplayedError } from "../../src/index.ts";
import { describeError } from "../../src/core/errors.ts";

const emoji = "\u{1F600}"; // two UTF-16 units

function throwing(): never {
  throw new Error("no");
}

describe("IdempotencyError", () => {
  // One line per code; the compiler sees to it that none is missing.
  const table: Record<IdempotencyErrorCode, { retryable: boolean; safeToUseNewKey: boolean }> = {
    KEY_MISSING: { retryable: false, safeToUseNewKey: true },
    KEY_INVALID: { retryable: false, safeToUseNewKey: true },
    KEY_REUSED: { retryable: false, safeToUseNewKey: true },
    IN_PROGRESS: { retryable: true, safeToUseNewKey: false },
    LEASE_LOST: { retryable: true, safeToUseNewKey: false },
    STORE_UNAVAILABLE: { retryable: true, safeToUseNewKey: false },
    OUTCOME_UNKNOWN: { retryable: false, safeToUseNewKey: false },
    RESULT_UNAVAILABLE: { retryable: false, safeToUseNewKey: false },
    CONFIG_INVALID: { retryable: false, safeToUseNewKey: false },
    NO_EXECUTION: { retryable: false, safeToUseNewKey: false },
  };

  it.for(Object.entries(table))("%s: %o", ([code, advice]) => {
    const error = new IdempotencyError(code as IdempotencyErrorCode, "why");
    expect(error).toMatchObject({ name: "IdempotencyError", message: "why", code, ...advice });
    expect(error).toBeInstanceOf(Error);
  });

  it("carries what is known, and has no member for what is not", () => {
    const cause = new Error("below");
    const details = { retryAfterMs: 5, keyHash: "hash", requestId: "request-1", path: "store" };
    const full = new IdempotencyError("IN_PROGRESS", "why", { ...details, cause });
    expect({ ...full }).toEqual({ name: "IdempotencyError", code: "IN_PROGRESS", retryable: true, safeToUseNewKey: false, ...details });
    expect(full.cause).toBe(cause);
    const bare = new IdempotencyError("IN_PROGRESS", "why", {
      retryAfterMs: undefined,
      keyHash: undefined,
      requestId: undefined,
      path: undefined,
      cause: undefined,
    });
    expect(Object.keys(bare).sort()).toEqual(["code", "name", "retryable", "safeToUseNewKey"]);
    expect("cause" in bare).toBe(false);
  });
});

describe("describeError", () => {
  it.for<{ name: string; thrown: unknown; kept: unknown }>([
    { name: "an error", thrown: new TypeError("wrong"), kept: { name: "TypeError", message: "wrong" } },
    {
      name: "an error with its details",
      thrown: Object.assign(new Error("gone"), { statusCode: 410, code: "GONE" }),
      kept: { name: "Error", message: "gone", statusCode: 410, code: "GONE" },
    },
    { name: "a numeric code", thrown: Object.assign(new Error("a"), { code: 7 }), kept: { name: "Error", message: "a", code: 7 } },
    { name: "a code 0", thrown: Object.assign(new Error("a"), { code: 0 }), kept: { name: "Error", message: "a", code: 0 } },
    {
      name: "a statusCode that is text",
      thrown: Object.assign(new Error("a"), { statusCode: "410" }),
      kept: { name: "Error", message: "a" },
    },
    {
      name: "a statusCode with a fraction",
      thrown: Object.assign(new Error("a"), { statusCode: 410.5 }),
      kept: { name: "Error", message: "a" },
    },
    {
      name: "a statusCode NaN, a code NaN",
      thrown: Object.assign(new Error("a"), { statusCode: Number.NaN, code: Number.NaN }),
      kept: { name: "Error", message: "a" },
    },
    {
      name: "an infinite code",
      thrown: Object.assign(new Error("a"), { code: Number.POSITIVE_INFINITY }),
      kept: { name: "Error", message: "a" },
    },
    { name: "a code of another type", thrown: Object.assign(new Error("a"), { code: { a: 1 } }), kept: { name: "Error", message: "a" } },
    { name: "no message", thrown: new Error(), kept: { name: "Error", message: "" } },
    { name: "a plain object", thrown: { message: "odd", statusCode: 409 }, kept: { name: "NonError", message: "odd", statusCode: 409 } },
    { name: "an object with an empty name", thrown: { name: "", message: 5 }, kept: { name: "NonError", message: "" } },
    { name: "a text", thrown: "odd", kept: { name: "NonError", message: "odd" } },
    { name: "a number", thrown: 5, kept: { name: "NonError", message: "5" } },
    { name: "a bigint", thrown: 5n, kept: { name: "NonError", message: "5" } },
    { name: "a symbol", thrown: Symbol("odd"), kept: { name: "NonError", message: "Symbol(odd)" } },
    { name: "null", thrown: null, kept: { name: "NonError", message: "null" } },
    { name: "undefined", thrown: undefined, kept: { name: "NonError", message: "undefined" } },
    {
      name: "a getter that throws",
      thrown: {
        get message() {
          return throwing();
        },
      },
      kept: { name: "NonError", message: "" },
    },
    { name: "a proxy that throws", thrown: new Proxy({}, { get: throwing }), kept: { name: "NonError", message: "" } },
  ])("of $name", ({ thrown, kept }) => {
    expect(describeError(thrown)).toEqual(kept);
  });

  it.for([
    { name: "1,024 characters stay", message: "a".repeat(1024), kept: "a".repeat(1024) },
    { name: "the 1,025th goes", message: "a".repeat(1025), kept: "a".repeat(1024) },
    { name: "a pair that fits stays", message: `${"a".repeat(1022)}${emoji}b`, kept: `${"a".repeat(1022)}${emoji}` },
    { name: "a pair that is cut leaves no half", message: `${"a".repeat(1023)}${emoji}`, kept: `${"a".repeat(1023)}\uFFFD` },
    { name: "half a pair is mended", message: "a\uD83D", kept: "a\uFFFD" },
  ])("message: $name", ({ message, kept }) => {
    expect(describeError(new Error(message)).message).toBe(kept);
    expect(describeError(message).message).toBe(kept);
  });

  it("bounds every member", () => {
    const long = "a".repeat(100_000);
    const { name, message, code } = describeError({ name: long, message: long, code: long });
    for (const text of [name, message, code]) expect(String(text).length).toBeLessThanOrEqual(1024);
  });
});

describe("ReplayedError", () => {
  it("has the first one's name, message, statusCode and code", () => {
    const error = new ReplayedError(describeError(Object.assign(new RangeError("too much"), { statusCode: 400, code: "LIMIT" })));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "RangeError", message: "too much", statusCode: 400, code: "LIMIT" });
    expect(String(error)).toBe("RangeError: too much");
  });

  it("has no statusCode and no code where the first one had none", () => {
    const error = new ReplayedError({ name: "Error" });
    expect(error.message).toBe("");
    expect(Object.keys(error)).toEqual(["name"]);
  });
});
