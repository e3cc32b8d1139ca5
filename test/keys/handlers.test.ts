// The key functions in handlers: duplicates run once, and what has no key is refused.
import type { SNSEvent } from "aws-lambda";
import { expect, it } from "vitest";
import { idempotent } from "../../src/index.ts";
import { eventBridgeKey, schedulerKey, snsKey, stripeWebhookKey } from "../../src/keys/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { changed, eventBridgeEvent, requestsOf, scheduledInput, snsEvent, stripeEvent } from "./events.ts";

const options = () => ({ store: memoryStore(), operation: "test", leaseMs: 1000 });

it("snsKey: a notification that comes twice is handled once", async () => {
  const seen: string[] = [];
  const handler = idempotent(
    async (event: SNSEvent) => {
      seen.push(...event.Records.map((record) => record.Sns.Message));
      return seen.length;
    },
    { ...options(), key: (event) => snsKey(event.Records[0]) },
  );
  expect(await handler(snsEvent)).toBe(1);
  expect(await handler(structuredClone(snsEvent))).toBe(1);
  expect(seen).toEqual(["Hello from SNS!"]);
  await expect(handler({ Records: [] })).rejects.toMatchObject({ code: "KEY_MISSING" });
});

it("is given as it is where it takes what the handler takes", async () => {
  let runs = 0;
  const run = async () => ++runs;
  const once = [
    idempotent((_event: typeof eventBridgeEvent) => run(), { ...options(), key: eventBridgeKey }),
    idempotent((_input: typeof scheduledInput) => run(), { ...options(), key: schedulerKey }),
    idempotent((_event: typeof stripeEvent) => run(), { ...options(), key: stripeWebhookKey }),
  ] as const;
  for (let delivery = 1; delivery <= 2; delivery++) {
    const { time: _time, ...rest } = eventBridgeEvent;
    expect(await once[0]({ ...rest, time: `delivery ${delivery}` })).toBe(1);
    expect(await once[1]({ ...scheduledInput })).toBe(2);
    expect(await once[2]({ ...stripeEvent })).toBe(3);
  }
});

it("a webhook through two kinds of HTTP event is one webhook", async () => {
  let runs = 0;
  const handler = idempotent(async (_request: { body?: unknown }) => ++runs, { ...options(), key: stripeWebhookKey });
  for (const request of Object.values(requestsOf(stripeEvent))) expect(await handler(request)).toBe(1);
  const other = changed(stripeEvent, ["id"], "evt_other");
  expect(await handler({ body: JSON.stringify(other) })).toBe(2);
});
