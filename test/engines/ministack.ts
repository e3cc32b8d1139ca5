// MiniStack, the SQS of the tests and the AWS of `cdk deploy`: it comes from PyPI, Python 3.10 from the machine.
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startChild } from "./child.ts";
import { type Engine, enginesFolder, type Found, root } from "./engine.ts";

/** What pip installs: MiniStack and its dependencies, each with its version. */
export const requirements: string = join(import.meta.dirname, "ministack.txt");
export const venv: string = join(enginesFolder, "python");
export const venvPython: string = join(venv, "bin", "python");
/** A copy of the requirements, written when they are all installed. */
export const stamp: string = join(venv, "installed.txt");

export const ministackVersion: string = /^ministack==(.+)$/m.exec(readFileSync(requirements, "utf8"))?.[1] ?? "";

/** The Python that has MiniStack. */
export function findMinistack(): Found<{ readonly python: string }> {
  const installed = existsSync(venvPython) && existsSync(stamp) && readFileSync(stamp, "utf8") === readFileSync(requirements, "utf8");
  if (installed) return { python: venvPython };
  return { missing: `MiniStack ${ministackVersion} is not installed; "npm run engines" installs it where Python 3.10 or newer is` };
}

/** Starts MiniStack with the move tasks, in memory, on a free port; it also stops when this process dies. */
export async function startMinistack(): Promise<Engine> {
  const found = findMinistack();
  if ("missing" in found) throw new Error(`MiniStack: ${found.missing}`);
  return startChild({
    name: "MiniStack",
    command: found.python,
    args: () => [join(import.meta.dirname, "ministack_moves.py")],
    env: environment,
  });
}

function environment(port: number): NodeJS.ProcessEnv {
  // It would call itself an AWS elsewhere.
  const ofAws = Object.keys(process.env).filter((name) => name.startsWith("AWS_"));
  return {
    ...Object.fromEntries(ofAws.map((name) => [name, undefined])),
    GATEWAY_PORT: String(port),
    BIND_HOST: "127.0.0.1",
    // Queue URLs would say "localhost", of which the SDK warns in every call.
    MINISTACK_HOST: "127.0.0.1",
    LOG_LEVEL: "WARNING",
    // Its functions run as processes, also on a machine that has Docker.
    DOCKER_HOST: "unix:///nonexistent/docker.sock",
    // Its functions run on the first node of the path.
    PATH: [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
  };
}
