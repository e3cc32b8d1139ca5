// Runs a command for as long as this process's standard input is open, and removes its temporary folder afterwards:
// keeper.ts FOLDER COMMAND [ARG …]
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

const [folder = "", command = "", ...args] = process.argv.slice(2);
// A process group of its own, so that the children of the command go with it.
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
child.once("error", (error) => {
  console.error(error.message);
  end(1);
});
child.once("exit", (code) => end(code ?? 1));
process.stdin.on("end", kill).on("error", kill).resume();
// Ctrl-C reaches this process too, which must outlive it until the one that started it is done.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
process.on("SIGTERM", kill);

function kill(): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // the whole group is gone already
  }
}

function end(code: number): void {
  kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.exit(code);
}
