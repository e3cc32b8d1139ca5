// AWS's own runtime interface client for Node: a function of runtime `provided.al2023` that is bundled with this bootstrap runs under it.
import { join } from "node:path";
import type { Found } from "./engine.ts";
import { findNode } from "./node.ts";
import { isInstalled, runtimeClient } from "./npm-packages.ts";

/** The content of the executable `bootstrap` file that starts a function on Node 24 under the runtime client. */
export function findRuntimeClient(): Found<{ readonly bootstrap: string }> {
  const node = findNode(24);
  if ("missing" in node) return node;
  if (!isInstalled(runtimeClient)) {
    return { missing: `${runtimeClient.name} ${runtimeClient.version} is not installed; "npm run engines" compiles it where it can` };
  }
  return { bootstrap: bootstrap(node.path) };
}

function bootstrap(path: string): string {
  const client = join(runtimeClient.folder, "node_modules", runtimeClient.name, "index.mjs");
  return [
    "#!/bin/sh",
    `export PATH='${path}'`,
    // AWS sets it and the client insists on it, MiniStack does not.
    'export AWS_LAMBDA_LOG_GROUP_NAME="/aws/lambda/$AWS_LAMBDA_FUNCTION_NAME"',
    `exec node '${client}' "$_HANDLER"`,
    "",
  ].join("\n");
}
