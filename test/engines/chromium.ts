// A browser for the examples that have a page: Debian's Chromium, or any other whose command is on PATH.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { installOnDebian } from "./debian.ts";
import type { Found } from "./engine.ts";

const commands = ["chromium", "chromium-browser", "google-chrome"];
const how = `
  Debian:     sudo apt-get install chromium
  macOS:      brew install --cask chromium
  elsewhere:  any Chromium whose command is on PATH: ${commands.join(", ")}`;

export interface Chromium {
  /** Its file: who starts it does not look at PATH. */
  readonly executable: string;
  readonly on: string;
}

export function findChromium(): Found<Chromium> {
  for (const executable of commands.flatMap(onPath)) {
    // Ubuntu's command may be there and say only that it needs a snap.
    const { status, stdout } = spawnSync(executable, ["--version"], { encoding: "utf8" });
    if (status === 0) return { executable, on: `${stdout.trim()} (${executable})` };
  }
  return { missing: 'no chromium command was found; "npm run engines" installs it on Debian as root, or says how' };
}

export function installChromium(): Found<Chromium> {
  if ("missing" in findChromium()) installOnDebian("chromium");
  const found = findChromium();
  return "missing" in found ? { missing: `${found.missing}.${how}` } : found;
}

function onPath(command: string): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, command)).filter(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
