import { describe, expect, it } from "vitest";
import { type IdempotencyEvent, type IdempotencyOptions, payloadKey } from "../../src/index.ts";
import type { Call } from "../../src/core/call.ts";
import { claimedExecution, runInside, unclaimedExecution } from "../../src/core/execution.ts";
import { fingerprintOf } from "../../src/core/fingerprint.ts";
import { hashKey } from "../../src/core/key.ts";
import { holdLease } from "../../src/core/lease.ts";
import { resolveOptions } from "../../src/core/resolve.ts";
import { type Prepared, preparer } from "../../src/lambda/prepare.ts";
import { systemClock } from "../../src/lambda/system.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { testClock, type TestClock } from "../support/clock.ts";

type Options = Partial<IdempotencyOptions<unknown[], unknown>>;

interface Bench {
  readonly clock: TestClock;
  readonly events: IdempotencyEvent[];
  prepare(...args: unknown[]): Prepared;
  /** Of a delivery that has a key. */
  call(...args: unknown[]): Call;
}

function benchOf(options: Options = {}): Bench {
  const clock = testClock();
  const events: IdempotencyEvent[] = [];
  const prepareArgs = preparer(
    resolveOptions<unknown[], unknown>(
      { store: memoryStore({ clock }), operation: "charge", key: () => "order-1", onEvent: (event) => events.push(event), ...options },
      {},
    ),
  );
  return {
    clock,
    events,
    prepare: (...args) => prepareArgs(args),
    call(...args) {
      const prepared = prepareArgs(args);
      if (prepared.kind !== "keyed") throw new Error(`prepared as ${prepared.kind}`);
      return prepared.call;
    },
  };
}

function contextOf(left: unknown, more: object = {}): object {
  return { getRemainingTimeInMillis: () => left, ...more };
}

const id = { operation: "charge", keyHash: hashKey("order-1") };

describe("a delivery", () => {
  it("is keyed: key, fingerprint and request id are taken once, from all arguments", () => {
    const seen: unknown[] = [];
    const { call } = benchOf({
      key: (...args) => {
        seen.push(["key", ...args]);
        return ["tenant-1", 7];
      },
      fingerprint: (...args) => {
        seen.push(["fingerprint", ...args]);
        return { b: 1, a: 2 };
      },
    });
    const context = contextOf(1000, { awsRequestId: "request-1" });
    const prepared = call("event", context, "third");
    expect(prepared).toMatchObject({
      id: { operation: "charge", keyHash: hashKey(["tenant-1", 7]) },
      keyParts: ["tenant-1", 7],
      fingerprint: fingerprintOf({ a: 2, b: 1 }),
      requestId: "request-1",
    });
    prepared.measureLeaseMs();
    prepared.deadline();
    expect(seen).toEqual([
      ["key", "event", context, "third"],
      ["fingerprint", "event", context, "third"],
    ]);
  });

  it.for<{ name: string; fingerprint: Options["fingerprint"]; kept: string | undefined }>([
    { name: "no fingerprint", fingerprint: undefined, kept: undefined },
    { name: "a fingerprint of nothing", fingerprint: () => undefined, kept: undefined },
    { name: "a fingerprint of null", fingerprint: () => null, kept: fingerprintOf(null) },
  ])("with $name", ({ fingerprint, kept }) => {
    expect(benchOf({ fingerprint }).call().fingerprint).toBe(kept);
  });

  it.for<{ name: string; options: Options; inside: object | undefined; event: object }>([
    {
      name: "keyless",
      options: { key: () => undefined, onMissingKey: "run" },
      inside: undefined,
      event: { reason: "missing_key" },
    },
    {
      name: "keyless by a payload key of nothing",
      options: { key: () => payloadKey(undefined), onMissingKey: "run" },
      inside: undefined,
      event: { reason: "missing_key" },
    },
    {
      name: "switched off",
      options: { enabled: false },
      inside: { ...id, attempt: 0 },
      event: { reason: "disabled", keyHash: id.keyHash },
    },
    {
      name: "switched off and keyless",
      options: { key: () => undefined, enabled: false },
      inside: undefined,
      event: { reason: "disabled" },
    },
  ])("is $name, and an event says so", ({ options, inside, event }) => {
    const bench = benchOf(options);
    const prepared = bench.prepare();
    if (prepared.kind !== "unprotected") throw new Error(`prepared as ${prepared.kind}`);
    if (inside === undefined) expect(prepared.inside).toBeUndefined();
    else expect(prepared.inside?.execution()).toMatchObject(inside);
    expect(bench.events).toEqual([{ type: "unprotected", operation: "charge", at: bench.clock.now(), ...event }]);
  });

  it.for<{ name: string; args: unknown[]; requestId: string | undefined }>([
    { name: "in the first argument", args: [contextOf(1, { awsRequestId: "a" })], requestId: "a" },
    { name: "in the third", args: [null, "event", contextOf(1, { awsRequestId: "a" })], requestId: "a" },
    { name: "as much of it as has room", args: [contextOf(1, { awsRequestId: "a".repeat(9000) })], requestId: "a".repeat(256) },
    { name: "that is no text", args: [contextOf(1, { awsRequestId: 5 })], requestId: undefined },
    { name: "of something that is no context", args: [{ awsRequestId: "a" }], requestId: undefined },
    { name: "of nothing", args: [], requestId: undefined },
  ])("has the request id $name", ({ args, requestId }) => {
    expect(benchOf().call(...args).requestId).toBe(requestId);
  });

  it("uses the store's clock, else the system's", () => {
    const bench = benchOf();
    expect(bench.call().clock).toBe(bench.clock);
    expect(benchOf({ store: memoryStore() }).call().clock).toBe(systemClock);
  });
});

describe("the lease", () => {
  it.for<{ name: string; leaseMs?: Options["leaseMs"]; args: unknown[]; lease: number; guessed?: boolean }>([
    { name: "of the option", leaseMs: 100, args: [contextOf(30_000)], lease: 100 },
    { name: "of the option, rounded up", leaseMs: 100.2, args: [], lease: 101 },
    {
      name: "of the function, from all arguments",
      leaseMs: (...args) => (args as number[]).reduce((sum, ms) => sum + ms),
      args: [300, 200],
      lease: 500,
    },
    { name: "of a function, rounded up", leaseMs: () => 100.2, args: [], lease: 101 },
    { name: "of the context", args: ["event", contextOf(30_000)], lease: 30_000 },
    { name: "of a context that has 1,000 left", args: [contextOf(1000)], lease: 1000 },
    { name: "of a context that has 999 left: at least 1,000", args: [contextOf(999)], lease: 1000 },
    { name: "of a context that says 0", args: [contextOf(0)], lease: 1000 },
    { name: "of a context that says less than 0", args: [contextOf(-5)], lease: 1000 },
    { name: "of a context that says NaN", args: [contextOf(Number.NaN)], lease: 60_000, guessed: true },
    { name: "of a context that says more than any lease", args: [contextOf(1e300)], lease: 60_000, guessed: true },
    { name: "of a context that says infinity", args: [contextOf(Number.POSITIVE_INFINITY)], lease: 60_000, guessed: true },
    {
      name: "of a made-up context that throws",
      args: [
        {
          getRemainingTimeInMillis: () => {
            throw new Error("Function not implemented.");
          },
        },
      ],
      lease: 60_000,
      guessed: true,
    },
    { name: "of a context that says a text", args: [contextOf("30000")], lease: 60_000, guessed: true },
    { name: "of nobody", args: [null, undefined, "event", {}], lease: 60_000, guessed: true },
  ])("$name", ({ leaseMs, args, lease, guessed = false }) => {
    const bench = benchOf({ leaseMs });
    expect(bench.call(...args).measureLeaseMs()).toBe(lease);
    expect(bench.events.map(({ type }) => type)).toEqual(guessed ? ["lease_guessed"] : []);
  });

  it("is measured anew each time", () => {
    const { clock, call } = benchOf();
    const end = clock.now() + 30_000;
    const prepared = call({ getRemainingTimeInMillis: () => end - clock.now() });
    expect(prepared.measureLeaseMs()).toBe(30_000);
    clock.jump(12_000);
    expect(prepared.measureLeaseMs()).toBe(18_000);
  });

  it("guessed is told once per wrapper", () => {
    const bench = benchOf();
    for (let i = 0; i < 3; i++) bench.call().measureLeaseMs();
    expect(bench.events).toEqual([{ type: "lease_guessed", ...id, at: bench.clock.now() }]);
  });

  it("of an enclosing execution is what is left of it, as extended, at least 1,000", () => {
    const { clock, call, events } = benchOf();
    const lease = holdLease(clock, clock.now() + 10_000, 10_000);
    const outer = claimedExecution({ operation: "outer", keyHash: "hash" }, 1, lease, async () => {});
    runInside(outer, () => {
      const prepared = call();
      clock.jump(4000);
      expect(prepared.measureLeaseMs()).toBe(6000);
      lease.move(clock.now() + 20_000, 20_000);
      expect(prepared.measureLeaseMs()).toBe(20_000);
      clock.jump(19_500);
      expect(prepared.measureLeaseMs()).toBe(1000);
      clock.jump(5000);
      expect(prepared.measureLeaseMs()).toBe(1000);
      expect(call(contextOf(30_000)).measureLeaseMs()).toBe(30_000); // a context comes first
      expect(call(contextOf(Number.NaN)).measureLeaseMs()).toBe(1000);
    });
    expect(events).toEqual([]);
  });

  it("of an enclosing execution without a claim is a guess", () => {
    const { call } = benchOf();
    runInside(unclaimedExecution(id), () => expect(call().measureLeaseMs()).toBe(60_000));
  });
});

describe("the deadline", () => {
  it("is the invocation's end, else the enclosing lease's, else none", () => {
    const { clock, call } = benchOf({ leaseMs: 500 });
    expect(call(contextOf(30_000)).deadline()).toBe(clock.now() + 30_000);
    expect(call(contextOf(-5)).deadline()).toBe(clock.now() - 5);
    expect(call().deadline()).toBeUndefined();
    const until = clock.now() + 10_000;
    const outer = claimedExecution(id, 1, holdLease(clock, until, 10_000), async () => {});
    runInside(outer, () => expect(call().deadline()).toBe(until));
  });
});
