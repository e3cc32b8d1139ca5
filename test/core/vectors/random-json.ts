import { seeded } from "../../../src/testing/random.ts";
import { double } from "./rfc8785.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

// What canonical JSON trips over: escapes, controls, names that sort differently as text and as UTF-8, combining
// characters, and names that objects treat in a way of their own.
const letters = [
  "a",
  "B",
  "é",
  "e\u0301",
  "€",
  "\u{1F600}",
  "\uFB33",
  "\uFFFF",
  "\u0000",
  "\u001F",
  "\u007F",
  "\u0080",
  "\u2028",
  '"',
  "\\",
  "/",
  "<",
  "\n",
  "\t",
  " ",
  "@",
  "1",
  "10",
  "-0",
];
const names = ["", "a", "A", "1", "01", "10", "9", "constructor", "toString", "__proto__", "length", "€", "\u{1F600}", "\uFB33", "\uE000"];

/** An endless row of JSON values; the same for the same seed. */
export function* randomJson(seed: number): Generator<Json, never> {
  const random = seeded(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const list = <T>(make: () => T): T[] => Array.from({ length: below(6) }, make);

  function text(): string {
    return list(() => one(letters)).join("");
  }

  function number(): number {
    switch (below(4)) {
      case 0:
        return below(2001) - 1000;
      case 1:
        return (below(2_000_001) - 1_000_000) / 1000;
      case 2:
        return below(2 ** 31) * 2 ** below(60);
      default: {
        const any = double(Array.from({ length: 16 }, () => below(16).toString(16)).join(""));
        return Number.isFinite(any) ? any : 0;
      }
    }
  }

  function value(depth: number): Json {
    switch (below(depth === 0 ? 5 : 9)) {
      case 0:
        return null;
      case 1:
        return random() < 0.5;
      case 2:
        return number();
      case 3:
      case 4:
        return text();
      case 5:
      case 6:
        return list(() => value(depth - 1));
      default:
        // As JSON.parse makes them: `__proto__` is a member like any other.
        return JSON.parse(
          `{${list(() => `${JSON.stringify(random() < 0.5 ? one(names) : text())}:${JSON.stringify(value(depth - 1))}`).join(",")}}`,
        ) as Json;
    }
  }

  for (;;) yield value(4);
}
