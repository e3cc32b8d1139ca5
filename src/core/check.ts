import { IdempotencyError } from "./errors.ts";
import type { Store } from "./store.ts";

// As a record, so that the compiler misses none.
const storeMethods = Object.keys({
  claim: true,
  takeOver: true,
  settle: true,
  extend: true,
  read: true,
  result: true,
  release: true,
} satisfies Record<Exclude<keyof Store, "clock">, true>);

/** Options as they came, before anything is known of them. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The members of an options object.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for what is no object, and for a name that is not known.
 */
export function fields(value: unknown, path: string, names: readonly string[]): Fields {
  if (!isObject(value)) throw fail(path, value, "give an object");
  for (const name of Object.keys(value)) {
    if (!names.includes(name))
      throw fail(path === "options" ? name : `${path}.${name}`, value[name], `no such option; known are ${names.join(", ")}`);
  }
  return value;
}

/** One of the allowed values; the first is the default. */
export function choice<T extends string>(given: Fields, name: string, allowed: readonly [T, ...T[]]): T {
  const value = given[name];
  if (value === undefined) return allowed[0];
  const found = allowed.find((known) => known === value);
  if (found === undefined) throw fail(name, value, `give one of ${allowed.map((known) => `"${known}"`).join(", ")}`);
  return found;
}

export function optional<T>(given: Fields, name: string, check: (given: Fields, name: string) => T): T | undefined {
  return given[name] === undefined ? undefined : check(given, name);
}

// The caller's type argument says which function: here it can only be seen that it is one.
export function theFunction<F extends (...args: never[]) => unknown>(given: Fields, name: string): F {
  const value = given[name];
  if (typeof value !== "function") throw fail(name, value, "give a function");
  return value as F;
}

export function positiveInteger(value: unknown, path: string, max: number): number {
  return wholeNumber(value, path, 1, max);
}

export function wholeNumber(value: unknown, path: string, min: number, max: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw fail(path, value, `give a whole number from ${min} to ${max}`);
}

export function checkStore(value: unknown, path: string): Store {
  if (!isObject(value)) throw fail(path, value, "give a store, such as dynamodbStore()");
  for (const method of storeMethods) {
    if (typeof value[method] !== "function") throw fail(`${path}.${method}`, value[method], "a store has this method");
  }
  checkClock(value["clock"], `${path}.clock`);
  return value as unknown as Store;
}

export function checkClock(value: unknown, path: string): void {
  if (value === undefined) return;
  if (!isObject(value) || typeof value["now"] !== "function" || typeof value["sleep"] !== "function")
    throw fail(path, value, "give { now, sleep }");
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A `CONFIG_INVALID` that names what was given and the way out. */
export function fail(path: string, value: unknown, wayOut: string): IdempotencyError {
  return new IdempotencyError("CONFIG_INVALID", `${path} is ${show(value)}: ${wayOut}`, { path });
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  return isObject(value) ? "an object" : String(value);
}
