import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { idempotentSqs } from "../../../src/sqs/index.ts";
import { expectIdempotent, type MakeHandler } from "../../../src/testing/expect/expect-idempotent.ts";
import { quietly } from "../../../src/testing/expect/quiet.ts";
import { events as aws } from "../../../src/testing/events/builders.ts";

const real = console.error;
const logged = vi.fn<(...args: unknown[]) => void>();
beforeEach(() => void (console.error = logged));
afterEach(() => {
  console.error = real;
  logged.mockClear();
});

describe("console.error is muted while schedules play, and back after", () => {
  let charges = 0;
  const makeHandler: MakeHandler = ({ store }) =>
    idempotentSqs(
      ({ body }) => {
        if (body === "order-2") throw new RangeError("no funds");
        charges++;
      },
      { store, operation: "charge", key: ({ body }) => body, sqs: { send: async () => ({}) } as never },
    );

  it("a handler that passes", async () => {
    await expectIdempotent(makeHandler, {
      events: [aws.sqs(["order-1", "order-2"]), aws.sqs(["order-3"])],
      effects: () => charges,
      schedules: 10,
    });
    expect(logged).not.toHaveBeenCalled();
    expect(console.error).toBe(logged);
  });

  it("a check that fails", async () => {
    await expect(expectIdempotent(makeHandler, { events: [aws.sqs(["order-2"])], effects: () => charges })).rejects.toThrow(
      "(console.error is muted here: call the handler yourself to read what it logs): give one at least that is",
    );
    expect(logged).not.toHaveBeenCalled();
    expect(console.error).toBe(logged);
  });

  it("several checks at the same time, which end in another order", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const both = [quietly(() => first.promise), quietly(() => second.promise)];
    first.resolve();
    await both[0];
    console.error("muted");
    second.resolve();
    await both[1];
    expect(logged).not.toHaveBeenCalled();
    expect(console.error).toBe(logged);
  });

  it("what somebody puts in its place meanwhile stays", async () => {
    const another = vi.fn<() => void>();
    await quietly(async () => void (console.error = another));
    expect(console.error).toBe(another);
  });
});
