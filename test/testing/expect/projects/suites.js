// What each project tests, whatever its runner is.
import assert from "node:assert/strict";
import { memoryStore } from "lambda-once/memory";
import { expectIdempotent, faultyStore, storeConformance, testClock } from "lambda-once/testing";
import { events, rightChain, rightHandler, wrongHandler } from "./orders.js";

export function kit(test) {
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
}

export function right(test, { useFakeTimers, useRealTimers }) {
  test("a handler is idempotent", () => expectRight(rightHandler));

  test("a Middy chain is idempotent", () => expectRight(rightChain));

  test("fake timers do not stop it", async () => {
    useFakeTimers();
    await expectRight(rightHandler);
    useRealTimers();
  });
}

export function wrong(test) {
  test("a handler is idempotent", async () => {
    const charges = [];
    await expectIdempotent(() => wrongHandler({ charges }), { events, effects: () => charges });
  });
}

async function expectRight(makeHandler) {
  const charges = [];
  await expectIdempotent(({ store }) => makeHandler({ store, charges }), { events, effects: () => charges });
}
