// What loses or forgets on its way between the door and its queue and table: an injected fault, and the mistakes that are planted.
import { ChangeMessageVisibilityBatchCommand, DeleteMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { hashKey } from "../../../../src/core/key.ts";
import type { Store } from "../../../../src/index.ts";
import type { SQSBatchResponse, SQSEvent } from "../../../../src/sqs/index.ts";
import { seeded } from "../../../../src/testing/random.ts";
import { keyIn } from "./environment.ts";
import type { Injector } from "./injector.ts";

const lostDeletePart = 0.1;

/** A client some of whose deletions never arrive. */
export function losingDeletes(sqs: SQSClient, seed: number, injector: Injector): SQSClient {
  const random = seeded(seed + 1);
  const send = async (command: object): Promise<unknown> => {
    if (!(command instanceof DeleteMessageBatchCommand)) return sqs.send(command as never);
    const { QueueUrl, Entries = [] } = command.input;
    const sent = Entries.filter(() => {
      const isLost = random() < lostDeletePart;
      if (isLost) injector.count("delete lost");
      return !isLost;
    });
    return sent.length === 0 ? { Successful: [], Failed: [] } : sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: sent }));
  };
  return { send } as unknown as SQSClient;
}

/** A client that leaves every visibility as it is. */
export function refusingChanges(sqs: SQSClient): SQSClient {
  const send = async (command: object): Promise<unknown> => {
    if (command instanceof ChangeMessageVisibilityBatchCommand) throw new Error("planted");
    return sqs.send(command as never);
  };
  return { send } as unknown as SQSClient;
}

/** A store that lets everybody run, and keeps nothing. */
export function claimsNothing(store: Store): Store {
  return { ...store, claim: async () => ({ applied: true }), settle: async () => ({ applied: true }) };
}

/** An answer that does not name the messages of these keys. */
export function without(keyHashes: ReadonlySet<string>, { Records }: SQSEvent, { batchItemFailures }: SQSBatchResponse): SQSBatchResponse {
  const ids = new Set(Records.filter((record) => keyHashes.has(hashKey(keyIn(record)))).map(({ messageId }) => messageId));
  return { batchItemFailures: batchItemFailures.filter(({ itemIdentifier }) => !ids.has(itemIdentifier)) };
}
