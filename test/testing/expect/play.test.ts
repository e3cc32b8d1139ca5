import { describe, expect, it } from "vitest";
import { idempotent } from "../../../src/index.ts";
import { hashKey } from "../../../src/core/key.ts";
import { expiryAfter } from "../../../src/core/lease.ts";
import type { ClaimRef, Store } from "../../../src/core/store.ts";
import type { MakeHandler } from "../../../src/testing/expect/environment.ts";
import { play, type Played } from "../../../src/testing/expect/play.ts";
import type { Crash, Delivery, Wave } from "../../../src/testing/expect/schedule.ts";
import { events, type Order } from "./samples/sample.ts";

const operation = "charge";
const key = ({ id }: Order): string => id;
const charge: MakeHandler = ({ store }) => idempotent(async ({ amount }: Order) => amount, { store, operation, key });

async function playing(makeHandler: MakeHandler, waves: readonly Partial<Wave>[], redeliveries = 0): Promise<Played> {
  const schedule = waves.map((wave): Wave => ({ lapsed: false, deliveries: [], order: [], ...wave }));
  return play({ makeHandler, events, deliveries: 0 }, schedule, redeliveries);
}

function to(environment: "warm" | "cold", crash?: Crash, event = 0): Delivery {
  return { event, cold: environment === "cold", crash };
}

/** Each delivery as `A answered 5`. */
function told({ waves }: Played): readonly string[] {
  return waves.flatMap(({ deliveries }) => deliveries.map(({ environment, ended }) => `${environment} ${ended.kind} ${ended.text}`));
}

const inProgress = /^B refused IdempotencyError IN_PROGRESS/;

describe("environments", () => {
  it("are used again when they are idle, and started when none is or when told", async () => {
    const waves = [
      { deliveries: [to("warm")] },
      { deliveries: [to("warm")] },
      { deliveries: [to("cold")] },
      { deliveries: [to("warm"), to("warm"), to("warm")] },
    ];
    const played = await playing(charge, waves);
    expect(told(played).map((line) => line[0])).toEqual(["A", "A", "B", "A", "B", "C"]);
    expect(played.waves.flatMap(({ deliveries }) => deliveries.map(({ cold }) => cold))).toEqual([true, false, true, false, false, true]);
  });

  it.for<[Crash, string, next: RegExp | string, mayRepeat: boolean]>([
    [{ call: "claim", when: "before", nth: 1 }, "before its claim 1 reached the store", "B answered 5", false],
    [{ call: "claim", when: "after", nth: 1 }, "after its claim 1 was applied, before it heard of that", inProgress, false],
    [{ call: "settle", when: "before", nth: 1 }, "before its settle 1 reached the store", inProgress, true],
    [{ call: "settle", when: "after", nth: 1 }, "after its settle 1 was applied, before it heard of that", "B answered 5", false],
  ])("die, and are used no more: %j", async ([crash, how, next, mayRepeat]) => {
    const played = await playing(charge, [{ deliveries: [to("cold", crash)] }, { deliveries: [to("warm")] }]);
    expect(told(played)).toEqual([`A died ${how}`, typeof next === "string" ? next : expect.stringMatching(next)]);
    expect(played.waves[0]?.deliveries[0]?.mayRepeat).toBe(mayRepeat);
  });

  it("may answer before their own claims are settled, which is noted", async () => {
    const hasty: MakeHandler = ({ store }) => {
      return async ({ id }: Order) => {
        const { promise, resolve } = Promise.withResolvers<number>();
        void idempotent(async () => resolve(1), { store, operation, key: () => id })();
        return promise;
      };
    };
    const leftOpen = async (makeHandler: MakeHandler) =>
      (await playing(makeHandler, [{ deliveries: [to("cold")] }])).waves[0]?.deliveries[0]?.leftOpen;
    expect([await leftOpen(hasty), await leftOpen(charge)]).toEqual([true, false]);
  });

  it("count requests anew for each delivery", async () => {
    const crash: Crash = { call: "claim", when: "after", nth: 1 };
    const played = await playing(charge, [{ deliveries: [to("cold")] }, { deliveries: [to("warm", crash)] }]);
    expect(told(played)).toEqual(["A answered 5", "A died after its claim 1 was refused, before it heard of that"]);
  });

  it("die at a later request, with what was done before it", async () => {
    const both: MakeHandler = ({ store }) => {
      const one = idempotent(async ({ amount }: Order) => amount, { store, operation, key });
      return async () => [await one({ id: "a", amount: 1 }), await one({ id: "b", amount: 2 })];
    };
    const before = await playing(both, [{ deliveries: [to("cold", { call: "claim", when: "before", nth: 2 })] }]);
    expect(before.waves[0]?.deliveries[0]).toMatchObject({ calls: { claim: 2, settle: 1 }, mayRepeat: false });
    const after = await playing(both, [{ deliveries: [to("cold", { call: "settle", when: "before", nth: 2 })] }]);
    expect(after.waves[0]?.deliveries[0]).toMatchObject({ calls: { claim: 2, settle: 2 }, mayRepeat: true });
  });

  it("stay dead, whatever their handlers do without the store", async () => {
    const real = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(resolve, ms, "late"));
    const racing: MakeHandler = (o) => {
      const charged = charge(o) as (order: Order) => Promise<number>;
      return async (order: Order) => (order.amount === 5 ? Promise.race([charged(order), real(2)]) : real(20));
    };
    const deliveries = [to("cold", { call: "claim", when: "after", nth: 1 }), to("cold", undefined, 1)];
    expect(told(await playing(racing, [{ deliveries }]))).toEqual([expect.stringContaining("A died"), 'B answered "late"']);
  });

  it("do not carry a claim that was left open into the next delivery", async () => {
    const leavesOpen: MakeHandler =
      ({ store }) =>
      async () =>
        void (await store.claim(claimOf(store)));
    const played = await playing(leavesOpen, [
      { deliveries: [to("cold")] },
      { deliveries: [to("warm", { call: "claim", when: "before", nth: 1 })] },
    ]);
    expect(played.waves[1]?.deliveries[0]).toMatchObject({ ended: { kind: "died" }, mayRepeat: false });
  });
});

describe("time", () => {
  const dies = to("cold", { call: "claim", when: "after", nth: 1 });

  it("passes between deliveries where the schedule says so: the leases lapse", async () => {
    expect(told(await playing(charge, [{ deliveries: [dies] }, { deliveries: [to("cold")] }]))[1]).toMatch(inProgress);
    const played = await playing(charge, [{ deliveries: [dies] }, { lapsed: true, deliveries: [to("cold")] }]);
    expect(told(played)[1]).toBe("B answered 5");
    expect(played.waves[1]?.laterMs).toBe(60_000);
  });

  it("passes for a minute where no lease is open, or for as long as a longer one is", async () => {
    const long: MakeHandler = ({ store }) => idempotent(async ({ amount }: Order) => amount, { store, operation, key, leaseMs: 90_000 });
    const waves = [{ deliveries: [to("cold")] }, { lapsed: true, deliveries: [to("cold")] }];
    expect((await playing(charge, waves)).waves[1]?.laterMs).toBe(60_000);
    const died = await playing(long, [{ deliveries: [dies] }, { lapsed: true, deliveries: [to("cold")] }]);
    expect(died.waves[1]?.laterMs).toBe(91_000);
  });

  it("passes before an event without an answer is delivered again", async () => {
    const played = await playing(charge, [{ deliveries: [dies, to("cold", undefined, 1)] }], 2);
    expect(told(played)).toEqual(["A died after its claim 1 was applied, before it heard of that", "B answered 7", "B answered 5"]);
  });

  it("passes for whoever waits, up to the lease of what is at work", async () => {
    let started = 0;
    const left: number[] = [];
    const slow: MakeHandler = ({ store }) =>
      idempotent(
        async (_order: Order, context: { getRemainingTimeInMillis(): number }) => {
          started = store.clock?.now() ?? 0;
          await new Promise((resolve) => setTimeout(resolve, 20));
          left.push(context.getRemainingTimeInMillis(), (store.clock?.now() ?? 0) - started);
          return "done";
        },
        { store, operation, key, leaseMs: 5000, onInProgress: { waitMs: 25_000 } },
      );
    const played = await playing(slow, [{ deliveries: [to("cold"), to("cold")] }]);
    expect(told(played)).toEqual(['A answered "done"', 'B answered "done"']);
    expect(left).toHaveLength(2);
    expect(left[1]).toBeGreaterThan(0);
    expect(left[1]).toBeLessThan(4000); // its signal aborts a fifth of the lease before its end
  });

  it("passes no further than to a deadline, where nothing is claimed", async () => {
    const left: number[] = [];
    const slow: MakeHandler = ({ store }) => {
      const waiting = idempotent(async (_: Order) => 1, { store, operation, key, onInProgress: { waitMs: 60_000 } });
      return async (order: Order, context: { getRemainingTimeInMillis(): number }) => {
        if (order.amount === 5) return waiting(order);
        await new Promise((resolve) => setTimeout(resolve, 20));
        left.push(context.getRemainingTimeInMillis());
        return "done";
      };
    };
    // Its key is a dead environment's.
    await playing(slow, [{ deliveries: [dies] }, { deliveries: [to("cold"), to("cold", undefined, 1)] }]);
    expect(left).toEqual([expect.any(Number)]);
    expect(left[0]).toBeGreaterThanOrEqual(1000);
  });

  it("does not pass for a time limit", async () => {
    const limited: MakeHandler =
      ({ store }) =>
      async () => {
        const over = new AbortController();
        const limit = store.clock?.sleep(1000, over.signal).then(() => "late");
        const work = new Promise((resolve) => setTimeout(resolve, 5)).then(() => "done");
        const answer = await Promise.race([limit, work]);
        over.abort();
        return answer;
      };
    expect(told(await playing(limited, [{ deliveries: [to("cold")] }]))).toEqual(['A answered "done"']);
  });

  it("follows an extended lease", async () => {
    let passed = 0;
    const extending: MakeHandler =
      ({ store }) =>
      async (order: Order) => {
        if (order.amount === 7) return store.clock?.sleep(6000);
        const claim = claimOf(store);
        await store.claim(claim);
        await store.extend(claim, claim.startedAt + 10_000);
        await new Promise((resolve) => setTimeout(resolve, 20));
        passed = (store.clock?.now() ?? 0) - claim.startedAt;
        return "done";
      };
    await playing(extending, [{ deliveries: [to("cold"), to("cold", undefined, 1)] }]);
    expect(passed).toBe(6000);
  });
});

describe("the order", () => {
  const two = [to("cold"), to("cold")];

  it.for<[order: number[], log: string[]]>([
    [[], ["A claim applied", "A settle applied", "B claim refused"]],
    [[1], ["B claim applied", "A claim refused", "B settle applied"]],
    [
      [0, 1],
      ["A claim applied", "B claim refused", "A settle applied"],
    ],
  ])("decides whose request comes next: %j", async ([order, log]) => {
    const played = await playing(charge, [{ deliveries: two, order }]);
    expect(played.waves[0]?.log.map(({ environment, call, how }) => `${environment} ${call} ${how}`)).toEqual(log);
  });
});

describe("what is left", () => {
  it.for<["in progress" | "held" | "lost" | "completed", boolean]>([
    ["in progress", true],
    ["held", true],
    ["lost", true],
    ["completed", false],
  ])("a record that is %s: closed %s", async ([how, closed]) => {
    const handler: MakeHandler = ({ store }) =>
      idempotent(
        async (_: Order): Promise<unknown> => {
          if (how === "held") throw new Error("who knows");
          return how === "lost" ? 1n : 1;
        },
        { store, operation, key, onError: "hold" },
      );
    const crash: Crash | undefined = how === "in progress" ? { call: "claim", when: "after", nth: 1 } : undefined;
    const played = await playing(handler, [{ deliveries: [to("cold", crash)] }]);
    expect(played.closed).toBe(closed);
    expect(played.records).toEqual([`charge#${hashKey("order-1")}`]);
  });
});

function claimOf({ clock }: Store): ClaimRef {
  const startedAt = clock?.now() ?? 0;
  const leaseUntil = startedAt + 5000;
  const expiresAt = expiryAfter(leaseUntil, 3600);
  const id = { operation, keyHash: hashKey("order-1") };
  return { id, keyParts: "order-1", owner: "owner", attempt: 1, startedAt, leaseUntil, expiresAt, retentionSeconds: 3600 };
}
