import { describe, expect, it } from "vitest";
import { IdempotencyError, ReplayedError } from "../../src/index.ts";
import { hashKey } from "../../src/core/key.ts";
import { idempotency } from "../../src/middy/idempotency.ts";
import { memoryBench } from "../support/bench.ts";
import { completedRecord, leaseMs, record, refusal } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";
import { deliveriesOf, forms, middlewareOn, type Options, operation, order, outcome } from "./chains.ts";
import { majors } from "./majors.ts";

describe.for(majors)("on $name", (major) => {
  describe.for([memoryBench, dynamodbBench])("and on $name", ({ available, open }) => {
    describe.skipIf(!available).for(forms)("%s", (form) => {
      it.for([{ result: { receipt: 1 } }, { result: undefined }, { result: null }, { result: "" }, { result: 0 }, { result: false }])(
        "a duplicate gets the first answer, and nothing runs: $result",
        async ({ result }) => {
          const deliver = deliveriesOf(major, await open(), async () => result, { form });
          expect([await deliver(), await deliver(), deliver.runs]).toEqual([result, result, 1]);
          expect(deliver.types()).toEqual(["claimed", "completed", "replayed"]);
        },
      );

      it("simultaneous duplicates: one runs, the others are IN_PROGRESS, later ones get its answer", async () => {
        const bench = await open();
        const deliver = deliveriesOf(
          major,
          bench,
          async () => {
            const others = await Promise.all([deliver(), deliver(), deliver()].map(outcome));
            expect(others).toEqual(Array(3).fill(expect.objectContaining({ code: "IN_PROGRESS" })));
            return "done";
          },
          { form },
        );
        expect([await deliver(), await deliver(), deliver.runs]).toEqual(["done", "done", 1]);
      });

      it("ten at once: one runs", async () => {
        const deliver = deliveriesOf(major, await open(), undefined, { form });
        const answers = await Promise.all(Array.from({ length: 10 }, () => outcome(deliver())));
        const codes = answers.map((answer) => (answer === "done" ? answer : (answer as IdempotencyError).code));
        expect(["done", "IN_PROGRESS"]).toEqual(expect.arrayContaining(codes));
        expect([deliver.runs, await deliver(), deliver.runs]).toEqual([1, "done", 1]);
      });

      it("other keys run, the same key with another payload is refused", async () => {
        const deliver = deliveriesOf(major, await open(), undefined, { form, options: { fingerprint: (event) => event } });
        await deliver({ id: "a", amount: 1 });
        await deliver({ id: "b", amount: 1 });
        expect((await refusal(deliver({ id: "a", amount: 2 }))).code).toBe("KEY_REUSED");
        expect(deliver.runs).toBe(2);
      });

      it.for<{ policy: Options["onError"]; status: string; second: object; runs: number }>([
        { policy: "release", status: "released", second: new Error("declined"), runs: 2 },
        { policy: "keep", status: "failed", second: expect.any(ReplayedError), runs: 1 },
        { policy: "hold", status: "held", second: expect.objectContaining({ code: "OUTCOME_UNKNOWN" }), runs: 1 },
      ])("a handler that throws: $policy", async ({ policy, status, second, runs }) => {
        const declined = new Error("declined");
        const deliver = deliveriesOf(major, await open(), () => Promise.reject(declined), { form, options: { onError: policy } });
        expect(await outcome(deliver())).toBe(declined);
        expect(await deliver.record()).toMatchObject({ status });
        expect(await outcome(deliver())).toEqual(second);
        expect(deliver.runs).toBe(runs);
      });

      it("a lapsed lease is taken over", async () => {
        const bench = await open();
        await bench.put(record(bench, { leaseUntil: bench.clock.now() - 2000 }));
        const deliver = deliveriesOf(major, bench, undefined, { form });
        expect(await deliver()).toBe("done");
        expect(await deliver.record()).toMatchObject({ status: "completed", attempt: 2 });
      });

      it.for([
        { name: "completed: its answer", theirs: completedRecord, answer: "theirs" },
        { name: "not finished: LEASE_LOST", theirs: record, answer: expect.objectContaining({ code: "LEASE_LOST" }) },
      ])("an owner that has lost to a winner that has $name", async ({ theirs, answer }) => {
        const bench = await open();
        const deliver = deliveriesOf(major, bench, () => bench.put(theirs(bench, { attempt: 2 })).then(() => "mine"), { form });
        expect(await outcome(deliver())).toEqual(answer);
        expect(await deliver.record()).toMatchObject({ owner: "another", attempt: 2 });
      });

      it("an unreachable store: nothing runs, or runs unprotected by policy and is written in the end", async () => {
        const bench = await open();
        const deliver = deliveriesOf(major, bench, undefined, { form });
        bench.faults.on("claim", { answer: "unsent" });
        expect((await refusal(deliver())).code).toBe("STORE_UNAVAILABLE");
        expect(deliver.runs).toBe(0);
        const daring = deliveriesOf(major, bench, undefined, { form, options: { onStoreUnavailable: "run" } });
        bench.faults.on("claim", { answer: "unsent" });
        expect([await daring(), daring.runs]).toEqual(["done", 1]);
        expect(await daring.record()).toMatchObject({ status: "completed" });
      });

      it("a completion that cannot be written is no error, and the claim stays", async () => {
        const bench = await open();
        bench.faults.on("settle", { answer: "denied" });
        const deliver = deliveriesOf(major, bench, undefined, { form });
        expect(await deliver()).toBe("done");
        expect(deliver.types()).toEqual(["claimed", "store_error"]);
        expect(await deliver.record()).toMatchObject({ status: "in_progress" });
      });

      it("the handler's error is never masked by the store's", async () => {
        const bench = await open();
        bench.faults.on("settle", { answer: "denied" });
        const declined = new Error("declined");
        const deliver = deliveriesOf(major, bench, () => Promise.reject(declined), { form });
        expect(await outcome(deliver())).toBe(declined);
      });
    });
  });

  describe.for(forms)("%s", (form) => {
    it("onReplay sees each replay, and its answer is the answer", async () => {
      const onReplay: Options["onReplay"] = (result, { attempt }) => `${result as string}, attempt ${attempt}`;
      const deliver = deliveriesOf(major, await memoryBench.open(), undefined, { form, options: { onReplay } });
      expect([await deliver(), await deliver(), await deliver()]).toEqual(["done", "done, attempt 1", "done, attempt 1"]);
    });

    it("waits for the first run's answer by policy", async () => {
      const bench = await memoryBench.open();
      await bench.put(record(bench));
      bench.faults.on("read", { before: () => bench.put(completedRecord(bench)) });
      const deliver = deliveriesOf(major, bench, undefined, { form, options: { onInProgress: { waitMs: 1000 } } });
      expect([await deliver(), deliver.runs]).toEqual(["theirs", 0]);
    });

    it("a codec of one's own keeps and reads results", async () => {
      const codec = { name: "bigint", encode: String, decode: BigInt };
      const deliver = deliveriesOf(major, await memoryBench.open(), () => 2n ** 70n, { form, options: { codec } });
      expect([await deliver(), await deliver()]).toEqual([2n ** 70n, 2n ** 70n]);
    });

    it("switched off, or without a key and by policy, each delivery runs, and nothing is written", async () => {
      const bench = await memoryBench.open();
      const off = deliveriesOf(major, bench, undefined, { form, options: { enabled: false } });
      await off();
      await off();
      const keyless = deliveriesOf(major, bench, undefined, { form, options: { onMissingKey: "run" } });
      await keyless({});
      await keyless({});
      expect([off.runs, keyless.runs, bench.faults.log]).toEqual([2, 2, []]);
      expect([...off.types(), ...keyless.types()]).toEqual(Array(4).fill("unprotected"));
    });

    it.for([
      { name: "no key", event: {}, code: "KEY_MISSING", message: /^key is undefined/ },
      {
        name: "a missing part",
        event: { id: ["a", undefined] as unknown as string },
        code: "KEY_MISSING",
        message: /^key\[1\] is undefined/,
      },
      { name: "a key that is none", event: { id: {} as string }, code: "KEY_INVALID", message: /^key is/ },
      { name: "no event at all", event: null as unknown as { id: string }, code: "KEY_INVALID", message: /^key threw/ },
    ])("$name: refused before any request", async ({ event, code, message }) => {
      const bench = await memoryBench.open();
      const deliver = deliveriesOf(major, bench, undefined, { form });
      const error = await refusal(deliver(event));
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect([deliver.runs, bench.faults.log]).toEqual([0, []]);
    });
  });

  it("a key and a lease may come from the context, and the request's id is kept", async () => {
    const context = { awsRequestId: "request-1", tenant: "t", getRemainingTimeInMillis: () => 7000 };
    const bench = await memoryBench.open();
    const options = { leaseMs: undefined, key: (event: { id?: string }, { tenant }: { tenant: string }) => [tenant, event.id] };
    const deliver = deliveriesOf(major, bench, undefined, { options: options as Options });
    await deliver(order, context);
    const kept = await bench.others.read({ operation, keyHash: hashKey(["t", "order-1"]) });
    expect(kept).toMatchObject({ requestId: "request-1", leaseUntil: kept!.startedAt + 7000, status: "completed" });
  });

  it("one middleware that two handlers share keeps their requests apart", async () => {
    const bench = await memoryBench.open();
    const shared = middlewareOn(bench.store);
    const gate = Promise.withResolvers<void>();
    const slow = major.middy(() => gate.promise.then(() => "slow")).use(shared);
    const failing = major.middy(() => Promise.reject(new Error("down"))).use(shared);
    const first = slow({ id: "a" });
    await expect(failing({ id: "b" })).rejects.toThrow("down");
    gate.resolve();
    expect([await first, await slow({ id: "a" })]).toEqual(["slow", "slow"]);
    await expect(failing({ id: "b" })).rejects.toThrow("down");
  });

  it("a refused duplicate undoes nothing of the run that it met", async () => {
    const bench = await memoryBench.open();
    const deliver = deliveriesOf(major, bench, async () => {
      await outcome(deliver());
      expect(await deliver.record()).toMatchObject({ status: "in_progress", leaseUntil: bench.clock.now() + leaseMs });
      return "done";
    });
    expect(await deliver()).toBe("done");
  });

  it("twice in one chain, with one key: refuses itself, and frees the key", async () => {
    const bench = await memoryBench.open();
    const same = middlewareOn(bench.store);
    const handler = major.middy(() => "done").use([same, same]);
    expect((await refusal(handler(order))).code).toBe("IN_PROGRESS");
    expect(await bench.others.read({ operation, keyHash: hashKey("order-1") })).toMatchObject({ status: "released" });
  });

  it("inline hooks do as well as `use`", async () => {
    const { before, after, onError } = middlewareOn((await memoryBench.open()).store);
    let runs = 0;
    const handler = major
      .middy(() => ++runs)
      .before(before!)
      .after(after!)
      .onError(onError!);
    expect([await handler(order), await handler(order)]).toEqual([1, 1]);
  });
});

it("hooks are named, for Middy's profiling hooks", () => {
  const { before, after, onError } = middlewareOn(fakeStore);
  expect([before?.name, after?.name, onError?.name]).toEqual(["idempotentBefore", "idempotentAfter", "idempotentOnError"]);
});

const fakeStore = Object.fromEntries(
  ["claim", "takeOver", "settle", "extend", "read", "result", "release"].map((call) => [call, () => {}]),
) as never;

it.for<{ name: string; options: unknown; path: string }>([
  { name: "no options", options: undefined, path: "options" },
  { name: "no store", options: { operation, key: String }, path: "store" },
  { name: "no operation", options: { store: fakeStore, key: String }, path: "operation" },
  { name: "no key", options: { store: fakeStore, operation }, path: "key" },
  { name: "an unknown name", options: { store: fakeStore, operation, key: String, ttl: 1 }, path: "ttl" },
  { name: "a wrong value", options: { store: fakeStore, operation, key: String, onError: "ignore" }, path: "onError" },
])("$name: CONFIG_INVALID, at once", ({ options, path }) => {
  expect(() => idempotency(options as never)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", path }));
  expect(() => idempotency(options as never)).toThrow(IdempotencyError);
});
