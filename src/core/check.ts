import { IdempotencyError } from "./errors.ts";
import type { Store } from "./store.ts";

/** Options as they came, before anything is known of them. */
export type Fields = Readonly<Record<string, unknown>>;

/** Checks a value, which `path` names, and says what it comes to; what is wrong is `CONFIG_INVALID`. */
export type Check<T> = (value: unknown, path: string) => T;

export type Checks = Readonly<Record<string, Check<unknown>>>;
/** What checked members come to. */
export type Checked<C extends Checks> = { readonly [Name in keyof C]: ReturnType<C[Name]> };

/** The members of an options object, each as its check gives it. What has no check is refused. */
export function checkFields<C extends Checks>(value: unknown, path: string, checks: C): Checked<C> {
  return checkMembers(fields(value, path, Object.keys(checks)), path, checks);
}

function checkMembers<C extends Checks>(given: Fields, path: string, checks: C): Checked<C> {
  const entries = Object.entries(checks).map(([name, check]) => [name, check(given[name], memberPath(path, name))] as const);
  return Object.fromEntries(entries) as Checked<C>;
}

/**
 * The members of an options object.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for what is no object, and for a name that is not known.
 */
function fields(value: unknown, path: string, names: readonly string[]): Fields {
  const given = object("give an object")(value, path);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw fail(memberPath(path, name), given[name], `no such option; known are ${names.join(", ")}`);
  }
  return given;
}

function memberPath(path: string, name: string): string {
  return path === "options" ? name : `${path}.${name}`;
}

export function object(wayOut: string): Check<Fields> {
  return (value, path) => {
    if (!isObject(value)) throw fail(path, value, wayOut);
    return value;
  };
}

/** One of the allowed values; the first is the default. */
export function oneOf<T extends string>(...allowed: readonly [T, ...T[]]): Check<T> {
  return (value = allowed[0], path) => {
    if (!allowed.includes(value as T)) throw fail(path, value, `give one of ${allowed.map(show).join(", ")}`);
    return value as T;
  };
}

export function matching(pattern: RegExp, wayOut: string): Check<string> {
  return (value, path) => {
    if (typeof value !== "string" || !pattern.test(value)) throw fail(path, value, wayOut);
    return value;
  };
}

/** What may be left out, and what it is then. */
export function optional<T>(check: Check<T>): Check<T | undefined>;
export function optional<T>(check: Check<T>, fallback: T): Check<T>;
export function optional<T>(check: Check<T>, fallback?: T): Check<T | undefined> {
  return (value, path) => (value === undefined ? fallback : check(value, path));
}

export function theFunction(value: unknown, path: string): (...args: unknown[]) => unknown {
  if (typeof value !== "function") throw fail(path, value, "give a function");
  return value as (...args: unknown[]) => unknown;
}

export function flag(value: unknown, path: string): boolean {
  if (typeof value !== "boolean") throw fail(path, value, "give true or false");
  return value;
}

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value, path) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    throw fail(path, value, `give a whole number from ${min} to ${max}`);
  };
}

/** An object that has these members, and maybe others; taken as it is. */
export function shaped<T>(members: Checks, wayOut: string): Check<T> {
  return (value, path) => {
    checkMembers(object(wayOut)(value, path), path, members);
    return value as T;
  };
}

export function checkClock(value: unknown, path: string): void {
  if (value === undefined) return;
  const { now, sleep, timer = sleep } = isObject(value) ? value : {};
  if (typeof now === "function" && typeof sleep === "function" && typeof timer === "function") return;
  throw fail(path, value, "give { now, sleep }, and where it has a timer, one that is a function");
}

export const checkStore: Check<Store> = shaped(
  {
    claim: theFunction,
    takeOver: theFunction,
    settle: theFunction,
    extend: theFunction,
    read: theFunction,
    result: theFunction,
    release: theFunction,
    clock: checkClock,
  } satisfies Record<keyof Store, Check<unknown>>,
  "give a store, such as dynamodbStore()",
);

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
