// Nothing about an operation lives in shared mutable state: executions on one store never meet.
import { describe, expect, it } from "vitest";
import { currentExecution, idempotent, type IdempotencyError } from "../../src/index.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { leaseMs, refusal, wrap } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";

function operationOf<R>(bench: Bench, operation: string, fn: (key: string) => Promise<R> | R): (key: string) => Promise<R> {
  return idempotent<[string], R>(fn, { store: bench.store, operation, key: (key) => key, leaseMs });
}

describe.each([memoryBench, dynamodbBench])("isolation, on $name", ({ available, open }) => {
  describe.skipIf(!available)("operations on one store", () => {
    it("with the same key do not share it", async () => {
      const bench = await open();
      expect(await operationOf(bench, "a", () => "a")("k")).toBe("a");
      expect(await operationOf(bench, "b", () => "b")("k")).toBe("b");
    });

    it("nested: each has its own execution, and the outer one is back after the inner one", async () => {
      const bench = await open();
      const inner = operationOf(bench, "inner", () => [currentExecution().operation, currentExecution().deriveKey("x")]);
      const outer = operationOf(bench, "outer", async (key) => {
        const before = currentExecution();
        const answer = await inner(key);
        expect(currentExecution()).toBe(before);
        return [currentExecution().operation, currentExecution().deriveKey("x"), ...answer];
      });
      const [name, derived, innerName, innerDerived] = await outer("k");
      expect([name, innerName]).toEqual(["outer", "inner"]);
      expect(derived).not.toBe(innerDerived);
    });

    it("nested in itself with another key runs, with the same key is IN_PROGRESS", async () => {
      const bench = await open();
      const itself: (key: string) => Promise<unknown> = operationOf<unknown>(bench, "a", async (key) => {
        if (key === "k") return [await itself("other"), (await refusal(itself("k"))).code];
        return key;
      });
      expect(await itself("k")).toEqual(["other", "IN_PROGRESS"]);
    });

    it("an inner failure is the inner operation's: the outer one decides what it makes of it", async () => {
      const bench = await open();
      const inner = operationOf(bench, "inner", () => Promise.reject(new Error("inner")));
      const outer = operationOf(bench, "outer", () => inner("k").catch(() => "recovered"));
      expect(await outer("k")).toBe("recovered");
      expect(await outer("k")).toBe("recovered");
    });

    it("interleaved: 30 at once, each with its own key, execution and answer", async () => {
      const bench = await open();
      const operations = ["a", "b", "c"].map((name) =>
        operationOf(bench, name, async (key) => {
          await new Promise((resolve) => setImmediate(resolve));
          return `${currentExecution().operation}/${key}`;
        }),
      );
      const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => operations[i % 3]!(`k${i}`)));
      expect(answers).toEqual(Array.from({ length: 30 }, (_, i) => `${"abc"[i % 3]}/k${i}`));
    });
  });

  describe.skipIf(!available)("outside of a run", () => {
    it("there is no execution: before, after, and in a run without a key, also a nested one", async () => {
      const bench = await open();
      const code = (): string => {
        try {
          return currentExecution().operation;
        } catch (error) {
          return (error as IdempotencyError).code;
        }
      };
      const keyless = idempotent(code, { store: bench.store, operation: "keyless", key: () => undefined, onMissingKey: "run" });
      const outer = operationOf(bench, "outer", async () => [code(), await keyless(), code()]);
      expect(code()).toBe("NO_EXECUTION");
      expect(await outer("k")).toEqual(["outer", "NO_EXECUTION", "outer"]);
      expect(code()).toBe("NO_EXECUTION");
    });
  });
});

describe("a user's function that should not be async, and rejects", () => {
  const rejecting = (): Promise<never> => Promise.reject(new Error("async"));
  it.for([
    { name: "key", options: { key: rejecting as unknown as () => string } },
    { name: "fingerprint", options: { fingerprint: rejecting } },
    { name: "leaseMs", options: { leaseMs: rejecting as unknown as () => number } },
    { name: "onError", options: { onError: rejecting as unknown as () => "hold" } },
    { name: "codec.encode", options: { codec: { name: "own", encode: rejecting as unknown as () => string, decode: String } } },
    {
      name: "codec.encode, of which not even `then` can be read",
      options: {
        codec: {
          name: "own",
          decode: String,
          encode: () =>
            Object.defineProperty({}, "then", {
              get: () => {
                throw new Error("then");
              },
            }) as string,
        },
      },
    },
    { name: "onEvent", options: { onEvent: rejecting } },
  ])("$name: ends no process", async ({ options }) => {
    const bench = await memoryBench.open();
    await wrap(bench, () => "done", options)().catch(() => {});
    await wrap(bench, () => Promise.reject(new Error("down")), { ...options, operation: "failing" })().catch(() => {});
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail the run
  });
});
