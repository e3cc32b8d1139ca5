import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/**
 * Runs a script in a process of its own.
 *
 * @returns what it prints as JSON, whatever its exit code.
 * @throws Error with the end of what it says, where it prints nothing; AbortError where it was stopped.
 */
export async function jsonOf(folder: string, script: string, args: readonly string[], signal: AbortSignal): Promise<unknown> {
  const child = spawn(process.execPath, ["--conditions=lambda-once:source", script, ...args], { cwd: folder, signal });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  signal.throwIfAborted();
  if (out === "") throw new Error(`${script} ${args.join(" ")} stopped:\n${errors.slice(-2000)}`);
  return JSON.parse(out);
}
