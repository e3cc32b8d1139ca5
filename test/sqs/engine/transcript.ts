// The redrive trap as a transcript: played on MiniStack with its move task, and shown in docs/sqs.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbedded } from "../../engines/embedded.ts";
import { root } from "../../engines/engine.ts";
import { startMinistack } from "../../engines/ministack.ts";
import { sqsClientOf } from "../../support/queues.ts";
import { clientOf } from "../../support/table.ts";
import { type KeyFrom, redrive, type Redriven, type Step } from "./redrive.ts";

export const page: string = join(root, "docs/sqs.md");
const place = /(<!-- transcript:redrive -->\n\n```text\n)([\s\S]*?)(```\n\n<!-- \/transcript:redrive -->)/;

const parts: readonly { keyFrom: KeyFrom; title: string }[] = [
  { keyFrom: "messageId", title: "A message without a key of its own: its key is its messageId" },
  { keyFrom: "the producer", title: 'The same message with a key of its producer, "order-1"' },
];

/** Plays both messages, and tells what became of them. */
export async function playTranscript(): Promise<string> {
  const [queues, table] = await Promise.all([startMinistack(), startEmbedded()]);
  const [client, dynamodb] = [sqsClientOf(queues.endpoint), clientOf(table.endpoint)];
  try {
    const play = (keyFrom: KeyFrom) => redrive({ client, dynamodb, fifo: false, keyFrom, movedBy: "move task" });
    const played = await Promise.all(parts.map(async ({ keyFrom, title }) => told(title, await play(keyFrom))));
    return `${played.join("\n\n")}\n`;
  } finally {
    client.destroy();
    dynamodb.destroy();
    await Promise.all([queues.stop(), table.stop()]);
  }
}

/** The transcript that the page shows. */
export function shownTranscript(): string {
  const [, , shown] = place.exec(readFileSync(page, "utf8")) ?? [];
  if (shown === undefined) throw new Error(`${page} has no place for the transcript`);
  return shown;
}

/** The page with another transcript. */
export function withTranscript(transcript: string): string {
  return readFileSync(page, "utf8").replace(place, (_, start: string, __, end: string) => start + transcript + end);
}

/** A transcript without what differs from run to run: the first message that it names is m1, the next one m2. */
export function normalised(transcript: string): string {
  const names = new Map<string, string>();
  return transcript.replaceAll(/\b[0-9a-f]{8}\b/g, (id) => {
    const name = names.get(id) ?? `m${names.size + 1}`;
    names.set(id, name);
    return name;
  });
}

function told(title: string, { steps, effects, records, left }: Redriven): string {
  const sum = `work done ${times(effects)}; records in the table: ${records}; messages left: ${left}`;
  return [title, ...steps.map((step, i) => `  ${line(step, ranBefore(steps, i))}`), `  ${sum}`].join("\n");
}

function line(step: Step, isRepeated: boolean): string {
  if (step.kind === "sent") return row("sent", step.messageId);
  if (step.kind === "dead") return row("in the DLQ", step.messageId, "moved by the queue: maxReceiveCount is used up");
  if (step.kind === "redriven") return row("redrive", "", `StartMessageMoveTask, messages moved: ${step.moved}`);
  const { messageId, receiveCount, ran, isAnswerLost } = step;
  const work = ran ? `the work is done${isRepeated ? " AGAIN" : ""}` : "not run: done already";
  return row("delivered", messageId, `receive ${receiveCount}: ${work}; ${isAnswerLost ? "the batch's answer is lost" : "deleted"}`);
}

function row(what: string, messageId: string, more = ""): string {
  return `${what.padEnd(12)}${messageId.slice(0, 8).padEnd(10)}${more}`.trimEnd();
}

function ranBefore(steps: readonly Step[], index: number): boolean {
  return steps.slice(0, index).some((step) => step.kind === "delivered" && step.ran);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
