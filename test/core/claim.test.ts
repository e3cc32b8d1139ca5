import { expect, it } from "vitest";
import { begin } from "../../src/core/begin.ts";
import type { Call } from "../../src/core/call.ts";
import { describeError } from "../../src/core/errors.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { completedRecord, id, leaseMs, retentionSeconds } from "../support/deliveries.ts";
import { memoryBench } from "../support/bench.ts";
import { testClock } from "../support/clock.ts";

function callOn(ports: Partial<Call["ports"]>, changes: Partial<Call> = {}): Call {
  const clock = testClock({ auto: true });
  return {
    ports: { store: memoryStore({ clock }), clock, random: Math.random, newOwner: () => crypto.randomUUID(), ...ports },
    policy: { retentionSeconds, waitMs: 0, onLeaseExpired: "run", onStoreUnavailable: "throw" },
    id,
    keyParts: "order-1",
    fingerprint: undefined,
    requestId: undefined,
    messageId: undefined,
    retryFailedBeforeMs: undefined,
    measureLeaseMs: () => leaseMs,
    deadline: () => undefined,
    report: () => {},
    ...changes,
  };
}

it("a claim is settled once: what was sent as completed is never released", async () => {
  const begun = await begin(callOn({}));
  if (begun.kind !== "run") throw new Error(begun.kind);
  await begun.claim.settle({ status: "completed", encoded: { encoding: "void" } });
  await expect(begun.claim.settle({ status: "released", error: describeError(new Error("late")) })).rejects.toThrow("settled once");
});

it.for([
  { name: "before the message was sent: it runs again", at: -1, kind: "run" },
  { name: "as it was sent: it is replayed", at: 0, kind: "replay" },
  { name: "after it was sent: it is replayed", at: 1, kind: "replay" },
])("a failure from $name", async ({ at, kind }) => {
  const bench = await memoryBench.open();
  const sentAt = bench.clock.now();
  await bench.put(completedRecord(bench, { status: "failed", error: { name: "Poison" }, completedAt: sentAt + at }));
  const call = callOn({ store: bench.others, clock: bench.clock }, { retryFailedBeforeMs: sentAt });
  expect((await begin(call)).kind).toBe(kind);
});
