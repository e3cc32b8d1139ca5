// MiniStack from PyPI, into a virtual environment of its own.
import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { installOnDebian } from "./debian.ts";
import type { Found } from "./engine.ts";
import { findMinistack, requirements, stamp, venv, venvPython } from "./ministack.ts";

const minMinor = 10;
const commands = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
const how = `
  Debian, Ubuntu:  sudo apt-get install python3 python3-venv
  macOS:           brew install python
  elsewhere:       https://www.python.org/downloads`;

export function installMinistack(): Found<{ readonly on: string }> {
  if ("missing" in findMinistack()) {
    const python = findPython() ?? (installOnDebian("python3", "python3-venv") ? findPython() : undefined);
    if (python === undefined) return { missing: `Python 3.${minMinor} or newer with its venv module is needed.${how}` };
    const failure = makeVenv(python);
    if (failure !== undefined) return { missing: failure };
  }
  return { on: run(venvPython, "--version").output.trim() };
}

/** A Python that is new enough and can make a virtual environment with pip in it. */
function findPython(): string | undefined {
  const check = `import sys, venv, ensurepip; sys.exit(sys.version_info < (3, ${minMinor}))`;
  return commands.find((command) => run(command, "-c", check).succeeded);
}

/** What went wrong, if anything did. The stamp comes last: without it the next call starts again. */
function makeVenv(python: string): string | undefined {
  rmSync(venv, { recursive: true, force: true });
  for (const [command, ...args] of [
    [python, "-m", "venv", venv],
    [venvPython, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements],
  ] as const) {
    const { succeeded, output } = run(command, ...args);
    if (!succeeded) return `${[command, ...args].join(" ")} failed:\n${output}`;
  }
  copyFileSync(requirements, stamp);
  return undefined;
}

function run(command: string, ...args: readonly string[]): { readonly succeeded: boolean; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return { succeeded: status === 0, output: error === undefined ? stdout + stderr : error.message };
}
