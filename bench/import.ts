// Cold import: how long a new process takes to load each library with the SDK's client, and the client alone.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { consumer } from "../test/package/packed.ts";
import type { LibraryName } from "./libraries.ts";
import { median } from "./median.ts";

export interface ImportRow {
  readonly what: "client" | LibraryName;
  /** Milliseconds, with the SDK's client: the median. */
  readonly ms: number;
  /** More than the client alone takes, milliseconds: the median of the differences in each round. */
  readonly ownMs: number;
}

const run = promisify(execFile);
const client = "@aws-sdk/client-dynamodb";
const specifiers: Readonly<Record<ImportRow["what"], readonly string[]>> = {
  client: [client],
  ours: [client, "lambda-once", "lambda-once/dynamodb"],
  peer: [client, "@aws-lambda-powertools/idempotency", "@aws-lambda-powertools/idempotency/dynamodb"],
};
const names = ["client", "ours", "peer"] as const;

/** Imports the built package in new processes, in turn. */
export async function measureImports(rounds: number): Promise<readonly ImportRow[]> {
  const cwd = await consumer();
  const measured: Record<ImportRow["what"], number[]> = { client: [], ours: [], peer: [] };
  for (const what of names) await importMs(cwd, specifiers[what]); // the files are in the system's cache from here on
  for (let round = 0; round < rounds; round++) for (const what of names) measured[what].push(await importMs(cwd, specifiers[what]));
  return names.map((what) => ({
    what,
    ms: median(measured[what]),
    ownMs: median(measured[what].map((ms, round) => ms - (measured.client[round] ?? Number.NaN))),
  }));
}

async function importMs(cwd: string, modules: readonly string[]): Promise<number> {
  const imports = modules.map((name) => `await import(${JSON.stringify(name)});`).join(" ");
  const program = `const start = performance.now(); ${imports} console.log(performance.now() - start);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd });
  return Number(stdout);
}
