import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { idempotent } from "../../../src/index.ts";
import { memoryStore } from "../../../src/memory/store.ts";
import { events, testClock } from "../../../src/testing/index.ts";
import { md5 } from "../../../src/testing/events/md5.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
const order = { orderId: "order-1", note: "é" };
const bytes = Uint8Array.of(0, 255, 128);

/** One of each, and each of its options changed. */
const builders: Record<string, { build: (o?: object) => unknown; changes: readonly object[] }> = {
  apiGatewayV1: {
    build: (o) => events.apiGatewayV1(o),
    changes: [
      { method: "PUT" },
      { path: "/x" },
      { headers: { a: "b" } },
      { query: { a: "b" } },
      { body: order },
      { atMs: 5 },
      { requestId: "r" },
      { route: "/{id}" },
      { pathParameters: { id: "1" } },
      { authorizer: { principalId: "p" } },
    ],
  },
  apiGatewayV2: {
    build: (o) => events.apiGatewayV2(o),
    changes: [{ body: order }, { headers: { cookie: "a=b" } }, { requestId: "r" }, { authorizer: { jwt: { claims: {}, scopes: null } } }],
  },
  functionUrl: { build: (o) => events.functionUrl(o), changes: [{ body: order }, { requestId: "r" }, { authorizer: { iam: {} } }] },
  alb: { build: (o) => events.alb(o), changes: [{ body: order }, { multiValueHeaders: true }] },
  sqs: {
    build: (o) => events.sqs([{ body: "a", ...o }]),
    changes: [{ body: order }, { messageId: "m" }, { attributes: { ApproximateReceiveCount: "2" } }, { messageAttributes: { a: 1 } }],
  },
  sns: {
    build: (o) => events.sns({ message: "a", ...o }),
    changes: [
      { message: order },
      { subject: "s" },
      { messageId: "m" },
      { messageAttributes: { a: "b" } },
      { topicArn: "arn" },
      { atMs: 5 },
    ],
  },
  eventBridge: {
    build: (o) => events.eventBridge({ detailType: "Paid", detail: order, ...o }),
    changes: [{ detail: {} }, { detailType: "x" }, { source: "s" }, { id: "i" }, { resources: ["arn"] }, { atMs: 5000 }],
  },
  s3: {
    build: (o) => events.s3({ key: "a", ...o }),
    changes: [
      { key: "b" },
      { bucket: "b" },
      { eventName: "e" },
      { size: 1 },
      { eTag: "e" },
      { versionId: "v" },
      { sequencer: "s" },
      { atMs: 5 },
    ],
  },
};

describe.for(Object.entries(builders))("%s", ([, { build, changes }]) => {
  it("the same options make the same event, which shares nothing with the first", () => {
    const event = build();
    const before = JSON.stringify(event);
    expect(JSON.stringify(build())).toBe(before);
    changeAll(event);
    expect(JSON.stringify(event)).not.toBe(before);
    expect(JSON.stringify(build())).toBe(before);
  });

  it("is plain JSON", () => {
    const event = build(changes.reduce((all, change) => ({ ...all, ...change }), {}));
    expect(JSON.parse(JSON.stringify(event))).toEqual(event);
  });

  it.for(changes)("another event: %j", (change) => {
    expect(build(change)).not.toEqual(build());
  });

  it("refuses an option that does not exist", () => {
    expect(() => build({ colour: "red" })).toThrow(/colour is "red": no such option; known are /);
  });
});

/** Changes every member that can be changed. */
function changeAll(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const member of Object.values(value)) changeAll(member);
  if (Array.isArray(value)) value.push("changed");
  else Object.assign(value, { changed: true });
}

describe("HTTP", () => {
  const request = {
    method: "PATCH",
    path: "/orders/1 a",
    headers: { "Idempotency-Key": "k", "X-Many": ["a", "b"], HOST: "shop.example.com" },
    query: { q: "é&", many: ["1", "2"] },
    body: order,
  };
  const common = {
    "Content-Type": "application/json",
    "Idempotency-Key": "k",
    "User-Agent": "lambda-once/testing",
    "X-Forwarded-For": "203.0.113.24",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
    HOST: "shop.example.com",
  };
  const lower = Object.fromEntries(Object.entries(common).map(([name, value]) => [name.toLowerCase(), value]));
  const json = JSON.stringify(order);

  it("API Gateway v1: single and multiple values, names as they were sent", () => {
    const event = events.apiGatewayV1({
      ...request,
      route: "/orders/{id}",
      pathParameters: { id: "1" },
      authorizer: { claims: { sub: "s" } },
    });
    expect(event).toMatchObject({
      resource: "/orders/{id}",
      path: "/orders/1 a",
      httpMethod: "PATCH",
      headers: { ...common, "X-Many": "b" },
      multiValueHeaders: { "X-Many": ["a", "b"], "Idempotency-Key": ["k"] },
      queryStringParameters: { q: "é&", many: "2" },
      multiValueQueryStringParameters: { q: ["é&"], many: ["1", "2"] },
      pathParameters: { id: "1" },
      stageVariables: null,
      body: json,
      isBase64Encoded: false,
    });
    expect(event.requestContext).toMatchObject({
      accountId: "123456789012",
      authorizer: { claims: { sub: "s" } },
      identity: { sourceIp: "203.0.113.24", accessKey: null },
      path: "/prod/orders/1 a",
      requestId: expect.stringMatching(uuid) as string,
      requestTime: "01/Jan/2026:00:00:00 +0000",
      requestTimeEpoch: Date.UTC(2026, 0, 1),
      resourcePath: "/orders/{id}",
      stage: "prod",
    });
    expect(Object.keys(event.headers)).not.toContain("Host");
  });

  it("API Gateway v1: what is not there is null", () => {
    expect(events.apiGatewayV1()).toMatchObject({
      httpMethod: "POST",
      path: "/",
      resource: "/",
      body: null,
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
    });
  });

  it("API Gateway v2: joined values, lower-case names, cookies apart", () => {
    const cookies = { Cookie: "a=1; b=2" };
    const event = events.apiGatewayV2({ ...request, headers: { ...request.headers, ...cookies }, route: "/orders/{id}", requestId: "r" });
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "PATCH /orders/{id}",
      rawPath: "/orders/1 a",
      rawQueryString: "q=%C3%A9%26&many=1&many=2",
      cookies: ["a=1", "b=2"],
      headers: { ...lower, "x-many": "a,b" },
      queryStringParameters: { q: "é&", many: "1,2" },
      body: json,
      isBase64Encoded: false,
    });
    expect(Object.keys(event.headers)).not.toContain("cookie");
    expect(event.requestContext).toMatchObject({
      http: { method: "PATCH", path: "/orders/1 a", protocol: "HTTP/1.1", sourceIp: "203.0.113.24", userAgent: "lambda-once/testing" },
      requestId: "r",
      routeKey: "PATCH /orders/{id}",
      stage: "$default",
      time: "01/Jan/2026:00:00:00 +0000",
      timeEpoch: Date.UTC(2026, 0, 1),
    });
  });

  it("API Gateway v2: what is not there is absent", () => {
    const event = events.apiGatewayV2();
    expect(event.routeKey).toBe("$default");
    expect(event.requestContext.requestId).toMatch(/^[A-Za-z0-9]{15}=$/);
    for (const name of ["body", "cookies", "pathParameters", "queryStringParameters"]) expect(Object.keys(event)).not.toContain(name);
  });

  it("function URL: no route, and anonymous unless authorized", () => {
    const event = events.functionUrl(request);
    expect(event).toMatchObject({ version: "2.0", routeKey: "$default", body: json, headers: { ...lower, "x-many": "a,b" } });
    expect(event.requestContext).toMatchObject({ accountId: "anonymous", requestId: expect.stringMatching(uuid) as string });
    expect(events.functionUrl({ authorizer: { iam: {} } }).requestContext).toMatchObject({
      accountId: "123456789012",
      authorizer: { iam: {} },
    });
    expect(events.functionUrl().headers["host"]).toMatch(/\.lambda-url\.us-east-1\.on\.aws$/);
  });

  it("ALB: the last values, or all of them; the query as the URL has it", () => {
    const single = events.alb(request);
    expect(single).toMatchObject({
      httpMethod: "PATCH",
      path: "/orders/1 a",
      headers: { ...lower, "x-many": "b" },
      queryStringParameters: { q: "%C3%A9%26", many: "2" },
      body: json,
      isBase64Encoded: false,
    });
    expect(single.requestContext.elb.targetGroupArn).toMatch(/^arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup\//);
    expect(Object.keys(single)).not.toContain("multiValueHeaders");
    const multiple = events.alb({ ...request, multiValueHeaders: true });
    expect(multiple).toMatchObject({
      multiValueHeaders: { "x-many": ["a", "b"], "idempotency-key": ["k"] },
      multiValueQueryStringParameters: { q: ["%C3%A9%26"], many: ["1", "2"] },
    });
    expect(Object.keys(multiple)).not.toContain("headers");
    expect(events.alb().body).toBe("");
  });

  describe.for(["apiGatewayV1", "apiGatewayV2", "functionUrl", "alb"] as const)("a body of %s", (name) => {
    it.for<[string, unknown, string | null | undefined, boolean, boolean]>([
      ["text", "plain", "plain", false, false],
      ["an object", order, json, false, true],
      ["a list", [1], "[1]", false, true],
      ["zero", 0, "0", false, true],
      ["bytes", bytes, "AP+A", true, false],
      ["a Buffer", Buffer.from(bytes), "AP+A", true, false],
      ["no bytes", new Uint8Array(), "", true, false],
      ["null", null, { apiGatewayV1: null, alb: "" }[name as string], false, false],
    ])("%s", ([, body, text, isBase64Encoded, isJson]) => {
      const event = events[name]({ body });
      expect(event.body).toBe(text);
      expect(event.isBase64Encoded).toBe(isBase64Encoded);
      const types = Object.entries(event.headers ?? {}).filter(([header]) => header.toLowerCase() === "content-type");
      expect(types.map(([, type]) => type)).toEqual(isJson ? ["application/json"] : []);
    });
  });

  it("a content type of one's own stays", () => {
    expect(events.apiGatewayV2({ body: {}, headers: { "content-type": "application/vnd.x+json" } }).headers["content-type"]).toBe(
      "application/vnd.x+json",
    );
  });
});

describe("SQS", () => {
  it("a message as SQS hands it on", () => {
    const [record] = events.sqs([{ body: order, messageAttributes: { key: "k", n: 5, raw: bytes } }]).Records;
    expect(record).toMatchObject({
      body: JSON.stringify(order),
      messageId: expect.stringMatching(uuid) as string,
      md5OfBody: createHash("md5").update(JSON.stringify(order)).digest("hex"),
      attributes: { ApproximateReceiveCount: "1", SentTimestamp: String(Date.UTC(2026, 0, 1)) },
      messageAttributes: {
        key: { stringValue: "k", dataType: "String", stringListValues: [], binaryListValues: [] },
        n: { stringValue: "5", dataType: "Number" },
        raw: { binaryValue: "AP+A", dataType: "Binary" },
      },
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:orders",
      awsRegion: "us-east-1",
    });
    expect(Object.keys(record?.attributes ?? {})).not.toContain("MessageGroupId");
  });

  it("a message has one id in every batch; two of the same content are two", () => {
    const ids = (...bodies: string[]): string[] => events.sqs(bodies).Records.map(({ messageId }) => messageId);
    const [[a], [b, a2, a3]] = [ids("a"), ids("b", "a", "a")];
    expect(a2).toBe(a);
    expect(new Set([a, b, a3]).size).toBe(3);
  });

  it("a redelivery keeps the id, and has another receipt", () => {
    const receipt = (count: string): unknown => events.sqs([{ body: "a", attributes: { ApproximateReceiveCount: count } }]).Records[0];
    const [first, again] = [receipt("1"), receipt("2")] as { messageId: string; receiptHandle: string }[];
    expect(again?.messageId).toBe(first?.messageId);
    expect(again?.receiptHandle).not.toBe(first?.receiptHandle);
  });

  it("a FIFO queue has its attributes", () => {
    const { Records } = events.sqs(["a", "a"].map((body) => ({ body, attributes: { MessageGroupId: "g" } })));
    const [first, second] = Records.map(({ attributes }) => attributes);
    expect(Records[0]?.eventSourceARN).toBe("arn:aws:sqs:us-east-1:123456789012:orders.fifo");
    expect(first).toMatchObject({ MessageGroupId: "g", MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(first?.SequenceNumber).toMatch(/^\d{20}$/);
    expect(BigInt(second?.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first?.SequenceNumber ?? 0));
    const given = { MessageGroupId: "g", MessageDeduplicationId: "d", SequenceNumber: "7" };
    expect(events.sqs([{ body: "a", attributes: given }]).Records[0]?.attributes).toMatchObject(given);
    expect(events.sqs(["a"], { queueArn: "arn:aws:sqs:eu-central-1:1:q.fifo" }).Records[0]?.attributes.MessageGroupId).toBe("1");
  });
});

it("SNS: one notification", () => {
  const { Records } = events.sns({ message: order, subject: "s", messageAttributes: { key: "k", n: 5, raw: bytes } });
  expect(Records).toEqual([
    {
      EventVersion: "1.0",
      EventSource: "aws:sns",
      EventSubscriptionArn: expect.stringMatching(/^arn:aws:sns:us-east-1:123456789012:orders:[0-9a-f-]{36}$/) as string,
      Sns: expect.objectContaining({
        Type: "Notification",
        MessageId: expect.stringMatching(uuid) as string,
        TopicArn: "arn:aws:sns:us-east-1:123456789012:orders",
        Subject: "s",
        Message: JSON.stringify(order),
        Timestamp: "2026-01-01T00:00:00.000Z",
        SignatureVersion: "1",
        MessageAttributes: {
          key: { Type: "String", Value: "k" },
          n: { Type: "Number", Value: "5" },
          raw: { Type: "Binary", Value: "AP+A" },
        },
      }) as object,
    },
  ]);
  expect(events.sns("text").Records[0]?.Sns.Message).toBe("text");
  expect(Object.keys(events.sns("text").Records[0]?.Sns ?? {})).not.toContain("Subject");
});

it("EventBridge: an event", () => {
  expect(events.eventBridge({ detailType: "Order Paid", detail: { ...order, left: undefined }, resources: ["arn:x"] })).toStrictEqual({
    version: "0",
    id: expect.stringMatching(uuid) as string,
    "detail-type": "Order Paid",
    source: "shop.orders",
    account: "123456789012",
    time: "2026-01-01T00:00:00Z",
    region: "us-east-1",
    resources: ["arn:x"],
    detail: order,
  });
});

it("S3: a notification, its key as a URL has it", () => {
  const [record] = events.s3({ key: "in/a b+é.json", versionId: "v" }).Records;
  expect(record).toMatchObject({
    eventVersion: "2.1",
    eventSource: "aws:s3",
    eventTime: "2026-01-01T00:00:00.000Z",
    eventName: "ObjectCreated:Put",
    s3: { bucket: { name: "orders", arn: "arn:aws:s3:::orders" }, object: { key: "in/a+b%2B%C3%A9.json", size: 1024, versionId: "v" } },
  });
  expect(record?.s3.object.eTag).toMatch(/^[0-9a-f]{32}$/);
  expect(record?.s3.object.sequencer).toMatch(/^[0-9A-F]{18}$/);
});

it("MD5 is MD5, whatever the length", () => {
  const texts = ["", "a", "abc", "message digest", "é💥", "\ud800"];
  for (let length = 50; length < 140; length++) texts.push("x".repeat(length));
  texts.push("y".repeat(100_000));
  for (const text of texts) expect(md5(text)).toBe(createHash("md5").update(text).digest("hex"));
});

it("two deliveries of one event: the second is answered from the first", async () => {
  const build = (): ReturnType<typeof events.sqs> => events.sqs([{ body: order }]);
  let runs = 0;
  const handler = idempotent(async (_event: ReturnType<typeof build>) => ++runs, {
    store: memoryStore({ clock: testClock() }),
    operation: "charge",
    key: ({ Records: [record] }) => record?.messageId,
    fingerprint: (event) => event,
  });
  expect([await handler(build()), await handler(build())]).toEqual([1, 1]);
});

describe("bad input is refused", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.for<[string, () => unknown, string, string]>([
    ["no object", () => events.apiGatewayV2("POST" as never), "options", 'options is "POST"'],
    ["a path with a query", () => events.apiGatewayV2({ path: "/a?b=c" }), "path", "its query as `query`"],
    ["a path without its beginning", () => events.alb({ path: "a" }), "path", "begins with /"],
    ["a method that is no text", () => events.alb({ method: 5 as never }), "method", "method is 5: give a text"],
    ["a header that is no text", () => events.alb({ headers: { a: 5 as never } }), "headers.a", "give a text, or a list of texts"],
    ["a list of headers", () => events.alb({ query: { a: ["b", 5 as never] } }), "query.a[1]", "give a text"],
    ["a body that JSON has no form for", () => events.functionUrl({ body: cycle }), "body", "what JSON has a form for"],
    ["a function as a body", () => events.functionUrl({ body: () => 1 }), "body", "body is a function"],
    ["a route of a function URL", () => events.functionUrl({ route: "/a" } as never), "route", "no such option"],
    ["an authorizer that is no object", () => events.apiGatewayV1({ authorizer: "me" as never }), "authorizer", "give an object"],
    ["a flag that is none", () => events.alb({ multiValueHeaders: "yes" as never }), "multiValueHeaders", "give true or false"],
    ["a moment that is none", () => events.alb({ atMs: -1 }), "atMs", "give milliseconds"],
    ["no list of messages", () => events.sqs({ body: "a" } as never), "records", "give a list of messages"],
    ["a bare object as a message", () => events.sqs(["a", order as never]), "records[1].orderId", "known are body, messageId"],
    ["a message without a body", () => events.sqs([{} as never]), "records[0].body", "give a text"],
    [
      "an unknown attribute",
      () => events.sqs([{ body: "", attributes: { Count: "2" } as never }]),
      "records[0].attributes.Count",
      "known are",
    ],
    [
      "an attribute that is no text",
      () => events.sqs([{ body: "", attributes: { SenderId: 2 as never } }]),
      "records[0].attributes.SenderId",
      "give a text",
    ],
    [
      "a producer's attribute",
      () => events.sqs([{ body: "", messageAttributes: { a: true as never } }]),
      "records[0].messageAttributes.a",
      "a number or bytes",
    ],
    ["an empty id", () => events.sqs([{ body: "", messageId: "" }]), "records[0].messageId", "not empty"],
    ["a queue that is no text", () => events.sqs([], { queueArn: 5 as never }), "queueArn", "give a text"],
    ["no message", () => events.sns({} as never), "message", "message is undefined"],
    ["a publisher's attribute", () => events.sns({ message: "", messageAttributes: { a: [] as never } }), "messageAttributes.a", "a list"],
    ["a detail that is no object", () => events.eventBridge({ detailType: "a", detail: "b" as never }), "detail", "give an object"],
    ["a detail that JSON has no form for", () => events.eventBridge({ detailType: "a", detail: { n: 1n } }), "detail", "JSON"],
    ["no detail type", () => events.eventBridge({ detail: {} } as never), "detailType", "give a text"],
    [
      "resources that are no list",
      () => events.eventBridge({ detailType: "a", detail: {}, resources: "arn" as never }),
      "resources",
      "list of ARNs",
    ],
    ["no key", () => events.s3({} as never), "key", "give a text"],
    ["an empty key", () => events.s3({ key: "" }), "key", "not empty"],
    ["a size that is none", () => events.s3({ key: "a", size: 1.5 }), "size", "give a whole number from 0"],
  ])("%s", ([, build, path, message]) => {
    expect(build).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", path, message: expect.stringContaining(message) as string }) as Error,
    );
  });
});
