import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Installs packages where that needs nobody's consent: as root on Debian or Ubuntu. Tells whether they are installed. */
export function installOnDebian(...packages: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return false;
  aptGet("update");
  return aptGet("install", "--yes", "--no-install-recommends", ...packages);
}

function aptGet(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", ["-qq", ...args], { stdio: "inherit", env }).status === 0;
}
