// Handlers that are idempotent: none of them may be reported.
import middy from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import { cached } from "../../../../src/cache/cached.ts";
import { currentExecution, idempotent } from "../../../../src/index.ts";
import { idempotency } from "../../../../src/middy/idempotency.ts";
import { redeliveries } from "./redeliveries.ts";
import { sharing } from "./sharing.ts";
import { charging, events, type Order, type Sample } from "./sample.ts";

const operation = "charge";
const key = ({ id }: Order): string => id;

/** Work that charges an order, and answers what only its first run can know. */
const receipted =
  (charges: Order[]) =>
  async ({ id, amount }: Order): Promise<{ receipt: number }> => {
    charges.push({ id, amount });
    return { receipt: charges.length };
  };

const functionWrapper = charging(
  (charges) =>
    ({ store }) =>
      idempotent(
        async ({ id, amount }: Order) => {
          charges.push({ id, amount });
          return { charged: amount, receipt: charges.length };
        },
        { store, operation, key, fingerprint: (order) => order },
      ),
);

function middyChain(): Sample {
  const { makeHandler, options } = charging(
    (charges) =>
      ({ store }) =>
        middy(async ({ body }: { body: Order }) => {
          charges.push(body);
          return { statusCode: 201, body: JSON.stringify({ receipt: charges.length }) };
        })
          .use(httpErrorHandler({ logger: false, fallbackMessage: "failed" }))
          .use(idempotency({ store, operation, key: ({ body }: { body: Order }) => body.id })),
  )();
  return { makeHandler, options: { ...options, events: events.map((body) => ({ body })) } };
}

const waits = charging(
  (charges) =>
    ({ store }) =>
      idempotent(receipted(charges), { store, operation, key, onInProgress: { waitMs: 5000 } }),
);

/** A hot cache in each environment. */
const hotCache = charging(
  (charges) =>
    ({ store }) =>
      idempotent(receipted(charges), { store: cached(store), operation, key }),
);

/** A provider that dedupes by the key that the handler derives for it. */
function dedupesAtProvider(): Sample {
  const charged = new Map<string, number>();
  return {
    makeHandler: ({ store }) =>
      idempotent(
        async ({ amount }: Order) => {
          const derived = currentExecution().deriveKey("charge");
          if (!charged.has(derived)) charged.set(derived, amount);
          return { charged: amount };
        },
        { store, operation, key },
      ),
    options: {
      events,
      effects: () => ({ calls: charged.size, sum: [...charged.values()].reduce((sum, amount) => sum + amount, 0) }),
      reset: () => charged.clear(),
    },
  };
}

/** The provider is down for the first call of each environment; an order of nothing is refused for good. */
function errors(): Sample {
  let sum = 0;
  return {
    makeHandler({ store }) {
      let isDown = true;
      const charge = idempotent(
        async ({ amount }: Order) => {
          if (amount === 0) throw new RangeError("nothing to charge");
          if (isDown) {
            isDown = false;
            throw new Error("the provider is down");
          }
          sum += amount;
          return { charged: amount };
        },
        { store, operation, key, onError: (error) => (error instanceof RangeError ? "keep" : "release") },
      );
      return charge;
    },
    options: { events: [...events, { id: "order-0", amount: 0 }], effects: () => ({ sum }) },
  };
}

/** Work that takes real time, under leases so short that turning the clock carelessly would end them. */
function realTime(): Sample {
  const { makeHandler, options } = charging(
    (charges) =>
      ({ store }) =>
        idempotent(
          async ({ id, amount }: Order) => {
            await new Promise((resolve) => setTimeout(resolve, 2));
            charges.push({ id, amount });
            await new Promise((resolve) => setTimeout(resolve, 1));
            return { receipt: charges.length };
          },
          { store, operation, key, leaseMs: 200, onInProgress: { waitMs: 20_000 } },
        ),
  )();
  return { makeHandler, options: { ...options, schedules: 60 } };
}

/** A batch, each record under its own key; what failed is delivered again. */
function batch(): Sample {
  const charged: Record<string, number> = {};
  return {
    makeHandler({ store }) {
      const charge = idempotent(
        async ({ id, amount }: Order) => {
          charged[id] = (charged[id] ?? 0) + amount;
        },
        { store, operation, key },
      );
      return async ({ Records }: { Records: { messageId: string; body: string }[] }) => {
        const results = await Promise.allSettled(Records.map(({ body }) => charge(JSON.parse(body) as Order)));
        const failed = Records.filter((_, i) => results[i]?.status === "rejected");
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      };
    },
    options: {
      events: [{ Records: events.map((order) => ({ messageId: `message-${order.id}`, body: JSON.stringify(order) })) }],
      effects: () => charged,
    },
  };
}

/** Nobody takes over a lapsed lease: what a dead environment has left undone stays so, until an operator looks. */
const closesKeys = charging(
  (charges) =>
    ({ store }) =>
      idempotent(receipted(charges), { store, operation, key, onLeaseExpired: "throw" }),
);

export const right = {
  ...redeliveries,
  ...sharing,
  functionWrapper,
  middyChain,
  waits,
  hotCache,
  dedupesAtProvider,
  errors,
  realTime,
  batch,
  closesKeys,
};
