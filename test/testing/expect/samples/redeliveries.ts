// Right handlers of events that differ from delivery to delivery.
import { idempotent } from "../../../../src/index.ts";
import { events as aws } from "../../../../src/testing/index.ts";
import { charging, events, type Order, type Sample } from "./sample.ts";

const operation = "charge";
const key = ({ id }: Order): string => id;

/** Events of a shape that differs from delivery to delivery, with a key of what does not. */
function redelivered(make: (order: Order) => unknown): () => Sample {
  return () => {
    const { makeHandler, options } = charging((charges) => ({ store }) => {
      const charge = async (order: Order): Promise<{ charged: number }> => {
        charges.push(order);
        return { charged: order.amount };
      };
      const once = idempotent(charge, { store, operation, key, fingerprint: (order) => order });
      return async ({ body = "", Records }: { body?: string; Records?: { body: string }[] }) =>
        once(JSON.parse(Records?.[0]?.body ?? body) as Order);
    })();
    return { makeHandler, options: { ...options, events: events.map(make), schedules: 60 } };
  };
}

const sqs = redelivered((body) => aws.sqs([{ body }]));
const apiGatewayV1 = redelivered((body) => aws.apiGatewayV1({ body }));
const apiGatewayV2 = redelivered((body) => aws.apiGatewayV2({ body }));
const functionUrl = redelivered((body) => aws.functionUrl({ body }));
const alb = redelivered((body) => aws.alb({ body }));

export const redeliveries = { sqs, apiGatewayV1, apiGatewayV2, functionUrl, alb };
