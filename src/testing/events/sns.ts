import { type Check, checkFields, fail, optional } from "../../core/check.ts";
import { filledText, named, text } from "../checks.ts";
import { accountId, base64Of, isBytes, momentCheck, region, textOf } from "./parts.ts";
import { digitsOf, uuidOf } from "../aws-forms.ts";

/** A message of a topic. */
export interface SnsOptions {
  /** A text as it is, everything else as JSON. */
  readonly message: unknown;
  readonly subject?: string | undefined;
  /** Default: made of the message, so that the same message has the same id. */
  readonly messageId?: string | undefined;
  /** The publisher's: a text is a `String`, a number a `Number`, bytes are `Binary`. */
  readonly messageAttributes?: Readonly<Record<string, string | number | Uint8Array>> | undefined;
  /** Default: a topic named `orders`. */
  readonly topicArn?: string | undefined;
  /** When it was published, epoch milliseconds. Default: the first of January 2026, UTC. */
  readonly atMs?: number | undefined;
}

export interface SnsEvent {
  Records: {
    EventVersion: string;
    EventSubscriptionArn: string;
    EventSource: string;
    Sns: SnsMessage;
  }[];
}

interface SnsMessage {
  Type: string;
  MessageId: string;
  TopicArn: string;
  Subject?: string;
  Message: string;
  Timestamp: string;
  SignatureVersion: string;
  Signature: string;
  SigningCertUrl: string;
  UnsubscribeUrl: string;
  MessageAttributes: Record<string, SnsAttribute>;
}

interface SnsAttribute {
  Type: string;
  Value: string;
}

const checks = {
  message: textOf,
  subject: optional(text),
  messageId: optional(filledText),
  messageAttributes: optional(named(snsAttribute, "give an object of attributes"), {}),
  topicArn: optional(filledText, `arn:aws:sns:${region}:${accountId}:orders`),
  atMs: momentCheck,
} satisfies Record<keyof SnsOptions, Check<unknown>>;

/**
 * A notification of a topic: SNS invokes a function with one record. A text stands for a message without options. The
 * signature has the form of one, and signs nothing.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, or a wrong value.
 */
export function sns(options: string | SnsOptions): SnsEvent {
  const given = checkFields(typeof options === "string" ? { message: options } : options, "options", checks);
  const { message, subject, messageAttributes, topicArn, atMs } = given;
  const digits = digitsOf(message, subject, messageAttributes, topicArn, atMs);
  const subscription = `${topicArn}:${uuidOf("subscription")}`;
  const Sns: SnsMessage = {
    Type: "Notification",
    MessageId: given.messageId ?? uuidOf(digits),
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: message,
    Timestamp: new Date(atMs).toISOString(),
    SignatureVersion: "1",
    Signature: Buffer.from(digits, "hex").toString("base64"),
    SigningCertUrl: `https://sns.${region}.amazonaws.com/SimpleNotificationService-${digits.slice(0, 32)}.pem`,
    UnsubscribeUrl: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription}`,
    MessageAttributes: { ...messageAttributes },
  };
  return { Records: [{ EventVersion: "1.0", EventSubscriptionArn: subscription, EventSource: "aws:sns", Sns }] };
}

function snsAttribute(value: unknown, path: string): SnsAttribute {
  if (typeof value === "string") return { Type: "String", Value: value };
  if (typeof value === "number") return { Type: "Number", Value: String(value) };
  if (isBytes(value)) return { Type: "Binary", Value: base64Of(value) };
  throw fail(path, value, "give a text, a number or bytes");
}
