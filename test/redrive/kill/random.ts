// Many random kills of `lambda-once redrive apply` over one dead-letter queue, while a consumer has what was sent back: what comes of it.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ChangeMessageVisibilityBatchCommand, type Message, type SQSClient } from "@aws-sdk/client-sqs";
import type { Store } from "../../../src/core/store.ts";
import { dynamodbStore } from "../../../src/dynamodb/index.ts";
import { memoryStore } from "../../../src/memory/store.ts";
import { planRedrive } from "../../../src/redrive/index.ts";
import { lambdaRecord } from "../../../src/redrive/message.ts";
import { idempotentSqs, PermanentError } from "../../../src/sqs/index.ts";
import { seeded } from "../../../src/testing/random.ts";
import { countsOf, deleteAll, freshQueues, receive, sendAll } from "../../support/queues.ts";
import { freshTable } from "../../support/table.ts";
import { runApply } from "./command.ts";
import { type Moment, moments, type Strike } from "./strike.ts";

export interface RandomKills {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  /** Of both. */
  readonly endpoint: string;
  readonly messages: number;
  readonly kills: number;
  readonly seed: number;
  onKill?(kills: number): void;
  /** A mistake that has to be found: what is finished runs again, or a message is taken for sent that was not. */
  readonly plant?: Plant | undefined;
}

export const plants = ["forgets records", "lies of a message that was sent"] as const;
export type Plant = (typeof plants)[number];

export interface Killed {
  readonly kills: number;
  readonly runs: number;
  readonly plans: number;
  /** Messages whose work was never done. */
  readonly lost: readonly string[];
  /** Messages whose work was done more than once. */
  readonly doubled: readonly string[];
  /** Messages that are in one of the queues still. */
  readonly remaining: number;
}

/** Of the last ones, which no run has come to yet. */
function lie(ids: readonly string[]): string {
  return ids
    .slice(-10)
    .map((messageId) => `${JSON.stringify({ event: "sent", messageId })}\n`)
    .join("");
}

/** What moves a message on: half of the kills are there. */
const steps = ["UpdateItem", "SendMessageBatch", "DeleteMessageBatch"];

function strikeAt(random: () => number, visible: number): Omit<Strike, "kill"> {
  const oneOf = <T>(all: readonly T[], fallback: T) => all[Math.floor(random() * all.length)] ?? fallback;
  const moment = oneOf<Moment>(moments, "unseen");
  if (random() < 0.5) return { at: Math.floor(random() * 2), action: oneOf(steps, "SendMessageBatch"), moment };
  // The look at all, or a batch after it: later ones would leave too little for the next kills.
  const looking = 10 + visible / 5;
  return { at: Math.floor(random() < 0.5 ? random() * looking : looking + random() * 25), moment };
}

/** What became of a message before it was dead; every tenth has its messageId as its key. */
const pasts = ["done", "poison", "failed", "fresh"] as const;

export async function playKills({ sqs, dynamodb, endpoint, messages, kills, seed, onKill, plant }: RandomKills): Promise<Killed> {
  const random = seeded(seed);
  const { url, arn, dlqUrl } = await freshQueues(sqs);
  const table = await freshTable(dynamodb);
  const store = dynamodbStore({ client: dynamodb, tableName: table });
  const effects = new Map<string, number>();
  let isDead = false;
  const context = { awsRequestId: "request", functionName: "orders", getRemainingTimeInMillis: () => 60_000 };
  const recordsOf = (of: Store) => {
    const handler = idempotentSqs(
      ({ body }) => {
        if (isDead && body.startsWith("failed")) throw new Error("not now");
        if (isDead && body.startsWith("poison")) throw new PermanentError("never");
        effects.set(body, (effects.get(body) ?? 0) + 1);
      },
      { store: of, operation: "orders", sqs },
    );
    return (received: readonly Message[]) => handler({ Records: received.map((message) => lambdaRecord(message, arn)) }, context);
  };
  const handle = recordsOf(store);

  const handleAgain = plant === "forgets records" ? recordsOf(memoryStore()) : handle;

  async function consume(): Promise<void> {
    for (let received = await receive(sqs, url); received.length > 0; received = await receive(sqs, url)) {
      const { batchItemFailures } = await handleAgain(received);
      if (batchItemFailures.length > 0) throw new Error(`the handler failed ${batchItemFailures.length} messages`);
      await deleteAll(sqs, url, received);
    }
  }

  const letters = Array.from({ length: messages }, (_, i) => {
    const body = `${pasts[i % pasts.length]} ${i}`;
    const key = { "idempotency-key": { DataType: "String", StringValue: body } };
    return { MessageBody: body, ...(i % 10 !== 0 && { MessageAttributes: key }) };
  });
  const ids = await sendAll(sqs, dlqUrl, letters);
  isDead = true;
  for (let first = 0; first < messages; first += 10)
    await handle(
      letters
        .slice(first, first + 10)
        .map(({ MessageBody, ...others }, i) => ({ ...others, Body: MessageBody, MessageId: ids[first + i] ?? "" }))
        .filter(({ Body }) => !Body.startsWith("fresh")),
    );
  isDead = false;

  const folder = mkdtempSync(join(tmpdir(), "lambda-once-kills-"));
  const done = { kills: 0, runs: 0, plans: 0 };
  try {
    for (let left = messages; left > 0; left = (await countsOf(sqs, dlqUrl)).visible) {
      const plan = join(folder, `${done.plans++}.json`);
      writeFileSync(plan, JSON.stringify(await planRedrive({ deadLetterQueueUrl: dlqUrl, store, operation: "orders", sqs })));
      for (let isOver = false; !isOver;) {
        const strike = done.kills < kills ? { strike: strikeAt(random, (await countsOf(sqs, dlqUrl)).visible) } : {};
        const run = await runApply({
          endpoint,
          table,
          plan,
          journal: `${plan}.journal`,
          more: random() < 0.5 ? ["--discard-duplicates"] : [],
          ...strike,
        });
        done.runs++;
        if (run.code === 1) throw new Error(`a run was refused: ${run.stderr}`);
        isOver = run.code !== undefined;
        if (!isOver) {
          done.kills++;
          onKill?.(done.kills);
          if (plant === "lies of a message that was sent") appendFileSync(`${plan}.journal`, lie(ids));
        }
        // Time passes: what nobody knows to be in flight is visible again.
        const Entries = run.lostHandles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
        if (Entries.length > 0) await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: dlqUrl, Entries }));
        if (random() < 0.5) await consume();
      }
      await consume();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const counts = [await countsOf(sqs, url), await countsOf(sqs, dlqUrl)];
  const bodies = letters.map(({ MessageBody }) => MessageBody);
  return {
    ...done,
    lost: bodies.filter((body) => !effects.has(body)),
    doubled: bodies.filter((body) => (effects.get(body) ?? 0) > 1),
    remaining: counts.reduce((sum, { visible, inFlight, delayed }) => sum + visible + inFlight + delayed, 0),
  };
}
