import { IdempotencyError } from "./errors.ts";
import { hasNamedMembers, invalid, reading, sha256, wellFormed } from "./key.ts";

// A new encoding takes a new number: fingerprints of different versions are never compared.
const fingerprintVersion = "1";
const maxDepth = 512;

/**
 * A key from a part of the payload: SHA-256 of its canonical JSON (RFC 8785), with a version prefix.
 * Member order does not matter; case, types and array order do.
 *
 * @throws IdempotencyError `KEY_MISSING` for undefined, null and `""`; `KEY_INVALID` for what has no canonical form.
 * @example
 * key: (event) => [event.customerId, payloadKey(event.order)]
 */
export function payloadKey(value: unknown): string {
  if (value === undefined || value === null || value === "") {
    throw new IdempotencyError(
      "KEY_MISSING",
      `payloadKey was given ${value === "" ? "an empty string" : String(value)}: all such payloads would share one key`,
    );
  }
  return fingerprintOf(value);
}

/**
 * The fingerprint of a payload.
 *
 * @throws IdempotencyError `KEY_INVALID` for what has no canonical form.
 */
export function fingerprintOf(value: unknown): string {
  return `${fingerprintVersion}:${sha256(canonicalJson(value))}`;
}

/**
 * RFC 8785 canonical JSON. What JSON would merge or lose is either tagged with its type (bigint, Date, bytes,
 * undefined in a list) or refused (NaN, infinities, functions, symbols, cycles, boxed values, Map, Set, class
 * instances without `toJSON`), so that two values share a text only where they are the same payload. The tags begin
 * with `@`, which begins no JSON. `path` names the value in what is refused.
 */
export function canonicalJson(value: unknown, path: string = "payload"): string {
  return encode(value, path, new Set());
}

function encode(value: unknown, path: string, ancestors: Set<object>): string {
  switch (typeof value) {
    case "string":
      return quote(value, path);
    case "number":
      if (!Number.isFinite(value)) throw invalidPayload(path, `is ${value}`);
      return JSON.stringify(value); // RFC 8785 section 3.2.2.3 takes ECMAScript's own number form
    case "boolean":
      return String(value);
    case "bigint":
      return `@bigint"${value}"`;
    case "undefined":
      return "@undefined";
    case "object":
      return value === null ? "null" : encodeObject(value, path, ancestors);
    default:
      throw invalidPayload(path, `is a ${typeof value}`);
  }
}

function encodeObject(value: object, path: string, ancestors: Set<object>): string {
  if (ancestors.has(value)) throw invalidPayload(path, "refers back to an object that contains it");
  if (ancestors.size === maxDepth) throw invalidPayload(path, `is nested deeper than ${maxDepth} levels`);
  ancestors.add(value);
  const text = reading(path, () => encodeContainer(value, path, ancestors));
  ancestors.delete(value);
  return text;
}

function encodeContainer(value: object, path: string, ancestors: Set<object>): string {
  // By tag, not by instanceof: a payload may come from another realm, such as a test runner's.
  const tag = Object.prototype.toString.call(value);
  const isPlain = hasPlainPrototype(value);
  if (isPlain && tag !== "[object Object]") throw hidden(value, path);
  if (tag === "[object Uint8Array]" && ArrayBuffer.isView(value)) return `@bytes"${Buffer.from(value as Uint8Array).toString("base64")}"`;
  if (tag === "[object Date]") return encodeDate(value as Date, path);
  if (hasToJson(value)) return encode(value.toJSON(), path, ancestors);
  if (isPlain) return encodeMembers(value as Record<string, unknown>, path, ancestors);
  if (Array.isArray(value)) return encodeList(value, path, ancestors);
  throw hidden(value, path);
}

function encodeDate(value: Date, path: string): string {
  if (Object.keys(value).length > 0 || hasSymbols(value)) throw invalidPayload(path, "is a date with members of its own");
  return `@date"${value.toISOString()}"`; // throws for an invalid one
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

function encodeList(list: readonly unknown[], path: string, ancestors: Set<object>): string {
  if (hasNamedMembers(list) || hasSymbols(list)) throw invalidPayload(path, "is a list with named members");
  return `[${Array.from(list, (item, i) => encode(item, `${path}[${i}]`, ancestors)).join(",")}]`;
}

function encodeMembers(value: Record<string, unknown>, path: string, ancestors: Set<object>): string {
  if (hasSymbols(value)) throw invalidPayload(path, "has a member named by a symbol");
  // RFC 8785 section 3.2.3: sorted by UTF-16 code units, as sort() does by itself.
  const members: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const memberPath = `${path}.${name}`;
    const member = reading(memberPath, () => value[name]);
    if (member !== undefined) members.push(`${quote(name, path)}:${encode(member, memberPath, ancestors)}`);
  }
  return `{${members.join(",")}}`;
}

function hasSymbols(value: object): boolean {
  return Object.getOwnPropertySymbols(value).some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol));
}

function hasPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second question is for plain objects of another realm.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && !Array.isArray(value));
}

function hidden(value: object, path: string): IdempotencyError {
  const name = value.constructor?.name ?? "a class";
  return invalidPayload(path, `is an instance of ${name}, whose hidden state has no JSON; pass plain data, or give it a toJSON`);
}

function quote(text: string, path: string): string {
  return JSON.stringify(wellFormed(text, path));
}

function invalidPayload(path: string, what: string): IdempotencyError {
  return invalid(path, `${what}: it cannot be fingerprinted without mistaking one payload for another`);
}
