// The key of a message: what its producer set, what an envelope in its body names, or its messageId.
import { describe, expect, it, vi } from "vitest";
import { hashKey } from "../../src/core/key.ts";
import { s3Key } from "../../src/keys/index.ts";
import { messageKey, type SQSRecord } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import { changed } from "../keys/events.ts";
import { memoryBench } from "../support/bench.ts";
import { consumerOn, keyed, type Message } from "./consumer.ts";

const messageId = "059f36b4-87a3-44ab-83d2-661975830a7d";
function recordOf(message: Message): SQSRecord {
  const [record] = events.sqs([typeof message === "string" ? { body: message, messageId } : { messageId, ...message }]).Records;
  if (record === undefined) throw new Error("no record");
  return record;
}
const keyOf = (body: unknown) => messageKey(recordOf({ body }));
const withAttribute = (attribute: object) => ({ ...recordOf("x"), messageAttributes: { "idempotency-key": attribute } }) as SQSRecord;

// As SNS sends it to a queue without raw delivery: what it invokes a function with, and the two URLs in another case.
const [published] = events.sns({ message: { orderId: "order-1" }, messageAttributes: { tenant: "a" } }).Records;
if (published === undefined) throw new Error("no record");
const { SigningCertUrl, UnsubscribeUrl, ...sent } = published.Sns;
const sns = { ...sent, SigningCertURL: SigningCertUrl, UnsubscribeURL: UnsubscribeUrl };
const bridge = events.eventBridge({ detailType: "order placed", detail: { orderId: "order-1" } });
const s3 = events.s3({ key: "invoices/1 2.pdf", versionId: "v1" });
const several = { Records: [...s3.Records, ...events.s3({ key: "b" }).Records] };

describe("first found", () => {
  it.for<{ name: string; message: Message; key: unknown }>([
    { name: "the attribute, before an envelope", message: { body: sns, messageAttributes: { "idempotency-key": "a" } }, key: "a" },
    { name: "the attribute, before the messageId", message: keyed("a"), key: "a" },
    { name: "an envelope, before the messageId", message: { body: sns }, key: sent.MessageId },
    { name: "the messageId", message: "text", key: messageId },
    {
      name: "the messageId, beside other attributes",
      message: { body: "x", messageAttributes: { "Idempotency-Key": "a", key: "b" } },
      key: messageId,
    },
  ])("$name", ({ message, key }) => {
    expect(messageKey(recordOf(message))).toEqual(key);
  });
});

describe("the attribute", () => {
  it.for([
    { attribute: { dataType: "String", stringValue: "a" }, key: "a" },
    { attribute: { dataType: "Number", stringValue: "12345678901234567890123.50" }, key: "12345678901234567890123.50" },
    { attribute: { dataType: "String.uuid", stringValue: "a" }, key: "a" },
    { attribute: { dataType: "Number.int", stringValue: "007" }, key: "007" },
    { attribute: { dataType: "String", stringValue: " " }, key: " " },
  ])("$attribute.dataType: as its text", ({ attribute, key }) => {
    expect(messageKey(withAttribute(attribute))).toBe(key);
  });

  it.for([
    { attribute: { Type: "String", Value: "a" }, key: "a" },
    { attribute: { Type: "Number", Value: "007" }, key: "007" },
    { attribute: { Type: "String.uuid", Value: "a" }, key: "a" },
    { attribute: undefined, key: sent.MessageId },
  ])("of a notification of SNS, where delivery is not raw: $attribute", ({ attribute, key }) => {
    const body = { ...sns, MessageAttributes: { tenant: { Type: "String", Value: "b" }, "idempotency-key": attribute } };
    expect(keyOf(body)).toBe(key);
    expect(messageKey(recordOf({ body, messageAttributes: { "idempotency-key": "own" } }))).toBe("own");
  });

  it.for([
    { Type: "Binary", Value: "YQ==" },
    { Type: "String.Array", Value: '["a"]' },
    { Type: "String", Value: "" },
    { Type: "String" },
    {},
    null,
    "a",
  ])("of a notification of SNS is refused where it is no key: %j", (attribute) => {
    const refused = expect.objectContaining({ code: "KEY_INVALID" });
    expect(() => keyOf({ ...sns, MessageAttributes: { "idempotency-key": attribute } })).toThrow(refused);
  });

  it("an empty one is said to be empty", () => {
    expect(() => messageKey(withAttribute({ dataType: "String", stringValue: "" }))).toThrow("is empty: send");
  });

  it.for([
    { dataType: "Binary", binaryValue: "YQ==" },
    { dataType: "Binary.png", binaryValue: "YQ==", stringValue: "a" },
    { dataType: "Stringy", stringValue: "a" },
    { dataType: "xString", stringValue: "a" },
    { dataType: "String", stringValue: "" },
    { dataType: "String" },
    { stringValue: "a" },
    null as unknown as object,
  ])("%j is refused: a producer meant it", (attribute) => {
    expect(() => messageKey(withAttribute(attribute))).toThrow(
      expect.objectContaining({ code: "KEY_INVALID", message: expect.stringContaining('"idempotency-key"') as string }),
    );
  });
});

describe("an envelope", () => {
  const list = (record: unknown) => s3Key(record as Parameters<typeof s3Key>[0]);
  it.for([
    { name: "SNS", body: sns, key: sent.MessageId },
    { name: "EventBridge", body: bridge, key: bridge.id },
    { name: "S3", body: s3, key: [["orders", "invoices/1+2.pdf", ["v1"], s3.Records[0]?.s3.object.sequencer, "ObjectCreated:Put"]] },
    { name: "S3, several records", body: several, key: several.Records.map(list) },
    { name: "SNS around S3", body: { ...sns, Message: JSON.stringify(s3) }, key: sent.MessageId },
    { name: "EventBridge around anything", body: { ...bridge, detail: s3 }, key: bridge.id },
    { name: "with spaces", body: JSON.stringify(bridge, undefined, 2), key: bridge.id },
  ])("names what its service sent: $name", ({ body, key }) => {
    expect(keyOf(body)).toEqual(key);
    expect(keyOf(body)).not.toBe(messageId);
  });

  const marks = [
    ...["Type", "TopicArn", "MessageId"].map((mark) => ({ name: `SNS ${mark}`, envelope: sns, path: [mark] })),
    ...["id", "source", "detail-type", "detail"].map((mark) => ({ name: `EventBridge ${mark}`, envelope: bridge, path: [mark] })),
    { name: "S3 Records", envelope: s3, path: ["Records"] },
  ];
  const others = [undefined, null, "", 5, []].map((to) => ({ to, shown: JSON.stringify(to) ?? "undefined" }));
  // A list is an object, and EventBridge's detail is looked into no further.
  const cases = marks.flatMap((mark) =>
    others.filter(({ to }) => !(mark.path[0] === "detail" && Array.isArray(to))).map((other) => ({ ...mark, ...other })),
  );
  it.for(cases)("with less than all of its marks is none: $name is $shown", ({ envelope, path, to }) => {
    expect(keyOf(changed(envelope, path, to))).toBe(messageId);
  });

  const ofS3 = (path: readonly string[], to: unknown) => ({ Records: [...s3.Records, changed(s3.Records[0], path, to)] });
  it.for([
    { name: "SNS of another type", body: { ...sns, Type: "SubscriptionConfirmation" } },
    { name: "S3's test event", body: { Service: "Amazon S3", Event: "s3:TestEvent", Time: "2026-01-01T00:00:00.000Z", Bucket: "orders" } },
    { name: "one record of S3, one of another source", body: ofS3(["eventSource"], "aws:sqs") },
    { name: "a record of S3 without a sequencer", body: ofS3(["s3", "object", "sequencer"], undefined) },
    { name: "a record of S3 without a name", body: ofS3(["eventName"], undefined) },
    { name: "a record of S3 that is null", body: { Records: [...s3.Records, null] } },
    { name: "an envelope as a text in JSON", body: JSON.stringify(JSON.stringify(sns)) },
    { name: "an envelope deeper in the body", body: { envelope: bridge } },
    { name: "a list of envelopes", body: [sns] },
    { name: "half of an envelope", body: JSON.stringify(sns).slice(0, -1) },
    { name: "no record of S3", body: { Records: [], eventSource: "aws:s3" } },
    { name: "null", body: "null" },
    { name: "marks in a text", body: 'the "TopicArn" of "detail-type" in "aws:s3"' },
  ])("is not taken for one: $name", ({ body }) => {
    expect(keyOf(body)).toBe(messageId);
  });

  it("is looked for in no body without its marks, however large", () => {
    const record = recordOf({ body: { list: Array.from({ length: 100_000 }, (_, i) => i) } });
    const parse = vi.spyOn(JSON, "parse");
    expect(messageKey(record)).toBe(messageId);
    expect(parse).not.toHaveBeenCalled();
    expect(messageKey(recordOf({ body: sns }))).toBe(sent.MessageId);
    expect(parse).toHaveBeenCalled();
    parse.mockRestore();
  });
});

describe("key_lost_on_redrive", () => {
  it("is told once per cold start, and only of a messageId", async () => {
    const bench = await memoryBench.open();
    for (let coldStart = 0; coldStart < 2; coldStart++) {
      const consumer = consumerOn(bench);
      await consumer.deliver([keyed("a"), { body: sns }]);
      expect(consumer.types()).not.toContain("key_lost_on_redrive");
      await consumer.deliver(["x", "y"]);
      await consumer.deliver(["z"]);
      expect(consumer.events.filter(({ type }) => type === "key_lost_on_redrive")).toEqual([
        { type: "key_lost_on_redrive", operation: "charge", at: bench.clock.now() },
      ]);
    }
    const own = consumerOn(bench, undefined, { key: ({ messageId }) => messageId });
    await own.deliver(["x"]);
    expect(own.types()).not.toContain("key_lost_on_redrive");
  });

  it("a redriven message that was stamped with its first messageId is the same: no mismatch, though a stamped key has a fingerprint", async () => {
    const consumer = consumerOn(await memoryBench.open());
    await consumer.deliver([{ body: "x", messageId }]);
    const redriven = { body: "x", messageId: "another", messageAttributes: { "idempotency-key": messageId } };
    expect(await consumer.deliver([redriven])).toEqual({ batchItemFailures: [] });
    expect(consumer.ran).toEqual(["x"]);
    expect(consumer.events.at(-1)).toMatchObject({ type: "replayed", keyHash: hashKey(messageId) });
  });
});
