// What services send to a queue, as MiniStack sends it: which key such a message has.
import { expect, it } from "vitest";
import { messageKey, type SQSRecord } from "../../../src/sqs/index.ts";
import { eventOf } from "../../mapping/event.ts";
import { freshQueues, type Queues, receive, sqsEngines } from "../../support/queues.ts";
import { describeOnSqs, type SuiteEngine } from "../../support/sqs-suites.ts";
import { until } from "../../support/until.ts";

const accountId = "000000000000";

describeOnSqs(
  "the key of what a service sends to a queue",
  (engine) => {
    interface Publication {
      readonly key?: string;
      readonly isRaw: boolean;
      readonly keyIs: "the publisher's" | "MessageId of the notification" | "messageId";
    }
    it.concurrent.for<Publication>([
      { isRaw: false, keyIs: "MessageId of the notification" },
      { isRaw: false, key: "order-1", keyIs: "the publisher's" },
      { isRaw: true, keyIs: "messageId" },
      { isRaw: true, key: "order-1", keyIs: "the publisher's" },
    ])("SNS, raw delivery $isRaw, attribute $key: $keyIs", async ({ isRaw, key, keyIs }) => {
      const queues = await freshQueues(engine.client);
      const [, TopicArn] = /<TopicArn>(.+)<\/TopicArn>/.exec(await sns(engine, { Action: "CreateTopic", Name: nameOf(queues) })) ?? [];
      await sns(engine, {
        Action: "Subscribe",
        TopicArn,
        Protocol: "sqs",
        Endpoint: queues.arn,
        "Attributes.entry.1.key": "RawMessageDelivery",
        "Attributes.entry.1.value": String(isRaw),
      });
      const published = await sns(engine, {
        Action: "Publish",
        TopicArn,
        Message: "hello",
        ...(key === undefined
          ? {}
          : {
              "MessageAttributes.entry.1.Name": "idempotency-key",
              "MessageAttributes.entry.1.Value.DataType": "String",
              "MessageAttributes.entry.1.Value.StringValue": key,
            }),
      });
      const [, publishedId] = /<MessageId>(.+)<\/MessageId>/.exec(published) ?? [];
      const record = await received(engine, queues);
      const keys = { "the publisher's": key, "MessageId of the notification": publishedId, messageId: record.messageId };
      expect(messageKey(record)).toBe(keys[keyIs]);
      if (isRaw) expect(record.body).toBe("hello");
      // As AWS documents it, but for whole seconds and a signature that is none. Without a subject there is no field for it.
      else {
        expect(JSON.parse(record.body)).toEqual({
          Type: "Notification",
          MessageId: publishedId,
          TopicArn,
          Message: "hello",
          Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
          SignatureVersion: "1",
          Signature: "FAKE",
          SigningCertURL: expect.any(String),
          UnsubscribeURL: expect.any(String),
          ...(key === undefined ? {} : { MessageAttributes: { "idempotency-key": { Type: "String", Value: key } } }),
        });
      }
      expect(publishedId).not.toBe(record.messageId);
    });

    it.concurrent("EventBridge: id of the event", async () => {
      const queues = await freshQueues(engine.client);
      const Name = nameOf(queues);
      await eventBridge(engine, "PutRule", { Name, EventPattern: JSON.stringify({ source: [Name] }) });
      await eventBridge(engine, "PutTargets", { Rule: Name, Targets: [{ Id: "queue", Arn: queues.arn }] });
      const Detail = JSON.stringify({ orderId: "order-1" });
      const put = await eventBridge(engine, "PutEvents", { Entries: [{ Source: Name, DetailType: "Order Placed", Detail }] });
      const { Entries } = JSON.parse(put) as { Entries: { EventId: string }[] };
      const record = await received(engine, queues);
      expect(messageKey(record)).toBe(Entries[0]?.EventId);
      expect(JSON.parse(record.body)).toEqual({
        version: "0",
        id: Entries[0]?.EventId,
        source: Name,
        "detail-type": "Order Placed",
        account: accountId,
        region: "us-east-1",
        time: expect.any(String),
        resources: [],
        detail: { orderId: "order-1" },
      });
    });

    it.concurrent("S3: bucket, key, version, sequencer and event name of the record; the test event of a new configuration: messageId", async () => {
      const queues = await freshQueues(engine.client);
      const bucket = nameOf(queues);
      await s3(engine, `/${bucket}`, "");
      const created = "<Event>s3:ObjectCreated:*</Event>";
      const configuration = `<QueueConfiguration><Id>all</Id><Queue>${queues.arn}</Queue>${created}</QueueConfiguration>`;
      await s3(engine, `/${bucket}?notification`, `<NotificationConfiguration>${configuration}</NotificationConfiguration>`);
      const tested = await received(engine, queues);
      expect(JSON.parse(tested.body)).toMatchObject({ Event: "s3:TestEvent", Bucket: bucket });
      expect(messageKey(tested)).toBe(tested.messageId);

      const keys: unknown[] = [];
      for (const content of ["one", "other"]) {
        await s3(engine, `/${bucket}/a%20b.txt`, content);
        const record = await received(engine, queues);
        const { Records } = JSON.parse(record.body) as { Records: { s3: { object: { key: string; sequencer: string } } }[] };
        const { sequencer } = Records[0]?.s3.object ?? {};
        expect(sequencer).toMatch(/^[0-9A-F]+$/);
        expect(messageKey(record)).toEqual([[bucket, "a+b.txt", false, sequencer, "ObjectCreated:Put"]]);
        keys.push(messageKey(record));
      }
      expect(keys[0]).not.toEqual(keys[1]);
    });
  },
  sqsEngines.filter(({ name }) => name === "MiniStack"),
);

/** The message of the queue that has come since, as Lambda hands it to a function. */
async function received({ client }: SuiteEngine, { url, arn }: Queues): Promise<SQSRecord> {
  const messages = await until("a message comes", async () => {
    const some = await receive(client, url);
    return some.length === 0 ? undefined : some;
  });
  expect(messages).toHaveLength(1);
  return eventOf(messages, arn).Records[0] as SQSRecord;
}

// One request each, for which no client needs to be installed; MiniStack asks for no signature.

async function sns(engine: SuiteEngine, fields: Record<string, string | undefined>): Promise<string> {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return ask(engine, "sns", "/", { method: "POST", body: new URLSearchParams([["Version", "2010-03-31"], ...given]) });
}

async function eventBridge(engine: SuiteEngine, action: string, input: object): Promise<string> {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AWSEvents.${action}` };
  return ask(engine, "events", "/", { method: "POST", headers, body: JSON.stringify(input) });
}

async function s3(engine: SuiteEngine, path: string, body: string): Promise<string> {
  return ask(engine, "s3", path, { method: "PUT", body });
}

async function ask({ endpoint }: SuiteEngine, service: string, path: string, init: RequestInit): Promise<string> {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=x`;
  const answer = await fetch(`${endpoint}${path}`, { ...init, headers: { ...(init.headers as Record<string, string>), authorization } });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return text;
}

function nameOf({ arn }: Queues): string {
  return arn.split(":").at(-1) ?? "";
}
