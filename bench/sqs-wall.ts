// Wall time of batches of one path, as JSON: node sqs-wall.ts PATH SIZES ROUNDS CHANGES, each as JSON
import type { Changes } from "./libraries.ts";
import { median } from "./median.ts";
import type { SqsPath, SqsWallRow } from "./sqs.ts";
import { type ConsumerName, consumerNames, consumers } from "./sqs-consumers.ts";
import { type DeliverBatch, logNothing, prepareBatches } from "./sqs-prepare.ts";

interface Runner {
  readonly name: ConsumerName;
  readonly messages: number;
  readonly deliver: DeliverBatch;
  readonly ms: number[];
}

const delayMs = 10;
const warmUpRounds = 5;

const [path, sizes, rounds, changes] = process.argv.slice(2).map((arg) => JSON.parse(arg) as unknown) as [
  SqsPath,
  readonly number[],
  number,
  Changes["sqs"],
];
logNothing();
console.log(JSON.stringify(await rowsOf()));

async function rowsOf(): Promise<readonly SqsWallRow[]> {
  const all = consumers(changes);
  const runners: Runner[] = [];
  for (const messages of sizes)
    for (const name of consumerNames)
      runners.push({ name, messages, deliver: await prepareBatches(all[name], path, messages, delayMs), ms: [] });
  // In turn, so that whatever else the machine does meets each of them.
  for (let round = -warmUpRounds; round < rounds; round++)
    for (const { deliver, ms } of runners) {
      const start = performance.now();
      await deliver(round + warmUpRounds);
      if (round >= 0) ms.push(performance.now() - start);
    }
  return sizes.map((messages) => ({ path, messages, ms: mediansOf(runners.filter((runner) => runner.messages === messages)) }));
}

function mediansOf(runners: readonly Runner[]): SqsWallRow["ms"] {
  return Object.fromEntries(runners.map(({ name, ms }) => [name, median(ms)])) as Record<ConsumerName, number>;
}
