import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { IdempotencyError } from "../../src/index.ts";
import { hashKey, isKeyMissing } from "../../src/core/key.ts";
import { trickyKeys } from "./vectors/tricky-keys.ts";

const emoji = "\u{1F600}"; // 4 bytes in UTF-8, 2 UTF-16 units

function refusal(key: unknown): IdempotencyError {
  try {
    hashKey(key);
  } catch (error) {
    expect(error).toBeInstanceOf(IdempotencyError);
    return error as IdempotencyError;
  }
  throw new Error(`${inspect(key)} was taken for a key`);
}

function longestList(): unknown[] {
  const list: unknown[] = [];
  list.length = 4_294_967_295;
  return list;
}

/** A part inside so many lists. */
function nested(depth: number): unknown {
  return depth === 0 ? "a" : [nested(depth - 1)];
}

function cyclic(): unknown[] {
  const list: unknown[] = ["a"];
  list.push(list);
  return list;
}

describe("a key", () => {
  it.for([
    { key: "order-1", hash: "Wfaqh195-2I-Ugdr6FAUWpAM8HEHHqt6zIiF1hLykBo" },
    { key: 42, hash: "Pin0KvzNkxIpFmar1b5Fc-c1Kcn48XMglvO_8M4p24I" },
    { key: 42n, hash: "pViZ0Pfpb7sNuqOBxy6XsQn_c9lrWlp1fPymE5_14SA" },
    { key: 1e21, hash: "z9swhlhkyhdUSZx-wXyt0k0VGDYvayKcduCNk55z_WY" },
    { key: 0, hash: "naB458_eYc1wm0p1n2mOyDIbM1YoBCMk7mKZXCyjP0w" },
    { key: false, hash: "trVeczX_VFSQclIw_NsbqpmRapr-qYE63TwHe-2tswk" },
    { key: ["a"], hash: "grXVKAdLUXdSw0YX3HMiEPqpZW2zxUvqht2s-m-pQvw" },
    { key: ["tenant-1", 42], hash: "lt-lSGgM3Tg7fCR54vJLy-ksHp9tCB98Nv7nobuFHJE" },
    { key: ["tenant-1", ["été", true]], hash: "K0j5O2qgR21lmXMq4A752jT_CN8BjXrYnaY9FsByDuA" },
  ])("$key keeps its hash from release to release", ({ key, hash }) => {
    expect(hashKey(key)).toBe(hash);
  });

  it.for(
    [0, -1, 0n, false, "0", "false", " ", "null", "undefined", ["0"], [[0]], [false], "\0", 5e-324, Number.MAX_VALUE].map((key) => ({
      key,
    })),
  )("$key is one: 43 characters of base64url", ({ key }) => {
    expect(hashKey(key)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it("-0 is 0, as it is for JSON", () => {
    expect(hashKey(-0)).toBe(hashKey(0));
  });

  it("no two of the tricky ones share a hash", () => {
    const seen = new Map<string, string>();
    const keys = trickyKeys();
    for (const [shown, key] of keys) {
      const hash = hashKey(key);
      expect(seen.get(hash), `shares its hash with ${shown}`).toBeUndefined();
      seen.set(hash, shown);
    }
    expect(keys.size).toBeGreaterThan(4000);
  });
});

describe("KEY_MISSING", () => {
  const holed: unknown[] = ["a"];
  holed[2] = "c";

  it.for([
    { key: undefined, path: "key" },
    { key: null, path: "key" },
    { key: "", path: "key" },
    { key: Number.NaN, path: "key" },
    { key: [], path: "key" },
    { key: [undefined], path: "key[0]" },
    { key: ["a", null], path: "key[1]" },
    { key: ["a", ""], path: "key[1]" },
    { key: [Number.NaN, "a"], path: "key[0]" },
    { key: ["a", []], path: "key[1]" },
    { key: ["a", ["b", [undefined]]], path: "key[1][1][0]" },
    { key: ["a", [[]]], path: "key[1][0]" },
    { key: holed, path: "key[1]" },
    { key: Array(1), path: "key[0]" },
  ])("$key names $path", ({ key, path }) => {
    const error = refusal(key);
    expect(error.code).toBe("KEY_MISSING");
    expect(error.message).toContain(`${path} is `);
    expect(isKeyMissing(error)).toBe(true);
  });
});

describe("KEY_INVALID", () => {
  it.for<{ name: string; key: unknown; path?: string }>([
    { name: "Infinity", key: Number.POSITIVE_INFINITY },
    { name: "-Infinity", key: Number.NEGATIVE_INFINITY },
    { name: "a list with named members", key: Object.assign(["a"], { b: 1 }) },
    { name: "a longer list with named members", key: Object.assign(["a", "b", "c"], { d: 1 }) },
    { name: "the longest list, with the name that its next member would have", key: Object.assign(longestList(), { 4294967295: 1 }) },
    { name: "a list with a member beyond all indexes", key: Object.assign(["a"], { "4294967295": 1 }) },
    { name: "a list with a member that only looks like an index", key: Object.assign(["a"], { "00": 1 }) },
    { name: "an object", key: {} },
    { name: "an object in a list", key: ["a", [{ id: 1 }]], path: "key[1][0]" },
    { name: "a boxed string", key: new String("a") },
    { name: "a date", key: new Date(0) },
    { name: "bytes", key: new Uint8Array(2) },
    { name: "a map", key: new Map([["a", 1]]) },
    { name: "a list-like object", key: { 0: "a", length: 1 } },
    { name: "a function", key: () => "a" },
    { name: "a symbol", key: Symbol("a") },
    { name: "a promise", key: Promise.resolve("a") },
    { name: "a promise in a list", key: [Promise.resolve("a")], path: "key[0]" },
    { name: "half a surrogate pair", key: "a\uD83D" },
    { name: "the other half", key: ["\uDE00a"], path: "key[0]" },
    { name: "a cyclic list", key: cyclic(), path: "key[1][1][1]" },
    { name: "17 lists in each other", key: nested(17), path: "key[0][0]" },
    { name: "100,000 lists in each other", key: Array.from({ length: 100_000 }).reduce((inner) => [inner], "a"), path: "key[0][0]" },
    {
      name: "an object whose `then` throws",
      key: {
        get then() {
          throw new Error("no");
        },
      },
    },
  ])("$name", ({ key, path = "key" }) => {
    const error = refusal(key);
    expect(error.code).toBe("KEY_INVALID");
    expect(error.message).toContain(path);
    expect(isKeyMissing(error)).toBe(false);
  });

  it("an error that is none of ours is no missing key", () => {
    expect(isKeyMissing(Object.assign(new Error("a"), { code: "KEY_MISSING" }))).toBe(false);
  });

  it("16 lists in each other still are a key", () => {
    expect(hashKey(nested(16))).toHaveLength(43);
  });

  it("a list that comes twice is no cycle", () => {
    const part = ["a", "b"];
    expect(hashKey([part, part])).toBe(
      hashKey([
        ["a", "b"],
        ["a", "b"],
      ]),
    );
  });

  it.for([
    { name: "ASCII", most: "a".repeat(1024), more: "a".repeat(1025) },
    { name: "two bytes each", most: "é".repeat(512), more: `${"é".repeat(512)}a` },
    { name: "four bytes each", most: emoji.repeat(256), more: `${emoji.repeat(256)}a` },
    { name: "bigint digits", most: 10n ** 1023n, more: 10n ** 1024n },
  ])("over 1,024 bytes in one part: $name", ({ most, more }) => {
    expect(hashKey(most)).toHaveLength(43);
    expect(hashKey([most, most])).toHaveLength(43); // the limit is the part's
    expect(refusal(more)).toMatchObject({ code: "KEY_INVALID", message: expect.stringContaining("1025 bytes") as string });
    expect(refusal(["a", more])).toMatchObject({ code: "KEY_INVALID", message: expect.stringContaining("key[1]") as string });
  });

  it.for([
    { key: undefined, says: "key is undefined" },
    { key: null, says: "key is null" },
    { key: "", says: "key is empty" },
    { key: Number.NaN, says: "key is NaN" },
    { key: [], says: "key is an empty list" },
    { key: { id: 1 }, says: "key is an object; use" },
    { key: Symbol("a"), says: "key is a symbol; use" },
    { key: () => "a", says: "key is a function; use" },
    { key: Promise.resolve("a"), says: "key is a promise: `key` must answer at once" },
    { key: Number.NEGATIVE_INFINITY, says: "key is -Infinity" },
  ])("says what it was given: $says", ({ key, says }) => {
    expect(refusal(key).message).toContain(says);
  });

  it("says nothing of the key itself", () => {
    const secret = "4111111111111111";
    for (const key of [`${secret}\uD83D`, secret.repeat(100), [secret, { secret }], [secret, null]]) {
      expect(refusal(key).message).not.toContain(secret);
    }
  });
});
