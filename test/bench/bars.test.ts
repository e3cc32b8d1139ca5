// Each bar, and a regression that makes it fall: a bar that has never been seen to fall holds nothing.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { type Bar, bars, check } from "../../bench/bars.ts";
import type { CostPath, CostRow } from "../../bench/cost.ts";
import { type CpuPath, type CpuRow, cpuSizesKb } from "../../bench/cpu.ts";
import type { FingerprintRow } from "../../bench/http.ts";
import { type BodyName, bodyNames } from "../../bench/http-bodies.ts";
import { hugeKb, sizesKb } from "../../bench/orders.ts";
import { parts, type Results } from "../../bench/results.ts";
import type { SqsResults, SqsRow } from "../../bench/sqs.ts";
import { type OurConsumer, ourConsumers } from "../../bench/sqs-names.ts";

/** Results under which each bar just holds. */
const good: Required<Pick<Results, "cost" | "cpu" | "sqs" | "http" | "bundle">> = {
  cost: {
    rows: [
      ...pair("fresh", 0.2, 100, 100),
      ...pair("fresh", 4, 60, 100),
      ...pair("fresh", 100, 35, 100),
      ...pair("replay", 100, 5, 100),
      ...sizesKb.map((kb) => costRow("ours", "hot", kb, 0)),
    ],
    compressibility: [],
    huge: [{ library: "ours", kb: hugeKb, firstError: undefined, duplicateError: undefined, runs: 1 }],
  },
  cpu: (["fresh", "replay"] as const).flatMap((path) => cpuSizesKb.map((kb) => cpuRow(path, kb))),
  sqs: { wallMs: [sqsRow(1, 20, 1.05), sqsRow(10, 50, 1.05)], cpuUs: [sqsRow(10, 400, 0.7)] },
  http: {
    cpu: { httpUs: 16, wrapperUs: 10, ratio: 1.6 },
    fingerprints: bodyNames.map((body) => ({ body, sizes: bytesOf(30) })),
  },
  bundle: [{ library: "ours", withMiddy: true, bytes: 25_000, gzipBytes: 9000 }],
};

function pair(path: CostPath, kb: number, ours: number, peer: number): CostRow[] {
  return [costRow("ours", path, kb, ours), costRow("peer", path, kb, peer)];
}

function costRow(library: "ours" | "peer", path: CostPath, kb: number, writeUnits: number): CostRow {
  return { library, path, content: "orders", kb, requests: writeUnits === 0 ? 0 : 2, writeUnits, readUnits: 0 };
}

function cpuRow(path: CpuPath, kb: number): CpuRow {
  return { path, content: "orders", kb, oursUs: 60, plainUs: 60, peerUs: 100, ratio: 0.6, plainRatio: 0.6 };
}

function sqsRow(messages: number, taken: number, ratio: number): SqsRow {
  const ours = (value: number): SqsRow["ratio"] => ({ messageId: value, default: value, attribute: value });
  return { path: "fresh", messages, taken: { ...ours(taken), peer: taken / ratio }, ratio: ours(ratio) };
}

function withCost(path: CostPath, kb: number, change: Partial<CostRow>): Results {
  const rows = good.cost.rows.map((row) => (row.library === "ours" && row.path === path && row.kb === kb ? { ...row, ...change } : row));
  return { ...good, cost: { ...good.cost, rows } };
}

function withHuge(change: Partial<(typeof good.cost.huge)[number]>): Results {
  return { ...good, cost: { ...good.cost, huge: good.cost.huge.map((row) => ({ ...row, ...change })) } };
}

function withCpu(path: CpuPath, kb: number, change: Partial<CpuRow>): Results {
  return { ...good, cpu: good.cpu.map((row) => (row.path === path && row.kb === kb ? { ...row, ...change } : row)) };
}

/** Of ten messages, `of` one of our consumers: its time, or its ratio. */
function withSqs(times: keyof SqsResults, what: "taken" | "ratio", of: OurConsumer, value: number): Results {
  const rows = good.sqs[times].map((row) => (row.messages === 10 ? { ...row, [what]: { ...row[what], [of]: value } } : row));
  return { ...good, sqs: { ...good.sqs, [times]: rows } };
}

/** The cheapest size takes 10 ns a byte, the largest so many. */
function bytesOf(largest: number): FingerprintRow["sizes"] {
  return [20, 10, largest].map((nsPerByte, i) => ({ kb: 10 ** i, nsPerByte }));
}

function withGrowing(body: BodyName): Results {
  const fingerprints = good.http.fingerprints.map((row) => (row.body === body ? { ...row, sizes: bytesOf(31) } : row));
  return { ...good, http: { ...good.http, fingerprints } };
}

function outcomes(results: Results, outcome: string): string[] {
  return check(results, parts)
    .filter((verdict) => verdict.outcome === outcome)
    .map(({ bar }) => bar.name);
}

const planted: [bar: string, regression: string, results: Results][] = [
  ["cost, fresh, 0.2 KB", "a third write unit", withCost("fresh", 0.2, { writeUnits: 150 })],
  ["cost, fresh, 4 KB", "one more write unit", withCost("fresh", 4, { writeUnits: 61 })],
  ["cost, fresh, 100 KB", "one more write unit", withCost("fresh", 100, { writeUnits: 36 })],
  ["cost, replay, 100 KB", "more read units", withCost("replay", 100, { readUnits: 1 })],
  ["5 MB result", "the first caller gets an error", withHuge({ firstError: "Error" })],
  ["5 MB result", "the duplicate gets an error", withHuge({ duplicateError: "IdempotencyError" })],
  ["5 MB result", "the duplicate runs", withHuge({ runs: 2 })],
  ["hot replay", "a request at one size", withCost("hot", 100, { requests: 1 })],
  ...ourConsumers.flatMap((name): [string, string, Results][] => {
    const fresh = `10 fresh messages by ${name === "default" ? "default key" : name}`;
    return [
      ["SQS, wall time, 10 fresh messages, of one message's", `one after the other, ${name}`, withSqs("wallMs", "taken", name, 200)],
      [`SQS, wall time, ${fresh}`, "a tenth more time", withSqs("wallMs", "ratio", name, 1.1)],
      [`SQS, own CPU time, ${fresh}`, "a tenth more time", withSqs("cpuUs", "ratio", name, 0.77)],
    ];
  }),
  ["HTTP, own CPU time", "a tenth more time", { ...good, http: { ...good.http, cpu: { ...good.http.cpu, ratio: 1.76 } } }],
  ...bodyNames.map((body): [string, string, Results] => [`HTTP, fingerprint, ${body}:`, "more by the byte", withGrowing(body)]),
  ["bundle", "a kilobyte more than was ever measured", { ...good, bundle: [{ ...good.bundle[0]!, bytes: 60_000 }] }],
  ...(["fresh", "replay"] as const).flatMap((path) =>
    cpuSizesKb.flatMap((kb): [string, string, Results][] => [
      [`own CPU time, ${path}, ${kb} KB,`, "ten times the time", withCpu(path, kb, { ratio: 6 })],
      [`own CPU time, ${path}, ${kb} KB uncompressed`, "a third more time", withCpu(path, kb, { plainRatio: 0.81 })],
    ]),
  ),
];

describe("the bars", () => {
  it("hold where each is just met", () => {
    expect(outcomes(good, "holds")).toEqual(bars.map(({ name }) => name));
  });

  it.for(planted)("%s falls, and no other: %s", ([name, , results]) => {
    expect(outcomes(results, "falls")).toEqual([expect.stringContaining(name)]);
  });

  it("each has a planted regression", () => {
    const without = bars.filter((bar) => !planted.some(([name]) => bar.name.startsWith(name)));
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it("fall where nothing was measured, each by its own part", () => {
    expect(outcomes({}, "falls")).toEqual(bars.map(({ name }) => name));
    expect(check({}, ["bundle"]).map(({ bar }) => bar.part)).toEqual(["bundle"]);
  });

  it("that are known to be missed are told as missed, up to what was measured", () => {
    const missed = bars.filter((bar): bar is Bar & { missedUpTo: number } => bar.missedUpTo !== undefined);
    for (const { limit, missedUpTo } of missed) expect(missedUpTo).toBeGreaterThan(limit);
    expect(outcomes(withCpu("fresh", 4, { ratio: 2 }), "missed")).toEqual([expect.stringContaining("fresh, 4 KB,")]);
  });
});

describe("npm run bench", () => {
  function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const command = ["--conditions=lambda-once:source", "bench/main.ts", ...args];
    return spawnSync(process.execPath, command, { cwd: join(import.meta.dirname, "../.."), encoding: "utf8" });
  }

  it.skipIf(inject("dynamodbLocal") === "")("--check fails where results are not compressed, and names the bars", () => {
    const { status, stderr } = bench("--check", "--only", "cost", "--plant", "uncompressed");
    expect(status).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/^✗ cost, fresh, 4 KB/),
      expect.stringMatching(/^✗ cost, fresh, 100 KB/),
      expect.stringMatching(/^✗ cost, replay, 100 KB/),
    ]);
  });

  it.for([["--only", "nothing"], ["--plant", "nothing"], ["--unknown"]])("%j is wrong usage", (args) => {
    const { status, stderr } = bench(...args);
    expect({ status, usage: stderr.includes("usage: npm run bench") }).toEqual({ status: 2, usage: true });
  });
});
