import type { KeyInput } from "../core/key.ts";
import { textAt } from "./parts.ts";

/** One record of an SNS event, as far as its key needs it. */
export interface SnsRecord {
  readonly Sns: { readonly MessageId: string };
}

/**
 * The key of a notification that SNS invokes a function with: its `MessageId`, "unique for each message published. For a
 * notification that Amazon SNS resends during a retry, the message ID of the original message is used"; Lambda, which
 * queues the event and retries it, hands the same one to each try. Undefined where there is none.
 *
 * A publisher that sends again publishes another message, with another id: where the message says what it is about, a key
 * of that is better.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 * @example
 * key: (event: SNSEvent) => snsKey(event.Records[0])
 */
export function snsKey(record: SnsRecord | undefined): KeyInput | undefined {
  return textAt(record, "Sns", "MessageId");
}
