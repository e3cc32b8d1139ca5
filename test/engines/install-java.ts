// Java 17 for DynamoDB Local and ElasticMQ.
import { spawnSync } from "node:child_process";
import { installOnDebian } from "./debian.ts";
import type { Found } from "./engine.ts";
import { findJava } from "./java.ts";

// The second for a Debian that has left Java 17 behind.
const packages = ["openjdk-17-jre-headless", "default-jre-headless"];
const how = `
  Debian, Ubuntu:  sudo apt-get install ${packages[0]}
  macOS:           brew install openjdk@17
  elsewhere:       https://adoptium.net`;

export interface Java {
  readonly java: string;
  readonly on: string;
}

export function installJava(): Found<Java> {
  if ("missing" in findJava()) packages.some((name) => installOnDebian(name));
  const found = findJava();
  return "missing" in found ? { missing: `${found.missing}.${how}` } : { java: found.java, on: javaVersion(found.java) };
}

function javaVersion(java: string): string {
  const { stderr } = spawnSync(java, ["-version"], { encoding: "utf8" });
  return `${/^.* version .*$/m.exec(stderr)?.[0]} (${java})`;
}
