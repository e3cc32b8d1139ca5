// Own CPU time of a call: all threads of this process, with a client that answers at once.
import { type Deliver, type Library, libraries, ourLibrary, uncompressed } from "./libraries.ts";
import { median } from "./median.ts";
import { type Content, resultOf } from "./orders.ts";
import { freshClient, recordingClient } from "./stub.ts";

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

const tableName = "bench";

type Contestant = "ours" | "plain" | "peer";

const contestants: Readonly<Record<Contestant, Library>> = { ...libraries, plain: ourLibrary(uncompressed) };
const names = ["ours", "peer", "plain"] as const;

/** Measures a row: batches of all in turn, so that whatever else the machine does meets each of them. */
export async function measureCpu(path: CpuPath, content: Content, kb: number, { batchMs, rounds }: CpuEffort): Promise<CpuRow> {
  const result = resultOf(content, kb);
  const batches: { readonly name: Contestant; readonly deliver: Deliver; readonly calls: number }[] = [];
  for (const name of names) {
    const deliver = await prepare(contestants[name], path, result);
    batches.push({ name, deliver, calls: await callsIn(deliver, batchMs) });
  }
  const measured: Record<Contestant, number[]> = { ours: [], plain: [], peer: [] };
  for (let round = 0; round < rounds; round++)
    for (const { name, deliver, calls } of batches) measured[name].push(await cpuOf(deliver, calls));
  const { ours, plain, peer } = measured;
  const ratioOf = (all: readonly number[]): number => median(all.map((us, round) => us / (peer[round] ?? Number.NaN)));
  return {
    path,
    content,
    kb,
    oursUs: median(ours),
    plainUs: median(plain),
    peerUs: median(peer),
    ratio: ratioOf(ours),
    plainRatio: ratioOf(plain),
  };
}

async function prepare({ keyNames, wrap }: Library, path: CpuPath, result: unknown): Promise<Deliver> {
  const work = (): unknown => result;
  if (path === "fresh") return wrap(work, { client: freshClient(), tableName });
  const { client, replay } = recordingClient(keyNames);
  await wrap(work, { client, tableName })("order");
  const again = wrap(runsAgain, { client: replay(), tableName });
  return () => again("order");
}

function runsAgain(): never {
  throw new Error("a replay runs the handler");
}

/** How many calls make a batch of that length. Warms up on the way. */
async function callsIn(deliver: Deliver, batchMs: number): Promise<number> {
  await cpuOf(deliver, 20);
  let calls = 20;
  for (;;) {
    const totalMs = ((await cpuOf(deliver, calls)) * calls) / 1000;
    if (totalMs >= batchMs) return Math.ceil((calls * batchMs) / totalMs);
    calls = Math.ceil(calls * Math.min(4, Math.max(1.2, (1.1 * batchMs) / totalMs)));
  }
}

/** CPU microseconds a call. */
async function cpuOf(deliver: Deliver, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call++) await deliver(`order-${call}`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
