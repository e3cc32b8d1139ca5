// The function of `IdempotentQueueConsumer` with `redrive: true`, as one file with the AWS SDK in it: node .ci/bundle.ts
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const folder = join(root, "redrive-function");

const { outputFiles } = await build({
  entryPoints: [join(root, "src/redrive/lambda.ts")],
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
  target: "node22",
  minify: true,
  mainFields: ["module", "main"],
  // "module" is esbuild's own, which goes where others are named; with it no part of the SDK comes as CommonJS.
  conditions: ["lambda-once:source", "module"],
});
mkdirSync(folder, { recursive: true });
// All at once: somebody may be reading it.
const written = join(root, `redrive-function/${process.pid}.mjs`);
writeFileSync(written, outputFiles[0]?.contents ?? "");
renameSync(written, join(folder, "index.mjs"));
