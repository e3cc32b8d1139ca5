// Wall milliseconds of batches of one path, as JSON: node sqs-wall.ts PATH SIZES ROUNDS CHANGES, each as JSON
import type { NthCall } from "./cpu-time.ts";
import type { Changes } from "./libraries.ts";
import type { SqsPath, SqsRow } from "./sqs.ts";
import { consumers } from "./sqs-consumers.ts";
import { consumerNames } from "./sqs-names.ts";
import { logNothing, prepareBatches } from "./sqs-prepare.ts";
import { noRounds, readArguments, rowOf } from "./sqs-row.ts";

const delayMs = 10;
const warmUpRounds = 3;

const [path, sizes, rounds, changes] = readArguments() as [SqsPath, readonly number[], number, Changes["sqs"]];
logNothing();
console.log(JSON.stringify(await rows()));

async function rows(): Promise<readonly SqsRow[]> {
  const all = consumers(changes);
  const measured = sizes.map((messages) => ({ messages, ms: noRounds() }));
  const deliveries: { deliver: NthCall; ms: number[] }[] = [];
  for (const { messages, ms } of measured)
    for (const name of consumerNames) deliveries.push({ deliver: await prepareBatches(all[name], path, messages, delayMs), ms: ms[name] });
  // In turn, so that whatever else the machine does meets each of them.
  for (let round = 0; round < warmUpRounds + rounds; round++)
    for (const { deliver, ms } of deliveries) {
      const start = performance.now();
      await deliver(round);
      if (round >= warmUpRounds) ms.push(performance.now() - start);
    }
  return measured.map(({ messages, ms }) => rowOf(path, messages, ms));
}
