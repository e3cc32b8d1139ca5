// Right handlers of events that have keys in common, beside their own.
import { idempotent } from "../../../../src/index.ts";
import { charging, events, type Order, type Sample } from "./sample.ts";

const operation = "charge";
const key = ({ id }: Order): string => id;

/** Two orders of one customer, who gets one mail. */
function sharedInner(): Sample {
  const mails: string[] = [];
  const { makeHandler, options } = charging((charges) => ({ store }) => {
    const welcome = idempotent(async (customer: string) => void mails.push(customer), { store, operation: "welcome", key: (name) => name });
    const charge = async (order: Order): Promise<number> => {
      await welcome("customer-7");
      return charges.push(order);
    };
    return idempotent(charge, { store, operation, key });
  })();
  return { makeHandler, options: { ...options, effects: () => ({ charges: options.effects(), mails }) } };
}

/** Batches that overlap. */
function overlapping(): Sample {
  const { makeHandler, options } = charging((charges) => ({ store }) => {
    const charge = idempotent(async (order: Order) => void charges.push(order), { store, operation, key });
    return async (orders: Order[]) => {
      for (const order of orders) await charge(order);
    };
  })();
  const [a, b] = [events.slice(0, 1), events.slice(1)];
  const c = [{ id: "order-3", amount: 9 }];
  return {
    makeHandler,
    options: {
      ...options,
      events: [
        [...a, ...b],
        [...b, ...c],
        [...c, ...a],
      ],
    },
  };
}

export const sharing = { sharedInner, overlapping };
