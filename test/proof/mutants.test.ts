// The checker of survivors, held against planted failures.
import { describe, expect, it } from "vitest";
import { judgeMutants, meetsBar, type StrykerReport } from "./mutants-judged.ts";
import type { Mutation, Survivor } from "./survivors.ts";

const file = "src/core/lease.ts";
const source = ["const a = 1;", "  const late = now >= end && now >= end;", "const text =", "  `a`;"].join("\n");
const first: Mutation = {
  file,
  line: "const late = now >= end && now >= end;",
  mutator: "ConditionalExpression",
  original: "now >= end",
  replacement: "true",
};
const why = "the other half says the same";

/** A mutant of the source's second line, at the first or the second comparison. */
function mutant(status: string, column = 16): StrykerReport["files"][string]["mutants"][number] {
  const location = { start: { line: 2, column }, end: { line: 2, column: column + first.original.length } };
  return { status, mutatorName: first.mutator, replacement: first.replacement, location };
}

function reportOf(...mutants: ReturnType<typeof mutant>[]): StrykerReport {
  return { files: { [file]: { source, mutants } } };
}

function killed(count: number): ReturnType<typeof mutant>[] {
  return Array.from({ length: count }, () => mutant("Killed"));
}

describe("a report of mutants", () => {
  it("is counted: what was killed or timed out, of all but the ignored and the crashed", () => {
    const statuses = ["Killed", "Killed", "Timeout", "Survived", "NoCoverage", "Ignored", "RuntimeError"];
    expect(judgeMutants(reportOf(...statuses.map((status) => mutant(status))), [])).toMatchObject({
      killed: 2,
      timedOut: 1,
      survived: 1,
      noCoverage: 1,
      ignored: 1,
      crashed: 1,
      score: 60,
    });
  });

  it("meets the bar where all are killed, or enough and each survivor has its line", () => {
    expect(meetsBar(judgeMutants(reportOf(mutant("Killed")), []))).toBe(true);
    const report = judgeMutants(reportOf(...killed(9), mutant("Survived")), [{ ...first, why }]);
    expect(report).toMatchObject({ unexplained: [], stale: [], score: 90 });
    expect(meetsBar(report)).toBe(true);
  });

  it.for<{ name: string; mutants: ReturnType<typeof mutant>[]; lines: readonly Survivor[]; unexplained: number; stale: number }>([
    { name: "a survivor has no line", mutants: [...killed(99), mutant("Survived")], lines: [], unexplained: 1, stale: 0 },
    { name: "no test runs a mutant", mutants: [...killed(99), mutant("NoCoverage")], lines: [], unexplained: 1, stale: 0 },
    {
      name: "two look the same and have one line",
      mutants: [...killed(99), mutant("Survived"), mutant("Survived", 30)],
      lines: [{ ...first, why }],
      unexplained: 1,
      stale: 0,
    },
    { name: "a line's mutant is killed", mutants: [mutant("Killed")], lines: [{ ...first, why }], unexplained: 0, stale: 1 },
    {
      name: "a line's mutant has changed",
      mutants: [...killed(99), mutant("Survived")],
      lines: [{ ...first, replacement: "false", why }],
      unexplained: 1,
      stale: 1,
    },
    {
      name: "too few are killed",
      mutants: [...killed(8), mutant("Survived")],
      lines: [{ ...first, why }],
      unexplained: 0,
      stale: 0,
    },
    { name: "one is ignored", mutants: [...killed(99), mutant("Ignored")], lines: [], unexplained: 0, stale: 0 },
    { name: "there are none", mutants: [], lines: [], unexplained: 0, stale: 0 },
  ])("falls below the bar where $name", ({ mutants, lines, unexplained, stale }) => {
    const report = judgeMutants(reportOf(...mutants), lines);
    expect(report.unexplained).toEqual(Array.from({ length: unexplained }, () => first));
    expect(report.stale).toEqual(lines.slice(0, stale));
    expect(meetsBar(report)).toBe(false);
  });

  it("says nothing of lines for files that are not in it", () => {
    expect(judgeMutants(reportOf(mutant("Killed")), [{ ...first, file: "src/core/key.ts", why }]).stale).toEqual([]);
  });

  it("has a mutation that goes over several lines in one", () => {
    const location = { start: { line: 3, column: 7 }, end: { line: 4, column: 6 } };
    const replacement = "``";
    expect(judgeMutants(reportOf({ status: "Survived", mutatorName: "StringLiteral", replacement, location }), []).unexplained).toEqual([
      { file, line: "const text =", mutator: "StringLiteral", original: "text = `a`", replacement },
    ]);
  });
});
