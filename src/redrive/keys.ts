// The key of a dead letter, by the code of its handler, and whether the message keeps it when it comes back as a new one.
import { messageOf } from "../core/errors.ts";
import { hashKey } from "../core/key.ts";
import type { RecordId } from "../core/record.ts";
import { preparer } from "../lambda/prepare.ts";
import { newOwner } from "../lambda/system.ts";
import type { SQSRecord } from "../sqs/event.ts";
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

  return (record) => {
    try {
      const prepared = prepare([record, undefined]);
      if (prepared.kind !== "keyed") return { kind: "lost", reason: "it has no key" };
      const { id, fingerprint } = prepared.call;
      const reason = key === undefined ? withoutRoom(record) : dependsOnId(key, record);
      return reason === undefined
        ? { kind: "keyed", id, from: key === undefined ? findKey(record).from : "custom", fingerprint }
        : { kind: "lost", id, reason };
    } catch (error) {
      return { kind: "lost", reason: `its key cannot be had: ${messageOf(error)}` };
    }
  };
}

// The key needs one where it is the message's own id.
function withoutRoom(record: SQSRecord): string | undefined {
  const isFull = Object.keys(record.messageAttributes).length >= maxAttributes;
  if (!isFull || findKey(record).from !== "messageId") return undefined;
  return `its key is its messageId, which a new message has not, and its ${maxAttributes} message attributes leave no room for it`;
}

// A key that changes with the messageId would be another one when the message comes back.
function dependsOnId(key: NonNullable<ResolvedSqsOptions<unknown, unknown>["key"]>, record: SQSRecord): string | undefined {
  const same = hashKey(key(record)) === hashKey(key({ ...record, messageId: newOwner() }));
  return same ? undefined : "its key depends on its messageId, which a new message has not: give a key that its producer sets";
}
