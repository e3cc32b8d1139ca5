// An execution environment: a cold start of the consumer, which stops in its tracks once it is killed.
import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";
import { setTimeout } from "node:timers/promises";
import { currentExecution, type IdempotencyEvent, type Store } from "../../../../src/index.ts";
import { idempotentSqs, PermanentError, type SQSBatchResponse, type SQSRecord } from "../../../../src/sqs/index.ts";
import type { Invocation } from "../../../mapping/invocation.ts";
import type { Injector } from "./injector.ts";
import type { KeyPlan } from "./plan.ts";

export interface World {
  readonly store: Store;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly injector: Injector;
  readonly keys: ReadonlyMap<string, KeyPlan>;
  readonly onEvent: (event: IdempotencyEvent) => void;
  /** Default: the producer's. */
  readonly key?: ((record: SQSRecord) => string) | undefined;
}

/** How long a handler works whose message becomes visible beneath it. Milliseconds. */
const slowMs = 700;

export function keyIn(record: { readonly body: string }): string {
  return (JSON.parse(record.body) as { key: string }).key;
}

/** The handler of one invocation. */
export function environment(world: World, { gone, kill }: Invocation): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const { injector, keys, sqs, queueUrl } = world;
  // Keys whose effect is there and whose completion nobody has confirmed.
  const open = new Set<string>();
  gone.addEventListener("abort", () => open.forEach((key) => injector.allow(key, "killed after its effect")));

  async function work(record: SQSRecord): Promise<void> {
    const key = keyIn(record);
    injector.note(key, `runs, attempt ${currentExecution().attempt}`);
    if (keys.get(key)?.isPoison === true) throw new PermanentError("poison");
    if (injector.strikes(key, "handler throws")) throw new Error("out of luck");
    // Whoever acked what came again in the meantime has lost it.
    const isKilled = injector.strikes(key, "killed in a lapse");
    if (isKilled || injector.strikes(key, "visibility lapse")) {
      const { receiptHandle: ReceiptHandle } = record;
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      await setTimeout(slowMs);
    }
    if (isKilled) kill();
    await stillHere(gone);
    currentExecution().signal.throwIfAborted();
    injector.effect(key);
    open.add(key);
    if (injector.strikes(key, "killed after the effect")) kill();
    await stillHere(gone);
  }

  const { store } = world;
  const gated = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => gate(gone, call);
  const claiming =
    <A extends unknown[]>(keyOf: (...args: A) => string, call: (...args: A) => ReturnType<Store["claim"]>) =>
    async (...args: A) => {
      const key = keyOf(...args);
      if (injector.strikes(key, "killed before the claim")) kill();
      const answer = await gated(call)(...args);
      if (answer.applied && injector.strikes(key, "killed after the claim")) kill();
      return stillHere(gone, answer);
    };
  const environmentStore: Store = {
    ...store,
    claim: claiming(({ keyParts }) => String(keyParts), store.claim),
    takeOver: claiming((_, { keyParts }) => String(keyParts), store.takeOver),
    read: gated(store.read),
    extend: gated(store.extend),
    async settle(claim, outcome) {
      const key = String(claim.keyParts);
      const answer = await gated(store.settle)(claim, outcome);
      if (outcome.status === "completed") {
        open.delete(key);
        if (injector.strikes(key, "killed after the completion")) kill();
      }
      return stillHere(gone, answer);
    },
  };
  return idempotentSqs(work, {
    store: environmentStore,
    operation: "chaos",
    sqs: { send: gated(sqs.send.bind(sqs) as (...args: unknown[]) => Promise<unknown>) } as unknown as SQSClient,
    // The code of one that is gone goes on here, where on AWS it would stop.
    onEvent: (event) => void (gone.aborted || world.onEvent(event)),
    key: world.key,
  });
}

function gate<A extends unknown[], R>(gone: AbortSignal, call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    await stillHere(gone);
    try {
      return await stillHere(gone, await call(...args));
    } catch (error) {
      await stillHere(gone);
      throw error;
    }
  };
}

/** Goes on where the environment is there, and never where it is not. */
async function stillHere<T>(gone: AbortSignal, value?: T): Promise<T> {
  return gone.aborted ? new Promise<T>(() => {}) : (value as T);
}
