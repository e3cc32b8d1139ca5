// Small projects of somebody who has installed the package, each with a test runner of its own.
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consumer } from "../../package/packed.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { resolve } = createRequire(import.meta.url);
const jest = resolve("jest/bin/jest");
const vitest = join(root, "node_modules/vitest/vitest.mjs");

// What runs one test file of a project.
const runners: Record<string, (project: string, file: string) => readonly string[]> = {
  vitest: (project, file) => [vitest, "run", "--root", project, file],
  jest: (project, file) => ["--experimental-vm-modules", jest, "--rootDir", project, file],
  "node-test": (project, file) => ["--test", join(project, file)],
};

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(await consumer(), "projects-"));
  cpSync(join(import.meta.dirname, "projects"), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | string | null;
  readonly output: string;
}

// A process that something keeps alive is killed, and has no exit code.
function run(runner: string, file: string): Promise<Ended> {
  const project = join(folder, runner);
  const env = {
    ...process.env,
    NODE_OPTIONS: "",
    NO_COLOR: "1",
    FORCE_COLOR: "0",
    NODE_TEST_CONTEXT: undefined,
    VITEST: undefined,
    CI: "1",
  };
  return new Promise((done) => {
    execFile(
      process.execPath,
      [...(runners[runner]?.(project, file) ?? [])],
      { cwd: project, env, timeout: 25_000 },
      (error, stdout, stderr) => {
        done({ code: error === null ? 0 : (error.code ?? null), output: stdout + stderr });
      },
    );
  });
}

describe.each(Object.keys(runners))("under %s", (runner) => {
  it("a right handler passes, and the process ends", async () => {
    const { code, output } = await run(runner, "right.test.js");
    expect(code, output).toBe(0);
  });

  it("a wrong handler fails, and the schedule is shown", async () => {
    const { code, output } = await run(runner, "wrong.test.js");
    expect(code, output).toBe(1);
    expect(output).toContain("the handler is not idempotent");
    expect(output).toContain('effects() {"amount":5,"orderId":"order-1"}: expected 1, came 2');
    expect(output).toContain('2. events[0] to environment B (cold start): answered {"charged":5}');
  });

  it("clock, faulty store and conformance suite work", async () => {
    const { code, output } = await run(runner, "kit.test.js");
    expect(code, output).toBe(0);
    expect(output).toMatch(/\d\d passed|pass \d\d/); // the suite's tests, beside the one
  });
});
