import { describe, expect, it, vi } from "vitest";
import { idempotent, type Store, StoreFailure } from "../../src/index.ts";
import { claimedRecord } from "../../src/core/store.ts";
import { type Records, storeOver } from "../../src/memory/records.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { type Fault, faultyStore, type StoreCall, storeConformance, testClock } from "../../src/testing/index.ts";
import { completed, nextId, refFor } from "../../src/testing/conformance/cases.ts";

const calls = ["claim", "takeOver", "settle", "extend", "read", "result", "release"] as const satisfies readonly StoreCall[];

/** A store on records in hand, with what was asked of it. */
function watched(): { store: Store; records: Records; asked: [string, ...unknown[]][]; clock: ReturnType<typeof testClock> } {
  const clock = testClock();
  const records: Records = new Map();
  const inner = storeOver(records, clock);
  const asked: [string, ...unknown[]][] = [];
  const spied = calls.map((call) => [
    call,
    (...given: never[]) => {
      asked.push([call, ...given]);
      return (inner[call] as (...given: never[]) => unknown)(...given);
    },
  ]);
  return { store: { clock, ...Object.fromEntries(spied) } as Store, records, asked, clock };
}

const ref = refFor(nextId());
const record = claimedRecord(ref, 1);
const later = ref.leaseUntil + 1000;
/** Each call, with arguments for it. */
const each: Record<StoreCall, (store: Store) => Promise<unknown>> = {
  claim: (store) => store.claim(ref),
  takeOver: (store) => store.takeOver(record, ref),
  settle: (store) => store.settle(ref, completed()),
  extend: (store) => store.extend(ref, later),
  read: (store) => store.read(ref.id),
  result: (store) => store.result(record),
  release: (store) => store.release(record),
};

/** Whether it settles by itself, whatever time passes. */
async function settles(promise: Promise<unknown>, clock = testClock()): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await clock.advance(3_600_000);
  return settled;
}

describe("without a fault", () => {
  storeConformance({ make: async () => faultyStore(memoryStore(), []), test: it });

  it.for(calls)("%s hands on the same objects, and the answer", async (call) => {
    const { store, asked } = watched();
    const answer = await each[call](store);
    const again = watched();
    expect(await each[call](faultyStore(again.store, []))).toEqual(answer);
    const [[, ...given] = []] = asked;
    const [[, ...handed] = []] = again.asked;
    expect(handed.length).toBe(given.length);
    handed.forEach((argument, i) => (call === "settle" && i === 1 ? expect(argument).toEqual(given[i]) : expect(argument).toBe(given[i])));
  });

  it("the clock is the store's", async () => {
    const { store, clock } = watched();
    const faulty = faultyStore(store, []);
    await clock.advance(5);
    expect(faulty.clock?.now()).toBe(clock.now());
    const slept = settles(faulty.clock?.sleep(1000) ?? Promise.reject(new Error("no clock")), clock);
    expect(await slept).toBe(true);
    let called = false;
    faulty.clock?.timer?.(10, () => (called = true));
    await clock.advance(10);
    expect(called).toBe(true);
  });

  it("a clock that only sleeps is no clock with a timer", () => {
    const { now, sleep } = testClock();
    expect(faultyStore(memoryStore({ clock: { now, sleep } }), []).clock?.timer).toBeUndefined();
  });

  it("a store without a clock has real time", async () => {
    const { clock } = faultyStore(memoryStore(), []);
    expect(Math.abs((clock?.now() ?? 0) - Date.now())).toBeLessThan(60_000);
    await clock?.sleep(1);
    await new Promise<void>((resolve) => clock?.timer?.(1, resolve));
    clock?.timer?.(2 ** 40, () => expect.unreachable())(); // and can be cancelled
  });
});

describe.for(calls)("%s", (call) => {
  it.for([
    { does: "lose-answer", kind: "unreachable", maybeApplied: true, sent: 1 },
    { does: "throttle", kind: "throttled", maybeApplied: false, sent: 0 },
    { does: "unreachable", kind: "unreachable", maybeApplied: true, sent: 0 },
  ] as const)("$does", async ({ does, kind, maybeApplied, sent }) => {
    const { store, asked } = watched();
    const error: unknown = await each[call](faultyStore(store, [{ call, does }])).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreFailure);
    expect(error).toMatchObject({ kind, maybeApplied, part: "record" });
    expect(asked.length).toBe(sent);
  });

  it.for([
    { does: "crash-before", sent: 0 },
    { does: "crash-after", sent: 1 },
  ] as const)("$does: this and every later call never settle", async ({ does, sent }) => {
    const { store, asked, clock } = watched();
    const faulty = faultyStore(store, [{ call, nth: 1, does }]);
    expect(await settles(each[call](faulty), clock)).toBe(false);
    for (const other of calls) expect(await settles(each[other](faulty), clock), other).toBe(false);
    expect(asked.length).toBe(sent);
    expect(await settles(each[call](store), clock)).toBe(true); // the store lives
  });

  it("a delay: the store decides at once, the answer comes later", async () => {
    const { store, asked, clock } = watched();
    const answer = each[call](faultyStore(store, [{ call, does: { delayMs: 500 } }]));
    let told = false;
    void answer.then(() => (told = true));
    await clock.advance(499);
    expect([asked.length, told]).toEqual([1, false]);
    await clock.advance(1);
    expect(told).toBe(true);
  });
});

describe("which call is struck", () => {
  const outcomes = async (plan: readonly Fault[]): Promise<string[]> => {
    const faulty = faultyStore(watched().store, plan);
    const told: string[] = [];
    for (let n = 0; n < 3; n++) {
      told.push(
        await faulty.read(ref.id).then(
          () => "ok",
          ({ kind }: StoreFailure) => kind,
        ),
      );
    }
    return told;
  };
  it.for<[string, readonly Fault[], string[]]>([
    ["every one", [{ call: "read", does: "throttle" }], ["throttled", "throttled", "throttled"]],
    ["the second", [{ call: "read", nth: 2, does: "throttle" }], ["ok", "throttled", "ok"]],
    ["none of another name", [{ call: "claim", does: "throttle" }], ["ok", "ok", "ok"]],
    [
      "the first of the plan counts, where none asks the store",
      [
        { call: "read", nth: 1, does: "throttle" },
        { call: "read", does: "unreachable" },
      ],
      ["throttled", "unreachable", "unreachable"],
    ],
    [
      "the first of the plan is the nearest to the caller",
      [
        { call: "read", nth: 1, does: "lose-answer" },
        { call: "read", does: "throttle" },
      ],
      ["unreachable", "throttled", "throttled"],
    ],
  ])("%s", async ([, plan, told]) => {
    expect(await outcomes(plan)).toEqual(told);
  });

  it("calls are counted by name, and by store object", async () => {
    const { store } = watched();
    const plan: Fault[] = [{ call: "read", nth: 2, does: "throttle" }];
    const [one, two] = [faultyStore(store, plan), faultyStore(store, plan)];
    await one.claim(ref);
    await one.read(ref.id);
    await two.read(ref.id);
    await expect(one.read(ref.id)).rejects.toMatchObject({ kind: "throttled" });
  });

  it("a plan that is changed later changes nothing", async () => {
    const plan: Fault[] = [];
    const faulty = faultyStore(watched().store, plan);
    plan.push({ call: "read", does: "throttle" });
    expect(await faulty.read(ref.id)).toBeUndefined();
  });
});

it("an error of the store passes through, also where it is late; a lost answer hides it", async () => {
  const failing: Store = { ...memoryStore(), read: () => Promise.reject(new Error("its own")) };
  await expect(faultyStore(failing, []).read(ref.id)).rejects.toThrow("its own");
  await expect(faultyStore(failing, [{ call: "read", does: { delayMs: 0 } }]).read(ref.id)).rejects.toThrow("its own");
  await expect(faultyStore(failing, [{ call: "read", does: "lose-answer" }]).read(ref.id)).rejects.toThrow("was lost, as planned");
});

describe("a dead process", () => {
  it("never hears of what was under way", async () => {
    const { store, clock } = watched();
    const faulty = faultyStore(store, [
      { call: "read", does: { delayMs: 1000 } },
      { call: "release", does: "crash-before" },
    ]);
    const read = faulty.read(ref.id);
    void faulty.release(record);
    expect(await settles(read, clock)).toBe(false);
  });

  it("never hears of an error that was under way", async () => {
    const clock = testClock();
    const failing: Store = { ...memoryStore(), clock, read: () => clock.sleep(10).then(() => Promise.reject(new Error("its own"))) };
    const faulty = faultyStore(failing, [{ call: "release", does: "crash-before" }]);
    const read = faulty.read(ref.id);
    void faulty.release(record);
    expect(await settles(read, clock)).toBe(false);
  });

  it("does not wake up: no sleep and no time limit ends", async () => {
    const { store, clock } = watched();
    const faulty = faultyStore(store, [{ call: "read", does: "crash-before" }]);
    let woken = 0;
    faulty.clock?.timer?.(10, () => woken++);
    void faulty.clock?.sleep(10).then(() => woken++);
    void faulty.read(ref.id);
    void faulty.clock?.sleep(10).then(() => woken++);
    await clock.advance(1000);
    expect(woken).toBe(0);
  });

  // Without, the core would give the store up after some seconds, and the dead would answer.
  it.for(["crash-before", "crash-after"] as const)("gives no answer, whatever time passes: %s of settle", async (does) => {
    const { store, records, clock } = watched();
    let runs = 0;
    const deliver = (through: Store): Promise<number> =>
      idempotent(async (_id: string) => ++runs, { store: through, operation: "charge", key: (id) => id, leaseMs: 10_000 })("order-1");
    expect(await settles(deliver(faultyStore(store, [{ call: "settle", does }])), clock)).toBe(false);
    expect([...records.values()].map(({ status }) => status)).toEqual([does === "crash-after" ? "completed" : "in_progress"]);
    expect(await deliver(store)).toBe(does === "crash-after" ? 1 : 2);
  });
});

it("a crash stops the timers of a store without a clock, and begins none", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const faulty = faultyStore(memoryStore(), [
    { call: "claim", does: { delayMs: 60_000 } },
    { call: "read", does: "crash-before" },
  ]);
  faulty.clock?.timer?.(60_000, () => expect.unreachable());
  void faulty.clock?.sleep(60_000).then(() => expect.unreachable());
  void faulty.claim(ref);
  await settles(Promise.resolve());
  expect(timers()).toBe(before + 3);
  void faulty.read(ref.id);
  await settles(Promise.resolve());
  faulty.clock?.timer?.(60_000, () => expect.unreachable());
  expect(timers()).toBe(before);
});

it("a delay without a clock takes real time, under a runner's fake timers too", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate"] });
  try {
    expect(await faultyStore(memoryStore(), [{ call: "read", does: { delayMs: 1 } }]).read(ref.id)).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

describe("a bad plan is refused", () => {
  const known = 'give one of "claim", "takeOver", "settle", "extend", "read", "result", "release"';
  const does = 'give one of "lose-answer", "throttle", "unreachable", "crash-before", "crash-after", { delayMs }';
  it.for<[string, unknown, string, string]>([
    ["no list", { call: "claim", does: "throttle" }, "plan", "plan is an object: give a list of faults"],
    ["nothing", undefined, "plan", "plan is undefined"],
    ["no fault", ["claim"], "plan[0]", 'plan[0] is "claim"'],
    ["a hole", [, { call: "claim", does: "throttle" }], "plan[0]", "plan[0] is undefined"], // eslint-disable-line no-sparse-arrays
    ["an unknown call", [{ call: "put", does: "throttle" }], "plan[0].call", `plan[0].call is "put": ${known}`],
    ["the clock", [{ call: "clock", does: "throttle" }], "plan[0].call", known],
    ["no call", [{ does: "throttle" }], "plan[0].call", known],
    ["the 0th", [{ call: "claim", nth: 0, does: "throttle" }], "plan[0].nth", "plan[0].nth is 0: give a whole number from 1"],
    ["a part of a call", [{ call: "claim", nth: 1.5, does: "throttle" }], "plan[0].nth", "1.5"],
    ["no effect", [{ call: "claim" }], "plan[0].does", does],
    ["an unknown effect", [{ call: "claim", does: "explode" }], "plan[0].does", `plan[0].does is "explode": ${does}`],
    ["a negative delay", [{ call: "claim", does: { delayMs: -1 } }], "plan[0].does.delayMs", "give milliseconds"],
    ["no delay", [{ call: "claim", does: {} }], "plan[0].does.delayMs", "give milliseconds"],
    ["a delay of another unit", [{ call: "claim", does: { delaySeconds: 1 } }], "plan[0].does.delaySeconds", "known are delayMs"],
    [
      "an unknown member of the second",
      [
        { call: "claim", does: "throttle" },
        { call: "claim", does: "throttle", times: 2 },
      ],
      "plan[1].times",
      "known are call, nth, does",
    ],
  ])("%s", ([, plan, path, message]) => {
    const { store, asked } = watched();
    expect(() => faultyStore(store, plan as Fault[])).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", path, message: expect.stringContaining(message) as string }) as Error,
    );
    expect(asked).toEqual([]);
  });

  it("a store that is none", () => {
    for (const store of [undefined, {}, { ...memoryStore(), read: undefined }]) {
      expect(() => faultyStore(store as Store, [])).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }) as Error);
    }
  });
});
