// The list of steps behind `npm run check`, `npm run verify` and CI, and its last line.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lineOf, type Report, tallyOf } from "../../.ci/tally.ts";

const root = join(import.meta.dirname, "../..");
const project = mkdtempSync(join(tmpdir(), "lambda-once-ci-"));
cpSync(join(root, ".ci"), join(project, ".ci"), { recursive: true });
afterAll(() => rmSync(project, { recursive: true }));

function reportOf(report: Partial<Report>): Report {
  return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [], ...report };
}

describe("a step counts", () => {
  it.for([
    ["as one that passed", true, undefined, { passed: 1, failed: 0, skipped: 0 }],
    ["as one that failed", false, undefined, { passed: 0, failed: 1, skipped: 0 }],
    ["as its tests", true, reportOf({ numPassedTests: 5, numPendingTests: 2, numTodoTests: 1 }), { passed: 5, failed: 0, skipped: 3 }],
    ["with its failed tests", false, reportOf({ numPassedTests: 5, numFailedTests: 2 }), { passed: 5, failed: 2, skipped: 0 }],
    [
      "with a file that did not load",
      false,
      reportOf({ testResults: [{ name: "a.test.ts", status: "failed", assertionResults: [] }] }),
      { passed: 0, failed: 1, skipped: 0 },
    ],
    ["as failed when no test of it did", false, reportOf({ numPassedTests: 5 }), { passed: 5, failed: 1, skipped: 0 }],
  ] as const)("%s", ([, succeeded, report, tally]) => {
    expect(tallyOf(succeeded, report)).toEqual(tally);
  });

  it("into the last line", () => {
    expect(lineOf([])).toBe("0 passed, 0 failed");
    const step = { passed: 1, failed: 0, skipped: 0 };
    expect(lineOf([step, { passed: 40, failed: 2, skipped: 3 }])).toBe("41 passed, 2 failed, 3 skipped");
  });
});

describe("the steps", () => {
  function run(scripts: Record<string, string>, ...args: string[]): { status: number | null; lines: string[]; stderr: string } {
    writeFileSync(
      join(project, "package.json"),
      JSON.stringify({ type: "module", scripts: { list: "node .ci/steps.ts one two three", ...scripts } }),
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, [".ci/steps.ts", ...args], { cwd: project, encoding: "utf8" });
    return { status, lines: stdout.trim().split("\n"), stderr };
  }
  const passes = { one: "echo 1", two: "echo 2", three: "echo 3" };

  it("all run, also those of a list in the list", () => {
    const { status, lines } = run({ ...passes, outer: "ENGINES=required node .ci/steps.ts list two" }, "outer");
    expect(status).toBe(0);
    expect(lines.filter((line) => /^\d$/.test(line))).toEqual(["1", "2", "3", "2"]);
  });

  it("end at the first failure, which is named", () => {
    const { status, lines, stderr } = run({ ...passes, two: "exit 3" }, "list");
    expect({ status, ran3: lines.includes("3") }).toEqual({ status: 1, ran3: false });
    expect(stderr).toContain("Failed: npm run two");
  });

  it("go on with --all, and the last line and the exit code say what failed", () => {
    const { status, lines } = run({ ...passes, two: "exit 3" }, "list", "--all");
    expect({ status, last: lines.at(-1) }).toEqual({ status: 1, last: "2 passed, 1 failed" });
  });

  it("count what vitest reports: a planted failure, a skipped test, a file that does not load", () => {
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
    const test = 'import { expect, it } from "vitest";\n';
    writeFileSync(join(project, "some.test.js"), `${test}it("a", () => {});\nit("b", () => expect(1).toBe(2));\nit.skip("c", () => {});`);
    writeFileSync(join(project, "broken.test.js"), 'import "./missing.js";');
    const { status, lines, stderr } = run({ ...passes, two: "vitest run" }, "list", "--all");
    expect(stderr).toMatch(/^some\.test\.js: b: .*expected 1 to be 2/m);
    expect(stderr).toMatch(/^broken\.test\.js: does not load: .*missing\.js/m);
    expect({ status, last: lines.at(-1) }).toEqual({ status: 1, last: "3 passed, 2 failed, 1 skipped" });
  });

  it("are refused when package.json has no such script", () => {
    expect(run(passes, "lint").stderr).toContain('no script "lint"');
  });
});
