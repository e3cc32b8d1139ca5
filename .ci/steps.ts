// Runs npm scripts one after the other: node .ci/steps.ts NAME … [--all]
// A script that is such a list itself stands for its steps. The first failure ends the run and is named;
// with --all the rest runs all the same, and the last line counts: N passed, N failed.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failuresOf, lineOf, type Report, type Tally, tallyOf } from "./tally.ts";

// A run may take 90 minutes, installing included.
const limitMs = 80 * 60_000;
const list = /^(?:\w+=\S+ )*node \.ci\/steps\.ts (.+)$/;

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const all = process.argv.includes("--all");
const steps = process.argv
  .slice(2)
  .filter((argument) => argument !== "--all")
  .flatMap(stepsOf);
const reports = mkdtempSync(join(tmpdir(), "lambda-once-reports-"));
const deadline = Date.now() + limitMs;

const tallies: Tally[] = [];
const failures: string[] = [];
const failedTests: string[] = [];
for (const name of steps) {
  const tally = await step(name);
  tallies.push(tally);
  if (tally.failed === 0) continue;
  failures.push(name);
  if (!all) break;
}
rmSync(reports, { recursive: true });
if (failures.length > 0) console.error(`\nFailed: ${failures.map((name) => `npm run ${name}`).join(", ")}`);
// Said again at the end: between here and the failure there may be thousands of lines.
for (const line of failedTests) console.error(line);
if (all) console.log(lineOf(tallies));
process.exitCode = failures.length === 0 ? 0 : 1;

function stepsOf(name: string): string[] {
  const script = scripts[name];
  if (script === undefined) throw new Error(`package.json has no script "${name}"`);
  const nested = list.exec(script)?.[1];
  return nested === undefined ? [name] : nested.split(" ").flatMap(stepsOf);
}

async function step(name: string): Promise<Tally> {
  const startedAt = Date.now();
  console.log(`\n── ${name}`);
  const report = join(reports, `${name.replaceAll(":", "-")}.json`);
  const reporters =
    all && scripts[name]?.startsWith("vitest ") ? ["--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
  const succeeded = await succeeds("npm", ["run", "--silent", name, ...reporters]);
  console.log(`── ${name}: ${succeeded ? "passed" : "FAILED"} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  const reported = existsSync(report) ? (JSON.parse(readFileSync(report, "utf8")) as Report) : undefined;
  if (reported !== undefined) failedTests.push(...failuresOf(reported));
  return tallyOf(succeeded, reported);
}

function succeeds(command: string, args: string[]): Promise<boolean> {
  const timeout = Math.max(deadline - Date.now(), 1);
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], timeout });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
