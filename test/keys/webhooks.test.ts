import { describe, expect, it } from "vitest";
import { githubWebhookKey, stripeWebhookKey } from "../../src/keys/index.ts";
import { githubDelivery, requestsOf, stripeEvent } from "./events.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe("stripeWebhookKey", () => {
  const id = stripeEvent.id;

  it.for(Object.entries(requestsOf(stripeEvent)))("reads the JSON body: %s", ([, request]) => {
    expect(request.isBase64Encoded).toBe(false);
    expect(stripeWebhookKey(request)).toBe(id);
  });

  it.for(Object.entries(requestsOf(bytes(stripeEvent))))("reads the body in Base64: %s", ([, request]) => {
    expect(request.isBase64Encoded).toBe(true);
    expect(stripeWebhookKey(request)).toBe(id);
  });

  it.for(Object.entries(requestsOf(undefined)))("is none without a body: %s", ([, request]) => {
    expect(stripeWebhookKey(request)).toBeUndefined();
  });

  it("reads a body that a middleware has parsed", () => {
    expect(stripeWebhookKey({ ...requestsOf("")["API Gateway v2"], body: stripeEvent })).toBe(id);
  });

  it.for([
    "",
    "{",
    "null",
    "[]",
    '"evt_1"',
    '{"object":"event","id":5}',
    '{"object":"event","id":""}',
    "id=evt_1",
    5,
    true,
    [],
    new Uint8Array(3),
  ])("is none for the body %j", (body) => {
    expect(stripeWebhookKey({ body })).toBeUndefined();
  });

  it.for(["event", "v2.core.event"])("takes an event that calls itself %s", (object) => {
    expect(stripeWebhookKey({ body: JSON.stringify({ id, object }) })).toBe(id);
  });

  it.for(["payment_intent", "Event", "", undefined, 5])("is never the id of what is no event: %j", (object) => {
    expect(stripeWebhookKey({ id: "pi_1", object } as { id: string })).toBeUndefined();
  });

  it.for(["not Base64 at all", ""])("is none where the body says Base64 and is %j", (body) => {
    expect(stripeWebhookKey({ body, isBase64Encoded: true })).toBeUndefined();
  });

  it("is never the id of the request around it", () => {
    expect(stripeWebhookKey({ id: "request-1", body: "{}" })).toBeUndefined();
  });
});

describe("githubWebhookKey", () => {
  const { headers, body } = githubDelivery;
  const id = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

  it.for(Object.entries(requestsOf(body, headers)))("reads the header: %s", ([, request]) => {
    expect(githubWebhookKey(request)).toBe(id);
  });

  it.for(["X-GitHub-Delivery", "x-github-delivery", "X-Github-Delivery", "X-GITHUB-DELIVERY"])("in any case: %s", (name) => {
    expect(githubWebhookKey({ headers: { [name]: id } })).toBe(id);
    expect(githubWebhookKey({ multiValueHeaders: { [name]: [id] } })).toBe(id);
  });

  it.for(Object.entries(requestsOf(body)))("is none without the header: %s", ([, request]) => {
    expect(githubWebhookKey(request)).toBeUndefined();
  });

  it("is the same where several headers agree, and none where they do not", () => {
    expect(githubWebhookKey({ headers: { "X-GitHub-Delivery": id }, multiValueHeaders: { "x-github-delivery": [id, id] } })).toBe(id);
    expect(githubWebhookKey({ headers: { "X-GitHub-Delivery": undefined }, multiValueHeaders: { "x-github-delivery": [id] } })).toBe(id);
    expect(githubWebhookKey({ headers: { "X-GitHub-Delivery": id, "x-github-delivery": "other" } })).toBeUndefined();
    expect(githubWebhookKey({ multiValueHeaders: { "X-GitHub-Delivery": [id, "other"] } })).toBeUndefined();
    expect(githubWebhookKey({ multiValueHeaders: { "X-GitHub-Delivery": [id, ""] } })).toBeUndefined();
    expect(githubWebhookKey({ multiValueHeaders: { "X-GitHub-Delivery": [] } })).toBeUndefined();
    expect(githubWebhookKey({ headers: null, multiValueHeaders: null })).toBeUndefined();
  });

  it.for([`${id},${id}`, `${id}, other`, " ", ` ${id}`, ""])(
    "is none for %j, which is no id: API Gateway joins headers by a comma",
    (value) => {
      expect(githubWebhookKey({ headers: { "X-GitHub-Delivery": value } })).toBeUndefined();
    },
  );
});
