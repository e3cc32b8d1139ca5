// One row of own CPU time, as JSON: node cpu-row.ts PATH CONTENT KB BATCH_MS ROUNDS
import type { CpuPath, CpuRow } from "./cpu.ts";
import { callsIn, cpuOf, type NthCall } from "./cpu-time.ts";
import { type Library, libraries, ourLibrary, uncompressed } from "./libraries.ts";
import { median } from "./median.ts";
import { type Content, resultOf } from "./orders.ts";
import { freshClient, recordingClient } from "./stub.ts";

type Contestant = "ours" | "plain" | "peer";

interface Batch {
  readonly name: Contestant;
  readonly deliver: NthCall;
  readonly calls: number;
}

const contestants: Readonly<Record<Contestant, Library>> = { ...libraries, plain: ourLibrary(uncompressed) };
const names = ["ours", "peer", "plain"] as const;
const tableName = "bench";

const [path, content, kb, batchMs, rounds] = process.argv.slice(2) as [CpuPath, Content, ...string[]];
console.log(JSON.stringify(await row(path, content, Number(kb), Number(batchMs), Number(rounds))));

async function row(path: CpuPath, content: Content, kb: number, batchMs: number, rounds: number): Promise<CpuRow> {
  const result = resultOf(content, kb);
  const batches: Batch[] = [];
  for (const name of names) {
    const deliver = await prepare(contestants[name], path, result);
    batches.push({ name, deliver, calls: await callsIn(deliver, batchMs) });
  }
  const measured: Record<Contestant, number[]> = { ours: [], plain: [], peer: [] };
  // In turn, so that whatever else the machine does meets each of them.
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

async function prepare({ keyNames, wrap }: Library, path: CpuPath, result: unknown): Promise<NthCall> {
  const work = (): unknown => result;
  if (path === "fresh") {
    const deliver = wrap(work, { client: freshClient(), tableName });
    return (n) => deliver(`order-${n}`);
  }
  const { client, replay } = recordingClient(keyNames);
  await wrap(work, { client, tableName })("order");
  const again = wrap(runsAgain, { client: await replay(), tableName });
  return () => again("order");
}

function runsAgain(): never {
  throw new Error("a replay runs the handler");
}
