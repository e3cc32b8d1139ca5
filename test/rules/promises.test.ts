// Design section 1, row by row, where the other rules' tests do not have it already.
import { describe, expect, it } from "vitest";
import { currentExecution, IdempotencyError, ReplayedError } from "../../src/index.ts";
import { memoryBench } from "../support/bench.ts";
import { checked, completedRecord, id, leaseMs, order, record, refusal, wrap } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";

describe.each([memoryBench, dynamodbBench])("promises, on $name", ({ available, open }) => {
  describe.skipIf(!available)("simultaneous deliveries of a key", () => {
    it("one runs; whoever waits gets its answer, whoever does not is IN_PROGRESS", async () => {
      const bench = await open();
      const gate = Promise.withResolvers<string>();
      const running = Promise.withResolvers<void>();
      const first = wrap(bench, () => {
        running.resolve();
        return gate.promise;
      });
      const answer = first();
      await running.promise;
      const impatient = wrap(bench);
      expect((await refusal(impatient())).retryAfterMs).toBeGreaterThan(0);
      bench.faults.on(
        "read",
        {},
        {
          before: async () => {
            gate.resolve("first");
            await answer;
          },
        },
      );
      const patient = wrap(bench, undefined, { onInProgress: { waitMs: 5000 } });
      expect(await patient()).toBe("first");
      expect([first.runs, impatient.runs, patient.runs]).toEqual([1, 0, 0]);
    });

    it("20 at once: one run, 19 refusals", async () => {
      const bench = await open();
      const gate = Promise.withResolvers<string>();
      const deliver = wrap(bench, () => gate.promise);
      let refused = 0;
      const codes = await Promise.all(
        Array.from({ length: 20 }, () =>
          deliver().catch((error: IdempotencyError) => {
            if (++refused === 19) gate.resolve("done");
            return error.code;
          }),
        ),
      );
      expect(deliver.runs).toBe(1);
      expect(codes.filter((code) => code === "IN_PROGRESS")).toHaveLength(19);
      expect(codes).toContain("done");
    });
  });

  describe.skipIf(!available)("a duplicate gets the first answer, byte for byte", () => {
    it.for([
      { name: "an object, member order kept", result: { z: 1, a: [1.5, null, true, "é\u0000\u2028💥"], m: { n: -0.1 } } },
      { name: "undefined", result: undefined },
      { name: "null", result: null },
      { name: "0", result: 0 },
      { name: "false", result: false },
      { name: "an empty string", result: "" },
      { name: "an empty list", result: [] },
    ])("$name", async ({ result }) => {
      const bench = await open();
      const deliver = wrap(bench, () => result);
      const first = JSON.stringify(await deliver());
      expect(JSON.stringify(await deliver())).toBe(first);
      expect(deliver.runs).toBe(1);
      expect(deliver.types()).toEqual(["claimed", "completed", "replayed"]);
    });

    it("what Lambda itself would send: toJSON, dates as text, undefined members left out", async () => {
      const bench = await open();
      const deliver = wrap(bench, () => ({ at: new Date(0), gone: undefined, own: { toJSON: () => "mine" } }));
      await deliver();
      expect(await deliver()).toEqual({ at: "1970-01-01T00:00:00.000Z", own: "mine" });
    });

    it("with a codec of one's own", async () => {
      const bench = await open();
      const codec = {
        name: "map",
        encode: (value: unknown) => JSON.stringify([...(value as Map<string, number>)]),
        decode: (text: string) => new Map(JSON.parse(text) as [string, number][]),
      };
      const deliver = wrap(bench, () => new Map([["a", 1]]), { codec });
      await deliver();
      expect(await deliver()).toEqual(new Map([["a", 1]]));
      expect((await bench.others.read(id))?.encoding).toBe("map");
    });

    it("a compression that this build does not know is RESULT_UNAVAILABLE, never a run", async () => {
      const bench = await open();
      await bench.put(completedRecord(bench, { encoding: "json+zip" }));
      const deliver = wrap(bench);
      expect((await refusal(deliver())).code).toBe("RESULT_UNAVAILABLE");
      expect(deliver.runs).toBe(0);
    });

    it("a codec that decodes by promise: a rejection is RESULT_UNAVAILABLE too", async () => {
      const bench = await open();
      await wrap(bench)();
      const decode = (): string => Promise.reject(new Error("async")) as unknown as string;
      const deliver = wrap(bench, undefined, { codec: { name: "json", encode: JSON.stringify, decode } });
      expect((await refusal(deliver())).code).toBe("RESULT_UNAVAILABLE");
    });

    it("a record of another codec is RESULT_UNAVAILABLE, never a run", async () => {
      const bench = await open();
      await wrap(bench)();
      const deliver = wrap(bench, undefined, { codec: { name: "other", encode: () => "", decode: () => "" } });
      expect(await refusal(deliver())).toMatchObject({ code: "RESULT_UNAVAILABLE", retryable: false, safeToUseNewKey: false });
      expect(deliver.types()).toEqual(["store_error"]);
      expect(deliver.events[0]).toMatchObject({ during: "result" });
      expect(deliver.runs).toBe(0);
    });
  });

  describe.skipIf(!available)("the size or shape of a result never causes a second run", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    it.for([
      {
        name: "a toJSON that throws what has no text",
        result: {
          toJSON: () => {
            throw Object.create(null);
          },
        },
      },
      { name: "a cycle", result: cycle },
      { name: "a bigint", result: { n: 1n } },
      { name: "a function", result: () => {} },
      { name: "a symbol", result: Symbol("s") },
      {
        name: "a toJSON that throws",
        result: {
          toJSON: () => {
            throw new Error("no");
          },
        },
      },
    ])("$name: the caller gets it, duplicates get RESULT_UNAVAILABLE", async ({ result }) => {
      const bench = await open();
      const deliver = wrap(bench, () => result);
      expect(await deliver()).toBe(result);
      expect((await refusal(deliver())).code).toBe("RESULT_UNAVAILABLE");
      expect(deliver.runs).toBe(1);
      expect(deliver.types()).toEqual(["claimed", "completed", "result_not_kept", "result_not_kept"]);
      expect(deliver.events[1]).toMatchObject({ encoding: "lost", bytes: 0 });
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", encoding: "lost" });
    });
  });

  describe.skipIf(!available)("an error and its key, by policy", () => {
    const declined = Object.assign(new RangeError("card declined"), { statusCode: 402, code: "DECLINED" });

    it("release, the default: the next delivery runs", async () => {
      const bench = await open();
      let failing = true;
      const deliver = wrap(bench, () => (failing ? Promise.reject(declined) : "done"));
      await expect(deliver()).rejects.toBe(declined);
      expect(await bench.others.read(id)).toMatchObject({ status: "released", error: { name: "RangeError" } });
      expect((await bench.others.read(id))?.error?.message).toBeUndefined();
      failing = false;
      expect(await deliver()).toBe("done");
      expect(deliver.types()).toEqual(["claimed", "released", "taken_over", "completed"]);
      expect(deliver.events[1]).toMatchObject({ errorName: "RangeError", attempt: 1 });
    });

    it("keep: duplicates get the error without a run", async () => {
      const bench = await open();
      const deliver = wrap(bench, () => Promise.reject(declined), { onError: "keep" });
      await expect(deliver()).rejects.toBe(declined);
      const again: unknown = await deliver().catch((error: unknown) => error);
      expect(again).toBeInstanceOf(ReplayedError);
      expect(again).toMatchObject({ name: "RangeError", message: "card declined", statusCode: 402, code: "DECLINED" });
      expect(deliver.runs).toBe(1);
      expect(deliver.types()).toEqual(["claimed", "failed", "replayed"]);
    });

    it("hold: nobody runs it until it expires or an operator frees it", async () => {
      const bench = await open();
      const deliver = wrap(bench, () => Promise.reject(declined), { onError: "hold" });
      await expect(deliver()).rejects.toBe(declined);
      expect((await refusal(deliver())).code).toBe("OUTCOME_UNKNOWN");
      expect(deliver.runs).toBe(1);
      const held = await bench.others.read(id);
      expect(held).toMatchObject({ status: "held", error: { name: "RangeError" } });
      await bench.others.release(held!);
      await expect(deliver()).rejects.toBe(declined);
      expect(deliver.runs).toBe(2);
    });

    it.for([
      {
        name: "by the error",
        onError: (error: unknown) => (error === declined ? "keep" : "release") as "keep" | "release",
        status: "failed",
      },
      {
        name: "a policy that throws is a release",
        onError: () => {
          throw new Error("bug");
        },
        status: "released",
      },
      { name: "a policy that answers nonsense is a release", onError: () => "nonsense" as "keep", status: "released" },
    ])("as a function: $name", async ({ onError, status }) => {
      const bench = await open();
      await expect(wrap(bench, () => Promise.reject(declined), { onError })()).rejects.toBe(declined);
      expect((await bench.others.read(id))?.status).toBe(status);
    });

    it.for([
      { thrown: "text", name: "NonError" },
      { thrown: undefined, name: "NonError" },
      { thrown: null, name: "NonError" },
      { thrown: 42, name: "NonError" },
      { thrown: { name: "Odd", message: 7 }, name: "Odd" },
      {
        thrown: new Proxy(
          {},
          {
            get: () => {
              throw new Error("trap");
            },
          },
        ),
        name: "NonError",
      },
    ])("a throw that is no Error comes through as it is: $name", async ({ thrown, name }) => {
      const bench = await open();
      const deliver = wrap(
        bench,
        () => {
          throw thrown;
        },
        { onError: "keep" },
      );
      const caught: unknown[] = [];
      await deliver().catch((error: unknown) => caught.push(error));
      expect(caught[0]).toBe(thrown);
      expect((await bench.others.read(id))?.error?.name).toBe(name);
    });

    it.for([
      { name: "an IdempotencyError of its own", error: new IdempotencyError("IN_PROGRESS", "theirs", { retryAfterMs: 5 }) },
      { name: "an error named like ours", error: Object.assign(new Error("x"), { name: "IdempotencyError", code: "LEASE_LOST" }) },
      { name: "an error named like the SDK's refusal", error: Object.assign(new Error("x"), { name: "ConditionalCheckFailedException" }) },
      {
        name: "a store failure's name",
        error: Object.assign(new Error("x"), { name: "StoreFailure", kind: "unreachable", maybeApplied: true }),
      },
    ])("a user's error that looks like ours is the user's: $name", async ({ error }) => {
      const bench = await open();
      const deliver = wrap(bench, () => Promise.reject(error));
      await expect(deliver()).rejects.toBe(error);
      expect(deliver.runs).toBe(1);
      expect((await bench.others.read(id))?.status).toBe("released");
    });
  });

  describe.skipIf(!available)("same key, other payload", () => {
    it("is refused in flight and done, and the first run goes on", async () => {
      const bench = await open();
      const other = { ...order, amount: 6 };
      const deliver = wrap(
        bench,
        async (given) => {
          if (given.amount === 5) expect((await refusal(deliver(other))).code).toBe("KEY_REUSED");
          return given.amount;
        },
        checked,
      );
      expect(await deliver()).toBe(5);
      expect((await refusal(deliver(other))).code).toBe("KEY_REUSED");
      expect(await deliver()).toBe(5);
      expect(deliver.runs).toBe(1);
    });

    it("key and fingerprint are taken before the handler sees, and changes, its event", async () => {
      const bench = await open();
      const deliver = wrap(
        bench,
        (given) => {
          Object.assign(given, { id: "changed", amount: 99 });
          return "done";
        },
        checked,
      );
      await deliver({ ...order });
      expect(await deliver({ ...order })).toBe("done");
      expect(deliver.runs).toBe(1);
    });
  });

  describe.skipIf(!available)("crash, kill, timeout", () => {
    it("the lease lapses; the next delivery takes over with the next attempt and the same derived key", async () => {
      const bench = await open();
      const keys: string[] = [];
      const deliver = wrap(bench, () => {
        keys.push(currentExecution().deriveKey("charge"));
        return keys.length === 1 ? new Promise(() => {}) : currentExecution().attempt;
      });
      void deliver();
      while (keys.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect((await refusal(deliver())).code).toBe("IN_PROGRESS");
      bench.clock.jump(leaseMs + 1000);
      expect(await deliver()).toBe(2);
      expect(keys[0]).toBe(keys[1]);
      expect(keys[0]).toHaveLength(43);
    });

    it("or is refused, by policy, until an operator releases the key", async () => {
      const bench = await open();
      await bench.put(record(bench));
      bench.clock.jump(leaseMs + 1000);
      const deliver = wrap(bench, undefined, { onLeaseExpired: "throw" });
      expect((await refusal(deliver())).code).toBe("OUTCOME_UNKNOWN");
      await bench.others.release((await bench.others.read(id))!);
      expect(await deliver()).toBe("done");
    });
  });
});
