// What a batch of messages takes: wall time with clients that answer after 10 ms, own CPU time with clients that answer at once.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { CpuEffort } from "./cpu.ts";
import type { Changes } from "./libraries.ts";
import type { ConsumerName, OurConsumer } from "./sqs-names.ts";

/** Fresh: no message has run; duplicates: all have; failing: of fresh ones, the handler declines every other, from the first on. */
export type SqsPath = "fresh" | "duplicates" | "failing";

/** One batch of so many messages. */
export interface SqsRow {
  readonly path: SqsPath;
  readonly messages: number;
  /** Wall milliseconds, or CPU microseconds: the medians of all rounds. */
  readonly taken: Readonly<Record<ConsumerName, number>>;
  /** Ours through the peer's, round by round: the medians. */
  readonly ratio: Readonly<Record<OurConsumer, number>>;
}

export interface SqsResults {
  readonly wallMs: readonly SqsRow[];
  readonly cpuUs: readonly SqsRow[];
}

export interface SqsEffort {
  /** What is changed of our consumers, to plant a regression. */
  readonly changes: Changes["sqs"];
  /** Only what a bar needs. */
  readonly barsOnly: boolean;
  readonly cpu: CpuEffort;
}

const paths: readonly SqsPath[] = ["fresh", "duplicates", "failing"];
/** Messages in a batch. */
const sizes: readonly number[] = [1, 10, 100];
const barSize = 10;
const wallRounds = 30;

const run = promisify(execFile);

/** Measures in processes of their own: what the compiler has learnt from another row makes one faster, another slower. */
export async function measureSqs({ changes = {}, barsOnly, cpu }: SqsEffort): Promise<SqsResults> {
  const asked = barsOnly ? paths.slice(0, 1) : paths;
  const wallSizes = barsOnly ? [1, barSize] : sizes;
  const wallMs: SqsRow[] = [];
  const cpuUs: SqsRow[] = [];
  for (const path of asked) {
    wallMs.push(...(await measureWall(path, wallSizes, wallRounds, changes)));
    for (const messages of barsOnly ? [barSize] : sizes)
      cpuUs.push(await program<SqsRow>("sqs-cpu.ts", path, messages, cpu.batchMs, cpu.rounds, changes));
  }
  return { wallMs, cpuUs };
}

/** Sizes of batches in one process, in turn. */
export async function measureWall(
  path: SqsPath,
  messages: readonly number[],
  rounds: number,
  changes: Changes["sqs"],
): Promise<readonly SqsRow[]> {
  return program("sqs-wall.ts", path, messages, rounds, changes ?? {});
}

async function program<T>(file: string, ...args: readonly unknown[]): Promise<T> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await run(process.execPath, ["--conditions=lambda-once:source", path, ...args.map((arg) => JSON.stringify(arg))]);
  return JSON.parse(stdout) as T;
}
