// The key of a dead letter, by the code of its handler, and whether the message keeps it when it comes back as a new one.
import type { Call } from "../core/call.ts";
import { messageOf } from "../core/errors.ts";
import type { RecordId } from "../core/record.ts";
import { keyAttribute } from "../keys/attribute.ts";
import { preparer } from "../lambda/prepare.ts";
import { newOwner } from "../lambda/system.ts";
import type { SQSRecord, SQSRecordAttributes } from "../sqs/event.ts";
import { findKey, messageKey } from "../sqs/message-key.ts";
import type { ResolvedSqsOptions } from "../sqs/options.ts";
import { maxAttributes } from "../sqs/producer.ts";
import type { KeySource } from "./types.ts";

export type KeyOfLetter =
  | { readonly kind: "keyed"; readonly id: RecordId; readonly from: KeySource; readonly fingerprint: string | undefined }
  /** Why it cannot come back under its key. */
  | { readonly kind: "lost"; readonly id?: RecordId; readonly reason: string };

export function keyReader({ key, ...options }: ResolvedSqsOptions<unknown, unknown>): (record: SQSRecord) => KeyOfLetter {
  // Also where idempotency is switched off around here: what is asked is what the handler does.
  const prepare = preparer<[record: SQSRecord, context: unknown], unknown>({
    ...options,
    key: key ?? messageKey,
    enabled: true,
    onMissingKey: "throw",
  });

  function callOf(record: SQSRecord): Call | undefined {
    const prepared = prepare([record, undefined]);
    return prepared.kind === "keyed" ? prepared.call : undefined;
  }

  return (record) => {
    try {
      const call = callOf(record);
      if (call === undefined) return { kind: "lost", reason: "it has no key" };
      const { id, fingerprint } = call;
      const from = key === undefined ? findKey(record).from : "custom";
      if (from === "messageId" && isFull(record)) return { kind: "lost", id, reason: withoutRoom };
      const again = callOf(asNewMessage(record, from === "messageId"));
      // A messageId goes along as an attribute.
      if (from !== "messageId" && again?.id.keyHash !== id.keyHash) return { kind: "lost", reason: `its key ${unsteady}` };
      // Where one of them is missing, nobody compares them.
      const isOther = fingerprint !== undefined && again?.fingerprint !== undefined && again.fingerprint !== fingerprint;
      if (isOther) return { kind: "lost", id, reason: `its fingerprint ${unsteady}` };
      return { kind: "keyed", id, from, fingerprint };
    } catch (error) {
      return { kind: "lost", reason: `its key cannot be had: ${messageOf(error)}` };
    }
  };
}

const unsteady =
  "depends on what SQS gives each message anew, such as messageId or SentTimestamp, so that it is another one when the message comes back: give one that rests on what its producer sets";

/** What a message keeps of its attributes when it is sent again: see `send.ts`. */
const keptAttributes: ReadonlySet<string> = new Set(["MessageGroupId", "AWSTraceHeader"]);
const stamp = { dataType: "String", stringValue: "stamp", stringListValues: [], binaryListValues: [] };
/** Far enough for what takes only a part of a time or a number, such as its day. */
const otherwise = 987_654_321_987;

/** The message with all replaced that SQS gives anew. `isStamped`: its id goes along as an attribute. */
function asNewMessage(record: SQSRecord, isStamped: boolean): SQSRecord {
  const given = Object.entries(record.attributes as unknown as Record<string, string>);
  // Each by another number, for what takes the difference of two.
  const attributes = given.map(([name, value], i) => [name, replaced(name, value, (i + 1) * otherwise)] as const);
  return {
    ...record,
    messageId: newOwner(),
    receiptHandle: newOwner(),
    attributes: Object.fromEntries(attributes) as unknown as SQSRecordAttributes,
    ...(isStamped && { messageAttributes: { ...record.messageAttributes, [keyAttribute]: stamp }, md5OfMessageAttributes: newOwner() }),
  };
}

function replaced(name: string, value: string, more: number): string {
  if (keptAttributes.has(name)) return value;
  // A new message has been received once.
  if (name === "ApproximateReceiveCount" && value !== "1") return "1";
  const number = Number(value);
  return Number.isSafeInteger(number) ? String(number + more) : newOwner();
}

const withoutRoom = `its key is its messageId, which a new message has not, and its ${maxAttributes} message attributes leave no room for it`;

function isFull({ messageAttributes }: SQSRecord): boolean {
  return Object.keys(messageAttributes).length >= maxAttributes;
}
