import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newOwner, systemClock } from "../../src/lambda/system.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A sleep, and whether it is over. */
function sleep(ms: number): { over: boolean } {
  const state = { over: false };
  void systemClock.sleep(ms).then(() => (state.over = true));
  return state;
}

describe("the system clock", () => {
  it("tells epoch milliseconds", async () => {
    expect(systemClock.now()).toBe(Date.UTC(2026, 0, 1));
    await vi.advanceTimersByTimeAsync(5);
    expect(systemClock.now()).toBe(Date.UTC(2026, 0, 1) + 5);
  });

  it("sleeps for as long as it is told", async () => {
    const state = sleep(1000);
    await vi.advanceTimersByTimeAsync(999);
    expect(state.over).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(state.over).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.for([2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])(
    "sleeps on for %d ms, more than a timer takes",
    async (ms) => {
      const state = sleep(ms);
      await vi.advanceTimersByTimeAsync(1_000_000);
      expect(state.over).toBe(false);
    },
  );
});

describe("a timer of the system clock", () => {
  it("calls when its time has come, and not before", async () => {
    const done = vi.fn<() => void>();
    systemClock.timer?.(1000, done);
    await vi.advanceTimersByTimeAsync(999);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalledOnce();
  });

  it("that is cancelled never calls, and is gone", () => {
    systemClock.timer?.(1000, () => {
      throw new Error("called");
    })();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("an owner token", () => {
  it("is one that no other execution has", () => {
    const owners = Array.from({ length: 10_000 }, newOwner);
    expect(new Set(owners).size).toBe(owners.length);
    for (const owner of owners.slice(0, 10)) expect(owner).toMatch(/^[\da-f-]{36}$/);
  });
});
