import { checkStore, choice, fail, type Fields, fields, isObject, optional, positiveInteger, theFunction } from "./check.ts";
import { type Codec, jsonCodec } from "./codec.ts";
import { ignoreRejection } from "./errors.ts";
import type { Listener } from "./events.ts";
import type { ErrorPolicy, IdempotencyOptions, ResolvedOptions } from "./options.ts";
import { checkLeaseMs } from "./lease.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const defaultRetentionSeconds = 86_400;
const maxRetentionSeconds = 10 * 365 * 86_400;
const policies = ["release", "keep", "hold"] as const;
// As a record, so that the compiler misses none.
const optionNames = Object.keys({
  store: true,
  operation: true,
  key: true,
  fingerprint: true,
  onMissingKey: true,
  retentionSeconds: true,
  leaseMs: true,
  onInProgress: true,
  onLeaseExpired: true,
  onError: true,
  onStoreUnavailable: true,
  codec: true,
  onReplay: true,
  onEvent: true,
  enabled: true,
} satisfies Record<keyof IdempotencyOptions<[], unknown>, true>);

/**
 * Checks options and fills defaults, once, at wrap time.
 *
 * @throws IdempotencyError `CONFIG_INVALID` with the option's `path`, for an unknown name, a wrong value or a contradiction.
 */
export function resolveOptions<A extends unknown[], R>(options: IdempotencyOptions<A, R>, env: Environment): ResolvedOptions<A, R> {
  const given = fields(options, "options", optionNames);
  const leaseMs = lease(given);
  const retentionSeconds = retention(given, env);
  if (typeof leaseMs === "number" && retentionSeconds * 1000 < leaseMs) {
    if (given["retentionSeconds"] === undefined) throw fail("leaseMs", leaseMs, `longer than the retention (${retentionSeconds} s)`);
    throw fail("retentionSeconds", retentionSeconds, `shorter than leaseMs (${leaseMs} ms); a record must outlive its lease`);
  }
  const resolved: ResolvedOptions<A, R> = {
    store: checkStore(given["store"], "store"),
    operation: operation(given),
    key: theFunction(given, "key"),
    fingerprint: optional(given, "fingerprint", theFunction<(...args: A) => unknown>),
    onMissingKey: choice(given, "onMissingKey", ["throw", "run"]),
    retentionSeconds,
    leaseMs,
    waitMs: wait(given),
    onLeaseExpired: choice(given, "onLeaseExpired", ["run", "throw"]),
    onError: errorPolicy(given),
    onStoreUnavailable: choice(given, "onStoreUnavailable", ["throw", "run"]),
    codec: (optional(given, "codec", codec) ?? jsonCodec) as Codec<R>,
    onReplay: optional(given, "onReplay", theFunction<NonNullable<ResolvedOptions<A, R>["onReplay"]>>),
    onEvent: optional(given, "onEvent", theFunction<Listener>),
    enabled: enabled(given, env),
  };
  return Object.freeze(resolved);
}

function operation(given: Fields): string {
  const value = given["operation"];
  if (typeof value !== "string" || !/^[A-Za-z0-9_.:/-]{1,64}$/.test(value)) {
    throw fail("operation", value, "give 1 to 64 characters of A-Z a-z 0-9 _ . : / -");
  }
  return value;
}

function lease(given: Fields): number | ((...args: unknown[]) => number) | undefined {
  const value = given["leaseMs"];
  if (value === undefined || typeof value === "function") return value as undefined | ((...args: unknown[]) => number);
  return checkLeaseMs(value, "leaseMs");
}

function retention(given: Fields, env: Environment): number {
  if (given["retentionSeconds"] !== undefined) return positiveInteger(given["retentionSeconds"], "retentionSeconds", maxRetentionSeconds);
  const text = env["IDEMPOTENCY_RETENTION_SECONDS"];
  if (text === undefined || text === "") return defaultRetentionSeconds;
  return positiveInteger(/^\d+$/.test(text.trim()) ? Number(text) : text, "env.IDEMPOTENCY_RETENTION_SECONDS", maxRetentionSeconds);
}

function wait(given: Fields): number {
  const value = given["onInProgress"];
  if (value === undefined || value === "throw") return 0;
  if (!isObject(value)) throw fail("onInProgress", value, 'give "throw" or { waitMs }');
  return positiveInteger(fields(value, "onInProgress", ["waitMs"])["waitMs"], "onInProgress.waitMs", Number.MAX_SAFE_INTEGER);
}

function errorPolicy(given: Fields): (error: unknown) => ErrorPolicy {
  const value = given["onError"];
  if (typeof value !== "function") {
    const fixed = choice(given, "onError", policies);
    return () => fixed;
  }
  return (error) => {
    try {
      const policy = (value as (error: unknown) => unknown)(error);
      ignoreRejection(policy);
      return policies.find((known) => known === policy) ?? "release";
    } catch {
      return "release"; // a policy that fails must not mask the error that it was asked about
    }
  };
}

function codec(given: Fields, name: string): Codec<unknown> {
  const value = given[name];
  if (!isObject(value)) throw fail(name, value, "give { name, encode, decode }");
  // "+" separates the compression in the record; "void" and "lost" are encodings of ours.
  if (typeof value["name"] !== "string" || !/^[A-Za-z0-9_.-]{1,32}$/.test(value["name"]) || ["void", "lost"].includes(value["name"])) {
    throw fail("codec.name", value["name"], "give 1 to 32 characters of A-Z a-z 0-9 _ . - other than void and lost");
  }
  for (const method of ["encode", "decode"]) {
    if (typeof value[method] !== "function") throw fail(`codec.${method}`, value[method], "give a function");
  }
  return value as unknown as Codec<unknown>;
}

function enabled(given: Fields, env: Environment): boolean {
  const value = given["enabled"];
  if (value !== undefined && typeof value !== "boolean") throw fail("enabled", value, "give true or false");
  return !isDisabled(env) && (value ?? true);
}

/** Is everything switched off from outside, as for local runs? */
export function isDisabled(env: Environment): boolean {
  return /^(1|true|yes|on)$/i.test(env["IDEMPOTENCY_DISABLED"]?.trim() ?? "");
}
