// curl, which writes the transcripts of docs/http.md.
import { spawnSync } from "node:child_process";
import { installOnDebian } from "./debian.ts";
import type { Found } from "./engine.ts";

const how = `
  Debian, Ubuntu:  sudo apt-get install curl
  elsewhere:       https://curl.se/download.html`;

export function findCurl(): Found<{ readonly on: string }> {
  const { status, stdout } = spawnSync("curl", ["--version"], { encoding: "utf8" });
  if (status === 0) return { on: /^curl \S+/.exec(stdout)?.[0] ?? "curl" };
  return { missing: 'no curl command was found; "npm run engines" installs it on Debian as root, or says how' };
}

export function installCurl(): Found<{ readonly on: string }> {
  if ("missing" in findCurl()) installOnDebian("curl");
  const found = findCurl();
  return "missing" in found ? { missing: `${found.missing}.${how}` } : found;
}
