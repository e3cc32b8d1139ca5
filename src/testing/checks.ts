import { type Check, fail } from "../core/check.ts";

/** One of these names; `others` says what else is allowed where this is asked. */
export function oneNamed<T extends string>(names: readonly T[], ...others: readonly string[]): Check<T> {
  return (value, path) => {
    if (names.includes(value as T)) return value as T;
    throw fail(path, value, `give one of ${[...names.map((name) => `"${name}"`), ...others].join(", ")}`);
  };
}
