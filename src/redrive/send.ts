// A dead letter as a new message of its source queue: body and attributes as they were, with its key where that was its id.
import {
  BatchRequestTooLong,
  type Message,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchCommandOutput,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { sha256 } from "../core/key.ts";
import { keyAttribute } from "../keys/attribute.ts";
import { perRequest } from "./queue.ts";

export interface Outgoing {
  readonly message: Message;
  readonly messageId: string;
  /** Its key is its own id, which the new message has not. */
  readonly isStamped: boolean;
}

export type Sent = { readonly newMessageId: string } | { readonly reason: string };

/** What all queues take in one request; a longer message goes alone. */
const bytesPerRequest = 262_144;

/** In the order that they are given, ten at most. What is not in the answer was not asked for: its request failed, with what `send` throws. */
export async function send(
  sqs: SQSClient,
  url: string,
  runId: string,
  outgoing: readonly Outgoing[],
  sent: Map<string, Sent>,
): Promise<void> {
  for (const batch of batches(outgoing)) {
    const Entries = batch.map((one, i) => ({ Id: String(i), ...entryOf(one, runId) }));
    const request = new SendMessageBatchCommand({ QueueUrl: url, Entries });
    const { Successful = [], Failed = [] } = await sqs.send(request).catch((error: unknown) => refusedAlone(batch, error));
    for (const { Id, MessageId: newMessageId = "" } of Successful) sent.set(idOf(batch, Id), { newMessageId });
    for (const { Id, Code, Message: text } of Failed) sent.set(idOf(batch, Id), { reason: `it could not be sent: ${Code}: ${text ?? ""}` });
  }
}

/** What is too long by its key alone is no reason to end the run. */
function refusedAlone(batch: readonly Outgoing[], error: unknown): Pick<SendMessageBatchCommandOutput, "Successful" | "Failed"> {
  if (!(error instanceof BatchRequestTooLong) || batch.length > 1) throw error;
  return { Successful: [], Failed: [{ Id: "0", Code: error.name, Message: error.message, SenderFault: true }] };
}

function idOf(batch: readonly Outgoing[], id: string | undefined): string {
  return batch[Number(id)]?.messageId ?? "";
}

function entryOf({ message, messageId, isStamped }: Outgoing, runId: string): Omit<SendMessageBatchRequestEntry, "Id"> {
  const { Body, MessageAttributes = {}, Attributes = {} } = message;
  const { MessageGroupId, MessageDeduplicationId, AWSTraceHeader } = Attributes;
  const key = { [keyAttribute]: { DataType: "String", StringValue: messageId } };
  const attributes: Record<string, MessageAttributeValue> = isStamped ? { ...MessageAttributes, ...key } : MessageAttributes;
  return {
    MessageBody: Body,
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
    ...(AWSTraceHeader !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: AWSTraceHeader } },
    }),
    ...(MessageGroupId !== undefined && { MessageGroupId }),
    // Of the message and the run. The producer's own would have SQS swallow the message within five minutes; one of the run has it swallow
    // what a process sent again that was killed before it knew.
    ...(MessageDeduplicationId !== undefined && { MessageDeduplicationId: sha256(`${messageId} ${runId}`) }),
  };
}

function batches(outgoing: readonly Outgoing[]): Outgoing[][] {
  const all: Outgoing[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of outgoing) {
    const size = sizeOf(one.message);
    bytes += size;
    const last = all.at(-1);
    if (last !== undefined && bytes <= bytesPerRequest && last.length < perRequest) last.push(one);
    else {
      all.push([one]);
      bytes = size;
    }
  }
  return all;
}

/** An upper bound: the stamp included. */
function sizeOf({ Body = "", MessageAttributes = {} }: Message): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType = "", StringValue = "", BinaryValue }]) =>
      Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
  );
  return Buffer.byteLength(Body) + attributes.reduce((sum, size) => sum + size, 100);
}
