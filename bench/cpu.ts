// Own CPU time of a call: all threads of this process, with a client that answers at once.
import { type Deliver, libraries, type LibraryName } from "./libraries.ts";
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
  readonly peerUs: number;
  /** Ours through the peer's, round by round: the median. */
  readonly ratio: number;
}

/** How long a batch should take, and how many pairs of batches there are. */
export interface CpuEffort {
  readonly batchMs: number;
  readonly rounds: number;
}

export const cpuSizesKb: readonly number[] = [0.2, 1, 4, 20, 100];

const tableName = "bench";

/** Measures a row: batches of both libraries in turn, so that whatever else the machine does meets both. */
export async function measureCpu(path: CpuPath, content: Content, kb: number, { batchMs, rounds }: CpuEffort): Promise<CpuRow> {
  const result = resultOf(content, kb);
  const deliver = { ours: await prepare("ours", path, result), peer: await prepare("peer", path, result) };
  const calls = { ours: await callsIn(deliver.ours, batchMs), peer: await callsIn(deliver.peer, batchMs) };
  const measured: Record<LibraryName, number[]> = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round++)
    for (const name of ["ours", "peer"] as const) measured[name].push(await cpuOf(deliver[name], calls[name]));
  const ratios = measured.ours.map((oursUs, round) => oursUs / (measured.peer[round] ?? Number.NaN));
  return { path, content, kb, oursUs: median(measured.ours), peerUs: median(measured.peer), ratio: median(ratios) };
}

async function prepare(name: LibraryName, path: CpuPath, result: unknown): Promise<Deliver> {
  const { keyNames, wrap } = libraries[name];
  const work = (): unknown => result;
  if (path === "fresh") return wrap(work, { client: freshClient(), tableName });
  const { client, replay } = recordingClient(keyNames);
  await wrap(work, { client, tableName })("order");
  const again = wrap(
    () => {
      throw new Error(`${name} runs a second time`);
    },
    { client: replay(), tableName },
  );
  return () => again("order");
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
