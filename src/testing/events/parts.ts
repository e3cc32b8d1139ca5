import { type Check, fail, isObject, optional } from "../../core/check.ts";
import { sha256 } from "../../core/key.ts";
import { milliseconds } from "../checks.ts";
import { firstDay } from "../clock.ts";

/** What all events share: an account and a region that AWS's documentation uses, and a moment. */
export const accountId = "123456789012";
export const region = "us-east-1";

/** Epoch milliseconds. */
export const momentCheck: Check<number> = optional(milliseconds, firstDay);

/** Hexadecimal digits that are always the same for the same content: no event is told apart by chance. */
export function digitsOf(...content: readonly unknown[]): string {
  return Buffer.from(sha256(JSON.stringify(content)), "base64url").toString("hex");
}

/** A UUID in the form of version 4, always the same for the same content. */
export function uuidOf(...content: readonly unknown[]): string {
  const digits = digitsOf(...content);
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)].join("-");
}

export function isBytes(value: unknown): value is Uint8Array {
  // By tag: a test runner's values may be of another realm. A Buffer has it, too.
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** A text as it is, everything else as JSON. */
export function textOf(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  const json = isBytes(value) ? undefined : jsonOf(value);
  if (json === undefined) throw fail(path, value, "give a text, or what JSON has a form for");
  return json;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // a cycle, a bigint
  }
}

/** A copy as it comes out of JSON: two deliveries share nothing. */
export function copyOf<T>(value: T, path: string): T {
  if (!isObject(value)) throw fail(path, value, "give an object, as AWS asks for");
  return JSON.parse(textOf(value, path)) as T;
}
