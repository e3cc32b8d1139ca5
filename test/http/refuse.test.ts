// What a refusal of the core's becomes: for a client an answer, for an operator a line.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StoreFailure } from "../../src/core/store.ts";
import type { Asker } from "../../src/http/asker.ts";
import { resolveHttpOptions } from "../../src/http/options.ts";
import { type ProblemCode, problems } from "../../src/http/problem.ts";
import { problemOf, refusalAnswer } from "../../src/http/refuse.ts";
import { IdempotencyError, type IdempotencyErrorCode } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";

const options = resolveHttpOptions({ store: memoryStore(), operation: "payments" }, {});
const asker: Asker = { frontDoor: "v2", context: undefined, echo: { "idempotency-key": "k-1" } };

const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  vi.spyOn(console, "error").mockImplementation((line: string) => void logged.push(line));
});
afterEach(() => void vi.restoreAllMocks());

interface Told {
  readonly code: ProblemCode;
  readonly retryAfter?: number;
}

function told(error: IdempotencyError, from: Asker = asker): Told {
  return JSON.parse(problemOf(error, options, from).body) as Told;
}

describe("an error of the core", () => {
  it.for<{ error: IdempotencyErrorCode; code: ProblemCode; retryAfter?: number }>([
    { error: "KEY_MISSING", code: "idempotency_key_missing" },
    { error: "KEY_INVALID", code: "idempotency_key_invalid" },
    { error: "KEY_REUSED", code: "idempotency_key_reused" },
    { error: "IN_PROGRESS", code: "idempotency_in_progress", retryAfter: 1 },
    { error: "LEASE_LOST", code: "idempotency_superseded", retryAfter: 1 },
    { error: "STORE_UNAVAILABLE", code: "idempotency_store_unavailable", retryAfter: 1 },
    { error: "OUTCOME_UNKNOWN", code: "idempotency_outcome_uncertain" },
    { error: "RESULT_UNAVAILABLE", code: "idempotency_result_unavailable" },
    { error: "CONFIG_INVALID", code: "idempotency_misconfigured" },
    { error: "NO_EXECUTION", code: "idempotency_misconfigured" },
  ])("$error is $code", ({ error, code, retryAfter }) => {
    const thrown = new IdempotencyError(error, "secret-1", { keyHash: "hash-1", path: "leaseMs", requestId: "other-1" });
    const answer = problemOf(thrown, options, asker);
    expect(told(thrown)).toMatchObject({ code, status: problems[code].status });
    expect(told(thrown).retryAfter).toBe(retryAfter);
    expect(answer.headers?.["retry-after"]).toBe(retryAfter === undefined ? undefined : String(retryAfter));
    expect(answer.headers).toMatchObject({
      "idempotency-key": "k-1",
      "idempotency-status": problems[code].state,
      "cache-control": "no-store",
    });
    // Nothing of another request, nor of how the service is built.
    expect(answer.body).not.toMatch(/secret-1|hash-1|leaseMs|other-1|k-1/);
    expect(answer.headers?.["idempotency-original-request"]).toBe(error === "RESULT_UNAVAILABLE" ? "other-1" : undefined);
  });

  it.for([
    { retryAfterMs: 1, retryAfter: 1 },
    { retryAfterMs: 999, retryAfter: 1 },
    { retryAfterMs: 1000, retryAfter: 1 },
    { retryAfterMs: 1001, retryAfter: 2 },
    { retryAfterMs: 9000.5, retryAfter: 10 },
    { retryAfterMs: 10_000, retryAfter: 10 },
    { retryAfterMs: 10_001, retryAfter: 10 },
    { retryAfterMs: 900_000, retryAfter: 10 },
    { retryAfterMs: 0, retryAfter: 1 },
    { retryAfterMs: -5, retryAfter: 1 },
    { retryAfterMs: undefined, retryAfter: 1 },
  ])("with $retryAfterMs ms of a lease is to be asked again after $retryAfter s", ({ retryAfterMs, retryAfter }) => {
    expect(told(new IdempotencyError("IN_PROGRESS", "", { retryAfterMs })).retryAfter).toBe(retryAfter);
  });

  it.for(["a b", "", "ü", "a\r\nset-cookie: a=1", "\u0000"])("has no original request that a header cannot say: %j", (requestId) => {
    const { headers } = problemOf(new IdempotencyError("RESULT_UNAVAILABLE", "", { requestId }), options, asker);
    expect(headers).not.toHaveProperty("idempotency-original-request");
  });
});

describe("the log has", () => {
  it.for<{ name: string; error: IdempotencyError; line: string }>([
    {
      name: "what is wrong with an option or a table",
      error: new IdempotencyError("CONFIG_INVALID", "the table has no key pk", { path: "table" }),
      line: 'operation "payments": idempotency_misconfigured: the table has no key pk',
    },
    {
      name: "why the store cannot be had",
      error: new IdempotencyError("STORE_UNAVAILABLE", "the store is down", {
        cause: new StoreFailure("unreachable", "down", { maybeApplied: false }),
      }),
      line: 'operation "payments": idempotency_store_unavailable: the store is down',
    },
    {
      name: "that a function threw, and not what",
      error: new IdempotencyError("CONFIG_INVALID", "hook threw: card 4111", { path: "hook", cause: new TypeError("card 4111") }),
      line: 'operation "payments": idempotency_misconfigured: hook threw TypeError',
    },
    {
      name: "that a function without a name threw",
      error: new IdempotencyError("CONFIG_INVALID", "card 4111", { cause: new TypeError("card 4111") }),
      line: 'operation "payments": idempotency_misconfigured: a function of the options threw TypeError',
    },
    {
      name: "that something threw, where its name is more than one",
      error: new IdempotencyError("CONFIG_INVALID", "", {
        path: "hook",
        cause: Object.assign(new Error("no"), { name: "A\nERROR card 4111" }),
      }),
      line: 'operation "payments": idempotency_misconfigured: hook threw an error',
    },
    {
      name: "that something threw, where its name is no word",
      error: new IdempotencyError("CONFIG_INVALID", "", {
        path: "hook",
        cause: Object.assign(new Error("no"), { name: "SECRET_sk_live_1" }),
      }),
      line: 'operation "payments": idempotency_misconfigured: hook threw an error',
    },
    {
      name: "that something threw, where its name is a long one",
      error: new IdempotencyError("CONFIG_INVALID", "", { path: "hook", cause: Object.assign(new Error("no"), { name: "A".repeat(51) }) }),
      line: 'operation "payments": idempotency_misconfigured: hook threw an error',
    },
    {
      name: "that a hook threw, of an answer that is there",
      error: new IdempotencyError("RESULT_UNAVAILABLE", "fromStored gave no answer", {
        path: "fromStored",
        cause: new TypeError("card 4111"),
      }),
      line: 'operation "payments": idempotency_result_unavailable: fromStored threw TypeError',
    },
    {
      name: "that a hook gave nothing",
      error: new IdempotencyError("RESULT_UNAVAILABLE", "onReplay gave no answer", { path: "onReplay" }),
      line: 'operation "payments": idempotency_result_unavailable: onReplay gave no answer',
    },
    {
      name: "that a lease is none, and not which",
      error: new IdempotencyError("CONFIG_INVALID", "leaseMs is card 4111", { path: "leaseMs" }),
      line: 'operation "payments": idempotency_misconfigured: `leaseMs` gave no time, or threw: give milliseconds, at least 100',
    },
  ])("$name", ({ error, line }) => {
    problemOf(error, options, asker);
    expect(logged).toEqual([line]);
  });

  it("nothing where a client is wrong, or has to wait", () => {
    const codes = [
      "KEY_MISSING",
      "KEY_INVALID",
      "KEY_REUSED",
      "IN_PROGRESS",
      "LEASE_LOST",
      "OUTCOME_UNKNOWN",
      "RESULT_UNAVAILABLE",
    ] as const;
    for (const code of codes) problemOf(new IdempotencyError(code, "card 4111"), options, asker);
    refusalAnswer({ code: "idempotency_body_invalid" }, options, asker);
    expect(logged).toEqual([]);
  });

  it("the fault of the door's own refusals, where there is one", () => {
    refusalAnswer({ code: "idempotency_scope_unresolved", fault: "a fault" }, options, asker);
    refusalAnswer({ code: "idempotency_scope_unresolved" }, options, asker);
    expect(logged).toEqual(['operation "payments": idempotency_scope_unresolved: a fault']);
  });
});

describe("the door's own refusal", () => {
  it("says what it has to say, else the code's own words", () => {
    const own = JSON.parse(refusalAnswer({ code: "idempotency_key_invalid", detail: "Correct it." }, options, asker).body) as object;
    const usual = JSON.parse(refusalAnswer({ code: "idempotency_key_invalid" }, options, asker).body) as object;
    expect(own).toMatchObject({ detail: "Correct it." });
    expect(usual).toMatchObject({ detail: "Correct the header." });
  });

  it("echoes no key where none is valid", () => {
    const { headers } = refusalAnswer({ code: "idempotency_key_invalid" }, options, { ...asker, echo: {} });
    expect(headers).not.toHaveProperty("idempotency-key");
  });

  it.for([
    { name: "no context", context: undefined },
    { name: "a text", context: "context" },
    { name: "one without time", context: { awsRequestId: "r-1" } },
    { name: "an id that is no text", context: { awsRequestId: 5, getRemainingTimeInMillis: () => 5 } },
  ])("tells no instance of $name", ({ context }) => {
    expect(JSON.parse(refusalAnswer({ code: "idempotency_key_invalid" }, options, { ...asker, context }).body)).not.toHaveProperty(
      "instance",
    );
  });

  it("is an instance of Lambda's request", () => {
    const context = { awsRequestId: "r-1", getRemainingTimeInMillis: () => 5 };
    const { body } = refusalAnswer({ code: "idempotency_key_invalid" }, options, { ...asker, context });
    expect(JSON.parse(body)).toMatchObject({ instance: "urn:lambda-once:request:r-1" });
  });

  it.for(["v1", "v2", "alb", "albMulti"] as const)("has one value of each header, whatever the key's is called: %s", (door) => {
    for (const name of ["idempotency-key", "x-request-id", "retry-after", "content-type"]) {
      const answer = problemOf(new IdempotencyError("IN_PROGRESS", ""), options, { ...asker, frontDoor: door, echo: { [name]: "k-1" } });
      const headers = Object.entries(answer.multiValueHeaders ?? answer.headers ?? {});
      expect(new Set(headers.map(([header]) => header.toLowerCase())).size).toBe(headers.length);
      expect(headers.flatMap(([, values]): string[] => [values as string | string[]].flat())).toHaveLength(headers.length);
    }
  });
});
