import { mock } from "node:test";
import { describe, expect, it, vi } from "vitest";
import { currentExecution, idempotent } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { turnedClock } from "../../src/testing/clock.ts";
import { testClock } from "../../src/testing/index.ts";

const start = Date.UTC(2026, 0, 1);

it("starts where it is told, and stands still", async () => {
  expect(testClock().now()).toBe(start);
  const clock = testClock(5);
  await new Promise((resolve) => setImmediate(resolve));
  expect(clock.now()).toBe(5);
});

it("shows what a user needs, and no more", () => {
  expect(Object.keys(testClock()).toSorted()).toEqual(["advance", "now", "sleep", "timer"]);
});

describe("advance", () => {
  it("wakes each sleeper at its time, earliest first, whoever began earlier", async () => {
    const clock = testClock(0);
    const woken: [string, number][] = [];
    const note = (name: string) => (): number => woken.push([name, clock.now()]);
    void clock.sleep(30).then(note("c"));
    void clock.sleep(10).then(note("a"));
    clock.timer?.(20, note("b"));
    await clock.advance(25);
    expect([woken, clock.now()]).toEqual([
      [
        ["a", 10],
        ["b", 20],
      ],
      25,
    ]);
    await clock.advance(5);
    expect(woken.at(-1)).toEqual(["c", 30]);
  });

  it("lets what was woken go on, and wakes it again within the same turn", async () => {
    const clock = testClock(0);
    const times: number[] = [];
    async function work(): Promise<void> {
      for (let n = 0; n < 5; n++) {
        await clock.sleep(10);
        await new Promise((resolve) => setImmediate(resolve));
        times.push(clock.now());
      }
    }
    void work();
    await clock.advance(100);
    expect(times).toEqual([10, 20, 30, 40, 50]);
  });

  it("lets begin what was asked for just before", async () => {
    const clock = testClock(0);
    let woken = false;
    void (async () => {
      for (let n = 0; n < 20; n++) await Promise.resolve();
      await clock.sleep(10);
      woken = true;
    })();
    await clock.advance(10);
    expect(woken).toBe(true);
  });

  it("never goes back, where two turns overlap", async () => {
    const clock = testClock(0);
    const times: number[] = [];
    const note = (): number => times.push(clock.now());
    await Promise.all([clock.advance(10).then(note), clock.advance(1000).then(note), clock.advance(5).then(note)]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(clock.now()).toBe(1000);
  });

  it("ends with an error where something sleeps for no time, without end", async () => {
    const clock = testClock(0);
    let isOver = false;
    void (async () => {
      while (!isOver) await clock.sleep(0);
    })();
    await expect(clock.advance(10)).rejects.toThrow("something sleeps again and again for 0 ms");
    isOver = true;
    await clock.advance(10);
    expect(clock.now()).toBe(10);
  });

  it("wakes in order what one jump is late for", () => {
    const clock = turnedClock(0);
    const woken: number[] = [];
    for (const ms of [30, 10, 20]) clock.timer(ms, () => woken.push(ms));
    clock.jump(100);
    expect(woken).toEqual([10, 20, 30]);
  });

  it("goes on under a runner's fake timers", async () => {
    vi.useFakeTimers({ toFake: ["setImmediate", "setTimeout", "Date"] });
    try {
      const clock = testClock(0);
      const slept = clock.sleep(10);
      await clock.advance(10);
      await slept;
      expect(clock.now()).toBe(10);
    } finally {
      vi.useRealTimers();
    }
  });
});

it.for<[string, fake: () => void, undo: () => void]>([
  ["Vitest", () => vi.useFakeTimers(), () => vi.useRealTimers()],
  ["node:test", () => mock.timers.enable(), () => mock.timers.reset()],
])("timers that %s faked before the kit was loaded are told, at use", async ([, fake, undo]) => {
  fake();
  vi.resetModules();
  try {
    const kit = await import("../../src/testing/index.ts");
    const wrong = { code: "CONFIG_INVALID", path: "timers" };
    await expect(kit.testClock().advance(1)).rejects.toMatchObject(wrong);
    expect(() => kit.faultyStore(memoryStore(), [])).toThrow(expect.objectContaining(wrong) as Error);
    await expect(kit.expectIdempotent(() => () => 1, { events: [1], effects: () => 1 })).rejects.toMatchObject(wrong);
  } finally {
    undo();
    vi.resetModules();
  }
});

describe("a time limit", () => {
  it("that is a sleep ends when it is cancelled, and is not woken again", async () => {
    const clock = testClock(0);
    const over = new AbortController();
    let ended = 0;
    void clock.sleep(10, over.signal).then(() => ended++);
    over.abort();
    await clock.advance(0);
    expect([ended, clock.now()]).toEqual([1, 0]);
    await clock.advance(100);
    expect(ended).toBe(1);
  });

  it("that is a sleep leaves nothing behind once it is cancelled", () => {
    const clock = turnedClock();
    const over = new AbortController();
    void clock.sleep(10, over.signal);
    expect(clock.sleeping()).toBe(1);
    over.abort();
    expect(clock.sleeping()).toBe(0);
  });

  it("that is over before it begins never sleeps", async () => {
    await testClock().sleep(10, AbortSignal.abort());
  });

  it("that is a timer is not called once it is cancelled", async () => {
    const clock = testClock(0);
    let called = 0;
    const cancel = clock.timer?.(10, () => called++);
    cancel?.();
    await clock.advance(100);
    expect(called).toBe(0);
  });
});

it("is the core's time: a lease, its signal, and expiry", async () => {
  const clock = testClock();
  let runs = 0;
  let stuck: AbortSignal | undefined;
  const charge = idempotent(
    async (_id: string) => {
      runs++;
      stuck = currentExecution().signal;
      if (runs === 1) await new Promise(() => {});
      return runs;
    },
    { store: memoryStore({ clock }), operation: "charge", key: (id) => id, leaseMs: 10_000, retentionSeconds: 3600 },
  );
  void charge("order-1");
  await clock.advance(8999);
  expect(stuck?.aborted).toBe(false);
  await clock.advance(1);
  expect(stuck?.aborted).toBe(true);
  await expect(charge("order-1")).rejects.toMatchObject({ code: "IN_PROGRESS" });
  await clock.advance(2000); // the margin, too
  expect(await charge("order-1")).toBe(2);
  await clock.advance(3_599_000);
  expect(await charge("order-1")).toBe(2);
  await clock.advance(1000);
  expect(await charge("order-1")).toBe(3);
});

describe("bad milliseconds are refused, and turn nothing", () => {
  it.for([-1, Number.NaN, Number.POSITIVE_INFINITY, "10", undefined, null, 10n])("%s", async (ms) => {
    const clock = testClock(0);
    const wrong = { code: "CONFIG_INVALID", path: "ms", message: expect.stringContaining("give milliseconds, a number from 0") as string };
    await expect(clock.advance(ms as number)).rejects.toMatchObject(wrong);
    await expect(clock.sleep(ms as number)).rejects.toMatchObject(wrong);
    expect(() => clock.timer?.(ms as number, () => {})).toThrow(expect.objectContaining(wrong) as Error);
    expect(clock.now()).toBe(0);
    if (ms !== undefined) {
      expect(() => testClock(ms as number)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", path: "startMs" }) as Error);
    }
  });
});
