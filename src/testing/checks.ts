import { type Check, fail, object } from "../core/check.ts";

/** One of these names; `others` says what else is allowed where this is asked. */
export function oneNamed<T extends string>(names: readonly T[], ...others: readonly string[]): Check<T> {
  return (value, path) => {
    if (names.includes(value as T)) return value as T;
    throw fail(path, value, `give one of ${[...names.map((name) => `"${name}"`), ...others].join(", ")}`);
  };
}

/** Milliseconds from 0; a part of one is allowed. */
export const milliseconds: Check<number> = (value, path) => {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw fail(path, value, "give milliseconds, a number from 0");
};

export const text: Check<string> = (value, path) => {
  if (typeof value !== "string") throw fail(path, value, "give a text");
  return value;
};

export const filledText: Check<string> = (value, path) => {
  if (value === "") throw fail(path, value, "give a text that is not empty");
  return text(value, path);
};

/** Default: false. */
export const theFlag: Check<boolean> = (value = false, path) => {
  if (typeof value !== "boolean") throw fail(path, value, "give true or false");
  return value;
};

/** An object of values of one kind, by their names. */
export function named<T>(check: Check<T>, wayOut: string): Check<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(Object.entries(object(wayOut)(value, path)).map(([name, member]) => [name, check(member, `${path}.${name}`)]));
}

export function listOf<T>(check: Check<T>, wayOut: string): Check<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw fail(path, value, wayOut);
    return Array.from(value, (item: unknown, i) => check(item, `${path}[${i}]`)); // a hole is undefined
  };
}
