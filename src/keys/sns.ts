import type { KeyInput } from "../core/key.ts";
import { keyAttribute, keyOfAttribute } from "./attribute.ts";
import { textAt, valueAt } from "./parts.ts";

/** One record of an SNS event, as far as its key needs it. */
export interface SnsRecord {
  readonly Sns: {
    readonly MessageId: string;
    readonly MessageAttributes?: Readonly<Record<string, { readonly Type: string; readonly Value: string }>> | undefined;
  };
}

/**
 * The key of a notification that SNS invokes a function with: the publisher's, in the message attribute `idempotency-key`
 * (String or Number; undefined where it is neither), and without one its `MessageId`, "unique for each message published. For a
 * notification that Amazon SNS resends during a retry, the message ID of the original message is used"; Lambda, which
 * queues the event and retries it, hands the same one to each try. Undefined where there is none.
 *
 * A publisher that sends again publishes another message, with another id: there the attribute is better, or a key of what
 * the message says that it is about.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 * @example
 * key: (event: SNSEvent) => snsKey(event.Records[0])
 */
export function snsKey(record: SnsRecord | undefined): KeyInput | undefined {
  const attribute = valueAt(record, "Sns", "MessageAttributes", keyAttribute);
  if (attribute !== undefined) return keyOfAttribute(valueAt(attribute, "Type"), valueAt(attribute, "Value"));
  return textAt(record, "Sns", "MessageId");
}
