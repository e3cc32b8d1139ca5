import type { SqsResults, SqsRow } from "./sqs.ts";
import { ourConsumers } from "./sqs-names.ts";
import { rounded, type TableData } from "./table-data.ts";

export function sqsTables({ wallMs, cpuUs }: SqsResults): readonly TableData[] {
  return [
    sqsTable("sqs-wall", "Wall time of a batch, ms; each request takes 10", wallMs, 1),
    sqsTable("sqs-cpu", "Own CPU time of a batch, µs, all threads; the clients answer at once", cpuUs, 0),
  ];
}

function sqsTable(name: string, title: string, rows: readonly SqsRow[], digits: number): TableData {
  const head = ["messages", "batch of", "Powertools", "ours, by messageId", "ratio", "by default key", "ratio", "by attribute", "ratio"];
  const cells = rows.map(({ path, messages, taken, ratio }) => [
    path,
    messages,
    taken.peer.toFixed(digits),
    ...ourConsumers.flatMap((consumer) => [taken[consumer].toFixed(digits), rounded(ratio[consumer])]),
  ]);
  return { name, title, head, rows: cells };
}
