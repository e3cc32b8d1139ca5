// Mutates src/core and says what the tests make of it: mutants.ts [FILE …]
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { judgeMutants, meetsBar, type MutantReport, type StrykerReport } from "./mutants-judged.ts";
import { root } from "./root.ts";
import { survivors } from "./survivors.ts";

const reportFile = join(root, ".stryker-tmp/report.json"); // as stryker.config.json says

/**
 * Runs Stryker over `src/core`, or over some files of it, which takes about half a second a mutant and core.
 *
 * @throws Error where Stryker gives no report, such as for a test that fails without a mutant.
 */
export async function runMutants({
  files = [],
  signal,
}: { readonly files?: readonly string[] | undefined; readonly signal?: AbortSignal | undefined } = {}): Promise<MutantReport> {
  rmSync(reportFile, { force: true });
  const stryker = join(root, "node_modules/.bin/stryker");
  const mutate = files.length === 0 ? [] : ["--mutate", files.join(",")];
  const code = await exitOf([stryker, "run", join(import.meta.dirname, "stryker.config.json"), ...mutate], signal);
  if (!existsSync(reportFile)) throw new Error(`Stryker ended with code ${code} and without a report`);
  return judgeMutants(JSON.parse(readFileSync(reportFile, "utf8")) as StrykerReport, survivors);
}

function exitOf(args: readonly string[], signal: AbortSignal | undefined): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], signal });
    child.once("error", reject);
    child.once("exit", resolve);
  });
}

/** Says how many mutants there were, and which survivors and lines do not match. */
export function print({ unexplained, stale, ...counts }: MutantReport): void {
  console.log(counts);
  for (const mutation of unexplained) console.log("no line explains", mutation);
  for (const line of stale) console.log("no survivor any more:", line);
}

if (import.meta.main) {
  const report = await runMutants({ files: process.argv.slice(2) });
  print(report);
  process.exitCode = meetsBar(report) ? 0 : 1;
}
