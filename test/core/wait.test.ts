// A wait by itself. test/rules/times.test.ts has it as a delivery meets it, test/core/claim.test.ts how often it reads.
import { describe, expect, it } from "vitest";
import type { StoredRecord } from "../../src/core/record.ts";
import { StoreFailure } from "../../src/core/store.ts";
import { waitEnd, waitWhileBusy } from "../../src/core/wait.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import type { Fault } from "../support/faults.ts";
import { id, record } from "../support/deliveries.ts";
import { callOn, policy } from "./call-on.ts";

const newcomer = { owner: "me", onLeaseExpired: "run" } as const;

describe("a wait ends", () => {
  it.for([
    { waitMs: 1000, left: undefined, ends: 1000 },
    { waitMs: 1000, left: 1501, ends: 1000 },
    { waitMs: 1000, left: 1499, ends: 999 },
    { waitMs: 1000, left: 0, ends: -500 },
  ])("of $waitMs ms, with $left ms left to the invocation, after $ends ms", ({ waitMs, left, ends }) => {
    const call = callOn({ policy: { ...policy, waitMs } });
    const now = call.clock.now();
    expect(waitEnd({ ...call, deadline: () => (left === undefined ? undefined : now + left) })).toBe(now + ends);
  });

  /** A read that answers nothing; time passes meanwhile. */
  const silent = (bench: Bench, ms: number): Fault => ({
    before: async () => {
      await Promise.resolve();
      bench.clock.jump(ms);
      await new Promise(() => {});
    },
  });

  it.for<{
    name: string;
    waitMs?: number;
    changes?: Partial<StoredRecord>;
    fault: (bench: Bench, changed: StoredRecord) => Fault;
    kind: string;
    reads?: number;
    passed?: number;
  }>([
    {
      name: "when the record is finished",
      changes: { status: "completed" },
      fault: (bench, changed) => ({ before: () => bench.put(changed), after: () => bench.clock.jump(30) }),
      kind: "changed",
      passed: 80,
    },
    { name: "when the record is gone", fault: (bench) => ({ before: () => bench.remove(id) }), kind: "changed" },
    { name: "when a read fails", fault: () => ({ answer: "throttled" }), kind: "failed" },
    {
      name: "when its time is over",
      changes: { owner: "a third" },
      fault: (bench, changed) => ({ before: () => bench.put(changed) }),
      kind: "timeout",
      reads: 4,
      passed: 400,
    },
    {
      name: "when a read does not answer in the time that is left",
      changes: {},
      fault: (bench) => silent(bench, 350),
      kind: "timeout",
      passed: 400,
    },
    {
      name: "when the last read does not answer in a quarter of a second",
      waitMs: 50,
      changes: {},
      fault: (bench) => silent(bench, 250),
      kind: "timeout",
      passed: 300,
    },
  ])("$name", async ({ changes, waitMs = 400, fault, kind, reads = 1, passed = 50 }) => {
    const bench = await memoryBench.open();
    const busy = record(bench);
    const changed = record(bench, changes);
    await bench.put(busy);
    bench.faults.on("read", fault(bench, changed));
    const startedAt = bench.clock.now();
    const call = callOn({ store: bench.store, clock: bench.clock, random: () => 1 });
    const woken = await waitWhileBusy(call, newcomer, busy, startedAt + waitMs);
    if (kind === "failed") expect(woken).toEqual({ kind, failure: expect.any(StoreFailure) as unknown });
    else {
      const asked = kind === "changed" ? { askedAt: startedAt + 50 } : {};
      expect(woken).toEqual({ kind, record: changes === undefined ? undefined : changed, ...asked });
    }
    expect(bench.faults.log).toEqual(Array.from({ length: reads }, () => "read"));
    expect(bench.clock.now() - startedAt).toBe(passed);
  });
});
