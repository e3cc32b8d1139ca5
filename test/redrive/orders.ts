// Dead letters of a handler that counts its runs: what a redrive is judged by.
import type { Message, SendMessageBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import type { Store } from "../../src/core/store.ts";
import { applyRedrive, type ApplyOptions, planRedrive, type PlanOptions, type RedrivePlan } from "../../src/redrive/index.ts";
import { lambdaRecord } from "../../src/redrive/message.ts";
import { idempotentSqs, PermanentError, type SqsOptions } from "../../src/sqs/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { type DeadLetters, deadLetters } from "../support/dead-letters.ts";
import { deleteAll, receive } from "../support/queues.ts";
import { until } from "../support/until.ts";

export type Letter = Omit<SendMessageBatchRequestEntry, "Id">;

export function keyed(key: string, body: string = key): Letter {
  return { MessageBody: body, MessageAttributes: { "idempotency-key": { DataType: "String", StringValue: key } } };
}

export function byId(body: string): Letter {
  return { MessageBody: body };
}

/** Of a FIFO queue. */
export function grouped(letter: Letter, group: string): Letter {
  return { ...letter, MessageGroupId: group, MessageDeduplicationId: `producers-${letter.MessageBody}` };
}

/** How the handler ends. */
export type Ending = "done" | "fails" | "poison" | "dies";

export interface Orders extends DeadLetters {
  readonly store: Store;
  /** How often the work of a body was done to its end. */
  readonly effects: ReadonlyMap<string, number>;
  /** Lets the handler have dead letters, by their bodies, as it had them before they were dead. */
  had(bodies: readonly string[], ending: Ending): Promise<void>;
  plan(options?: Partial<PlanOptions>): Promise<RedrivePlan>;
  apply(plan: RedrivePlan, options?: Partial<ApplyOptions>): ReturnType<typeof applyRedrive>;
  /** Lets the handler have what is in the source queue, until nothing is; what it does not fail is deleted. Answers bodies in order. */
  consume(): Promise<string[]>;
}

type HandlerOptions = Partial<Pick<SqsOptions, "key" | "fingerprint" | "onLeaseExpired" | "onError" | "leaseMs" | "retentionSeconds">>;

/** Fresh queues with at most ten dead letters, and a store of their own. */
export async function deadOrders(
  client: SQSClient,
  letters: readonly Letter[],
  { fifo = false, store = memoryStore(), ...options }: { readonly fifo?: boolean; readonly store?: Store } & HandlerOptions = {},
): Promise<Orders> {
  const dead = await deadLetters(client, letters, { fifo });
  const effects = new Map<string, number>();
  let ending: Ending = "done";
  let died = (): void => {};
  const handler = idempotentSqs(
    async ({ body }) => {
      if (ending === "dies") await new Promise(died);
      if (ending === "fails") throw new Error("not now");
      if (ending === "poison") throw new PermanentError("never");
      effects.set(body, (effects.get(body) ?? 0) + 1);
    },
    { store, operation: "orders", sqs: client, leaseMs: 200, ...options },
  );
  const run = (messages: readonly Message[]) => {
    const context = { awsRequestId: "request", functionName: "orders", getRemainingTimeInMillis: () => 60_000 };
    return handler({ Records: messages.map((message) => lambdaRecord(message, dead.arn)) }, context);
  };
  const { key, fingerprint, onLeaseExpired } = options;
  const handlers = {
    store,
    sqs: client,
    ...(key && { key }),
    ...(fingerprint && { fingerprint }),
    ...(onLeaseExpired && { onLeaseExpired }),
  };

  return {
    ...dead,
    store,
    effects,
    async had(bodies, how) {
      const messages = new Map<string, Message>();
      await until("all dead letters are seen", async () => {
        for (const message of await receive(client, dead.dlqUrl, { visibilitySeconds: 0 })) messages.set(message.Body ?? "", message);
        return bodies.every((body) => messages.has(body)) ? true : undefined;
      });
      ending = how;
      const death = new Promise<void>((resolve) => (died = resolve));
      await Promise.race([death, run(bodies.flatMap((body) => messages.get(body) ?? []))]);
      ending = "done";
    },
    plan: (given) => planRedrive({ deadLetterQueueUrl: dead.dlqUrl, operation: "orders", ...handlers, ...given }),
    apply: (plan, given) => applyRedrive(plan, { ratePerSecond: 500, ...handlers, ...given }),
    async consume() {
      const bodies: string[] = [];
      for (;;) {
        const messages = await receive(client, dead.url);
        if (messages.length === 0) return bodies;
        const { batchItemFailures } = await run(messages);
        const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        const done = messages.filter(({ MessageId = "" }) => !failed.has(MessageId));
        await deleteAll(client, dead.url, done);
        bodies.push(...done.map(({ Body = "" }) => Body));
      }
    },
  };
}
