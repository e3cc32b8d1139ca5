// What the two programs that measure a row have in common.
import { median } from "./median.ts";
import type { SqsPath, SqsRow } from "./sqs.ts";
import { type ConsumerName, consumerNames, type OurConsumer, ourConsumers } from "./sqs-names.ts";

/** What each consumer took, round by round. */
export type Rounds = Readonly<Record<ConsumerName, number[]>>;

export function noRounds(): Rounds {
  return Object.fromEntries(consumerNames.map((name) => [name, []])) as unknown as Rounds;
}

export function rowOf(path: SqsPath, messages: number, rounds: Rounds): SqsRow {
  const ratioOf = (name: OurConsumer): number => median(rounds[name].map((ours, round) => ours / (rounds.peer[round] ?? Number.NaN)));
  return {
    path,
    messages,
    taken: Object.fromEntries(consumerNames.map((name) => [name, median(rounds[name])])) as SqsRow["taken"],
    ratio: Object.fromEntries(ourConsumers.map((name) => [name, ratioOf(name)])) as SqsRow["ratio"],
  };
}

/** A program's arguments, each as JSON. */
export function readArguments(): unknown[] {
  return process.argv.slice(2).map((arg) => JSON.parse(arg) as unknown);
}
