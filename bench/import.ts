// Cold import: how long a new process takes to load each library with the SDK's client, and the client alone.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { consumer } from "../test/package/packed.ts";
import { bundleOf } from "./bundle.ts";
import type { LibraryName } from "./libraries.ts";
import { median } from "./median.ts";

export interface ImportRow {
  readonly what: "client" | LibraryName | `${LibraryName}, bundled`;
  /** Milliseconds, with the SDK's client: the median. */
  readonly ms: number;
  /** Of these, what comes once the client is there: the median. */
  readonly ownMs: number;
}

const run = promisify(execFile);
const client = "@aws-sdk/client-dynamodb";
const specifiers: Readonly<Record<ImportRow["what"], readonly string[]>> = {
  client: [],
  ours: ["lambda-once", "lambda-once/dynamodb"],
  peer: ["@aws-lambda-powertools/idempotency", "@aws-lambda-powertools/idempotency/dynamodb"],
  "ours, bundled": ["./ours.js"],
  "peer, bundled": ["./peer.js"],
};
const names = ["client", "ours", "peer", "ours, bundled", "peer, bundled"] as const;

/** Imports the built package in new processes, in turn. */
export async function measureImports(rounds: number): Promise<readonly ImportRow[]> {
  const cwd = await consumer();
  for (const library of ["ours", "peer"] as const) writeFileSync(join(cwd, `${library}.js`), await bundleOf(library, false));
  const measured = new Map(names.map((what) => [what, [] as Import[]]));
  for (const what of names) await importOnce(cwd, specifiers[what]); // the files are in the system's cache from here on
  for (let round = 0; round < rounds; round++)
    for (const [what, imports] of measured) imports.push(await importOnce(cwd, specifiers[what]));
  return [...measured].map(([what, imports]) => ({
    what,
    ms: median(imports.map(({ ms }) => ms)),
    ownMs: median(imports.map(({ ownMs }) => ownMs)),
  }));
}

type Import = Pick<ImportRow, "ms" | "ownMs">;

async function importOnce(cwd: string, modules: readonly string[]): Promise<Import> {
  const imports = modules.map((name) => `await import(${JSON.stringify(name)});`).join(" ");
  const program = `const start = performance.now(); await import("${client}"); const there = performance.now(); ${imports}
    const end = performance.now(); console.log(JSON.stringify({ ms: end - start, ownMs: end - there }));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd });
  return JSON.parse(stdout) as Import;
}
