import { hash } from "node:crypto";
import { IdempotencyError } from "./errors.ts";

/** What a key may be made of. A list is a type of its own: `["a"]` is not `"a"`. */
export type KeyInput = string | number | bigint | boolean | readonly KeyInput[];

const maxPartBytes = 1024;
const maxDepth = 16;

/** What marks the type of a part. */
const marks: Partial<Record<string, string>> = { string: "s", number: "n", bigint: "i", boolean: "b" };

/**
 * The hash that names a record: base64url SHA-256 of the key's parts, 43 characters.
 *
 * Each part carries its type and length, so that no two keys share an encoding: `["ab", "c"]`, `["a", "bc"]`, `1`,
 * `"1"`, `1n` and `true` all differ. `0` and `false` are keys like any other.
 *
 * @throws IdempotencyError `KEY_MISSING` where a part is undefined, null, empty or NaN, or a list is empty;
 * `KEY_INVALID` where a part is of another type, infinite, longer than 1,024 bytes, no well-formed text, nested deeper
 * than 16 lists, or cannot be read.
 */
export function hashKey(key: unknown, path: string = "key"): string {
  return sha256(reading(path, () => encodePart(key, path, 0)));
}

/** base64url SHA-256 of a text or of bytes, 43 characters. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data, "base64url");
}

/** Has a list members that its numbers do not reach? They come after the numbered ones. */
export function hasNamedMembers(list: readonly unknown[]): boolean {
  const last = Object.keys(list).at(-1);
  return last !== undefined && !(String(Number(last)) === last && Number(last) < list.length);
}

/** What a read gives: getters, `toJSON` and proxies are the caller's code. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof IdempotencyError) throw error;
    throw invalid(path, "cannot be read: a getter or a proxy in it throws", error);
  }
}

/** A text that UTF-8 has a form for, as RFC 8785 section 3.2.2.2 wants it too. */
export function wellFormed(text: string, path: string): string {
  if (!text.isWellFormed()) throw invalid(path, "holds half of a surrogate pair, which has no UTF-8 form");
  return text;
}

/** `KEY_INVALID`. Names in a payload may be data: it tells as much of the path as finds the place. */
export function invalid(path: string, what: string, cause?: unknown): IdempotencyError {
  return new IdempotencyError("KEY_INVALID", `${path.slice(0, 200)} ${what}`, { cause });
}

/** A key of one's own: the list that a function gave may be the event's, and change with it. */
export function copyKey(key: KeyInput): KeyInput {
  return typeof key === "object" ? key.map(copyKey) : key;
}

/** Is this the refusal of a key that is not there, as opposed to a wrong one? */
export function isKeyMissing(error: unknown): boolean {
  return error instanceof IdempotencyError && error.code === "KEY_MISSING";
}

function encodePart(part: unknown, path: string, depth: number): string {
  if (part === undefined || part === null || part === "" || Number.isNaN(part)) throw missing(path, part === "" ? "empty" : String(part));
  if (Array.isArray(part)) return encodeList(part, path, depth);
  const mark = marks[typeof part];
  if (mark === undefined) {
    throw invalid(path, `is ${article(part)}; use strings, numbers, bigints, booleans or lists of them, or payloadKey(value)`);
  }
  const text = wellFormed(String(part as string | number | bigint | boolean), path);
  if (typeof part === "number" && !Number.isFinite(part)) throw invalid(path, `is ${text}`);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxPartBytes) throw invalid(path, `has ${bytes} bytes, the limit is ${maxPartBytes}; hash it with payloadKey(value)`);
  return `${mark}${bytes}:${text}`;
}

function encodeList(parts: readonly unknown[], path: string, depth: number): string {
  if (parts.length === 0) throw missing(path, "an empty list");
  if (depth === maxDepth) throw invalid(path, `is nested deeper than ${maxDepth} lists`);
  if (hasNamedMembers(parts)) throw invalid(path, "is a list with named members");
  // Array.from visits holes too: a hole is a missing part.
  return `l${parts.length}:${Array.from(parts, (part, i) => encodePart(part, `${path}[${i}]`, depth + 1)).join("")}`;
}

function article(value: unknown): string {
  if (typeof value !== "object") return `a ${typeof value}`;
  if (typeof (value as { then?: unknown }).then === "function") return "a promise: `key` must answer at once";
  return "an object";
}

function missing(path: string, what: string): IdempotencyError {
  return new IdempotencyError("KEY_MISSING", `${path} is ${what}: without it the operation cannot be told from another`, { path });
}
