// What the library says of its cost, as data; `npm run bench -- --check` holds it to that.
import type { CostPath } from "./cost.ts";
import { type CpuPath, type CpuRow, cpuSizesKb } from "./cpu.ts";
import { sizeOf } from "./format.ts";
import { growthOf } from "./http.ts";
import { type BodyName, bodyNames } from "./http-bodies.ts";
import { sizesKb } from "./orders.ts";
import { costRatio, type Part, type Results } from "./results.ts";
import type { SqsResults, SqsRow } from "./sqs.ts";
import { type OurConsumer, ourConsumers } from "./sqs-names.ts";

export interface Bar {
  readonly name: string;
  readonly part: Part;
  /** Undefined where it was not measured. */
  value(results: Results): number | undefined;
  /** At most. */
  readonly limit: number;
  /** A bar that is missed is said to be, each time; above this it falls all the same, so that the miss does not grow. */
  readonly missedUpTo?: number;
}

export interface Verdict {
  readonly bar: Bar;
  readonly value: number | undefined;
  readonly outcome: "holds" | "missed" | "falls";
}

// Ratios of whole units: 3 of 5 is 0.6.
const rounding = 1e-9;
const cpuLimit = 0.6;

export const bars: readonly Bar[] = [
  costBar("fresh", 0.2, 1),
  costBar("fresh", 4, 0.6),
  costBar("fresh", 100, 0.35),
  costBar("replay", 100, 0.05),
  { name: "5 MB result: deliveries that do not get it", part: "cost", value: hugeFailures, limit: 0 },
  { name: "hot replay through cached: requests at most", part: "cost", value: hotRequests, limit: 0 },
  ...cpuSizesKb.map((kb) => plainCpuBar("fresh", kb)),
  // From 20 KB on this is JSON.parse: 0.54 to 0.58.
  ...cpuSizesKb.map((kb) => plainCpuBar("replay", kb, kb < 20 ? undefined : 0.8)),
  // Compression alone takes more CPU time than all of Powertools' call, and saves money: 0.1 ms of a Lambda with one whole
  // CPU costs 3 dollars a billion, a write unit 625.
  cpuBar("fresh", 0.2),
  cpuBar("fresh", 1, 5),
  cpuBar("fresh", 4, 4),
  cpuBar("fresh", 20, 4),
  cpuBar("fresh", 100, 4),
  cpuBar("replay", 0.2),
  cpuBar("replay", 1, 2),
  cpuBar("replay", 4, 2),
  cpuBar("replay", 20, 2),
  cpuBar("replay", 100, 4),
  { name: "SQS, wall time, 10 fresh messages, of one message's", part: "sqs", value: sqsGrowth, limit: 2.5 },
  ...ourConsumers.flatMap((name) => [sqsBar("wallMs", "wall time", name, 1.05), sqsBar("cpuUs", "own CPU time", name, 0.7)]),
  {
    name: "HTTP, own CPU time, fresh, JSON body of 1 KB, of the function wrapper's",
    part: "http",
    value: ({ http }) => http?.cpu.ratio,
    limit: 1.6,
  },
  ...bodyNames.map(growthBar),
  { name: "bundle with /dynamodb and /middy, KB", part: "bundle", value: bundleKb, limit: 25, missedUpTo: 40 },
];

/** Judges all bars of the parts that were to be measured. What was not measured falls. */
export function check(results: Results, measured: readonly Part[]): readonly Verdict[] {
  return bars
    .filter(({ part }) => measured.includes(part))
    .map((bar) => {
      const value = bar.value(results);
      return { bar, value, outcome: outcomeOf(bar, value) };
    });
}

function outcomeOf({ limit, missedUpTo = limit }: Bar, value: number = Number.NaN): Verdict["outcome"] {
  if (value <= limit + rounding) return "holds";
  return value <= missedUpTo ? "missed" : "falls";
}

function costBar(path: CostPath, kb: number, limit: number): Bar {
  return {
    name: `cost, ${path}, ${sizeOf(kb)}, of Powertools'`,
    part: "cost",
    value: (results) => costRatio(results, path, "orders", kb),
    limit,
  };
}

function cpuBar(path: CpuPath, kb: number, missedUpTo?: number): Bar {
  return {
    name: `own CPU time, ${path}, ${sizeOf(kb)}, of Powertools'`,
    part: "cpu",
    value: ({ cpu }) => cpuRowOf(cpu, path, kb)?.ratio,
    limit: cpuLimit,
    ...(missedUpTo === undefined ? {} : { missedUpTo }),
  };
}

function plainCpuBar(path: CpuPath, kb: number, missedUpTo?: number): Bar {
  return {
    name: `own CPU time, ${path}, ${sizeOf(kb)} uncompressed, of Powertools'`,
    part: "cpu",
    value: ({ cpu }) => cpuRowOf(cpu, path, kb)?.plainRatio,
    limit: cpuLimit,
    ...(missedUpTo === undefined ? {} : { missedUpTo }),
  };
}

function cpuRowOf(rows: Results["cpu"], path: CpuPath, kb: number): CpuRow | undefined {
  return rows?.find((row) => row.path === path && row.content === "orders" && row.kb === kb);
}

function hugeFailures({ cost }: Results): number | undefined {
  const ours = cost?.huge.find(({ library }) => library === "ours");
  return ours && [ours.firstError, ours.duplicateError].filter((error) => error !== undefined).length + (ours.runs - 1);
}

function hotRequests({ cost }: Results): number | undefined {
  const hot = cost?.rows.filter(({ library, path }) => library === "ours" && path === "hot") ?? [];
  return hot.length < sizesKb.length ? undefined : Math.max(...hot.map(({ requests }) => requests));
}

function sqsBar(times: keyof SqsResults, what: string, name: OurConsumer, limit: number): Bar {
  return {
    name: `SQS, ${what}, 10 fresh messages by ${name === "default" ? "default key" : name}, of Powertools'`,
    part: "sqs",
    value: ({ sqs }) => freshRowOf(sqs?.[times], 10)?.ratio[name],
    limit,
  };
}

// Fingerprinting is linear, but for what the collector and the caches take: what is not would take a thousand times as much.
function growthBar(body: BodyName): Bar {
  return {
    name: `HTTP, fingerprint, ${body}: a byte of 10 MB, of one where it is cheapest`,
    part: "http",
    value({ http }) {
      const row = http?.fingerprints.find((found) => found.body === body);
      return row && growthOf(row);
    },
    limit: 3,
  };
}

/** Of our consumers, the one that grows most. */
function sqsGrowth({ sqs }: Results): number | undefined {
  const one = freshRowOf(sqs?.wallMs, 1)?.taken;
  const ten = freshRowOf(sqs?.wallMs, 10)?.taken;
  return one && ten && Math.max(...ourConsumers.map((name) => ten[name] / one[name]));
}

function freshRowOf(rows: readonly SqsRow[] | undefined, messages: number): SqsRow | undefined {
  return rows?.find((row) => row.path === "fresh" && row.messages === messages);
}

function bundleKb({ bundle }: Results): number | undefined {
  const row = bundle?.find(({ library, withMiddy }) => library === "ours" && withMiddy);
  return row && row.bytes / 1000;
}
