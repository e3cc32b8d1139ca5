import { describe, expect, it } from "vitest";
import { currentExecution, type Execution, idempotent, type IdempotencyOptions } from "../../src/index.ts";
import { claimedExecution, enclosing, enterInside, runInside, unclaimedExecution } from "../../src/core/execution.ts";
import { hashKey } from "../../src/core/key.ts";
import { holdLease } from "../../src/core/lease.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { testClock } from "../support/clock.ts";

const keyHash = hashKey("order-1");
const noExecution: unknown = expect.objectContaining({ code: "NO_EXECUTION" });

function claimed(operation: string, hash: string, attempt = 1): Execution {
  const clock = testClock();
  return claimedExecution(
    { operation, keyHash: hash },
    attempt,
    holdLease(clock, clock.now() + 10_000, 10_000),
    async () => {},
  ).execution();
}

function wrapped<R>(
  work: (key: string | undefined) => R | Promise<R>,
  options: Partial<IdempotencyOptions<[string?], R>> = {},
): (key?: string) => Promise<R> {
  return idempotent<[string?], R>(work, {
    store: memoryStore({ clock: testClock({ auto: true }) }),
    operation: "charge",
    key: (key) => key,
    onMissingKey: "run",
    ...options,
  });
}

describe("deriveKey", () => {
  it("keeps its value from release to release", () => {
    expect(claimed("charge", keyHash).deriveKey("refund")).toBe("tN5LMhfq0G0xrlxOYgM76hEEAUDRhqxMN0ZBHB-tfqs");
  });

  it("is pure, of 43 characters, and the same in each attempt", () => {
    const first = claimed("charge", keyHash);
    const { deriveKey } = first; // needs no `this`
    expect(deriveKey("refund")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const other of [
      first,
      claimed("charge", keyHash),
      claimed("charge", keyHash, 7),
      unclaimedExecution({ operation: "charge", keyHash }).execution(),
    ]) {
      expect(other.deriveKey("refund")).toBe(deriveKey("refund"));
    }
  });

  it("differs by operation, key and names", () => {
    const charge = claimed("charge", keyHash);
    const keys = [
      charge.deriveKey(),
      charge.deriveKey("a"),
      charge.deriveKey("b"),
      charge.deriveKey("a", "b"),
      charge.deriveKey("b", "a"),
      charge.deriveKey("ab"),
      charge.deriveKey("a", "b", "b"),
      charge.deriveKey("a,b"),
      charge.deriveKey("1"),
      claimed("refund", keyHash).deriveKey("a"),
      claimed("charge", hashKey("order-2")).deriveKey("a"),
      claimed("charge", keyHash).keyHash,
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.for([
    { name: "", code: "KEY_MISSING", says: "names[1] is empty" },
    { name: undefined as unknown as string, code: "KEY_MISSING", says: "names[1] is undefined" },
    { name: "a\uD83D", code: "KEY_INVALID", says: "names[1] holds half" },
    { name: "a".repeat(1025), code: "KEY_INVALID", says: "names[1] has 1025 bytes" },
    { name: {} as unknown as string, code: "KEY_INVALID", says: "names[1] is an object" },
  ])("refuses a name that is no part of a key: $code, $says", ({ name, code, says }) => {
    const message = expect.stringContaining(says) as string;
    expect(() => claimed("charge", keyHash).deriveKey("a", name)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe("an execution without a claim", () => {
  it("has attempt 0, a signal that never aborts, and an extendLease that does nothing", async () => {
    const { execution: look, lease } = unclaimedExecution({ operation: "charge", keyHash });
    const execution = look();
    expect(execution).toMatchObject({ operation: "charge", keyHash, attempt: 0 });
    expect(Object.isFrozen(execution)).toBe(true);
    expect(execution.signal.aborted).toBe(false);
    expect(await execution.extendLease(60_000)).toBeUndefined();
    expect(lease).toBeUndefined();
  });

  it("refuses an extension that no lease could have", async () => {
    const { extendLease } = unclaimedExecution({ operation: "charge", keyHash }).execution();
    await expect(extendLease(99)).rejects.toMatchObject({ code: "CONFIG_INVALID", path: "extendLease" });
  });

  it("is one object, however often it is looked at", () => {
    const { execution } = unclaimedExecution({ operation: "charge", keyHash });
    expect(execution()).toBe(execution());
  });
});

describe("currentExecution", () => {
  it("is the run's own, frozen", async () => {
    const execution = await wrapped(() => currentExecution())("order-1");
    expect(execution).toMatchObject({ operation: "charge", keyHash, attempt: 1 });
    expect(Object.isFrozen(execution)).toBe(true);
  });

  it("is NO_EXECUTION before, after, and beside a run", async () => {
    expect(() => currentExecution()).toThrow(noExecution);
    const gate = Promise.withResolvers<void>();
    const run = wrapped(() => gate.promise)("order-1");
    expect(() => currentExecution()).toThrow(noExecution);
    gate.resolve();
    await run;
    expect(() => currentExecution()).toThrow(noExecution);
  });

  it("is NO_EXECUTION after a run that failed", async () => {
    await expect(wrapped(() => Promise.reject(new Error("no")))("order-1")).rejects.toThrow("no");
    expect(() => currentExecution()).toThrow(noExecution);
  });

  it("is NO_EXECUTION in `key`, `fingerprint` and `onReplay`: nothing runs there", async () => {
    const looked: unknown[] = [];
    function look(): void {
      try {
        looked.push(currentExecution());
      } catch (error) {
        looked.push(error);
      }
    }
    const fn = wrapped<string>(() => "done", {
      key: (key) => {
        look();
        return key;
      },
      fingerprint: () => look(),
      onReplay: (result) => {
        look();
        return result;
      },
    });
    await fn("order-1");
    await fn("order-1");
    expect(looked).toEqual(Array.from({ length: 5 }, () => noExecution));
  });

  it("does not leak into a nested run without a key, and is back after it", async () => {
    const inner = wrapped(() => currentExecution());
    const outer = wrapped(async () => {
      await expect(inner()).rejects.toMatchObject({ code: "NO_EXECUTION" });
      return currentExecution().keyHash;
    });
    expect(await outer("order-1")).toBe(keyHash);
  });

  it("follows what the run has started, and no other run", async () => {
    const gate = Promise.withResolvers<void>();
    const fn = wrapped(async () => {
      const before = currentExecution().keyHash;
      await gate.promise;
      await new Promise((resolve) => setImmediate(resolve));
      return [before, currentExecution().keyHash];
    });
    const runs = ["a", "b", "c"].map((key) => ({ key, run: fn(key) }));
    gate.resolve();
    for (const { key, run } of runs) expect(await run).toEqual([hashKey(key), hashKey(key)]);
  });

  it("may be entered on the spot, and what was enclosing again", async () => {
    const outer = unclaimedExecution({ operation: "outer", keyHash });
    const inner = unclaimedExecution({ operation: "inner", keyHash });
    expect(enclosing()).toBeUndefined();
    await runInside(outer, async () => {
      const before = enclosing();
      expect(before).toBe(outer);
      enterInside(inner);
      await Promise.resolve();
      expect(currentExecution().operation).toBe("inner");
      enterInside(before);
      expect(currentExecution().operation).toBe("outer");
    });
    expect(enclosing()).toBeUndefined();
  });

  it("hidden stays hidden", () => {
    const seen = runInside(unclaimedExecution({ operation: "charge", keyHash }), () =>
      runInside(undefined, () => {
        expect(() => currentExecution()).toThrow(noExecution);
        return true;
      }),
    );
    expect(seen).toBe(true);
  });
});
