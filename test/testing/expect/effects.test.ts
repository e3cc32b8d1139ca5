import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { addedBetween, amountsText, snapshotOf } from "../../../src/testing/expect/effects.ts";

function added(before: unknown, after: unknown): string {
  return amountsText(addedBetween(snapshotOf(before), snapshotOf(after)));
}

describe("what was added", () => {
  const cases: Record<string, readonly [before: unknown, after: unknown, added: string]> = {
    nothing: [{ a: 1, b: ["x"] }, { b: ["x"], a: 1 }, "nothing"],
    "a number that grows": [3, 5, "+2 × effects()"],
    "a number that falls": [{ stock: 5 }, { stock: 3 }, "-2 × effects().stock"],
    "fractions, without their rounding error": [{ sum: 0.1 }, { sum: 0.1 + 0.2 }, "+0.2 × effects().sum"],
    "a bigint": [1n, 3n, "+2 × effects()"],
    "elements of a list, in any order, as often as they came": [["a", "b"], ["b", "c", "a", "c"], '+2 × effects() "c"'],
    "elements that are equal, whatever the order of their members": [
      [{ a: 1, b: 2 }],
      [
        { b: 2, a: 1 },
        { b: 2, a: 1 },
      ],
      '+1 × effects() {"a":1,"b":2}',
    ],
    "elements of other types": [
      [],
      [1n, new Date(0), null, [1], undefined],
      '+1 × effects() [1], +1 × effects() bigint "1", +1 × effects() date "1970-01-01T00:00:00.000Z", +1 × effects() null, +1 × effects() undefined',
    ],
    "a text that looks like a mark": [[], ['@date"'], '+1 × effects() "@date\\""'],
    "members of a Set": [new Set([1]), new Set([1, 2]), "+1 × effects() 2"],
    "members of objects and Maps, member by member": [
      { sums: new Map([["a", 1]]) },
      {
        sums: new Map([
          ["a", 3],
          ["b", 4],
        ]),
        status: { "order-1": "paid" },
      },
      '+1 × effects().status.order-1 "paid", +2 × effects().sums.a, +4 × effects().sums.b',
    ],
    "keys of a Map that are no text": [
      new Map(),
      new Map([
        [[1], 5],
        [[2], 6],
      ]),
      "+5 × effects().[1], +6 × effects().[2]",
    ],
    "what another realm has made": [
      runInNewContext("({ list: [], map: new Map(), set: new Set() })"),
      runInNewContext("({ list: [{ a: 1 }], map: new Map([['b', 1]]), set: new Set([2]) })"),
      '+1 × effects().list {"a":1}, +1 × effects().map.b, +1 × effects().set 2',
    ],
  };

  it.for(Object.keys(cases))("%s", (name) => {
    const [before, after, expected] = cases[name] ?? [0, 0, ""];
    expect(added(before, after)).toBe(expected);
  });

  it("the lists in it may go on changing: what counts is how they were", () => {
    const order = { id: "a", times: 1 };
    const list = [order];
    const before = snapshotOf(list);
    list.push({ id: "b", times: 1 });
    expect(amountsText(addedBetween(before, snapshotOf(list)))).toBe('+1 × effects() {"id":"b","times":1}');
    order.times++;
    expect(() => addedBetween(before, snapshotOf(list))).toThrow('effects() no longer has effects() {"id":"a","times":1}');
  });
});

describe("what cannot be compared is named", () => {
  const cyclic: unknown[] = [];
  cyclic.push({ cyclic });
  const cases: Record<string, readonly [unknown, string]> = {
    nothing: [null, "effects() is null: it must be a number"],
    "a list that refers back": [cyclic, "effects()[0].cyclic[0] refers back to an object that contains it: give numbers"],
    "a function in a list": [{ calls: [1, { done: () => 1 }] }, "effects().calls[1].done is a function: give numbers"],
    infinity: [[Infinity], "effects()[0] is Infinity: give numbers"],
    "a symbol": [{ a: Symbol("b") }, "effects().a is a symbol: give numbers"],
    "a Map in a list": [[new Map()], "effects()[0] is an instance of Map, whose hidden state has no JSON"],
    "a text that changes": [
      { status: "paid" },
      'effects() no longer has effects().status "new": what changes or goes away cannot be compared: list what',
    ],
  };

  it.for(Object.keys(cases))("%s", (name) => {
    const [value, says] = cases[name] ?? [0, ""];
    expect(() => added(name === "a text that changes" ? { status: "new" } : 0, value)).toThrow(says);
  });
});
