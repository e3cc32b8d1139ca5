import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { idempotent } from "../../../src/index.ts";
import { expectIdempotent, type ExpectIdempotentOptions, type MakeHandler } from "../../../src/testing/expect/expect-idempotent.ts";
import { right } from "./samples/right.ts";
import { events, type Order } from "./samples/sample.ts";
import { wrong } from "./samples/wrong.ts";

const operation = "charge";
const key = ({ id }: Order): string => id;

async function messageFrom(makeHandler: MakeHandler, options: ExpectIdempotentOptions): Promise<string> {
  const error: unknown = await expectIdempotent(makeHandler, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Error ? error.message : "it passed";
}

describe("right handlers pass", () => {
  it.for(Object.keys(right) as (keyof typeof right)[])("%s", async (name) => {
    const { makeHandler, options } = right[name]();
    await expectIdempotent(makeHandler, options);
  });

  it("with another seed, too", async () => {
    const { makeHandler, options } = right.errors();
    await expectIdempotent(makeHandler, { ...options, seed: 4711 });
  });
});

describe("wrong handlers are found, and the message shows how", () => {
  const twice = 'effects() {"amount":5,"id":"order-1"}: expected 1, came 2';
  const never = 'effects() {"amount":5,"id":"order-1"}: expected 1, came 0';
  const sameTime = "  2. at the same time: events[0] to environment B (cold start)";
  const found: Record<keyof typeof wrong, readonly string[]> = {
    noWrapper: [twice, "  2. events[0] to environment A: answered null"],
    keyOfDelivery: [twice, "  2. events[0] to environment A: answered null"],
    keyOfMinute: [
      'effects() {"amount":7,"id":"order-2"}: expected 1, came 2',
      "  2. 60000 ms later, all leases have lapsed: events[1] to environment A: answered null",
    ],
    effectOutside: [twice, '  2. events[0] to environment A: answered {"charged":5}'],
    memoryOfEnvironment: [twice, "  2. events[0] to environment B (cold start): answered null"],
    readsThenWrites: [twice, sameTime],
    marksBeforeWork: [never, "which dies after its settle 1 was applied, before it heard of that"],
    lockWithoutLease: [
      never,
      "threw Error: locked",
      "events[0] was never answered, though it was delivered again after all leases had lapsed",
    ],
    runsOnRefusal: [twice, sameTime, "the store decided: B claim applied, A claim refused, B settle applied"],
    answersDiffer: ['events[1] was answered {"receipt":1} and {"receipt":2}', '  2. events[1] to environment A: answered {"receipt":2}'],
    keyOfReceipt: [twice, "  2. events[0] to environment A: answered null"],
    keyOfRequest: [twice, '  2. events[0] to environment A: answered {"statusCode":201}'],
    takesOverLiveClaims: [twice, sameTime, "B settle refused"],
  };

  it.for(Object.keys(wrong) as (keyof typeof wrong)[])("%s", async (name) => {
    const { makeHandler, options } = wrong[name]();
    const message = await messageFrom(makeHandler, options);
    for (const line of ["the handler is not idempotent", ...found[name]]) expect(message).toContain(line);
    const [, count] = /that shows it, (\d+) deliver/.exec(message) ?? [];
    expect(Number(count)).toBeLessThanOrEqual(3);

    const [, seed] = /\{ seed: (\d+), schedules: 1 \}/.exec(message) ?? [];
    const again = wrong[name]();
    expect(await messageFrom(again.makeHandler, { ...again.options, seed: Number(seed), schedules: 1 })).toBe(message);
  });

  it.for(Object.keys(wrong) as (keyof typeof wrong)[])("%s, from any seed", async (name) => {
    for (const seed of [1000, 2000, 3000]) {
      const { makeHandler, options } = wrong[name]();
      expect(await messageFrom(makeHandler, { ...options, seed })).toContain("not idempotent");
    }
  });
});

it("the page shows what it says", async () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/testing.md"), "utf8");
  const { makeHandler, options } = wrong.memoryOfEnvironment();
  expect(page).toContain(`\`\`\`text\n${await messageFrom(makeHandler, options)}\n\`\`\``);
});

describe("what a handler meets", () => {
  it("a cold start for each environment, one delivery at a time, and a copy of its own", async () => {
    const stray: string[] = [];
    const requestIds: string[] = [];
    let coldStarts = 0;
    let charges = 0;
    await expectIdempotent(
      ({ store }) => {
        coldStarts++;
        let underWay = 0;
        const charge = idempotent(async (_: Order) => void charges++, { store, operation, key });
        return async (order: Order & { seen?: true }, context: { awsRequestId: string; getRemainingTimeInMillis(): number }) => {
          if (order.seen) stray.push("an event that another delivery has changed");
          if (underWay++ > 0) stray.push("two deliveries at a time");
          if (context.getRemainingTimeInMillis() !== 30_000) stray.push("an invocation that has begun already");
          order.seen = true;
          requestIds.push(context.awsRequestId);
          try {
            return await charge(order);
          } finally {
            underWay--;
          }
        };
      },
      { events, effects: () => charges, schedules: 50 },
    );
    expect(stray).toEqual([]);
    expect(new Set(requestIds).size).toBe(requestIds.length);
    expect(coldStarts).toBeGreaterThan(50);
    expect(requestIds.length).toBeGreaterThan(coldStarts);
  });

  it("a signal that does not abort while it works, whatever others sleep", async () => {
    let charges = 0;
    let aborted = 0;
    await expectIdempotent(
      ({ store }) =>
        idempotent(
          async (_order: Order, { getRemainingTimeInMillis }: { getRemainingTimeInMillis(): number }) => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            if (getRemainingTimeInMillis() <= 0) aborted++;
            charges++;
          },
          { store, operation, key, onInProgress: { waitMs: 60_000 } },
        ),
      { events, effects: () => charges, schedules: 20 },
    );
    expect(aborted).toBe(0);
  });

  it("deaths: what a dead environment waits for never comes, and is never rejected, though nobody awaits it yet", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    let [charges, begun, ended] = [0, 0, 0];
    await expectIdempotent(
      ({ store }) => {
        const waits = { store, key, leaseMs: 1000, onInProgress: { waitMs: 25_000 } };
        const charge = idempotent(async (_: Order) => void charges++, { ...waits, operation });
        const check = idempotent(async (_: Order) => {}, { ...waits, operation: "check" });
        return async (order: Order) => {
          begun++;
          try {
            const charged = charge(order); // early, and awaited later
            await check(order);
            await charged;
          } finally {
            ended++;
          }
        };
      },
      { events, effects: () => charges, schedules: 40 },
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
    expect(ended).toBeLessThan(begun);
  });
});

describe("with fake timers", () => {
  afterEach(() => void vi.useRealTimers());

  it("passes and finds all the same", async () => {
    vi.useFakeTimers();
    const passes = right.functionWrapper();
    await expectIdempotent(passes.makeHandler, passes.options);
    const fails = wrong.noWrapper();
    expect(await messageFrom(fails.makeHandler, fails.options)).toContain("not idempotent");
  });
});

describe.concurrent("what does not settle ends the test", () => {
  const charge: MakeHandler = ({ store }) => idempotent(async (_: Order) => 1, { store, operation, key });
  let charges = 0;
  const hanging = (): Promise<never> => new Promise(() => {});
  const cases: Record<string, { makeHandler: MakeHandler; effects?: () => unknown; says: string }> = {
    "before its claim": {
      makeHandler: () => hanging,
      says: "the handler did not settle within 2000 ms of real time; events[0] stood before its first claim was decided",
    },
    "in its work": {
      makeHandler: ({ store }) => idempotent(hanging, { store, operation, key: () => "order-1" }),
      says: "events[0] stood after its claim 1 was applied",
    },
    "after its settlement": {
      makeHandler: ({ store }) => {
        const inner = idempotent(async () => 1, { store, operation, key: () => "order-1" });
        return async () => {
          await inner();
          await hanging();
        };
      },
      says: "events[0] stood after its settle 1 was applied",
    },
    "sleeping for no time, again and again": {
      makeHandler: ({ store }) => {
        return async () => {
          for (;;) await store.clock?.sleep(0);
        };
      },
      says: "decided\nA handler must settle by itself; this one asks, or sleeps by the store's clock, again and again.",
    },
    "asking again and again": {
      makeHandler: ({ store }) => {
        return async () => {
          for (;;) await store.clock?.sleep(1000);
        };
      },
      says: "the handler did not settle after 5000 requests to the store and sleeps; events[0]",
    },
    "later than in a schedule": {
      makeHandler: ({ store }) => {
        let deliveries = 0;
        const charge = idempotent(async (_: Order) => void charges++, { store, operation, key });
        return async (order: Order) => (++deliveries > 1 ? hanging() : charge(order));
      },
      effects: () => charges,
      says: "Before that:\n  1. events[",
    },
    "effects()": { makeHandler: charge, effects: hanging, says: "effects() failed: it did not settle within 2000 ms" },
  };

  it.for(Object.keys(cases))("%s", async (name, { expect }) => {
    const { makeHandler, effects = () => 1, says } = cases[name] ?? { makeHandler: charge, says: "" };
    expect(await messageFrom(makeHandler, { events: events.slice(0, 1), effects })).toContain(says);
  });
});
