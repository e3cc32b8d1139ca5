// Where the two defaults of the store come from: what a result costs on each side of a limit, counted on DynamoDB Local.
import { maxItemBytes } from "../src/dynamodb/results.ts";
import { type Bench, billsOf, openBench } from "./cost.ts";
import { ourLibrary } from "./libraries.ts";
import { type Bill, dollarsOf } from "./meter.ts";
import { type Content, resultOf } from "./orders.ts";

/** A call with its result kept in one way and in the other. */
export interface LimitRow {
  /** `beside`: inline in the record, or in items beside it. `compressed`: as it is, or compressed. */
  readonly limit: "beside" | "compressed";
  readonly kb: number;
  readonly below: Pair;
  readonly above: Pair;
  /**
   * Duplicates for each first delivery, from which on `above` is the cheaper one; 0 where it always is, undefined where it
   * never is.
   */
  readonly breakEven: number | undefined;
}

interface Pair {
  readonly fresh: Bill;
  readonly replay: Bill;
}

const never = Number.MAX_SAFE_INTEGER;
const limits = [
  {
    limit: "beside",
    content: "random",
    sizesKb: [0.5, 1, 2, 4, 6, 8, 12, 16, 24, 32],
    below: { compressAboveBytes: never, inlineLimitBytes: maxItemBytes },
    above: { compressAboveBytes: never, inlineLimitBytes: 0 },
  },
  {
    limit: "compressed",
    content: "orders",
    sizesKb: [0.3, 0.4, 0.5, 0.6, 0.8, 1, 2, 4],
    below: { compressAboveBytes: never, inlineLimitBytes: maxItemBytes },
    above: { compressAboveBytes: 0, inlineLimitBytes: maxItemBytes },
  },
] as const;

export async function measureLimits(endpoint: string): Promise<readonly LimitRow[]> {
  const rows: LimitRow[] = [];
  for (const { limit, content, sizesKb, ...options } of limits) {
    const below = await openBench(endpoint, ourLibrary({ options: options.below }));
    const above = await openBench(endpoint, ourLibrary({ options: options.above }));
    for (const kb of sizesKb) rows.push(rowOf(limit, kb, await pairOf(below, content, kb), await pairOf(above, content, kb)));
    for (const { table } of [below, above]) table.client.destroy();
  }
  return rows;
}

async function pairOf(bench: Bench, content: Content, kb: number): Promise<Pair> {
  const [fresh, replay] = await billsOf(bench, resultOf(content, kb));
  return { fresh, replay };
}

function rowOf(limit: LimitRow["limit"], kb: number, below: Pair, above: Pair): LimitRow {
  const dearer = dollarsOf(above.fresh) - dollarsOf(below.fresh);
  const saved = dollarsOf(below.replay) - dollarsOf(above.replay);
  return { limit, kb, below, above, breakEven: dearer <= 0 ? 0 : saved <= 0 ? undefined : dearer / saved };
}
