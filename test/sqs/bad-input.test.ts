// Odd and wrong events: one bad record fails alone, an event that is none of SQS throws before anything is asked or run.
import { format, inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import type { SQSRecord } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import { verdictOf } from "../mapping/verdict.ts";
import { memoryBench } from "../support/bench.ts";
import { eventBridgeEvent, s3Event, snsEvent } from "../keys/events.ts";
import { consumerOn, contextOf } from "./consumer.ts";

const changed = (members: object) => (record: SQSRecord) => ({ ...record, ...members });
const key = (attribute: unknown) => changed({ messageAttributes: { "idempotency-key": attribute } });

interface Odd {
  readonly name: string;
  readonly make: (record: SQSRecord) => object;
  /** Default: it runs, and is done. */
  readonly fails?: string;
}
const odd: readonly Odd[] = [
  { name: "an empty body", make: changed({ body: "" }) },
  { name: "no attributes", make: changed({ attributes: undefined }) },
  { name: "attributes that are null", make: changed({ attributes: null }) },
  { name: "attributes that are a number", make: changed({ attributes: 5 }) },
  { name: "no message attributes", make: changed({ messageAttributes: undefined }) },
  { name: "message attributes that are null", make: changed({ messageAttributes: null }) },
  { name: "no ARN", make: changed({ eventSourceARN: undefined }) },
  { name: "an ARN that is null", make: changed({ eventSourceARN: null }) },
  { name: "an ARN that is a number", make: changed({ eventSourceARN: 5 }) },
  { name: "a group that is a number", make: changed({ attributes: { MessageGroupId: 1 } }) },
  { name: "a messageId and a body, and nothing else", make: ({ messageId, body }) => ({ messageId, body }) },
  { name: "a frozen record", make: (record) => Object.freeze(record) },
  { name: "a messageId that is one of the language's own names", make: changed({ messageId: "__proto__" }) },
  { name: "no body", make: changed({ body: undefined }), fails: "KEY_INVALID" },
  { name: "a body that is null", make: changed({ body: null }), fails: "KEY_INVALID" },
  { name: "a body that is no text", make: changed({ body: { orderId: 1 } }), fails: "KEY_INVALID" },
  { name: "a producer's key that is null", make: key(null), fails: "KEY_INVALID" },
  { name: "a producer's key of no type", make: key({ stringValue: "x" }), fails: "KEY_INVALID" },
  { name: "a producer's key of another type", make: key({ stringValue: "x", dataType: "Strings" }), fails: "KEY_INVALID" },
  { name: "a producer's key without a value", make: key({ dataType: "String" }), fails: "KEY_INVALID" },
];

describe("an error that cannot be shown, which a log would throw", () => {
  const unseen = Object.assign(new Error("unseen"), {
    [inspect.custom]() {
      throw new TypeError("inspect failed");
    },
  });
  it.for([{}, { enabled: false }, { key: () => undefined, onMissingKey: "run" as const }])(
    "fails its message only: %j",
    async (options) => {
      const work = ({ body }: { body: string }) => (body === "bad" ? Promise.reject(unseen) : undefined);
      const consumer = consumerOn(await memoryBench.open(), work, options);
      const lines: string[] = [];
      vi.spyOn(console, "error").mockImplementation((...shown) => void lines.push(format(...shown)));
      const event = events.sqs(["good", { body: "bad", attributes: { ApproximateReceiveCount: "9" } }]);
      const answer = await consumer.handler(event, contextOf());
      expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: event.Records[1]?.messageId }] });
      expect(lines).toEqual([expect.stringContaining("unseen")]);
      expect(consumer.changes()).toHaveLength(1);
      expect(consumer.types()).not.toContain("replayed");
    },
  );
});

describe("an odd record among good ones", () => {
  it.for(odd)("does no harm to them: $name", async ({ name, make, fails }) => {
    const consumer = consumerOn(await memoryBench.open());
    const event = events.sqs(["first", name, "last"]);
    const records = event.Records.map((record, i) => (i === 1 ? make(record) : record)) as SQSRecord[];
    const ids = records.map(({ messageId }) => messageId);
    const answer = await consumer.handler({ Records: records }, contextOf());
    expect(verdictOf(ids, answer)).toEqual({ failed: fails === undefined ? [] : [ids[1]] });
    expect(consumer.ran).toEqual(records.filter((_, i) => fails === undefined || i !== 1).map(({ body }) => body));
    expect(consumer.logged()).toEqual(
      fails === undefined
        ? []
        : [
            [
              expect.any(String),
              expect.objectContaining({
                code: fails,
                message: expect.stringMatching(/^body is not there|"idempotency-key"|^key threw/) as string,
              }),
            ],
          ],
    );
    expect(consumer.types().filter((type) => type === "completed")).toHaveLength(consumer.ran.length);
  });

  it.for(odd)("that fails is named as ever: $name", async ({ name, make }) => {
    const consumer = consumerOn(await memoryBench.open(), () => Promise.reject(new Error("down")));
    const Records = events.sqs([name]).Records.map((record) => make(record)) as SQSRecord[];
    const answer = await consumer.handler({ Records }, contextOf());
    expect(
      verdictOf(
        Records.map(({ messageId }) => messageId),
        answer,
      ),
    ).toEqual({ failed: [Records[0]?.messageId] });
    // Without the queue's ARN nobody can be asked: that is told, and changes no answer.
    const arn = Records[0]?.eventSourceARN;
    expect(consumer.types().includes("visibility_unchanged")).toBe(typeof arn !== "string");
    expect(consumer.logged()).toHaveLength(1);
  });
});

const kinesis = { eventID: "shard-1:1", eventSource: "aws:kinesis", kinesis: { partitionKey: "a", sequenceNumber: "1", data: "e30=" } };
const stream = { eventID: "1", eventName: "INSERT", eventSource: "aws:dynamodb", dynamodb: { SequenceNumber: "1" } };
const kafka = { eventSource: "aws:kafka", records: { "topic-0": [{ topic: "topic", partition: 0, offset: 1 }] } };

describe("an event that is none of SQS", () => {
  it.for<{ name: string; event: unknown; path?: string }>([
    { name: "undefined", event: undefined },
    { name: "null", event: null },
    { name: "a text", event: "event" },
    { name: "an empty object", event: {} },
    { name: "records that are no list", event: { Records: {} } },
    { name: "records that are null", event: { Records: null } },
    { name: "a list of records", event: events.sqs(["a"]).Records },
    { name: "of SNS", event: snsEvent, path: "event.Records[0].messageId" },
    { name: "of S3", event: s3Event, path: "event.Records[0].messageId" },
    { name: "of Kinesis", event: { Records: [kinesis] }, path: "event.Records[0].messageId" },
    { name: "of a DynamoDB stream", event: { Records: [stream] }, path: "event.Records[0].messageId" },
    { name: "of Kafka", event: kafka },
    { name: "of EventBridge", event: eventBridgeEvent },
    { name: "of API Gateway", event: events.apiGatewayV2() },
    { name: "a record that is null", event: { Records: [null] }, path: "event.Records[0]" },
    { name: "a record that is a text", event: { Records: ["a"] }, path: "event.Records[0]" },
  ])("throws CONFIG_INVALID before anything runs: $name", async ({ event, path = "event" }) => {
    const bench = await memoryBench.open();
    const consumer = consumerOn(bench);
    const message = expect.stringMatching(/another source\?$|give an SQS record$/) as string;
    await expect(consumer.handler(event, contextOf())).rejects.toMatchObject({ code: "CONFIG_INVALID", path, message });
    expect({ ran: consumer.ran, asked: bench.faults.log, told: consumer.types() }).toEqual({ ran: [], asked: [], told: [] });
  });

  it.for([undefined, null, "", 5, {}])("throws where a record among good ones has the messageId %j", async (messageId) => {
    const bench = await memoryBench.open();
    const consumer = consumerOn(bench);
    const event = events.sqs(["a", "b", "c"]);
    const Records = event.Records.map((record, i) => (i === 1 ? { ...record, messageId } : record));
    const refusal = consumer.handler({ Records }, contextOf());
    await expect(refusal).rejects.toMatchObject({ code: "CONFIG_INVALID", path: "event.Records[1].messageId" });
    expect({ ran: consumer.ran, asked: bench.faults.log }).toEqual({ ran: [], asked: [] });
    expect(consumer.changes()).toEqual([]);
  });
});
