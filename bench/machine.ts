import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const compared = [
  "lambda-once",
  "@aws-lambda-powertools/idempotency",
  "@aws-lambda-powertools/batch",
  "@aws-sdk/client-dynamodb",
  "esbuild",
];

/** What the results were measured on, and of. */
export function machine(): { readonly cpu: string; readonly node: string; readonly versions: Readonly<Record<string, string>> } {
  return {
    cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
    node: process.versions.node,
    versions: Object.fromEntries(compared.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const file = name === "lambda-once" ? `${root}/package.json` : `${root}/node_modules/${name}/package.json`;
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}
