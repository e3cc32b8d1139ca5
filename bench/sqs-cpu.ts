// Own CPU microseconds of a batch of messages, as JSON: node sqs-cpu.ts PATH MESSAGES BATCH_MS ROUNDS CHANGES, each as JSON
import { callsIn, cpuOf, type NthCall } from "./cpu-time.ts";
import type { Changes } from "./libraries.ts";
import type { SqsPath, SqsRow } from "./sqs.ts";
import { consumers } from "./sqs-consumers.ts";
import { consumerNames } from "./sqs-names.ts";
import { logNothing, prepareBatches } from "./sqs-prepare.ts";
import { noRounds, readArguments, rowOf } from "./sqs-row.ts";

const [path, messages, batchMs, rounds, changes] = readArguments() as [SqsPath, number, number, number, Changes["sqs"]];
logNothing();
console.log(JSON.stringify(await row()));

async function row(): Promise<SqsRow> {
  const all = consumers(changes);
  const us = noRounds();
  const deliveries: { deliver: NthCall; calls: number; us: number[] }[] = [];
  for (const name of consumerNames) {
    const deliver = await prepareBatches(all[name], path, messages, 0);
    deliveries.push({ deliver, calls: await callsIn(deliver, batchMs), us: us[name] });
  }
  for (let round = 0; round < rounds; round++) for (const { deliver, calls, us } of deliveries) us.push(await cpuOf(deliver, calls));
  return rowOf(path, messages, us);
}
