import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished } from "vitest";
import { type IdempotencyEvent, idempotent } from "../../src/index.ts";
import { type Listener, tell } from "../../src/core/events.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { testClock } from "../support/clock.ts";

const event: IdempotencyEvent = { type: "mismatch", operation: "charge", keyHash: "hash", at: 0 };

/** What Node would have ended the process for. */
function unhandled(): { readonly rejections: readonly unknown[]; settled(): Promise<void> } {
  const rejections: unknown[] = [];
  const others = process.rawListeners("unhandledRejection") as NodeJS.UnhandledRejectionListener[];
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => rejections.push(reason));
  onTestFinished(() => {
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  });
  return {
    rejections,
    // Node reports after the microtasks of a turn.
    settled: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
  };
}

const listeners: { name: string; listener: Listener }[] = [
  {
    name: "throws",
    listener: () => {
      throw new Error("no");
    },
  },
  { name: "rejects", listener: async () => Promise.reject(new Error("no")) },
  { name: "rejects with nothing", listener: async () => Promise.reject(undefined) },
  { name: "rejects in another realm", listener: () => runInNewContext("Promise.reject(new Error('no'))") as unknown },
  { name: "never settles", listener: () => new Promise(() => {}) },
  { name: "answers with an odd value", listener: () => ({ then: 5 }) },
];

describe("telling a listener", () => {
  it("hands the event on as it is", () => {
    const told: unknown[] = [];
    tell((given) => told.push(given), event);
    expect(told).toEqual([event]);
    expect(told[0]).toBe(event);
  });

  it.for(listeners)("that $name harms nothing", async ({ listener }) => {
    const process = unhandled();
    expect(tell(listener, event)).toBeUndefined();
    await process.settled();
    expect(process.rejections).toEqual([]);
  });
});

describe("onEvent", () => {
  it.for(listeners)("that $name harms neither a run nor a replay", async ({ listener }) => {
    const process = unhandled();
    let runs = 0;
    const types: string[] = [];
    const fn = idempotent((key: string) => `${key} ${++runs}`, {
      store: memoryStore({ clock: testClock({ auto: true }) }),
      operation: "charge",
      key: (key) => key,
      onEvent: (told) => {
        types.push(told.type);
        return listener(told) as undefined;
      },
    });
    expect([await fn("a"), await fn("a")]).toEqual(["a 1", "a 1"]);
    await process.settled();
    expect(process.rejections).toEqual([]);
    expect(types).toEqual(["lease_guessed", "claimed", "completed", "replayed"]);
  });

  it("that throws leaves the handler's error as it is", async () => {
    const error = new Error("declined");
    const fn = idempotent(() => Promise.reject(error), {
      store: memoryStore({ clock: testClock({ auto: true }) }),
      operation: "charge",
      key: () => "a",
      onEvent: () => {
        throw new Error("no");
      },
    });
    await expect(fn()).rejects.toBe(error);
  });

  it("gets operation, moment and key hash with every event", async () => {
    const clock = testClock({ auto: true });
    const told: IdempotencyEvent[] = [];
    const fn = idempotent<[string?], unknown>((key) => key, {
      store: memoryStore({ clock }),
      operation: "charge",
      key: (key) => key,
      leaseMs: 10_000,
      onMissingKey: "run",
      onEvent: (given) => told.push(given),
    });
    await fn("a");
    clock.jump(2500);
    await fn("a");
    await fn();
    const base = { operation: "charge", at: clock.now() };
    const keyed = { ...base, keyHash: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string };
    expect(told).toEqual([
      { ...keyed, at: base.at - 2500, type: "claimed", attempt: 1, durationMs: 0 },
      { ...keyed, at: base.at - 2500, type: "completed", attempt: 1, durationMs: 0, encoding: "json", bytes: 3 },
      { ...keyed, type: "replayed", attempt: 1, ageMs: 2500 },
      { ...base, type: "unprotected", reason: "missing_key" },
    ]);
  });
});
