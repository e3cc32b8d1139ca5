// ElasticMQ, the second opinion on SQS: its jars come from Maven Central (elasticmq.json), Java 17 from the machine.
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startChild } from "./child.ts";
import { type Engine, enginesFolder, type Found } from "./engine.ts";
import { findJava, jvmFlags } from "./java.ts";

export const elasticmqVersion = "1.7.1";

/** A jar of Maven Central: `group:artifact:version`, and the SHA-256 of its file in hex. */
export interface Jar {
  readonly coordinates: string;
  readonly sha256: string;
}

const list = join(import.meta.dirname, "elasticmq.json");

/** ElasticMQ's server and what it depends on, as Maven resolves org.elasticmq:elasticmq-server_2.13. */
export function elasticmqJars(): readonly Jar[] {
  return JSON.parse(readFileSync(list, "utf8")) as Jar[];
}

/** Where a jar is, once it is installed: its hash has been verified. */
export function jarFile({ coordinates }: Jar): string {
  return join(enginesFolder, "elasticmq", `${coordinates.replaceAll(":", "-")}.jar`);
}

/** The java command and the class path to use. */
export function findElasticmq(): Found<{ readonly java: string; readonly classPath: string }> {
  const files = elasticmqJars().map(jarFile);
  if (!files.every((file) => existsSync(file))) {
    return { missing: `ElasticMQ ${elasticmqVersion} is not installed; "npm run engines" downloads it from Maven Central` };
  }
  const found = findJava();
  return "missing" in found ? found : { java: found.java, classPath: files.join(delimiter) };
}

/** Starts ElasticMQ in memory, on a free port; it also stops when this process dies. */
export async function startElasticmq(): Promise<Engine> {
  const found = findElasticmq();
  if ("missing" in found) throw new Error(`ElasticMQ: ${found.missing}`);
  return startChild({
    name: "ElasticMQ",
    command: found.java,
    args: (port) => [...jvmFlags, ...settings(port), "-cp", found.classPath, "org.elasticmq.server.Main"],
  });
}

// What a configuration file would say. Without a region of its own its ARNs have the region "elasticmq".
function settings(port: number): string[] {
  const values = {
    "node-address.host": "127.0.0.1",
    "node-address.port": port,
    "rest-sqs.bind-hostname": "127.0.0.1",
    "rest-sqs.bind-port": port,
    "rest-sqs.sqs-limits": "strict",
    "rest-stats.enabled": false,
    "aws.region": "us-east-1",
    "aws.accountId": "000000000000",
  };
  return Object.entries(values).map(([name, value]) => `-D${name}=${value}`);
}
