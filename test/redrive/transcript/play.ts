// The runbook of docs/redrive.md, played with the real command on MiniStack: from a full dead-letter queue to an empty one.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateQueueCommand, type Message, type SQSClient } from "@aws-sdk/client-sqs";
import { dynamodbStore } from "../../../src/dynamodb/index.ts";
import { lambdaRecord } from "../../../src/redrive/message.ts";
import { idempotentSqs, PermanentError } from "../../../src/sqs/index.ts";
import { root } from "../../engines/engine.ts";
import { startMinistack } from "../../engines/ministack.ts";
import { countsOf, deleteAll, receive, sendAll, sqsClientOf } from "../../support/queues.ts";
import { clientOf, freshTable } from "../../support/table.ts";
import { until } from "../../support/until.ts";

/** A command line as the page shows it, behind `$ `, and all that it prints. */
export interface Played {
  readonly line: string;
  readonly output: string;
}

const keyed = (body: string) => ({
  MessageBody: body,
  MessageAttributes: { "idempotency-key": { DataType: "String", StringValue: body } },
});
const messages = [keyed("order-1"), { MessageBody: "order-2" }, keyed("order-3"), keyed("order-4")];
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

export interface PlayedRunbook {
  /** By the names of the page's parts. */
  readonly runbook: ReadonlyMap<string, readonly Played[]>;
  /** How often each order was done. */
  readonly effects: ReadonlyMap<string, number>;
}

export async function playRunbook(): Promise<PlayedRunbook> {
  const engine = await startMinistack();
  const sqs = sqsClientOf(engine.endpoint);
  const dynamodb = clientOf(engine.endpoint);
  const folder = mkdtempSync(join(tmpdir(), "lambda-once-runbook-"));
  try {
    const { url, dlqUrl } = await ordersQueues(sqs);
    const table = await freshTable(dynamodb);
    const handler = handlerOf(table, dynamodb);
    await sendAll(sqs, url, messages);
    await dieOf(sqs, { url, dlqUrl, handle: handler.broken });

    const env = {
      PATH: `${folder}:${process.env["PATH"] ?? ""}`,
      DLQ: dlqUrl,
      IDEMPOTENCY_TABLE: table,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL: engine.endpoint,
    };
    const command = `#!/bin/sh\nexec ${process.execPath} --conditions=lambda-once:source ${join(root, "src/cli/main.ts")} "$@"\n`;
    writeFileSync(join(folder, "lambda-once"), command, { mode: 0o700 });
    const parts = new Map<string, Played[]>();
    const play = async (part: string, ...lines: readonly string[]) => {
      const played: Played[] = [];
      for (const line of lines) played.push({ line, output: await run(line, folder, env) });
      parts.set(part, played);
    };
    await play("status", 'lambda-once redrive status --dlq "$DLQ"');
    await play("plan", 'lambda-once redrive plan --dlq "$DLQ" --operation orders --out plan.json');
    await play("apply", 'lambda-once redrive apply --plan plan.json --journal plan.journal --yes; echo "exit code $?"');
    await handleAll(sqs, url, handler.mended);
    await play("stuck", "lambda-once list orders --held", "lambda-once inspect orders order-4", "lambda-once release orders order-4 --yes");
    await play(
      "again",
      'lambda-once redrive plan --dlq "$DLQ" --operation orders --out rest.json',
      "lambda-once redrive apply --plan rest.json --journal rest.journal --yes",
    );
    await handleAll(sqs, url, handler.mended);
    await play("end", 'lambda-once redrive status --dlq "$DLQ"');
    return { runbook: parts, effects: handler.effects };
  } finally {
    rmSync(folder, { recursive: true });
    sqs.destroy();
    dynamodb.destroy();
    await engine.stop();
  }
}

async function ordersQueues(sqs: SQSClient) {
  const { QueueUrl: dlqUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "orders-dlq" }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("orders-dlq"), maxReceiveCount: 2 });
  const created = await sqs.send(new CreateQueueCommand({ QueueName: "orders", Attributes: { RedrivePolicy, VisibilityTimeout: "0" } }));
  return { url: created.QueueUrl ?? "", dlqUrl };
}

function handlerOf(tableName: string, client: ReturnType<typeof clientOf>) {
  const effects = new Map<string, number>();
  const context = { awsRequestId: "6a7d0a2c-0b7e-4b8e-9c1a-2f5b3c4d5e6f", functionName: "orders", getRemainingTimeInMillis: () => 30_000 };
  let isMended = false;
  const handler = idempotentSqs(
    ({ body }) => {
      if (!isMended && body === "order-2") throw new Error("the provider is away");
      if (!isMended && body === "order-3") throw new PermanentError("there is no such product");
      if (!isMended && body === "order-4") throw new Timeout("the bank has not answered");
      effects.set(body, (effects.get(body) ?? 0) + 1);
    },
    {
      store: dynamodbStore({ tableName, client }),
      operation: "orders",
      onError: (error) => (error instanceof Timeout ? "hold" : "release"),
    },
  );
  const handle = async (received: readonly Message[]) => {
    const { batchItemFailures } = await handler({ Records: received.map((message) => lambdaRecord(message, arnOf("orders"))) }, context);
    return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  };
  return {
    effects,
    broken: handle,
    mended(received: readonly Message[]) {
      isMended = true;
      return handle(received);
    },
  };
}

class Timeout extends Error {
  override readonly name = "Timeout";
}

interface Dying {
  readonly url: string;
  readonly dlqUrl: string;
  handle(received: readonly Message[]): Promise<unknown>;
}

/** The handler has each message twice, and no answer of it arrives. */
async function dieOf(sqs: SQSClient, { url, dlqUrl, handle }: Dying): Promise<void> {
  await until("all are dead", async () => {
    const received = await receive(sqs, url, { visibilitySeconds: 1 });
    if (received.length > 0) await handle(received);
    return (await countsOf(sqs, dlqUrl)).visible === messages.length ? true : undefined;
  });
}

async function handleAll(
  sqs: SQSClient,
  url: string,
  handle: (received: readonly Message[]) => Promise<ReadonlySet<string>>,
): Promise<void> {
  for (let received = await receive(sqs, url); received.length > 0; received = await receive(sqs, url)) {
    const failed = await handle(received);
    await deleteAll(
      sqs,
      url,
      received.filter(({ MessageId = "" }) => !failed.has(MessageId)),
    );
  }
}

/** As a person types it; what it prints, errors as well. */
function run(line: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn("sh", ["-c", line], { cwd, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(output));
  });
}
