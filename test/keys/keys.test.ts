import { describe, expect, it } from "vitest";
import { hashKey, type KeyInput } from "../../src/core/key.ts";
import * as keys from "../../src/keys/index.ts";
import * as real from "./events.ts";

interface Source {
  /** Takes anything here: what a service sends is known only then. */
  readonly keyOf: (event: unknown) => KeyInput | undefined;
  readonly event: unknown;
  readonly key: KeyInput;
  /** Each is required, and another value of it is another key. */
  readonly parts: readonly (readonly string[])[];
  /** What another delivery of the same event may say otherwise. */
  readonly passing: readonly (readonly string[])[];
}

const version = ["096fKKXTRTtl3on89fVO.nfljtsv6qko"];
const sources: Record<string, Source> = {
  snsKey: {
    keyOf: keys.snsKey as Source["keyOf"],
    event: real.snsEvent.Records[0],
    key: "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
    parts: [["Sns", "MessageId"]],
    passing: [["Sns", "MessageAttributes"], ["Sns", "Timestamp"], ["Sns", "Signature"], ["EventSubscriptionArn"]],
  },
  eventBridgeKey: {
    keyOf: keys.eventBridgeKey as Source["keyOf"],
    event: real.eventBridgeEvent,
    key: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    parts: [["id"]],
    passing: [["time"], ["replay-name"]],
  },
  s3Key: {
    keyOf: keys.s3Key as Source["keyOf"],
    event: real.s3Event.Records[0],
    key: ["amzn-s3-demo-bucket", "HappyFace.jpg", version, "0055AED6DCD90281E5", "ObjectCreated:Put"],
    parts: [["s3", "bucket", "name"], ["s3", "object", "key"], ["s3", "object", "sequencer"], ["eventName"]],
    passing: [["eventTime"], ["responseElements", "x-amz-request-id"], ["responseElements", "x-amz-id-2"], ["s3", "configurationId"]],
  },
  schedulerKey: {
    keyOf: keys.schedulerKey as Source["keyOf"],
    event: real.scheduledInput,
    key: ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/nightly-report", "2022-03-22T18:59:43Z"],
    parts: [["scheduleArn"], ["scheduledTime"]],
    passing: [["executionId"], ["attemptNumber"]],
  },
  stripeWebhookKey: {
    keyOf: keys.stripeWebhookKey as Source["keyOf"],
    event: real.stripeEvent,
    key: "evt_1NG8Du2eZvKYlo2CUI79vXWy",
    parts: [["id"]],
    passing: [["pending_webhooks"], ["request", "id"]],
  },
  githubWebhookKey: {
    keyOf: keys.githubWebhookKey as Source["keyOf"],
    event: real.githubDelivery,
    key: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    parts: [["headers", "X-GitHub-Delivery"]],
    passing: [
      ["headers", "User-Agent"],
      ["requestContext", "requestId"],
    ],
  },
};

it("has a source for each function", () => {
  expect(Object.keys(sources).sort()).toEqual(Object.keys(keys).sort());
});

describe("snsKey", () => {
  const [record] = real.snsEvent.Records;
  const withAttribute = (attribute: unknown) => real.changed(record, ["Sns", "MessageAttributes"], { "idempotency-key": attribute });
  it.for([
    { attribute: { Type: "String", Value: "order-1" }, key: "order-1" },
    { attribute: { Type: "Number", Value: "12345678901234567890" }, key: "12345678901234567890" },
    { attribute: { Type: "Binary", Value: "YQ==" }, key: undefined },
    { attribute: { Type: "String.Array", Value: '["a"]' }, key: undefined },
    { attribute: { Type: "String", Value: "" }, key: undefined },
    { attribute: null, key: undefined },
  ])("is the publisher's in the attribute idempotency-key, and none where that is no key: $attribute", ({ attribute, key }) => {
    expect(sources["snsKey"]?.keyOf(withAttribute(attribute))).toBe(key);
  });
});

describe.for(Object.entries(sources))("%s", ([, { keyOf, event, key, parts, passing }]) => {
  it("is the key of the real event, which can be hashed", () => {
    expect(keyOf(event)).toEqual(key);
    expect(hashKey(keyOf(event))).toMatch(/^[\w-]{43}$/);
  });

  const wrong = [undefined, null, "", 0, 5, true, {}, [], [5]];
  it.for(parts.flatMap((path) => wrong.map((value) => [path.join("."), JSON.stringify(value), path, value] as const)))(
    "is none where %s is %s",
    ([, , path, value]) => {
      expect(keyOf(real.changed(event, path, value))).toBeUndefined();
    },
  );

  it.for(parts.map((path) => [path.join("."), path] as const))("is another one for another %s", ([, path]) => {
    const other = keyOf(real.changed(event, path, "another"));
    expect(hashKey(other)).not.toBe(hashKey(key));
  });

  it.for(passing.map((path) => [path.join("."), path] as const))("is the same whatever %s says", ([, path]) => {
    expect(keyOf(real.changed({ requestContext: {}, ...(event as object) }, path, "another"))).toEqual(key);
  });

  it.for([undefined, null, "", "text", 5, true, [], {}, { Sns: null }, { s3: { bucket: 5, object: "key" } }, { headers: [] }])(
    "is none for %j, and nothing is thrown",
    (odd) => {
      expect(keyOf(odd)).toBeUndefined();
    },
  );
});
