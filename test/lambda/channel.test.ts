import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, it, onTestFinished } from "vitest";
import { type IdempotencyEvent, idempotent } from "../../src/index.ts";
import { publish } from "../../src/lambda/channel.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { testClock } from "../support/clock.ts";

const event: IdempotencyEvent = { type: "mismatch", operation: "charge", keyHash: "hash", at: 0 };

/** What is published while the test runs. */
function published(): unknown[] {
  const messages: unknown[] = [];
  const listen = (message: unknown, name: string | symbol): void => void messages.push([name, message]);
  subscribe("lambda-once", listen);
  onTestFinished(() => void unsubscribe("lambda-once", listen));
  return messages;
}

describe('the diagnostics channel "lambda-once"', () => {
  it("gets every event, in order, as onEvent gets them", async () => {
    const messages = published();
    const told: IdempotencyEvent[] = [];
    const fn = idempotent(
      (order: { id: string; fails?: boolean }) => (order.fails === true ? Promise.reject(new Error("declined")) : order.id),
      {
        store: memoryStore({ clock: testClock({ auto: true }) }),
        operation: "charge",
        key: (order) => order.id,
        fingerprint: (order) => order,
        onError: "keep",
        onEvent: (given) => told.push(given),
      },
    );
    await fn({ id: "a" });
    await fn({ id: "a" });
    await fn({ id: "b", fails: true }).catch(() => {});
    await fn({ id: "a", fails: true }).catch(() => {});
    expect(told.map(({ type }) => type)).toEqual(["lease_guessed", "claimed", "completed", "replayed", "claimed", "failed", "mismatch"]);
    expect(messages).toEqual(told.map((given) => ["lambda-once", given]));
  });

  it("gets events without an onEvent", () => {
    const messages = published();
    publish(undefined, event);
    expect(messages).toEqual([["lambda-once", event]]);
  });

  it("gets an event whose listener threw", () => {
    const messages = published();
    publish(() => {
      throw new Error("no");
    }, event);
    expect(messages).toEqual([["lambda-once", event]]);
  });

  it("may have no subscriber", () => {
    const told: unknown[] = [];
    publish((given) => told.push(given), event);
    expect(told).toEqual([event]);
  });
});
