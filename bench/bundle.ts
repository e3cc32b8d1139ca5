// What each library adds to a function's code: bundled and minified, without the AWS SDK and Middy.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { LibraryName } from "./libraries.ts";

export interface BundleRow {
  readonly library: LibraryName;
  readonly withMiddy: boolean;
  readonly bytes: number;
  readonly gzipBytes: number;
}

const entries: Readonly<Record<LibraryName, { readonly base: readonly string[]; readonly middy: string }>> = {
  ours: {
    base: ['export { idempotent } from "lambda-once";', 'export { dynamodbStore } from "lambda-once/dynamodb";'],
    middy: 'export { idempotency } from "lambda-once/middy";',
  },
  peer: {
    base: [
      'export { makeIdempotent } from "@aws-lambda-powertools/idempotency";',
      'export { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";',
    ],
    middy: 'export { makeHandlerIdempotent } from "@aws-lambda-powertools/idempotency/middleware";',
  },
};

export async function measureBundles(): Promise<readonly BundleRow[]> {
  const rows: BundleRow[] = [];
  for (const withMiddy of [false, true])
    for (const library of ["ours", "peer"] as const) {
      const bundle = await bundleOf(library, withMiddy);
      rows.push({ library, withMiddy, bytes: bundle.byteLength, gzipBytes: gzipSync(bundle, { level: 9 }).byteLength });
    }
  return rows;
}

export async function bundleOf(library: LibraryName, withMiddy: boolean): Promise<Uint8Array> {
  const { base, middy } = entries[library];
  const { outputFiles } = await build({
    stdin: { contents: [...base, ...(withMiddy ? [middy] : [])].join("\n"), resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node22",
    conditions: ["lambda-once:source"],
    external: ["@aws-sdk/*", "@smithy/*", "@middy/core"],
  });
  const [bundle] = outputFiles.map(({ contents }) => contents);
  if (bundle === undefined) throw new Error("esbuild wrote nothing");
  return bundle;
}
