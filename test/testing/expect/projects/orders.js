// The code under test in each project: what a user has, with a right handler and a wrong one.
import middy from "@middy/core";
import { idempotent } from "lambda-once";
import { idempotency } from "lambda-once/middy";

export const events = [
  { orderId: "order-1", amount: 5 },
  { orderId: "order-2", amount: 7 },
];

const operation = "charge";
const key = ({ orderId }) => orderId;

export function rightHandler({ store, charges }) {
  return idempotent(
    async (order) => {
      charges.push(order);
      return { charged: order.amount };
    },
    { store, operation, key, fingerprint: (order) => order },
  );
}

// Middy's early timeout starts a real timer in each delivery: those of dead environments must not keep a test process alive.
export function rightChain({ store, charges }) {
  return middy(async (order) => {
    charges.push(order);
    return { charged: order.amount };
  }).use(idempotency({ store, operation, key }));
}

export function wrongHandler({ charges }) {
  const done = new Set();
  return async (order) => {
    if (!done.has(order.orderId)) charges.push(order);
    done.add(order.orderId);
    return { charged: order.amount };
  };
}
