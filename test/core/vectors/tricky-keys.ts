import { inspect } from "node:util";
import type { KeyInput } from "../../../src/index.ts";

// Texts that look like other types, like the separators that a careless encoding would use, like such an encoding
// itself, or the same to a reader.
const texts = [
  "a",
  "b",
  "ab",
  "A",
  " a",
  "a ",
  "1",
  "0",
  "1n",
  "true",
  "null",
  "undefined",
  "NaN",
  "é",
  "e\u0301",
  "\0",
  "a\0b",
  "a,b",
  "a:b",
  "a#b",
  "a|b",
  '"a"',
  '["a"]',
  "[object Object]",
  "1:a",
  "s1:a",
  "n1:1",
  "i1:1",
  "b4:true",
  "l1:s1:a",
  "l2:s1:as1:b",
  "s1:as1:b",
  "1:as1:b",
  "s4:s1:a",
];
const others = [1, 0, -1, 10, 11, 0.1, 1e21, 1e-7, 1n, 0n, 11n, 10n ** 21n, true, false];
const few: KeyInput[] = ["a", "b", "ab", "1", "s1:a", 1, 1n, true];

/** Keys that are all different, each with its text for people. */
export function trickyKeys(): Map<string, KeyInput> {
  const atoms: KeyInput[] = [...texts, ...others];
  const lists = [...listsOf(atoms, 1), ...listsOf(atoms, 2), ...listsOf(few, 3)];
  const smallLists = [...listsOf(few, 1), ...listsOf(few, 2)];
  const nested = [
    ...listsOf([...few.slice(0, 3), ...smallLists.slice(0, 40)], 2),
    ...listsOf(smallLists, 1),
    ...listsOf(listsOf(smallLists, 1), 1),
  ];
  return new Map([...atoms, ...lists, ...nested].map((key) => [inspect(key, { depth: null }), key]));
}

function listsOf(parts: readonly KeyInput[], length: number): KeyInput[] {
  const shorter: KeyInput[][] = length === 1 ? [[]] : (listsOf(parts, length - 1) as KeyInput[][]);
  return shorter.flatMap((list) => parts.map((part) => [...list, part]));
}
