// What a step adds to the last line of a run: the tests of a vitest report, or the step itself.
import { relative } from "node:path";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is counted. */
export interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly ReportedFile[];
}

interface ReportedFile {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly ReportedTest[];
}

interface ReportedTest {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages?: readonly string[] | null;
}

/** A step counts as one; a step with a report counts as its tests. */
export function tallyOf(succeeded: boolean, report?: Report): Tally {
  if (report === undefined) return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
  // A file that does not load has no tests to fail: it fails itself.
  const broken = report.testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length;
  const failed = report.numFailedTests + broken;
  // An engine that does not start, or an error between the tests, fails the run and no test of it.
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !succeeded ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** What failed, a line for each: its file, its name, and what it said first. */
export function failuresOf({ testResults }: Report): readonly string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (assertionResults.length === 0 && status === "failed") return [lineFor(name, "does not load", message)];
    return failed.map(({ fullName, failureMessages }) => lineFor(name, fullName, failureMessages?.[0]));
  });
}

function lineFor(file: string, what: string, message = ""): string {
  return `${relative(process.cwd(), file)}: ${what}: ${message.split("\n", 1)[0] ?? ""}`;
}

/** `N passed, N failed`, and how many were skipped if any were. */
export function lineOf(tallies: readonly Tally[]): string {
  const sum = (of: keyof Tally): number => tallies.reduce((total, tally) => total + tally[of], 0);
  return `${sum("passed")} passed, ${sum("failed")} failed${sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : ""}`;
}
