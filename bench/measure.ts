import { startDynamodbLocal } from "../test/engines/dynamodb-local.ts";
import { measureBundles } from "./bundle.ts";
import { measureCost } from "./cost.ts";
import { type CpuEffort, type CpuRow, cpuSizesKb, measureCpu } from "./cpu.ts";
import { measureHttp } from "./http.ts";
import { measureImports } from "./import.ts";
import type { Changes } from "./libraries.ts";
import { measureLimits } from "./limits.ts";
import { measurePaths } from "./paths.ts";
import type { Part, Results } from "./results.ts";
import { measureSqs } from "./sqs.ts";

export interface Effort {
  /** What is changed of our store, to plant a regression. */
  readonly changes: Changes | undefined;
  /** Only what a bar needs. */
  readonly barsOnly: boolean;
  /** In fewer rounds. */
  readonly quick: boolean;
}

const full: CpuEffort = { batchMs: 50, rounds: 41 };
const quickly: CpuEffort = { batchMs: 25, rounds: 25 };
const importRounds = 15;

export async function measure(asked: readonly Part[], { changes, barsOnly, quick }: Effort): Promise<Results> {
  return {
    ...(asked.includes("cost") ? { cost: await onEngine((endpoint) => measureCost(endpoint, changes, barsOnly)) } : {}),
    ...(asked.includes("paths") ? { paths: await onEngine(measurePaths) } : {}),
    ...(asked.includes("limits") ? { limits: await onEngine(measureLimits) } : {}),
    ...(asked.includes("cpu") ? { cpu: await cpuTimes(barsOnly, effortOf(quick)) } : {}),
    ...(asked.includes("sqs") ? { sqs: await measureSqs({ changes: changes?.sqs, barsOnly, cpu: effortOf(quick) }) } : {}),
    ...(asked.includes("http") ? { http: await measureHttp(effortOf(quick)) } : {}),
    ...(asked.includes("bundle") ? { bundle: await measureBundles() } : {}),
    ...(asked.includes("import") ? { import: await measureImports(importRounds) } : {}),
  };
}

function effortOf(quick: boolean): CpuEffort {
  return quick ? quickly : full;
}

async function onEngine<T>(count: (endpoint: string) => Promise<T>): Promise<T> {
  const engine = await startDynamodbLocal();
  try {
    return await count(engine.endpoint);
  } finally {
    await engine.stop();
  }
}

async function cpuTimes(barsOnly: boolean, effort: CpuEffort): Promise<readonly CpuRow[]> {
  const rows: CpuRow[] = [];
  for (const content of barsOnly ? (["orders"] as const) : (["orders", "random"] as const))
    for (const path of ["fresh", "replay"] as const) for (const kb of cpuSizesKb) rows.push(await measureCpu(path, content, kb, effort));
  return rows;
}
