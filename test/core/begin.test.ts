// What a delivery comes to, where it takes more than one write. test/rules has the rules of it, as a caller meets them.
import { describe, expect, it } from "vitest";
import { begin } from "../../src/core/begin.ts";
import type { Call } from "../../src/core/call.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { id, leaseMs, record } from "../support/deliveries.ts";
import { callOn, policy } from "./call-on.ts";

function callOver(bench: Bench, changes: Partial<Call> = {}): Call {
  return callOn({ store: bench.store, clock: bench.clock, newOwner: () => "me", ...changes });
}

describe("after ten writes", () => {
  it("of which each came too late: busy with a claim of our own, which is released", async () => {
    const bench = await memoryBench.open();
    bench.faults.always({ after: () => bench.clock.jump(leaseMs) });
    expect(await begin(callOver(bench))).toEqual({ kind: "busy", record: undefined, retryAfterMs: 1 });
    expect(bench.faults.log).toEqual(["claim", ...Array.from({ length: 9 }, () => "takeOver"), "settle"]);
    expect(await bench.others.read(id)).toMatchObject({ status: "released", attempt: 10, owner: "me", error: { name: "NotStarted" } });
  });

  it("that found another's record each time: busy with the last one", async () => {
    const bench = await memoryBench.open();
    const another = (n: number) => record(bench, { status: "released", owner: `another-${n}` });
    await bench.put(another(0));
    for (let n = 1; n <= 9; n++) bench.faults.on("takeOver", { before: () => bench.put(another(n)) });
    expect(await begin(callOver(bench))).toEqual({ kind: "busy", record: another(9), retryAfterMs: leaseMs + 1000 });
    expect(bench.faults.log).toEqual(["claim", ...Array.from({ length: 9 }, () => "takeOver")]);
  });

  it("that were refused without a record: busy", async () => {
    const { store } = callOn();
    let claims = 0;
    const claim = async () => {
      claims++;
      return { applied: false } as const;
    };
    expect(await begin(callOn({ store: { ...store, claim } }))).toEqual({ kind: "busy", record: undefined, retryAfterMs: 1 });
    expect(claims).toBe(10);
  });
});

it.for([
  { name: "before the deadline: it runs", early: 1, kind: "run", status: "in_progress" },
  { name: "at the deadline: nothing starts, and the claim is released", early: 0, kind: "busy", status: "released" },
])("a waiter whose takeover is answered $name", async ({ early, kind, status }) => {
  const bench = await memoryBench.open();
  await bench.put(record(bench));
  const deadline = bench.clock.now() + 5000;
  bench.faults.on("read", { before: () => bench.put(record(bench, { status: "released" })) });
  bench.faults.on("takeOver", { after: () => bench.clock.jump(deadline - early - bench.clock.now()) });
  const begun = await begin(callOver(bench, { deadline: () => deadline, policy: { ...policy, waitMs: 4000 } }));
  expect(begun.kind).toBe(kind);
  if (begun.kind === "busy") expect(begun).toEqual({ kind: "busy", record: undefined, retryAfterMs: 1 });
  expect((await bench.others.read(id))?.status).toBe(status);
});

it("a claim of one's own that came earlier than the one that was refused is held for as long as its record says", async () => {
  const bench = await memoryBench.open();
  const leaseUntil = bench.clock.now() + leaseMs - 300;
  await bench.put(record(bench, { owner: "me", leaseUntil, startedAt: bench.clock.now() - 300, expiresAt: 2_000_000_000 }));
  const begun = await begin(callOver(bench));
  if (begun.kind !== "run") throw new Error(begun.kind);
  expect(begun.claim.lease.until()).toBe(leaseUntil);
  expect(begun.claim.ref).toMatchObject({ leaseUntil, startedAt: bench.clock.now() - 300, expiresAt: 2_000_000_000 });
});

it("what was claimed is what was asked for, and what the record says", async () => {
  const bench = await memoryBench.open();
  const call = callOver(bench, { fingerprint: "1:a", requestId: "request-1", messageId: "message-1" });
  const begun = await begin(call);
  if (begun.kind !== "run") throw new Error(begun.kind);
  const { keyParts, retentionSeconds, ...claimed } = begun.claim.ref;
  expect({ keyParts, retentionSeconds }).toEqual({ keyParts: "order-1", retentionSeconds: 3600 });
  expect(await bench.others.read(id)).toEqual({ ...claimed, version: 1, status: "in_progress" });
  expect(claimed).toMatchObject({ owner: "me", attempt: 1, fingerprint: "1:a", requestId: "request-1", messageId: "message-1" });
});
