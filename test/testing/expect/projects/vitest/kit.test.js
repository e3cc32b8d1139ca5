import assert from "node:assert/strict";
import { test } from "vitest";
import { memoryStore } from "lambda-once/memory";
import { faultyStore, storeConformance, testClock } from "lambda-once/testing";
import { events, rightHandler } from "../orders.js";

test("a crash, and the next delivery after the lease", async () => {
  const clock = testClock();
  const store = memoryStore({ clock });
  const charges = [];
  const dying = rightHandler({ store: faultyStore(store, [{ call: "claim", does: "crash-after" }]), charges });
  const surviving = rightHandler({ store, charges });
  void dying(events[0]);
  await clock.advance(0);
  await assert.rejects(surviving(events[0]), { code: "IN_PROGRESS" });
  await clock.advance(61_000);
  assert.deepEqual(await surviving(events[0]), { charged: 5 });
  assert.equal(charges.length, 1);
});

storeConformance({ make: async () => memoryStore(), test });
