import { mock, test } from "node:test";
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
  mock.timers.enable();
  const charges = [];
  await expectIdempotent(({ store }) => rightHandler({ store, charges }), { events, effects: () => charges });
  mock.timers.reset();
});
