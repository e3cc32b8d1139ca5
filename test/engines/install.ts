// `npm run engines`: sees to it that every engine of the tests can start, and says what is there.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findJava } from "./dynamodb-local.ts";

// The second for a Debian that has left Java 17 behind.
const javaPackages = ["openjdk-17-jre-headless", "default-jre-headless"];

if ("missing" in findJava() && isRootOnDebian()) installJava();

const found = findJava();
if ("missing" in found) {
  console.error(`DynamoDB Local cannot run. ${found.missing}.`);
  console.error(`  Debian, Ubuntu:  sudo apt-get install ${javaPackages[0]}`);
  console.error("  macOS:           brew install openjdk@17");
  console.error("  elsewhere:       https://adoptium.net");
  process.exitCode = 1;
} else {
  const { stderr } = spawnSync(found.java, ["-version"], { encoding: "utf8" });
  console.log(`DynamoDB Local can run, on ${/^.* version .*$/m.exec(stderr)?.[0]} (${found.java})`);
}

function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version");
}

function installJava(): void {
  aptGet("update");
  for (const name of javaPackages) if (aptGet("install", "--yes", "--no-install-recommends", name)) return;
}

function aptGet(...args: string[]): boolean {
  return (
    spawnSync("apt-get", ["-qq", ...args], { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } }).status === 0
  );
}
