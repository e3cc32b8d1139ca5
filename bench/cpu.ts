// Own CPU time of a call: all threads of a process, with a client that answers at once.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Content } from "./orders.ts";

export type CpuPath = "fresh" | "replay";

export interface CpuRow {
  readonly path: CpuPath;
  readonly content: Content;
  readonly kb: number;
  /** CPU microseconds a call: the medians of all rounds. */
  readonly oursUs: number;
  /** Ours with results that are kept as they are: what is left of `oursUs` is compression. */
  readonly plainUs: number;
  readonly peerUs: number;
  /** Ours through the peer's, round by round: the median. */
  readonly ratio: number;
  readonly plainRatio: number;
}

/** How long a batch should take, and how many pairs of batches there are. */
export interface CpuEffort {
  readonly batchMs: number;
  readonly rounds: number;
}

export const cpuSizesKb: readonly number[] = [0.2, 1, 4, 20, 100];

const run = promisify(execFile);

/** Measures a row in a process of its own: what the compiler has learnt from another row makes one faster, another slower. */
export async function measureCpu(path: CpuPath, content: Content, kb: number, effort: CpuEffort): Promise<CpuRow> {
  const program = fileURLToPath(new URL("cpu-row.ts", import.meta.url));
  const row = [path, content, kb, effort.batchMs, effort.rounds].map(String);
  const { stdout } = await run(process.execPath, ["--conditions=lambda-once:source", program, ...row]);
  return JSON.parse(stdout) as CpuRow;
}
