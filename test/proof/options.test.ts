import { describe, expect, it } from "vitest";
import { bugs } from "./bugs.ts";
import { optionsOf } from "./options.ts";
import { parts } from "./tree.ts";

describe("the options of a proof", () => {
  it("are by default a million schedules and all else, in 75 minutes", () => {
    const seeds = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(optionsOf([])).toEqual({ kind: "prove", parts, seeds, minutes: 75, isLook: false });
  });

  it.for([
    [["--help"], { kind: "help" }],
    [["--check"], { kind: "check" }],
    [["--bug", "all"], { kind: "bugs", bugs }],
    [["--bug", "no-skew-margin"], { kind: "bugs", bugs: bugs.filter(({ name }) => name === "no-skew-margin") }],
    [["--seeds", "7", "--look"], { seeds: [7], isLook: true }],
    [["--seeds", "8-10", "--only", "simulation"], { seeds: [8, 9, 10], parts: ["simulation"] }],
    [["--only", "model", "--minutes", "0.5"], { parts: ["model"], minutes: 0.5 }],
  ] as const)("%j", ([args, options]) => {
    expect(optionsOf(args)).toMatchObject(options);
  });

  it.for([
    [["--sees", "1"], "--sees"],
    [["1-100"], "1-100"],
    [["--bug"], "--bug"],
    [["--bug", "none"], 'no bug is called "none"; known are all, unfenced-complete, '],
    [["--only", "bug"], 'there is no part "bug"; known are simulation, model, bugs, mutants'],
    [["--seeds", "0-5"], '--seeds "0-5" is no range; it is FROM-TO, such as 1-100, from 1 to 1000000'],
    [["--seeds", "5-4"], '"5-4" is no range'],
    [["--seeds", "1-1000001"], '"1-1000001" is no range'],
    [["--seeds", "1,2"], '"1,2" is no range'],
    [["--seeds", "1-2", "--only", "model"], "--seeds are the simulation's"],
    [["--minutes", "soon"], '--minutes "soon" is no number of minutes, such as 75'],
    [["--minutes", "0"], '"0" is no number of minutes'],
    [["--check", "--look"], "--check goes with no other option"],
    [["--bug", "all", "--seeds", "1"], "--bug goes with no other option"],
  ] as const)("%j are refused by name", ([args, message]) => {
    expect(() => optionsOf(args)).toThrow(message);
  });
});
