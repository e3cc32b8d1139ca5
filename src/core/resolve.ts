import {
  type Checked,
  type Checks,
  checkFields,
  checkStore,
  fail,
  flag,
  matching,
  object,
  oneOf,
  optional,
  shaped,
  theFunction,
  wholeNumber,
} from "./check.ts";
import { type Codec, jsonCodec } from "./codec.ts";
import { ignoreRejection } from "./errors.ts";
import { checkLeaseMs } from "./lease.ts";
import type { ErrorPolicy, IdempotencyOptions, ResolvedOptions, SharedOptions } from "./options.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const defaultRetentionSeconds = 86_400;
const maxRetentionSeconds = 10 * 365 * 86_400;

const policy = oneOf("release", "keep", "hold");
const retention = wholeNumber(1, maxRetentionSeconds);
const codec = shaped<Codec<unknown>>(
  {
    // "+" separates the compression in the record; "void" and "lost" are encodings of ours.
    name: matching(/^(?!(void|lost)$)[A-Za-z0-9_.-]{1,32}$/, "give 1 to 32 characters of A-Z a-z 0-9 _ . - other than void and lost"),
    encode: theFunction,
    decode: theFunction,
  },
  "give { name, encode, decode }",
);

/** Of the options that every door has. */
const sharedChecks = {
  store: checkStore,
  operation: matching(/^[A-Za-z0-9_.:/-]{1,64}$/, "give 1 to 64 characters of A-Z a-z 0-9 _ . : / -"),
  fingerprint: optional(theFunction),
  onMissingKey: oneOf("throw", "run"),
  retentionSeconds: optional(retention),
  leaseMs: optional((value, path) => (typeof value === "function" ? theFunction(value, path) : checkLeaseMs(value, path))),
  onLeaseExpired: oneOf("run", "throw"),
  onError: errorPolicy,
  onStoreUnavailable: oneOf("throw", "run"),
  onEvent: optional(theFunction),
  enabled: optional(flag, true),
} satisfies Record<keyof SharedOptions<[]>, unknown>;

const ownChecks = { key: theFunction, onInProgress: waitMs, codec: optional(codec, jsonCodec), onReplay: optional(theFunction) };

/**
 * Checks options and fills defaults, once, at wrap time.
 *
 * @throws IdempotencyError `CONFIG_INVALID` with the option's `path`, for an unknown name, a wrong value or a contradiction.
 */
export function resolveOptions<A extends unknown[], R>(options: IdempotencyOptions<A, R>, env: Environment): ResolvedOptions<A, R> {
  const { onInProgress, ...given } = resolveFor(options, ownChecks, env, defaultRetentionSeconds);
  return Object.freeze({ ...given, waitMs: onInProgress }) as ResolvedOptions<A, R>;
}

/** The same for a door that has the shared options and `own`, and a retention of its own where nothing tells one. */
export function resolveFor<A extends unknown[], C extends Checks>(
  options: unknown,
  own: C,
  env: Environment,
  fallbackRetentionSeconds: number,
): SharedOptions<A> & Checked<C> {
  const given = checkFields(options, "options", { ...sharedChecks, ...own }) as Checked<typeof sharedChecks>;
  const { leaseMs, retentionSeconds = retentionIn(env) ?? fallbackRetentionSeconds } = given;
  if (typeof leaseMs === "number" && retentionSeconds * 1000 < leaseMs) {
    if (given.retentionSeconds === undefined) throw fail("leaseMs", leaseMs, `longer than the retention (${retentionSeconds} s)`);
    throw fail("retentionSeconds", retentionSeconds, `shorter than leaseMs (${leaseMs} ms); a record must outlive its lease`);
  }
  // The caller's type arguments say which functions: here it can only be seen that they are some.
  return { ...given, retentionSeconds, enabled: given.enabled && !isDisabled(env) } as unknown as SharedOptions<A> & Checked<C>;
}

function retentionIn(env: Environment): number | undefined {
  const text = env["IDEMPOTENCY_RETENTION_SECONDS"];
  if (text === undefined || text === "") return undefined;
  return retention(/^\d+$/.test(text.trim()) ? Number(text) : text, "env.IDEMPOTENCY_RETENTION_SECONDS");
}

/** Of `onInProgress`: how long to wait, milliseconds; 0 for not at all. */
export function waitMs(value: unknown, path: string): number {
  if (value === undefined || value === "throw") return 0;
  const given = object('give "throw" or { waitMs }')(value, path);
  return checkFields(given, path, { waitMs: wholeNumber(1) }).waitMs;
}

function errorPolicy(value: unknown, path: string): (error: unknown) => ErrorPolicy {
  if (typeof value !== "function") {
    const fixed = policy(value, path);
    return () => fixed;
  }
  return (error) => {
    try {
      const answer = (value as (error: unknown) => unknown)(error);
      ignoreRejection(answer);
      return policy(answer, path);
    } catch {
      return "release"; // a policy that fails must not mask the error that it was asked about
    }
  };
}

/** Is everything switched off from outside, as for local runs? */
export function isDisabled(env: Environment): boolean {
  return /^(1|true|yes|on)$/i.test(env["IDEMPOTENCY_DISABLED"]?.trim() ?? "");
}
