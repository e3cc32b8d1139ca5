import { describe, expect, it } from "vitest";
import { idempotent } from "../../../src/index.ts";
import { expectIdempotent, type ExpectIdempotentOptions, type MakeHandler } from "../../../src/testing/expect/expect-idempotent.ts";
import { events, type Order } from "./samples/sample.ts";

const operation = "charge";
const key = ({ id }: Order): string => id;

async function messageFrom(makeHandler: MakeHandler, options: ExpectIdempotentOptions): Promise<string> {
  return expectIdempotent(makeHandler, options).then(
    () => "it passed",
    ({ message }: Error) => message,
  );
}

/** Its provider is down for the first delivery to each environment. */
const failing = (done: string[], order: "effect first" | "effect last"): MakeHandler => {
  return ({ store }) => {
    let isDown = true;
    const charge = async ({ id }: Order): Promise<string> => {
      if (order === "effect first") done.push(id);
      if (isDown) {
        isDown = false;
        throw new RangeError("down");
      }
      if (order === "effect last") done.push(id);
      return id;
    };
    return idempotent(charge, { store, operation, key });
  };
};

/** A batch; the provider is down for the first delivery of its second order to each environment. */
const downAtFirst = (charge: () => void): MakeHandler => {
  return ({ store }) => {
    let isDown = true;
    const once = idempotent(
      async ({ id }: Order) => {
        if (id === "order-2" && isDown) {
          isDown = false;
          throw new RangeError("down");
        }
        charge();
      },
      { store, operation, key },
    );
    return async (orders: Order[]) => {
      for (const order of orders) await once(order);
    };
  };
};

describe("an effect that a failed delivery had, and the next has again, is found", () => {
  it("before it is answered", async () => {
    const done: string[] = [];
    const message = await messageFrom(failing(done, "effect first"), { events, effects: () => done });
    expect(message).toContain(
      'effects() "order-1": came again; a delivery that failed had done this already, and its error released the key: do the effect last, or let `onError` keep or hold; or it is another one that looks the same',
    );
    expect(message).toContain(
      "  1. events[0] to environment A (cold start): threw RangeError: down\n  2. events[0] to environment A: answered",
    );
  });

  it("in a total, of an event that is never answered", async () => {
    let sum = 0;
    const makeHandler: MakeHandler = ({ store }) =>
      idempotent(
        async ({ id, amount }: Order) => {
          sum += amount;
          if (id === "order-2") throw new RangeError("no funds");
        },
        { store, operation, key },
      );
    expect(await messageFrom(makeHandler, { events, effects: () => ({ sum }) })).toContain(
      "effects().sum: came again; a delivery that failed had done this already, and its error released the key: do the effect last, or let `onError` keep or hold\n",
    );
  });

  it("where only an environment knows that it has failed, by a schedule", async () => {
    const attempts: string[] = [];
    const makeHandler: MakeHandler = () => {
      const seen = new Set<string>();
      return async ({ id }: Order) => {
        if (id === "order-2") return;
        if (!seen.has(id)) attempts.push(id);
        seen.add(id);
        throw new RangeError("no funds");
      };
    };
    expect(await messageFrom(makeHandler, { events, effects: () => attempts })).toContain('effects() "order-1": expected 1, came 2');
  });
});

describe("passes", () => {
  it("an effect that comes last", async () => {
    const done: string[] = [];
    await expectIdempotent(failing(done, "effect last"), { events, effects: () => done, schedules: 50 });
  });

  it("but not equal elements of a batch, which might be the same: the message says so", async () => {
    const mails: string[] = [];
    const message = await messageFrom(
      downAtFirst(() => mails.push("thanks")),
      { events: [events], effects: () => mails },
    );
    expect(message).toContain(
      "or it is another one that looks the same: equal elements cannot be told apart, put an id into them, or give a total",
    );
  });

  it("an effect whose error keeps its key", async () => {
    const done: string[] = [];
    const makeHandler: MakeHandler = ({ store }) =>
      idempotent(
        async ({ id }: Order) => {
          done.push(id);
          if (id === "order-2") throw new RangeError("no funds");
        },
        { store, operation, key, onError: "keep" },
      );
    await expectIdempotent(makeHandler, { events, effects: () => done, schedules: 50 });
  });

  it("of a batch, the rest of a total, which a failed delivery has not completed", async () => {
    let charges = 0;
    await expectIdempotent(
      downAtFirst(() => charges++),
      { events: [events], effects: () => charges, schedules: 50 },
    );
  });
});
