import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Found } from "./engine.ts";

const minJava = 17;
// Untuned, a JVM takes a gigabyte.
export const jvmFlags: readonly string[] = ["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/** The java command to use. */
export function findJava(): Found<{ readonly java: string }> {
  const home = process.env["JAVA_HOME"];
  const tooOld: string[] = [];
  for (const java of [...(home ? [join(home, "bin", "java")] : []), "java"]) {
    const { status, stderr } = spawnSync(java, ["-version"], { encoding: "utf8" });
    if (status !== 0) continue;
    const major = Number(/version "(\d+)/.exec(stderr)?.[1]);
    if (major >= minJava) return { java };
    tooOld.push(`${java} is Java ${major}`);
  }
  const found = tooOld.length > 0 ? tooOld.join(", ") : "no java command was found";
  return { missing: `Java ${minJava} or newer is needed and ${found}; "npm run engines" installs it on Debian as root, or says how` };
}
