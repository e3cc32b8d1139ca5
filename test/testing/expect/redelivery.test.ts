import { describe, expect, it } from "vitest";
import { events as aws } from "../../../src/testing/events/builders.ts";
import { redelivered } from "../../../src/testing/expect/redelivery.ts";

/** Tells what came where: each leaf of an event by its path. */
function leaves(value: unknown, path = ""): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null) return new Map([[path, value]]);
  return new Map(Object.entries(value).flatMap(([name, member]) => [...leaves(member, `${path}.${name}`)]));
}

/** The event as it comes the nth time, all deliveries of it being all that there are. */
function nth(event: unknown, times: number): unknown {
  return redelivered(structuredClone(event), { nth: times, ofEvent: times });
}

/** What differs between the first delivery and the third, as `path: first > third`. */
function moved(event: unknown): Readonly<Record<string, readonly [unknown, unknown]>> {
  const [first, third] = [leaves(nth(event, 1)), leaves(nth(event, 3))];
  expect([...third.keys()]).toEqual([...first.keys()]);
  const changed = [...third].filter(([path, value]) => first.get(path) !== value);
  return Object.fromEntries(changed.map(([path, value]) => [path, [first.get(path), value]]));
}

const another = [expect.any(String), expect.any(String)];
const uuid = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/) as unknown;
const traceId = expect.stringMatching(/^Root=1-[\da-f]{8}-[\da-f]{24}$/) as unknown;

describe("a record of SQS comes again with another receipt, and one more receive each time", () => {
  const { Records } = aws.sqs(["a", { body: "b", attributes: { ApproximateReceiveCount: "4" } }]);

  it.for<[string, unknown, string]>([
    ["in a batch", { Records }, ".Records"],
    ["in a list", Records, ""],
  ])("%s", ([, event, before]) => {
    expect(moved(event)).toEqual({
      [`${before}.0.receiptHandle`]: another,
      [`${before}.0.attributes.ApproximateReceiveCount`]: ["1", "3"],
      [`${before}.1.receiptHandle`]: another,
      [`${before}.1.attributes.ApproximateReceiveCount`]: ["4", "6"],
    });
  });

  it("alone", () => {
    expect(moved(Records[0])).toEqual({ ".receiptHandle": another, ".attributes.ApproximateReceiveCount": ["1", "3"] });
  });

  it("with a count that is none, as it is", () => {
    const record = { receiptHandle: "receipt", attributes: {} };
    expect(moved(record)).toEqual({ ".receiptHandle": another });
  });
});

describe("a client's retry", () => {
  const atMs = Date.UTC(2026, 2, 12, 19, 3, 58);
  const headers = { "X-Amzn-Trace-Id": "Root=1-first" };

  it("through API Gateway v1 has other ids and another trace, and comes a second later each time", () => {
    expect(moved(aws.apiGatewayV1({ atMs, headers }))).toEqual({
      ".headers.X-Amzn-Trace-Id": [traceId, traceId],
      ".multiValueHeaders.X-Amzn-Trace-Id.0": [traceId, traceId],
      ".requestContext.requestId": [uuid, uuid],
      ".requestContext.extendedRequestId": another,
      ".requestContext.requestTimeEpoch": [atMs, atMs + 2000],
      ".requestContext.requestTime": ["12/Mar/2026:19:03:58 +0000", "12/Mar/2026:19:04:00 +0000"],
    });
  });

  it.for(["apiGatewayV2", "functionUrl"] as const)("through %s, likewise", (kind) => {
    expect(moved(aws[kind]({ atMs, headers }))).toEqual({
      ".headers.x-amzn-trace-id": [traceId, traceId],
      ".requestContext.requestId": [uuid, uuid],
      ".requestContext.timeEpoch": [atMs, atMs + 2000],
      ".requestContext.time": ["12/Mar/2026:19:03:58 +0000", "12/Mar/2026:19:04:00 +0000"],
    });
  });

  it.for([false, true])("through a load balancer has another trace only; several values: %s", (multiValueHeaders) => {
    const event = aws.alb({ headers, multiValueHeaders });
    const path = multiValueHeaders ? ".multiValueHeaders.x-amzn-trace-id.0" : ".headers.x-amzn-trace-id";
    expect(moved(event)).toEqual({ [path]: [traceId, traceId] });
  });
});

it("two deliveries of different events have ids of their own, though each is the first of its event", () => {
  const event = aws.apiGatewayV2();
  const [first, second] = [1, 2].map((nth) => leaves(redelivered(structuredClone(event), { nth, ofEvent: 1 })));
  expect(first?.get(".requestContext.requestId")).not.toBe(second?.get(".requestContext.requestId"));
  expect(first?.get(".requestContext.timeEpoch")).toBe(second?.get(".requestContext.timeEpoch"));
});

it.for<[string, unknown]>([
  ["SNS", aws.sns({ message: "a" })],
  ["EventBridge", aws.eventBridge({ detailType: "Order Paid", detail: {} })],
  ["S3", aws.s3({ key: "a" })],
  ["a WebSocket", { requestContext: { requestId: "1", connectionId: "2", eventType: "MESSAGE" }, body: "{}" }],
  ["a list", ["a", { b: 1 }]],
  ["a text", "order-1"],
  ["nothing", null],
])("%s comes as an equal copy", ([, event]) => {
  expect(nth(event, 3)).toEqual(event);
});
