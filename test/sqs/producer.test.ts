// A producer's key in its message.
import { SendMessageBatchCommand, SendMessageCommand, type SendMessageCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { messageKey, type SQSRecord, withIdempotencyKey } from "../../src/sqs/index.ts";

const text = (StringValue: string) => ({ DataType: "String", StringValue });
const attributes = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`attribute-${i}`, text("x")]));
const message: SendMessageCommandInput = { QueueUrl: "https://queue", MessageBody: "body" };

describe("withIdempotencyKey", () => {
  it.for<{ name: string; given: SendMessageCommandInput["MessageAttributes"]; others: object }>([
    { name: "where there are none", given: undefined, others: {} },
    { name: "beside others", given: attributes(2), others: attributes(2) },
    { name: "in place of the one that it has", given: { ...attributes(2), "idempotency-key": text("old") }, others: attributes(2) },
    { name: "as the tenth", given: attributes(9), others: attributes(9) },
    { name: "in place of its own of ten", given: { ...attributes(9), "idempotency-key": text("old") }, others: attributes(9) },
    {
      name: "beside bytes and numbers",
      given: { n: { DataType: "Number", StringValue: "1" }, b: { DataType: "Binary", BinaryValue: new Uint8Array([1]) } },
      others: { n: { DataType: "Number", StringValue: "1" }, b: { DataType: "Binary", BinaryValue: new Uint8Array([1]) } },
    },
  ])("sets the attribute $name, and changes nothing else", ({ given, others }) => {
    const input = Object.freeze({
      ...message,
      MessageAttributes: given === undefined ? undefined : Object.freeze({ ...given }),
      DelaySeconds: 5,
    });
    const before = structuredClone(input);
    const output = withIdempotencyKey(input, "order-1");
    expect(output).toEqual({ ...message, DelaySeconds: 5, MessageAttributes: { ...others, "idempotency-key": text("order-1") } });
    expect(input).toEqual(before);
  });

  it.for([
    { name: "ten others", given: attributes(10) },
    { name: "ten others and its own", given: { ...attributes(10), "idempotency-key": text("old") } },
  ])("refuses an eleventh: $name", ({ given }) => {
    const input = { ...message, MessageAttributes: given };
    expect(() => withIdempotencyKey(input, "order-1")).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", path: "MessageAttributes" }),
    );
    expect(() => withIdempotencyKey(input, "order-1")).toThrow("has 10 attributes, and SQS takes 10");
  });

  it.for([
    ["KEY_MISSING", undefined],
    ["KEY_MISSING", null],
    ["KEY_MISSING", ""],
    ["KEY_MISSING", Number.NaN],
    ["KEY_INVALID", 1],
    ["KEY_INVALID", true],
    ["KEY_INVALID", ["order-1"]],
    ["KEY_INVALID", {}],
    ["KEY_INVALID", "x".repeat(1025)],
    ["KEY_INVALID", "é".repeat(513)],
    ["KEY_INVALID", "\ud800"],
    // What SQS refuses: control characters other than tab and line ends, and two that are none.
    ...["\u0000", "\u0008", "\u000b", "\u000c", "\u001f", "\ufffe", "\uffff"].map((refused) => ["KEY_INVALID", `order${refused}1`]),
  ] as const)("refuses, with %s, %j", ([code, key]) => {
    const says = expect.stringMatching(/^key (is|has|holds) /) as string;
    expect(() => withIdempotencyKey(message, key as string)).toThrow(expect.objectContaining({ code, message: says }));
  });

  it.for(["a", " ", "0", "order 1\t\r\n", "\u007f", "é", "\ud7ff\ue000\ufffd", "🙂", "\u{10ffff}", "x".repeat(1024)])("takes %j", (key) => {
    const { MessageAttributes } = withIdempotencyKey(message, key);
    expect(MessageAttributes?.["idempotency-key"]).toEqual(text(key));
  });

  it.for([
    { name: "undefined", input: undefined },
    { name: "null", input: null },
    { name: "a text", input: "message" },
    { name: "a number", input: 5 },
    { name: "a list", input: [] },
    { name: "a whole batch", input: { QueueUrl: "https://queue", Entries: [{ Id: "1", MessageBody: "x" }] } },
    { name: "a command", input: new SendMessageCommand({ QueueUrl: "https://queue", MessageBody: "x" }) },
    { name: "a message for SNS", input: { TopicArn: "arn", Message: "x" } },
    { name: "without a body", input: { QueueUrl: "https://queue", MessageBody: undefined } },
  ])("refuses an input that is $name", ({ input }) => {
    const refusal = expect.objectContaining({
      code: "CONFIG_INVALID",
      path: "input",
      message: expect.stringContaining("SendMessageCommand") as string,
    }) as Error;
    expect(() => withIdempotencyKey(input as never, "order-1")).toThrow(refusal);
  });

  it.for(["abc", 5, null, [], new Map([["a", text("b")]])])("refuses attributes that are no object by name: %j", (MessageAttributes) => {
    const input = { ...message, MessageAttributes } as unknown as typeof message;
    const refusal = expect.objectContaining({ code: "CONFIG_INVALID", path: "MessageAttributes" }) as Error;
    expect(() => withIdempotencyKey(input, "order-1")).toThrow(refusal);
  });

  it("is for a message and for an entry of a batch", async () => {
    const client = new SQSClient({ region: "us-east-1" });
    const mock = mockClient(client);
    await client.send(new SendMessageCommand(withIdempotencyKey(message, "a")));
    const Entries = ["b", "c"].map((key) => withIdempotencyKey({ Id: key, MessageBody: "body" }, key));
    await client.send(new SendMessageBatchCommand({ QueueUrl: "https://queue", Entries }));
    expect(mock.calls().map(({ args }) => args[0].input)).toEqual([
      { ...message, MessageAttributes: { "idempotency-key": text("a") } },
      {
        QueueUrl: "https://queue",
        Entries: ["b", "c"].map((key) => ({ Id: key, MessageBody: "body", MessageAttributes: { "idempotency-key": text(key) } })),
      },
    ]);
  });

  it("is what a consumer finds", () => {
    const sent = withIdempotencyKey(
      { MessageBody: "body" } as { MessageBody: string; MessageAttributes?: Record<string, { DataType: string; StringValue: string }> },
      "order-1",
    );
    const { DataType: dataType, StringValue: stringValue } = sent.MessageAttributes?.["idempotency-key"] ?? {};
    const record = { messageId: "1", body: "body", messageAttributes: { "idempotency-key": { dataType, stringValue } } };
    expect(messageKey(record as unknown as SQSRecord)).toBe("order-1");
  });
});
