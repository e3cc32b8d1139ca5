import { fail, isObject } from "../core/check.ts";
import { hashKey, invalid } from "../core/key.ts";
import { keyAttribute } from "../keys/attribute.ts";

/** The part of `SendMessageCommandInput`, or of a `SendMessageBatch` entry, that a key touches. */
export interface SendMessageInput {
  MessageBody: string | undefined;
  MessageAttributes?: Record<string, { DataType: string | undefined; StringValue?: string | undefined }> | undefined;
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-message-attributes
export const maxAttributes = 10;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html: what a message must not hold.
// eslint-disable-next-line no-control-regex
const refused = /[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * A message with its key, in the attribute `idempotency-key`, by which a consumer wrapped with `idempotentSqs` runs it once,
 * whatever becomes of its `messageId`. The input itself is not changed; a key that it has is replaced.
 *
 * @throws IdempotencyError `KEY_MISSING` or `KEY_INVALID` for what is no key, or what SQS refuses in an attribute;
 * `CONFIG_INVALID` for an eleventh attribute, since SQS takes ten.
 * @example
 * const key = currentExecution().deriveKey("email");
 * await sqs.send(new SendMessageCommand(withIdempotencyKey({ QueueUrl, MessageBody }, key)));
 */
export function withIdempotencyKey<T extends SendMessageInput>(input: T, key: string): T {
  if (!isObject(input) || typeof input.MessageBody !== "string") {
    throw fail("input", input, "give the input of a SendMessageCommand, or one entry of a batch, with a MessageBody");
  }
  const { MessageAttributes = {} } = input;
  if (!isPlain(MessageAttributes)) throw fail("MessageAttributes", MessageAttributes, "give an object of attributes by name");
  hashKey(key);
  if (typeof key !== "string") throw invalid("key", 'is no text, such as currentExecution().deriveKey("email")');
  if (refused.test(key)) throw invalid("key", "holds a character that SQS takes in no message");
  const others = { ...MessageAttributes };
  delete others[keyAttribute];
  const count = Object.keys(others).length;
  if (count >= maxAttributes) {
    throw fail(
      "MessageAttributes",
      others,
      `has ${count} attributes, and SQS takes ${maxAttributes}: leave one out to make room for the key`,
    );
  }
  return { ...input, MessageAttributes: { ...others, [keyAttribute]: { DataType: "String", StringValue: key } } };
}

function isPlain(value: unknown): boolean {
  return isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}
