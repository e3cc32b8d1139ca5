// What a Stryker report says of the tests, held against the survivors that are explained.
import type { Survivor, Mutation } from "./survivors.ts";

/** The part that is read of Stryker's JSON report (mutation-testing-report-schema). */
export interface StrykerReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

/** Both count from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

export interface MutantReport {
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  /** No test runs their code; they count as survivors. */
  readonly noCoverage: number;
  /** Switched off by a comment in the source, which is no explanation. */
  readonly ignored: number;
  /** The test run ended outside of a test, such as at a module that does not load; they do not count. */
  readonly crashed: number;
  /** Killed and timed out, in percent of all that count. */
  readonly score: number;
  /** Survivors without a line. */
  readonly unexplained: readonly Mutation[];
  /** Lines whose mutant is not among the survivors any more. */
  readonly stale: readonly Survivor[];
}

const minScore = 90;
const surviving: ReadonlySet<string> = new Set(["Survived", "NoCoverage"]);

/** Each line explains one survivor, of the files in the report. */
export function judgeMutants({ files }: StrykerReport, survivors: readonly Survivor[]): MutantReport {
  const all = Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ status: mutant.status, mutation: mutationOf(file, source, mutant) })),
  );
  const count = (status: string): number => all.filter((mutant) => mutant.status === status).length;
  const lines = survivors.filter(({ file }) => file in files);
  const unexplained: Mutation[] = [];
  for (const { status, mutation } of all) {
    if (!surviving.has(status)) continue;
    const index = lines.findIndex((line) => nameOf(line) === nameOf(mutation));
    if (index === -1) unexplained.push(mutation);
    else lines.splice(index, 1);
  }
  const counts = { killed: count("Killed"), timedOut: count("Timeout"), survived: count("Survived"), noCoverage: count("NoCoverage") };
  return {
    ...counts,
    ignored: count("Ignored"),
    crashed: count("RuntimeError"),
    score: scoreOf(counts),
    unexplained,
    stale: lines,
  };
}

/** Are enough mutants killed, and all others explained? */
export function meetsBar({ score, ignored, unexplained, stale }: MutantReport): boolean {
  return score >= minScore && ignored === 0 && unexplained.length === 0 && stale.length === 0;
}

function mutationOf(file: string, source: string, { mutatorName, replacement = "", location: { start, end } }: Mutant): Mutation {
  const lines = source.split("\n");
  const mutated = lines.slice(start.line - 1, end.line);
  mutated.push((mutated.pop() ?? "").slice(0, end.column - 1));
  mutated[0] = (mutated[0] ?? "").slice(start.column - 1);
  return {
    file,
    line: inOneLine(lines[start.line - 1] ?? ""),
    mutator: mutatorName,
    original: inOneLine(mutated.join("\n")),
    replacement: inOneLine(replacement),
  };
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function nameOf({ file, line, mutator, original, replacement }: Mutation): string {
  return JSON.stringify([file, line, mutator, original, replacement]);
}

function scoreOf({ killed, timedOut, survived, noCoverage }: Record<"killed" | "timedOut" | "survived" | "noCoverage", number>): number {
  const detected = killed + timedOut;
  return (100 * detected) / (detected + survived + noCoverage);
}
