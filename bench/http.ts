// What the HTTP door takes beside the function wrapper, and what a fingerprint takes by the size of its body.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { CpuEffort } from "./cpu.ts";
import { type BodyName, bodyNames } from "./http-bodies.ts";

/** Of a fresh request with a JSON body of 1 KB. CPU microseconds: the medians of all rounds. */
export interface HttpCpuRow {
  readonly httpUs: number;
  /** `idempotent` around the same handler, with the same key and a fingerprint of the same payload. */
  readonly wrapperUs: number;
  /** The first through the second, round by round: the median. */
  readonly ratio: number;
}

export interface FingerprintRow {
  readonly body: BodyName;
  readonly sizes: readonly {
    readonly kb: number;
    /** CPU nanoseconds: the best of all rounds. */
    readonly nsPerByte: number;
  }[];
}

export interface HttpResults {
  readonly cpu: HttpCpuRow;
  readonly fingerprints: readonly FingerprintRow[];
}

const run = promisify(execFile);

/** Measures in processes of their own: what the compiler has learnt from another row makes one faster, another slower. */
export async function measureHttp(effort: CpuEffort): Promise<HttpResults> {
  const cpu = await program<HttpCpuRow>("http-cpu.ts", effort.batchMs, effort.rounds);
  const fingerprints: FingerprintRow[] = [];
  for (const body of bodyNames) fingerprints.push(await measureFingerprint(body));
  return { cpu, fingerprints };
}

/** `planted`: by reading that begins anew, to see the bar fall. */
export function measureFingerprint(body: BodyName, planted: boolean = false): Promise<FingerprintRow> {
  return program<FingerprintRow>("http-fingerprint.ts", body, planted);
}

/** How much more a byte of the largest body takes than one of the cheapest size. */
export function growthOf({ sizes }: FingerprintRow): number {
  const all = sizes.map(({ nsPerByte }) => nsPerByte);
  return (all.at(-1) ?? Number.NaN) / Math.min(...all);
}

async function program<T>(file: string, ...args: readonly unknown[]): Promise<T> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await run(process.execPath, ["--conditions=lambda-once:source", path, ...args.map((arg) => JSON.stringify(arg))]);
  return JSON.parse(stdout) as T;
}
