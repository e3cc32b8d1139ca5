import type { BundleRow } from "./bundle.ts";
import type { CostPath, CostResults } from "./cost.ts";
import type { CpuRow } from "./cpu.ts";
import type { HttpResults } from "./http.ts";
import type { ImportRow } from "./import.ts";
import type { LimitRow } from "./limits.ts";
import type { LibraryName } from "./libraries.ts";
import type { PathRow } from "./paths.ts";
import { type Bill, dollarsOf } from "./meter.ts";
import type { Content } from "./orders.ts";
import type { SqsResults } from "./sqs.ts";

export const parts = ["cost", "paths", "limits", "cpu", "sqs", "http", "bundle", "import"] as const;
export type Part = (typeof parts)[number];

/** What was measured; a part that was not asked for is not there. */
export interface Results {
  readonly cost?: CostResults;
  readonly paths?: readonly PathRow[];
  readonly limits?: readonly LimitRow[];
  readonly cpu?: readonly CpuRow[];
  readonly sqs?: SqsResults;
  readonly http?: HttpResults;
  readonly bundle?: readonly BundleRow[];
  readonly import?: readonly ImportRow[];
}

/** The bill of one call. */
export function billOf({ cost }: Results, library: LibraryName, path: CostPath, content: Content, kb: number): Bill | undefined {
  return cost?.rows.find((row) => row.library === library && row.path === path && row.content === content && row.kb === kb);
}

/** Dollars of ours through the peer's. */
export function costRatio(results: Results, path: CostPath, content: Content, kb: number): number | undefined {
  const ours = billOf(results, "ours", path, content, kb);
  const peer = billOf(results, "peer", path, content, kb);
  return ours && peer && dollarsOf(ours) / dollarsOf(peer);
}
