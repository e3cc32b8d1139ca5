import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Clock,
  currentExecution,
  idempotent,
  type IdempotencyError,
  type IdempotencyEvent,
  type IdempotencyOptions,
  payloadKey,
  type Store,
} from "../../src/index.ts";
import { jsonCodec } from "../../src/core/codec.ts";
import { resolveOptions } from "../../src/core/resolve.ts";
import { memoryStore } from "../../src/memory/store.ts";

const disabledVariable = "IDEMPOTENCY_DISABLED";
const retentionVariable = "IDEMPOTENCY_RETENTION_SECONDS";

type Options = IdempotencyOptions<[string?], unknown>;

const valid: Options = { store: memoryStore(), operation: "charge", key: (key) => key };
const codec = { name: "own", encode: String, decode: String };

/** Wraps with options that may be all wrong. */
function wrapWith(options: unknown): (key?: string) => Promise<unknown> {
  return idempotent<[string?], unknown>(() => "done", options as Options);
}

function refusal(options: unknown): IdempotencyError {
  try {
    wrapWith(options);
  } catch (error) {
    return error as IdempotencyError;
  }
  throw new Error("these options were taken");
}

function without(name: string): unknown {
  const { [name]: _, ...rest } = memoryStore() as unknown as Record<string, unknown>;
  return rest;
}

/** A store that must not be asked. */
function untouchable(): { store: Store; asked: string[] } {
  const asked: string[] = [];
  const refuse = (name: string) => (): never => {
    asked.push(name);
    throw new Error(`${name} was called`);
  };
  const methods = ["claim", "takeOver", "settle", "extend", "read", "result", "release"];
  return { store: Object.fromEntries(methods.map((name) => [name, refuse(name)])) as unknown as Store, asked };
}

beforeEach(() => {
  vi.stubEnv(disabledVariable, undefined);
  vi.stubEnv(retentionVariable, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a wrong option is CONFIG_INVALID at wrap time, with its path", () => {
  it.for<unknown>([null, 5, {}, { now: () => 0 }, { now: () => 0, sleep: async () => {}, timer: 5 }])(
    "so is a memory store's clock that is none: %s",
    (clock) => {
      expect(() => memoryStore({ clock: clock as unknown as Clock })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", path: "clock" }),
      );
    },
  );

  it.for([undefined, null, "handler", {}])("so is what is no function: %s", (fn) => {
    expect(() => idempotent(fn as unknown as () => string, { ...valid, key: () => "k" })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", path: "fn" }),
    );
  });

  it.for<{ path: string; wrong: readonly (readonly [name: string, options: Record<string, unknown>])[] }>([
    { path: "retention", wrong: [["unknown", { retention: 60 }]] },
    { path: "Operation", wrong: [["wrong case", { Operation: "charge" }]] },
    {
      path: "store",
      wrong: [
        ["missing", { store: undefined }],
        ["null", { store: null }],
        ["text", { store: "table" }],
        ["function", { store: memoryStore }],
      ],
    },
    ...["claim", "takeOver", "settle", "extend", "read", "result", "release"].map((method) => ({
      path: `store.${method}`,
      wrong: [["missing", { store: without(method) }] as const, ["no function", { store: { ...memoryStore(), [method]: "yes" } }] as const],
    })),
    {
      path: "store.clock",
      wrong: [
        ["null", { store: { ...memoryStore(), clock: null } }],
        ["no sleep", { store: { ...memoryStore(), clock: { now: () => 0 } } }],
        ["no sleep, but a timer", { store: { ...memoryStore(), clock: { now: () => 0, timer: () => () => {} } } }],
        ["no now", { store: { ...memoryStore(), clock: { sleep: async () => {} } } }],
      ],
    },
    {
      path: "operation",
      wrong: [
        ["missing", { operation: undefined }],
        ["empty", { operation: "" }],
        ["65 characters", { operation: "a".repeat(65) }],
        ["a space", { operation: "a b" }],
        ["a hash", { operation: "a#b" }],
        ["a line end", { operation: "charge\n" }],
        ["a letter outside ASCII", { operation: "é" }],
        ["a number", { operation: 5 }],
      ],
    },
    {
      path: "key",
      wrong: [
        ["missing", { key: undefined }],
        ["text", { key: "orderId" }],
        ["null", { key: null }],
      ],
    },
    {
      path: "fingerprint",
      wrong: [
        ["text", { fingerprint: "body" }],
        ["true", { fingerprint: true }],
        ["null", { fingerprint: null }],
      ],
    },
    {
      path: "onMissingKey",
      wrong: [
        ["unknown", { onMissingKey: "skip" }],
        ["true", { onMissingKey: true }],
        ["null", { onMissingKey: null }],
        ["wrong case", { onMissingKey: "Run" }],
      ],
    },
    {
      path: "retentionSeconds",
      wrong: [
        ["0", { retentionSeconds: 0 }],
        ["negative", { retentionSeconds: -1 }],
        ["a fraction", { retentionSeconds: 1.5 }],
        ["NaN", { retentionSeconds: Number.NaN }],
        ["infinite", { retentionSeconds: Number.POSITIVE_INFINITY }],
        ["text", { retentionSeconds: "60" }],
        ["null", { retentionSeconds: null }],
        ["longer than ten years", { retentionSeconds: 315_360_001 }],
        ["shorter than the lease", { retentionSeconds: 10, leaseMs: 10_001 }],
      ],
    },
    {
      path: "leaseMs",
      wrong: [
        ["99", { leaseMs: 99 }],
        ["longer than ten years", { leaseMs: 315_360_000_001, retentionSeconds: 315_360_000 }],
        ["longer than the retention by default", { leaseMs: 86_400_001 }],
        ["99.9", { leaseMs: 99.9 }],
        ["0", { leaseMs: 0 }],
        ["negative", { leaseMs: -1000 }],
        ["NaN", { leaseMs: Number.NaN }],
        ["infinite", { leaseMs: Number.POSITIVE_INFINITY }],
        ["text", { leaseMs: "1000" }],
        ["null", { leaseMs: null }],
        ["an object", { leaseMs: { ms: 1000 } }],
      ],
    },
    {
      path: "onInProgress",
      wrong: [
        ["unknown", { onInProgress: "wait" }],
        ["true", { onInProgress: true }],
        ["a number", { onInProgress: 1000 }],
        ["null", { onInProgress: null }],
      ],
    },
    {
      path: "onInProgress.waitMs",
      wrong: [
        ["missing", { onInProgress: {} }],
        ["undefined", { onInProgress: { waitMs: undefined } }],
        ["text", { onInProgress: { waitMs: "5" } }],
        ["negative", { onInProgress: { waitMs: -1 } }],
        ["NaN", { onInProgress: { waitMs: Number.NaN } }],
        ["infinite", { onInProgress: { waitMs: Number.POSITIVE_INFINITY } }],
      ],
    },
    { path: "onInProgress.pollMs", wrong: [["unknown", { onInProgress: { waitMs: 1000, pollMs: 5 } }]] },
    {
      path: "onLeaseExpired",
      wrong: [
        ["unknown", { onLeaseExpired: "takeover" }],
        ["false", { onLeaseExpired: false }],
      ],
    },
    {
      path: "onError",
      wrong: [
        ["unknown", { onError: "ignore" }],
        ["an object", { onError: {} }],
        ["null", { onError: null }],
      ],
    },
    {
      path: "onStoreUnavailable",
      wrong: [
        ["unknown", { onStoreUnavailable: "open" }],
        ["true", { onStoreUnavailable: true }],
      ],
    },
    {
      path: "codec",
      wrong: [
        ["a name", { codec: "json" }],
        ["null", { codec: null }],
        ["a function", { codec: () => "" }],
      ],
    },
    {
      path: "codec.name",
      wrong: [
        ["missing", { codec: { ...codec, name: undefined } }],
        ["empty", { codec: { ...codec, name: "" } }],
        ["void", { codec: { ...codec, name: "void" } }],
        ["lost", { codec: { ...codec, name: "lost" } }],
        ["with a compression", { codec: { ...codec, name: "json+br" } }],
        ["a number", { codec: { ...codec, name: 1 } }],
      ],
    },
    {
      path: "codec.encode",
      wrong: [
        ["missing", { codec: { name: "own", decode: String } }],
        ["text", { codec: { ...codec, encode: "utf8" } }],
      ],
    },
    {
      path: "codec.decode",
      wrong: [
        ["missing", { codec: { name: "own", encode: String } }],
        ["null", { codec: { ...codec, decode: null } }],
      ],
    },
    {
      path: "onReplay",
      wrong: [
        ["text", { onReplay: "log" }],
        ["true", { onReplay: true }],
      ],
    },
    {
      path: "onEvent",
      wrong: [
        ["a list", { onEvent: [] }],
        ["text", { onEvent: "log" }],
      ],
    },
    {
      path: "enabled",
      wrong: [
        ["text", { enabled: "true" }],
        ["1", { enabled: 1 }],
        ["null", { enabled: null }],
      ],
    },
  ])("$path", ({ path, wrong }) => {
    for (const [name, options] of wrong) {
      const error = refusal({ ...valid, ...options });
      expect(error, name).toMatchObject({ name: "IdempotencyError", code: "CONFIG_INVALID", path });
      expect(error.message, name).toContain(path);
    }
  });

  it.for([undefined, null, "charge", 5, () => valid].map((options) => ({ options })))("$options instead of options", ({ options }) => {
    expect(refusal(options)).toMatchObject({ code: "CONFIG_INVALID", path: "options" });
  });

  it.for(["abc", "0", "-5", "1.5", "1e3", "0x10", " ", "60s", "99999999999999999999"])(`env ${retentionVariable}=%o`, (text) => {
    vi.stubEnv(retentionVariable, text);
    expect(refusal(valid)).toMatchObject({ code: "CONFIG_INVALID", path: `env.${retentionVariable}` });
  });

  it("a retention from the environment that is shorter than the lease", () => {
    vi.stubEnv(retentionVariable, "10");
    expect(refusal({ ...valid, leaseMs: 10_001 })).toMatchObject({ code: "CONFIG_INVALID", path: "leaseMs" });
  });

  it.for<{ wrong: Record<string, unknown>; says: string }>([
    { wrong: { operation: "a b" }, says: 'operation is "a b": ' },
    { wrong: { operation: undefined }, says: "operation is undefined: " },
    { wrong: { leaseMs: Number.NaN }, says: "leaseMs is NaN: " },
    { wrong: { store: memoryStore }, says: "store is a function: " },
    { wrong: { onEvent: [] }, says: "onEvent is a list: " },
    { wrong: { fingerprint: {} }, says: "fingerprint is an object: " },
    { wrong: { onLeaseExpired: "takeover" }, says: 'give one of "run", "throw"' },
    { wrong: { retention: 60 }, says: "known are store, operation, fingerprint, onMissingKey, retentionSeconds, " },
  ])("what was given, and the way out: $says", ({ wrong, says }) => {
    expect(refusal({ ...valid, ...wrong }).message).toContain(says);
  });

  it.for<{ path: string; wrong: Record<string, unknown> }>([
    { path: "onMissingKey", wrong: { onMissingKey: "skip" } },
    { path: "leaseMs", wrong: { leaseMs: 99 } },
    { path: "enabled", wrong: { enabled: "no" } },
  ])("while switched off, too: $path", ({ path, wrong }) => {
    vi.stubEnv(disabledVariable, "1");
    expect(refusal({ ...valid, ...wrong })).toMatchObject({ code: "CONFIG_INVALID", path });
  });
});

describe("options resolve", () => {
  const defaults = {
    fingerprint: undefined,
    onMissingKey: "throw",
    retentionSeconds: 86_400,
    leaseMs: undefined,
    waitMs: 0,
    onLeaseExpired: "run",
    onStoreUnavailable: "throw",
    codec: jsonCodec,
    onReplay: undefined,
    onEvent: undefined,
    enabled: true,
  };

  it.for([
    { name: "nothing more", more: {} },
    {
      name: "everything undefined",
      more: {
        fingerprint: undefined,
        onMissingKey: undefined,
        retentionSeconds: undefined,
        leaseMs: undefined,
        onInProgress: undefined,
        onLeaseExpired: undefined,
        onError: undefined,
        onStoreUnavailable: undefined,
        codec: undefined,
        onReplay: undefined,
        onEvent: undefined,
        enabled: undefined,
      },
    },
  ])("to the defaults, frozen: $name", ({ more }) => {
    const { onError, ...resolved } = resolveOptions({ ...valid, ...more }, {});
    expect(resolved).toEqual({ ...defaults, store: valid.store, operation: valid.operation, key: valid.key });
    expect(onError(new Error("no"))).toBe("release");
    expect(Object.isFrozen(resolveOptions({ ...valid, ...more }, {}))).toBe(true);
  });

  it.for<{ name: string; more: Partial<Options>; resolved: Record<string, unknown> }>([
    {
      name: "an operation of 64 characters",
      more: { operation: `${"a".repeat(52)}AZ_09.:/-bcd` },
      resolved: { operation: `${"a".repeat(52)}AZ_09.:/-bcd` },
    },
    { name: "an operation of one character", more: { operation: "a" }, resolved: { operation: "a" } },
    { name: "the shortest lease", more: { leaseMs: 100 }, resolved: { leaseMs: 100 } },
    { name: "a retention as long as the lease", more: { retentionSeconds: 10, leaseMs: 10_000 }, resolved: { retentionSeconds: 10 } },
    { name: "a retention of one second", more: { retentionSeconds: 1 }, resolved: { retentionSeconds: 1 } },
    { name: "the longest retention", more: { retentionSeconds: 315_360_000 }, resolved: { retentionSeconds: 315_360_000 } },
    {
      name: "the longest lease",
      more: { leaseMs: 315_360_000_000, retentionSeconds: 315_360_000 },
      resolved: { leaseMs: 315_360_000_000 },
    },
    { name: "a wait", more: { onInProgress: { waitMs: 1500 } }, resolved: { waitMs: 1500 } },
    { name: "no wait", more: { onInProgress: "throw" }, resolved: { waitMs: 0 } },
    { name: "a codec", more: { codec }, resolved: { codec } },
    { name: "a codec that is named almost like void", more: { codec: { ...codec, name: "voided" } }, resolved: {} },
    { name: "switched off", more: { enabled: false }, resolved: { enabled: false } },
  ])("to what was given: $name", ({ more, resolved }) => {
    expect(resolveOptions({ ...valid, ...more }, {})).toMatchObject(resolved);
  });

  it.for([
    { text: "3600", seconds: 3600 },
    { text: " 3600 ", seconds: 3600 },
    { text: "", seconds: 86_400 },
    { text: undefined, seconds: 86_400 },
  ])(`env ${retentionVariable}=$text is $seconds s`, ({ text, seconds }) => {
    expect(resolveOptions(valid, { [retentionVariable]: text }).retentionSeconds).toBe(seconds);
  });

  it("the option wins over the environment's retention, also over a wrong one", () => {
    expect(resolveOptions({ ...valid, retentionSeconds: 60 }, { [retentionVariable]: "3600" }).retentionSeconds).toBe(60);
    expect(resolveOptions({ ...valid, retentionSeconds: 60 }, { [retentionVariable]: "soon" }).retentionSeconds).toBe(60);
  });

  it.for([
    { name: "keep", onError: "keep" as const, policy: "keep" },
    { name: "hold", onError: "hold" as const, policy: "hold" },
    { name: "a function", onError: () => "hold" as const, policy: "hold" },
    {
      name: "a function that throws",
      onError: (): never => {
        throw new Error("no");
      },
      policy: "release",
    },
    { name: "a function that answers nonsense", onError: () => "ignore" as "keep", policy: "release" },
  ])("onError: $name is $policy", ({ onError, policy }) => {
    expect(resolveOptions({ ...valid, onError }, {}).onError(new Error("no"))).toBe(policy);
  });

  it("a lease that is a function is none of a contradiction, whatever else it is", () => {
    const leaseMs = Object.assign(() => 1000, { valueOf: () => 1e12 });
    expect(resolveOptions({ store: memoryStore(), operation: "op", key: () => "k", leaseMs }, {}).leaseMs).toBe(leaseMs);
  });

  it("once: what changes in the object later changes nothing", async () => {
    const options: Options = { ...valid, store: memoryStore(), leaseMs: 10_000, retentionSeconds: 60 };
    const fn = idempotent<[string?], unknown>(() => "done", options);
    Object.assign(options, { key: () => undefined, store: untouchable().store, operation: "", enabled: false });
    expect(await fn("a")).toBe("done");
  });
});

describe("switched off", () => {
  it.for(["1", "true", "yes", "on", "TRUE", "True", "YES", "On", "oN", " 1", "on "])(
    `env ${disabledVariable}=%s wins over enabled: true`,
    async (text) => {
      vi.stubEnv(disabledVariable, text);
      const { store, asked } = untouchable();
      expect(await wrapWith({ ...valid, store, enabled: true })("a")).toBe("done");
      expect(asked).toEqual([]);
    },
  );

  it.for(["", "0", "false", "no", "off", "2", "10", "21", "disabled", undefined])(
    `env ${disabledVariable}=%s does not switch off`,
    (text) => {
      expect(resolveOptions(valid, { [disabledVariable]: text }).enabled).toBe(true);
      expect(resolveOptions({ ...valid, enabled: false }, { [disabledVariable]: text }).enabled).toBe(false);
    },
  );

  it("is read at wrap time", async () => {
    let runs = 0;
    const options: Options = { ...valid, store: memoryStore() };
    const wrap = (): ((key?: string) => Promise<unknown>) => idempotent<[string?], unknown>(() => ++runs, options);
    const on = wrap();
    vi.stubEnv(disabledVariable, "1");
    const off = wrap();
    expect([await on("a"), await on("a")]).toEqual([1, 1]);
    vi.stubEnv(disabledVariable, undefined);
    expect([await off("a"), await off("a")]).toEqual([2, 3]);
  });

  it.for<{ name: string; key: Options["key"]; keyHash: unknown }>([
    { name: "with its key", key: () => "a", keyHash: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) },
    { name: "without a key", key: () => undefined, keyHash: undefined },
    { name: "with a part missing", key: () => ["a", ""], keyHash: undefined },
  ])("runs $name, each time, and says so", async ({ key, keyHash }) => {
    const { store, asked } = untouchable();
    const events: IdempotencyEvent[] = [];
    let runs = 0;
    const fn = idempotent<[string?], unknown>(() => ++runs, {
      ...valid,
      store,
      key,
      enabled: false,
      onEvent: (event) => events.push(event),
    });
    expect([await fn("a"), await fn("a")]).toEqual([1, 2]);
    expect(events).toHaveLength(2);
    for (const event of events) {
      expect(event).toMatchObject({ type: "unprotected", reason: "disabled", operation: "charge" });
      expect("keyHash" in event ? event.keyHash : undefined).toEqual(keyHash);
    }
    expect(asked).toEqual([]);
  });

  it("with a key, has an execution of attempt 0 whose signal never aborts and whose extendLease does nothing", async () => {
    const { store, asked } = untouchable();
    const fn = idempotent<[string?], unknown>(
      async () => {
        const execution = currentExecution();
        await execution.extendLease(1000);
        return { attempt: execution.attempt, aborted: execution.signal.aborted, derived: execution.deriveKey("a").length };
      },
      { ...valid, store, leaseMs: 100, enabled: false },
    );
    expect(await fn("a")).toEqual({ attempt: 0, aborted: false, derived: 43 });
    expect(asked).toEqual([]);
  });

  it("without a key, has none", async () => {
    const fn = idempotent<[string?], unknown>(() => currentExecution(), { ...valid, enabled: false });
    await expect(fn()).rejects.toMatchObject({ code: "NO_EXECUTION" });
  });
});

describe("what is refused at the call asks nothing, runs nothing and tells of nothing", () => {
  const throwing = (): never => {
    throw new Error("no");
  };

  it.for<{ name: string; options: Partial<Options>; code: string; path?: string }>([
    { name: "a missing key", options: { key: () => undefined }, code: "KEY_MISSING", path: "key" },
    { name: "a missing part", options: { key: () => ["a", ""] }, code: "KEY_MISSING", path: "key[1]" },
    { name: "a key of a wrong type", options: { key: () => ({ id: 1 }) as unknown as string }, code: "KEY_INVALID" },
    {
      name: "a wrong key, though a missing one may run",
      options: { key: () => Number.POSITIVE_INFINITY, onMissingKey: "run" },
      code: "KEY_INVALID",
    },
    { name: "a promised key", options: { key: (async () => "a") as unknown as () => string }, code: "KEY_INVALID" },
    { name: "a key function that throws", options: { key: throwing }, code: "KEY_INVALID" },
    { name: "a payload key of nothing", options: { key: () => payloadKey(undefined) }, code: "KEY_MISSING" },
    {
      name: "a payload key without a canonical form",
      options: { key: () => payloadKey(Number.NaN), onMissingKey: "run" },
      code: "KEY_INVALID",
    },
    { name: "a fingerprint without a canonical form", options: { fingerprint: () => Number.NaN }, code: "KEY_INVALID" },
    { name: "a fingerprint function that throws", options: { fingerprint: throwing }, code: "KEY_INVALID" },
    {
      name: "a payload whose getter throws",
      options: {
        fingerprint: () => ({
          get a() {
            return throwing();
          },
        }),
      },
      code: "KEY_INVALID",
    },
    { name: "a lease function that answers 99", options: { leaseMs: () => 99 }, code: "CONFIG_INVALID", path: "leaseMs" },
    {
      name: "a lease function that answers nothing",
      options: { leaseMs: (() => undefined) as unknown as () => number },
      code: "CONFIG_INVALID",
      path: "leaseMs",
    },
    { name: "a lease function that throws", options: { leaseMs: throwing }, code: "CONFIG_INVALID", path: "leaseMs" },
  ])("$name", async ({ options, code, path }) => {
    const { store, asked } = untouchable();
    const events: IdempotencyEvent[] = [];
    let runs = 0;
    const fn = idempotent<[string?], unknown>(() => ++runs, { ...valid, store, onEvent: (event) => events.push(event), ...options });
    const error: unknown = await fn("a").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "IdempotencyError", code });
    expect((error as IdempotencyError).path).toBe(path);
    expect({ asked, runs, events }).toEqual({ asked: [], runs: 0, events: [] });
  });
});
