// Node 22 and the runtime client, from npm. The second compiles, which needs tools that npm does not bring.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installOnDebian } from "./debian.ts";
import type { Found } from "./engine.ts";
import { findNode } from "./node.ts";
import { isInstalled, node22, type NpmPackage, runtimeClient, stampOf } from "./npm-packages.ts";

type Installed = Found<{ readonly on: string }>;

const tools = ["cmake", "g++", "make", "python3"];
const how = `
  Debian, Ubuntu:  sudo apt-get install ${tools.join(" ")}`;

export function installNode22(): Installed {
  return install(node22);
}

export function installRuntimeClient(): Installed {
  if (isInstalled(runtimeClient)) return { on: runtimeClient.folder };
  if (process.platform !== "linux") return { missing: "It compiles on Linux only." };
  if (absentTools().length > 0) installOnDebian(...tools);
  const absent = absentTools();
  return absent.length > 0 ? { missing: `To compile it, ${absent.join(", ")} must be there.${how}` } : install(runtimeClient);
}

function absentTools(): string[] {
  return tools.filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
}

/** The stamp comes last: without it the next call starts again. */
function install(wanted: NpmPackage): Installed {
  if (isInstalled(wanted)) return { on: wanted.folder };
  const { name, version, folder, stamp } = wanted;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Its install script may run: this is what it was asked for.
  const manifest = { private: true, dependencies: { [name]: version }, allowScripts: { [name]: true } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const failure = npmInstall(folder);
  if (failure !== undefined) return { missing: `npm could not install ${name}@${version}:\n${failure}` };
  writeFileSync(stamp, stampOf(wanted));
  return { on: folder };
}

/** What npm says, where it fails. */
function npmInstall(folder: string): string | undefined {
  const node = findNode(24);
  const PATH = "path" in node ? node.path : process.env["PATH"];
  const args = ["install", "--prefix", folder, "--no-audit", "--no-fund"];
  const { status, stdout, stderr, error } = spawnSync("npm", args, { cwd: folder, encoding: "utf8", env: { ...process.env, PATH } });
  return status === 0 ? undefined : (error?.message ?? stdout + stderr);
}
