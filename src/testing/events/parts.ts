import { type Check, fail, isObject, optional } from "../../core/check.ts";
import { milliseconds } from "../checks.ts";
import { firstDay } from "../clock.ts";

/** What all events share: an account and a region that AWS's documentation uses, and a moment. */
export const accountId = "123456789012";
export const region = "us-east-1";

/** Epoch milliseconds. */
export const momentCheck: Check<number> = optional(milliseconds, firstDay);

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
