import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import { expiryAfter, type HeldLease, holdLease, isLive, signalAt } from "../../src/core/lease.ts";
import { testClock, type TestClock } from "../support/clock.ts";

function held(leaseMs: number): { clock: TestClock; start: number; lease: HeldLease } {
  const clock = testClock();
  const start = clock.now();
  return { clock, start, lease: holdLease(clock, start + leaseMs, leaseMs) };
}

describe("the signal of a lease", () => {
  it.for([
    { leaseMs: 60_000, early: 1000 },
    { leaseMs: 5000, early: 1000 },
    { leaseMs: 4999, early: 999.8 },
    { leaseMs: 1000, early: 200 },
    { leaseMs: 100, early: 20 },
  ])("of $leaseMs ms aborts $early ms before its end", async ({ leaseMs, early }) => {
    const { clock, start, lease } = held(leaseMs);
    const signal = lease.signal();
    expect(signalAt(start + leaseMs, leaseMs)).toBeCloseTo(start + leaseMs - early, 3);
    await clock.advance(Math.ceil(leaseMs - early) - 1);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ name: "TimeoutError", message: "the lease of this execution ends" });
  });

  it("is one and the same at each look", async () => {
    const { clock, lease } = held(10_000);
    const signal = lease.signal();
    await clock.advance(9000);
    expect(lease.signal()).toBe(signal);
  });

  it.for([
    { name: "one ms before it would have", after: 8999, aborted: false },
    { name: "when it would have", after: 9000, aborted: true },
    { name: "long after", after: 1_000_000, aborted: true },
  ])("first looked at $name", ({ after, aborted }) => {
    const { clock, lease } = held(10_000);
    clock.jump(after);
    expect(lease.signal().aborted).toBe(aborted);
  });

  it("moves with the lease: armed anew, for the new end", async () => {
    const { clock, start, lease } = held(10_000);
    const signal = lease.signal();
    await clock.advance(8000);
    lease.move(clock.now() + 20_000, 20_000);
    expect(lease.until()).toBe(start + 28_000);
    await clock.advance(18_999);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.aborted).toBe(true);
  });

  it("moves likewise where nobody has looked yet", async () => {
    const { clock, lease } = held(10_000);
    await clock.advance(8000);
    lease.move(clock.now() + 20_000, 20_000);
    await clock.advance(18_999);
    expect(lease.signal().aborted).toBe(false);
    await clock.advance(1);
    expect(lease.signal().aborted).toBe(true);
  });

  it("stays where it is with a move to the end that the lease has", async () => {
    const { clock, start, lease } = held(10_000);
    lease.move(start + 10_000, 1000);
    await clock.advance(8999);
    expect(lease.signal().aborted).toBe(false);
    await clock.advance(1);
    expect(lease.signal().aborted).toBe(true);
  });

  it.for([
    { name: "seen", look: true },
    { name: "that nobody saw", look: false },
  ])("once aborted stays so, $name", async ({ look }) => {
    const { clock, lease } = held(10_000);
    if (look) void lease.signal();
    await clock.advance(9000);
    lease.move(clock.now() + 60_000, 60_000);
    expect(lease.signal().aborted).toBe(true);
  });

  it.for([
    { name: "watched", look: true, advance: 20_000 },
    { name: "not watched", look: false, advance: 20_000 },
  ])("never aborts after the end of the run: $name", async ({ look, advance }) => {
    const { clock, lease } = held(10_000);
    if (look) void lease.signal();
    await clock.advance(8000);
    lease.end();
    await clock.advance(advance);
    expect(lease.signal().aborted).toBe(false);
  });

  it("never aborts after the end of the run, however close the two are", async () => {
    const { clock, lease } = held(10_000);
    const signal = lease.signal();
    clock.jump(20_000); // due, its sleeper awake but not yet on
    lease.end();
    await clock.advance(1);
    expect(signal.aborted).toBe(false);
  });

  it("survives a timer that fires early", async () => {
    const clock = testClock();
    const hasty: Clock = { now: clock.now, sleep: (ms, cancel) => clock.sleep(Math.ceil(ms / 2), cancel) };
    const signal = holdLease(hasty, clock.now() + 10_000, 10_000).signal();
    await clock.advance(8999);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.aborted).toBe(true);
  });

  it("starts no timer before the first look, and leaves none behind", async () => {
    let sleeping = 0;
    const clock = testClock();
    const counted: Clock = {
      now: clock.now,
      async sleep(ms, cancel) {
        sleeping++;
        await clock.sleep(ms, cancel);
        sleeping--;
      },
    };
    const lease = holdLease(counted, clock.now() + 10_000, 10_000);
    lease.move(clock.now() + 11_000, 11_000);
    expect(sleeping).toBe(0);
    void lease.signal();
    expect(sleeping).toBe(1);
    lease.end();
    await clock.advance(0);
    expect(sleeping).toBe(0);
  });
});

describe("times of a record", () => {
  it.for([
    { after: -1, live: true },
    { after: 0, live: true },
    { after: 999, live: true },
    { after: 1000, live: false },
  ])("$after ms after its end a lease is live: $live", ({ after, live }) => {
    expect(isLive(10_000, 10_000 + after)).toBe(live);
  });

  it.for([
    { fromMs: 1000, expiry: 61 },
    { fromMs: 1001, expiry: 62 },
    { fromMs: 1999, expiry: 62 },
    { fromMs: 2000, expiry: 62 },
    { fromMs: 2000.1, expiry: 63 },
  ])("a minute after $fromMs ms is $expiry s: rounded up", ({ fromMs, expiry }) => {
    expect(expiryAfter(fromMs, 60)).toBe(expiry);
  });
});

it("a clock whose sleeps take no time neither aborts a signal nor keeps the process busy", async () => {
  const lease = holdLease({ now: () => 0, sleep: async () => {} }, 10_000, 10_000);
  const signal = lease.signal();
  await new Promise((resolve) => setImmediate(resolve));
  expect(signal.aborted).toBe(false);
  lease.end();
});
