// npm run example:middy: the two ways to use it with Middy, each with a payment that API Gateway delivers twice.
import { readFileSync } from "node:fs";
import Table from "cli-table3";
import type { Store } from "lambda-once";
import { memoryStore } from "lambda-once/memory";
import { type Log, middlewareFirst, type PaymentEvent, wrappedHandler } from "./chains.ts";

const event = JSON.parse(readFileSync(new URL("../events/api-gateway-v2-payment.json", import.meta.url), "utf8")) as PaymentEvent;
const table = new Table({ head: ["form", "delivery", "what ran", "answer", "kept"], style: { head: [], border: [] } });

for (const [form, chain] of Object.entries({ "wrapped base handler": wrappedHandler, "middleware first": middlewareFirst })) {
  const log: Log = [];
  const kept: string[] = [];
  const deliver = chain(noting(memoryStore(), kept), log);
  for (const delivery of ["first", "duplicate"]) {
    const answer = JSON.stringify(await deliver(event), undefined, 1);
    table.push([form, delivery, log.splice(0).join("\n") || "nothing", answer, kept.splice(0).join("\n")]);
  }
}
console.log(table.toString());

/** A store that notes what it is given to keep. */
function noting(store: Store, kept: string[]): Store {
  return {
    ...store,
    settle(claim, outcome) {
      if (outcome.status === "completed") kept.push(JSON.stringify(JSON.parse(outcome.text ?? "null"), undefined, 1));
      return store.settle(claim, outcome);
    },
  };
}
