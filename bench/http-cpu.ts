// Own CPU microseconds of a fresh request, as JSON: node http-cpu.ts BATCH_MS ROUNDS, each as JSON
import { callsIn, cpuOf } from "./cpu-time.ts";
import type { HttpCpuRow } from "./http.ts";
import { contestants } from "./http-handlers.ts";
import { median } from "./median.ts";
import { readArguments } from "./sqs-row.ts";
import { freshClient } from "./stub.ts";

const [batchMs, rounds] = readArguments() as [number, number];
console.log(JSON.stringify(await row()));

async function row(): Promise<HttpCpuRow> {
  const { http, wrapper } = contestants(freshClient());
  const [httpCalls, wrapperCalls] = [await callsIn(http, batchMs), await callsIn(wrapper, batchMs)];
  const [httpUs, wrapperUs]: [number[], number[]] = [[], []];
  // In turn, so that whatever else the machine does meets each of them.
  for (let round = 0; round < rounds; round++) {
    httpUs.push(await cpuOf(http, httpCalls));
    wrapperUs.push(await cpuOf(wrapper, wrapperCalls));
  }
  const ratio = median(httpUs.map((us, round) => us / (wrapperUs[round] ?? Number.NaN)));
  return { httpUs: median(httpUs), wrapperUs: median(wrapperUs), ratio };
}
