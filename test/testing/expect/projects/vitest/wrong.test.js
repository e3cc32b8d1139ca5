import { test } from "vitest";
import { expectIdempotent } from "lambda-once/testing";
import { events, wrongHandler } from "../orders.js";

test("a handler is idempotent", async () => {
  const charges = [];
  await expectIdempotent(() => wrongHandler({ charges }), { events, effects: () => charges });
});
