// What a batch of messages takes: wall time, with clients that answer after 10 ms.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Changes } from "./libraries.ts";
import type { ConsumerName } from "./sqs-consumers.ts";

/** Fresh: no message has run; duplicates: all have; failing: of fresh ones, the handler declines every other, from the first on. */
export type SqsPath = "fresh" | "duplicates" | "failing";

/** One batch of so many messages. */
export interface SqsWallRow {
  readonly path: SqsPath;
  readonly messages: number;
  /** Milliseconds: the medians of all rounds. */
  readonly ms: Readonly<Record<ConsumerName, number>>;
}

export interface SqsResults {
  readonly wall: readonly SqsWallRow[];
}

export const sqsPaths: readonly SqsPath[] = ["fresh", "duplicates", "failing"];
/** Messages in a batch. */
export const sqsSizes: readonly number[] = [1, 10, 100];
const wallRounds = 30;

const run = promisify(execFile);

export async function measureSqs(changes: Changes["sqs"], quick: boolean): Promise<SqsResults> {
  const wall: SqsWallRow[] = [];
  const sizes = sqsSizes.filter((messages) => !quick || messages <= 10);
  for (const path of quick ? (["fresh"] as const) : sqsPaths)
    wall.push(...(await program<readonly SqsWallRow[]>("sqs-wall.ts", path, sizes, wallRounds, changes ?? {})));
  return { wall };
}

async function program<T>(file: string, ...args: readonly unknown[]): Promise<T> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await run(process.execPath, ["--conditions=lambda-once:source", path, ...args.map((arg) => JSON.stringify(arg))]);
  return JSON.parse(stdout) as T;
}
