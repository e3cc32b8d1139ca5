// What a user reads of a refusal that needs no store, word by word. test/rules/messages.test.ts has those of a delivery.
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/core/fingerprint.ts";
import { hashKey } from "../../src/core/key.ts";
import { checkLeaseMs } from "../../src/core/lease.ts";
import { resolveOptions } from "../../src/core/resolve.ts";
import { currentExecution, IdempotencyError, type IdempotencyOptions, payloadKey } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";

type Refused = Pick<IdempotencyError, "code" | "message"> & { readonly path: string | undefined };

function refusal(run: () => unknown): Refused {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(IdempotencyError);
    const { code, message, path } = error as IdempotencyError;
    return { code, message, path };
  }
  throw new Error("was taken");
}

function throwing(): never {
  throw new TypeError("no");
}

class Point {
  readonly x = 1;
}

function heir(prototype: object | null): object {
  return Object.create(prototype) as object;
}

const half = "a\uD83D";
const cycle: { list: unknown[] } = { list: [] };
cycle.list.push(cycle);

describe("of a key", () => {
  const lacking = "without it the operation cannot be told from another";
  it.for([
    { key: undefined, path: "key", message: `key is undefined: ${lacking}` },
    { key: null, path: "key", message: `key is null: ${lacking}` },
    { key: "", path: "key", message: `key is empty: ${lacking}` },
    { key: ["a", Number.NaN], path: "key[1]", message: `key[1] is NaN: ${lacking}` },
    { key: ["a", ["b", []]], path: "key[1][1]", message: `key[1][1] is an empty list: ${lacking}` },
  ])("KEY_MISSING: $message", ({ key, path, message }) => {
    expect(refusal(() => hashKey(key))).toEqual({ code: "KEY_MISSING", path, message });
  });

  const kinds = "use strings, numbers, bigints, booleans or lists of them, or payloadKey(value)";
  it.for<{ key: unknown; message: string }>([
    { key: {}, message: `key is an object; ${kinds}` },
    { key: [{ then: 1 }], message: `key[0] is an object; ${kinds}` },
    { key: () => "a", message: `key is a function; ${kinds}` },
    { key: Symbol("a"), message: `key is a symbol; ${kinds}` },
    { key: Promise.resolve(), message: `key is a promise: \`key\` must answer at once; ${kinds}` },
    { key: Number.POSITIVE_INFINITY, message: "key is Infinity" },
    { key: half, message: "key holds half of a surrogate pair, which has no UTF-8 form" },
    { key: "a".repeat(1025), message: "key has 1025 bytes, the limit is 1024; hash it with payloadKey(value)" },
    { key: Object.assign(["a"], { b: 1 }), message: "key is a list with named members" },
    { key: nested(17), message: `key${"[0]".repeat(16)} is nested deeper than 16 lists` },
    { key: new Proxy([], { get: throwing }), message: "key cannot be read: a getter or a proxy in it throws" },
  ])("KEY_INVALID: $message", ({ key, message }) => {
    expect(refusal(() => hashKey(key))).toEqual({ code: "KEY_INVALID", path: undefined, message });
  });

  it("what cannot be read has its cause", () => {
    expect(() => hashKey(new Proxy([], { get: throwing }))).toThrow(expect.objectContaining({ cause: new TypeError("no") }));
  });
});

describe("of a payload", () => {
  it.for([
    { value: undefined, given: "undefined" },
    { value: null, given: "null" },
    { value: "", given: "an empty string" },
  ])("KEY_MISSING: $given", ({ value, given }) => {
    const message = `payloadKey was given ${given}: all such payloads would share one key`;
    expect(refusal(() => payloadKey(value))).toEqual({ code: "KEY_MISSING", path: undefined, message });
  });

  const hidden = "whose hidden state has no JSON; pass plain data, or give it a toJSON";
  const rule = "it cannot be fingerprinted without mistaking one payload for another";
  it.for<{ value: unknown; message: string }>([
    { value: Number.NaN, message: `payload is NaN: ${rule}` },
    { value: { a: [1, -Infinity] }, message: `payload.a[1] is -Infinity: ${rule}` },
    { value: [() => 1], message: `payload[0] is a function: ${rule}` },
    { value: { a: Symbol("b") }, message: `payload.a is a symbol: ${rule}` },
    { value: cycle, message: `payload.list[0] refers back to an object that contains it: ${rule}` },
    { value: { a: { [Symbol("b")]: 1 } }, message: `payload.a has a member named by a symbol: ${rule}` },
    { value: Object.assign([1], { b: 1 }), message: `payload is a list with named members: ${rule}` },
    { value: Object.assign([1], { [Symbol("b")]: 1 }), message: `payload is a list with named members: ${rule}` },
    { value: Object.assign(new Date(0), { b: 1 }), message: `payload is a date with members of its own: ${rule}` },
    { value: Object.assign(new Date(0), { [Symbol("b")]: 1 }), message: `payload is a date with members of its own: ${rule}` },
    { value: { a: new Map() }, message: `payload.a is an instance of Map, ${hidden}: ${rule}` },
    { value: new Point(), message: `payload is an instance of Point, ${hidden}: ${rule}` },
    { value: heir(heir(new Point())), message: `payload is an instance of Point, ${hidden}: ${rule}` },
    { value: heir(heir(heir(null))), message: `payload is an instance of a class, ${hidden}: ${rule}` },
    { value: { a: half }, message: "payload.a holds half of a surrogate pair, which has no UTF-8 form" },
    { value: { a: { [half]: 1 } }, message: "payload.a holds half of a surrogate pair, which has no UTF-8 form" },
    { value: { a: { toJSON: throwing } }, message: "payload.a cannot be read: a getter or a proxy in it throws" },
    { value: { ["n".repeat(300)]: Number.NaN }, message: `payload.${"n".repeat(192)} is NaN: ${rule}` },
  ])("KEY_INVALID: $message", ({ value, message }) => {
    expect(refusal(() => canonicalJson(value))).toEqual({ code: "KEY_INVALID", path: undefined, message });
  });

  it("KEY_INVALID: too deep", () => {
    const path = `payload${".in".repeat(512)}`.slice(0, 200);
    const deep: unknown = Array.from({ length: 513 }).reduce((inner) => ({ in: inner }), 1);
    expect(refusal(() => canonicalJson(deep)).message).toBe(`${path} is nested deeper than 512 levels: ${rule}`);
  });
});

/** A part inside so many lists. */
function nested(depth: number): unknown {
  return depth === 0 ? "a" : [nested(depth - 1)];
}

describe("of an option, CONFIG_INVALID", () => {
  const known =
    "store, operation, fingerprint, onMissingKey, retentionSeconds, leaseMs, onLeaseExpired, onError, onStoreUnavailable, onEvent, " +
    "enabled, key, onInProgress, codec, onReplay";
  const codec = { name: "own", encode: String, decode: String };
  const anOption = "give { now, sleep }, and where it has a timer, one that is a function";

  it.for<[path: string, wrong: Record<string, unknown>, message: string]>([
    ["retries", { retries: 3 }, `retries is 3: no such option; known are ${known}`],
    ["store", { store: undefined }, "store is undefined: give a store, such as dynamodbStore()"],
    ["store.read", { store: { ...memoryStore(), read: 1 } }, "store.read is 1: give a function"],
    ["store.clock", { store: { ...memoryStore(), clock: {} } }, `store.clock is an object: ${anOption}`],
    ["operation", { operation: "a b" }, 'operation is "a b": give 1 to 64 characters of A-Z a-z 0-9 _ . : / -'],
    ["key", { key: "id" }, 'key is "id": give a function'],
    ["fingerprint", { fingerprint: [] }, "fingerprint is a list: give a function"],
    ["onMissingKey", { onMissingKey: null }, 'onMissingKey is null: give one of "throw", "run"'],
    ["retentionSeconds", { retentionSeconds: 0 }, "retentionSeconds is 0: give a whole number from 1 to 315360000"],
    [
      "retentionSeconds",
      { retentionSeconds: 1, leaseMs: 1001 },
      "retentionSeconds is 1: shorter than leaseMs (1001 ms); a record must outlive its lease",
    ],
    ["leaseMs", { leaseMs: 86_400_001 }, "leaseMs is 86400001: longer than the retention (86400 s)"],
    ["leaseMs", { leaseMs: true }, "leaseMs is true: give milliseconds from 100 to 315360000000"],
    ["onInProgress", { onInProgress: 5 }, 'onInProgress is 5: give "throw" or { waitMs }'],
    ["onInProgress.wait", { onInProgress: { wait: 5 } }, "onInProgress.wait is 5: no such option; known are waitMs"],
    [
      "onInProgress.waitMs",
      { onInProgress: { waitMs: 0 } },
      `onInProgress.waitMs is 0: give a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
    ],
    ["onLeaseExpired", { onLeaseExpired: "keep" }, 'onLeaseExpired is "keep": give one of "run", "throw"'],
    ["onError", { onError: "throw" }, 'onError is "throw": give one of "release", "keep", "hold"'],
    ["onStoreUnavailable", { onStoreUnavailable: {} }, 'onStoreUnavailable is an object: give one of "throw", "run"'],
    ["codec", { codec: String }, "codec is a function: give { name, encode, decode }"],
    [
      "codec.name",
      { codec: { ...codec, name: "lost" } },
      'codec.name is "lost": give 1 to 32 characters of A-Z a-z 0-9 _ . - other than void and lost',
    ],
    ["codec.encode", { codec: { ...codec, encode: undefined } }, "codec.encode is undefined: give a function"],
    ["enabled", { enabled: 0 }, "enabled is 0: give true or false"],
  ])("%s: %o", ([path, wrong, message]) => {
    const options = { store: memoryStore(), operation: "charge", key: () => "a", ...wrong };
    expect(refusal(() => resolveOptions(options as IdempotencyOptions<[], unknown>, {}))).toEqual({
      code: "CONFIG_INVALID",
      path,
      message,
    });
  });

  it("none at all", () => {
    const message = "options is null: give an object";
    const wrong = null as unknown as IdempotencyOptions<[], unknown>;
    expect(refusal(() => resolveOptions(wrong, {}))).toEqual({ code: "CONFIG_INVALID", path: "options", message });
  });

  it.for([
    { text: " ", message: 'env.IDEMPOTENCY_RETENTION_SECONDS is " ": give a whole number from 1 to 315360000' },
    { text: "0", message: "env.IDEMPOTENCY_RETENTION_SECONDS is 0: give a whole number from 1 to 315360000" },
  ])("$message", ({ text, message }) => {
    const options: IdempotencyOptions<[], unknown> = { store: memoryStore(), operation: "charge", key: () => "a" };
    const path = "env.IDEMPOTENCY_RETENTION_SECONDS";
    expect(refusal(() => resolveOptions(options, { IDEMPOTENCY_RETENTION_SECONDS: text }))).toEqual({
      code: "CONFIG_INVALID",
      path,
      message,
    });
  });

  it("a lease asked for", () => {
    const message = "extendLease is 99: give milliseconds from 100 to 315360000000";
    expect(refusal(() => checkLeaseMs(99, "extendLease"))).toEqual({ code: "CONFIG_INVALID", path: "extendLease", message });
  });
});

it("NO_EXECUTION", () => {
  const message = "no execution here: call currentExecution() inside a wrapped handler, in a run that has a key";
  expect(refusal(currentExecution)).toEqual({ code: "NO_EXECUTION", path: undefined, message });
});
