// A plan and what came of it, for a person.
import type { Decision, RedriveEntry, RedrivePlan, RedriveReport } from "../redrive/index.ts";
import { tableFor } from "./output.ts";

const meanings: Readonly<Record<Decision, string>> = {
  redrive: "send it back",
  release: "free its key, then send it back",
  discard: "its work is done: sent back it is answered from its record (--discard-duplicates deletes it)",
  leave: "leave it where it is",
};

export function decisionTable(stream: NodeJS.WriteStream, entries: readonly RedriveEntry[], deletesDuplicates = false): string {
  const all = Object.keys(meanings) as Decision[];
  const rows = all.flatMap((decision) => {
    const count = entries.filter((entry) => entry.decision === decision).length;
    const meaning = decision === "discard" && deletesDuplicates ? "its work is done: DELETE it" : meanings[decision];
    return count === 0 ? [] : [[decision, count, meaning]];
  });
  return rows.length === 0 ? "no messages" : tableFor(stream, ["decision", "messages", "what it means"], rows);
}

export function planText(stream: NodeJS.WriteStream, { entries, complete }: RedrivePlan): string {
  const head = ["messageId", "source queue", "key from", "record", "decision", "reason"];
  const rows = entries.map(({ messageId, sourceQueueArn, keyFrom, record, decision, reason }) => [
    messageId,
    sourceQueueArn?.split(":").at(-1),
    keyFrom,
    record,
    decision,
    reason,
  ]);
  return [
    decisionTable(stream, entries),
    ...(rows.length > 0 ? ["", tableFor(stream, head, rows)] : []),
    ...(complete ? [] : ["", incomplete]),
  ].join("\n");
}

/** What `complete: false` means. */
export const incomplete: string = [
  "These are not all (complete: false): others are in flight elsewhere, or --max was reached; of a FIFO queue at most ten messages",
  "of a group are seen at a time. A run of this plan does not touch the others, and cannot be a bulk one. Plan again after it.",
].join("\n");

export function reportText(stream: NodeJS.WriteStream, report: RedriveReport): string {
  const { redriven, released, discarded, left, failed, stopped } = report;
  const rest = [...failed.map((one) => ["failed", one] as const), ...left.map((one) => ["left", one] as const)];
  return [
    tableFor(
      stream,
      ["redriven", "keys freed", "discarded", "left", "failed"],
      [[redriven, released, discarded, left.length, failed.length]],
    ),
    ...(rest.length === 0
      ? []
      : [
          "",
          tableFor(
            stream,
            ["messageId", "", "reason"],
            rest.map(([how, { messageId, reason }]) => [messageId, how, reason]),
          ),
        ]),
    ...(stopped === undefined ? [] : ["", `It ended before its time: ${stopped}`]),
    ...(stopped === undefined && failed.length === 0 ? [] : ["The same plan and journal again go on from here."]),
  ].join("\n");
}
