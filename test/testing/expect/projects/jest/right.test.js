import { jest, test } from "@jest/globals";
import { expectIdempotent } from "lambda-once/testing";
import { events, rightChain, rightHandler } from "../orders.js";

test("a handler is idempotent", async () => {
  const charges = [];
  await expectIdempotent(({ store }) => rightHandler({ store, charges }), { events, effects: () => charges });
});

test("a Middy chain is idempotent", async () => {
  const charges = [];
  await expectIdempotent(({ store }) => rightChain({ store, charges }), { events, effects: () => charges });
});

test("fake timers do not stop it", async () => {
  jest.useFakeTimers();
  const charges = [];
  await expectIdempotent(({ store }) => rightHandler({ store, charges }), { events, effects: () => charges });
  jest.useRealTimers();
});
