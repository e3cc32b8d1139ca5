// What each path of a call is billed, ours alone, counted on DynamoDB Local.
import { setTimeout } from "node:timers/promises";
import { type Clock, currentExecution, idempotent } from "../src/index.ts";
import { cached } from "../src/cache/cached.ts";
import { dynamodbStore } from "../src/dynamodb/index.ts";
import { openBench } from "./cost.ts";
import { ourLibrary, type Table } from "./libraries.ts";
import type { Bill } from "./meter.ts";
import { resultOf } from "./orders.ts";

export interface PathRow {
  readonly path: string;
  readonly kb: number;
  readonly bill: Bill;
}

/** One key on its way through its deliveries. */
interface Key {
  deliver(work?: () => unknown): Promise<unknown>;
  /** Lets time pass: leases lapse, records expire. */
  pass(seconds: number): void;
  /** The bill since it was last asked. */
  bill(): Bill;
}

type Path = (key: Key, result: unknown) => Promise<Bill>;

export const pathSizesKb: readonly number[] = [0.2, 4, 100];
const leaseMs = 30_000;
const retentionSeconds = 3600;

const paths: Readonly<Record<string, Path>> = {
  fresh: async ({ deliver, bill }) => {
    await deliver();
    return bill();
  },
  "fresh, the handler throws": async ({ deliver, bill }) => {
    await deliver(fails).catch(() => {});
    return bill();
  },
  replay: async ({ deliver, bill }) => {
    await deliver();
    bill();
    await deliver();
    return bill();
  },
  "refused: in progress": async ({ deliver, bill }) => {
    let refused: Bill | undefined;
    await deliver(async () => {
      bill();
      await deliver().catch(() => {});
      refused = bill();
    });
    return refused as Bill;
  },
  "takeover of a released key": async ({ deliver, bill }) => {
    await deliver(fails).catch(() => {});
    bill();
    await deliver();
    return bill();
  },
  "takeover of a lapsed lease": async ({ deliver, bill, pass }) => {
    let next: Bill | undefined;
    await deliver(async () => {
      pass(leaseMs / 1000 + 2);
      bill();
      await deliver();
      next = bill();
    });
    return next as Bill;
  },
  "takeover of an expired result": async ({ deliver, bill, pass }) => {
    await deliver();
    pass(retentionSeconds + 1);
    bill();
    await deliver();
    return bill();
  },
  "`extendLease`": async ({ deliver, bill }, result) => {
    let extended: Bill | undefined;
    await deliver(async () => {
      bill();
      await currentExecution().extendLease(2 * leaseMs);
      extended = bill();
      return result;
    });
    return extended as Bill;
  },
};

export async function measurePaths(endpoint: string): Promise<readonly PathRow[]> {
  const { table, bill } = await openBench(endpoint, ourLibrary());
  const rows: PathRow[] = [];
  for (const [path, take] of Object.entries({ ...paths, "replay through `cached`": paths["replay"] as Path }))
    for (const kb of pathSizesKb) {
      const result = resultOf("orders", kb);
      rows.push({ path, kb, bill: await take(openKey(table, bill, result, path.includes("cached")), result) });
    }
  table.client.destroy();
  return rows;
}

function openKey(table: Table, bill: Key["bill"], result: unknown, inMemory: boolean): Key {
  let passedMs = 0;
  const clock: Clock = { now: () => Date.now() + passedMs, sleep: (ms, signal) => setTimeout(ms, undefined, signal ? { signal } : {}) };
  const store = { ...dynamodbStore(table), clock };
  const key = crypto.randomUUID();
  const handler = idempotent((work: () => unknown) => work(), {
    store: inMemory ? cached(store) : store,
    operation: "paths",
    key: () => key,
    leaseMs,
    retentionSeconds,
  });
  bill();
  return { deliver: (work = () => result) => handler(work), pass: (seconds) => void (passedMs += seconds * 1000), bill };
}

function fails(): never {
  throw new Error("declined");
}
