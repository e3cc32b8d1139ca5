import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import type { StoredRecord } from "../../src/core/record.ts";
import { type ClaimRef, type Outcome, StoreFailure } from "../../src/core/store.ts";
import type { Item } from "../../src/dynamodb/item.ts";
import { resultKeeper } from "../../src/dynamodb/keeper.ts";
import { noise } from "../../src/testing/random.ts";

const claim = { id: { operation: "charge", keyHash: "hash" }, owner: "me", expiresAt: 100 } as ClaimRef;
const limits = { compressAboveBytes: Number.MAX_SAFE_INTEGER, inlineLimitBytes: 0 };
const text = noise(3 * 392 * 1024);

function completed(more: Partial<Outcome & { status: "completed" }> = {}): Outcome {
  return { status: "completed", encoding: "json", text, completedAt: 1, expiresAt: 100, write: "update", ...more };
}

/** Items in memory: what was asked for, and what is done instead. */
function table() {
  const items = new Map<string, Item>();
  const asked: (readonly string[])[] = [];
  const puts: { readonly name: string; readonly signal: AbortSignal | undefined }[] = [];
  const nameIn = (item: Item): string => item["pk"]?.S ?? "";
  return {
    items,
    asked,
    puts,
    leave: 0,
    async putItem(item: Item, signal: AbortSignal | undefined): Promise<void> {
      puts.push({ name: nameIn(item), signal });
      items.set(nameIn(item), item);
    },
    async readItems(keys: readonly Item[]) {
      asked.push(keys.map(nameIn));
      const processed = keys.slice(0, keys.length - this.leave);
      this.leave = 0;
      const found = processed.map((key) => items.get(nameIn(key))).filter((item) => item !== undefined);
      return { items: found, unprocessed: keys.slice(processed.length) };
    },
  };
}

function keeperOver(made: ReturnType<typeof table>) {
  return resultKeeper({ putItem: (item, signal) => made.putItem(item, signal), readItems: (keys) => made.readItems(keys) }, limits);
}

const record: StoredRecord = {
  ...claim,
  version: 1,
  status: "completed",
  attempt: 1,
  leaseUntil: 1,
  startedAt: 1,
  encoding: "json",
  chunks: 3,
};
const names = [0, 1, 2].map((n) => `charge#hash#me#${n}`);

describe("a result in chunks", () => {
  it("is asked for again where DynamoDB left some, and only those", async () => {
    const made = table();
    const keeper = keeperOver(made);
    await keeper.keep(claim, completed());
    made.leave = 2;
    await expect(keeper.text(record)).rejects.toMatchObject({ kind: "conflict", maybeApplied: false });
    expect((await keeper.text(record)) === text).toBe(true);
    expect(made.asked).toEqual([names, names.slice(1)]);
    expect((await keeper.text(record)) === text).toBe(true);
    expect(made.asked[2]).toEqual(names);
  });

  it("is told when it is too late, in each of its requests", async () => {
    const made = table();
    const controller = new AbortController();
    await keeperOver(made).keep(claim, completed({ resultSignal: () => controller.signal }));
    expect(made.puts.map(({ name }) => name).toSorted()).toEqual(names);
    expect(made.puts.every(({ signal }) => signal === controller.signal)).toBe(true);
  });

  it("is not begun where it is too late", async () => {
    const made = table();
    const keeping = keeperOver(made).keep(claim, completed({ resultSignal: () => AbortSignal.abort() }));
    await expect(keeping).rejects.toMatchObject({ part: "result", message: "the result could not be written in time" });
    expect(made.puts).toEqual([]);
  });

  it("begins no further item once it is too late, though its client does not give up", async () => {
    const made = table();
    const controller = new AbortController();
    const gate = Promise.withResolvers<void>();
    const slow = {
      ...made,
      putItem: async (item: Item, signal: AbortSignal | undefined) => (await made.putItem(item, signal), gate.promise),
    };
    const outcome = completed({ text: noise(12 * 392 * 1024), resultSignal: () => controller.signal });
    const keeping = resultKeeper(slow, limits).keep(claim, outcome);
    await setImmediate();
    controller.abort();
    await expect(keeping).rejects.toMatchObject({ part: "result" });
    gate.resolve();
    await setImmediate();
    expect(made.puts).toHaveLength(4);
  });

  it("leaves nothing behind on the signal that limits it", async () => {
    const { signal } = new AbortController();
    const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    await keeperOver(table()).keep(claim, completed({ resultSignal: () => signal }));
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 1]);
  });

  it("is given up with what the last try met", async () => {
    const made = table();
    const controller = new AbortController();
    const failing = { ...made, putItem: () => Promise.reject(new StoreFailure("throttled", "slow down", { maybeApplied: false })) };
    const keeper = resultKeeper(failing, limits);
    const outcome = completed({ resultSignal: () => controller.signal });
    await expect(keeper.keep(claim, outcome)).rejects.toMatchObject({ kind: "throttled", message: "slow down", part: "result" });
    controller.abort();
    await expect(keeper.keep(claim, outcome)).rejects.toMatchObject({ message: "the result could not be written in time: slow down" });
  });

  it("begins no further item once one has failed, and only then is the failure told", async () => {
    const made = table();
    let [begun, ended] = [0, 0];
    const failing = {
      ...made,
      async putItem(): Promise<void> {
        const number = ++begun;
        await setImmediate();
        ended++;
        if (number === 1) throw new StoreFailure("throttled", "slow down", { maybeApplied: false });
      },
    };
    const keeping = resultKeeper(failing, limits).keep(claim, completed({ text: noise(12 * 392 * 1024) }));
    await expect(keeping).rejects.toMatchObject({ message: "slow down" });
    expect([begun, ended]).toEqual([4, 4]);
  });

  it("has no time limit where nobody sets one", async () => {
    const made = table();
    const { members, kept } = await keeperOver(made).keep(claim, completed());
    expect(members).toEqual({ status: "completed", completedAt: 1, expiresAt: 100, encoding: "json", chunks: 3, result: undefined });
    expect(kept).toEqual({ encoding: "json", bytes: text.length });
    expect(made.puts.every(({ signal }) => signal === undefined)).toBe(true);
  });
});

describe("an outcome without a result", () => {
  it.for([
    { name: "void", outcome: completed({ encoding: "void", text: undefined }), kept: { encoding: "void", bytes: 0 } },
    { name: "lost", outcome: completed({ encoding: "lost", text: undefined }), kept: { encoding: "lost", bytes: 0 } },
    {
      name: "failed",
      outcome: { status: "failed", error: { name: "Error" }, completedAt: 1, expiresAt: 2, write: "update" } as const,
      kept: undefined,
    },
  ])("$name is written as it is", async ({ outcome, kept }) => {
    const made = table();
    expect(await keeperOver(made).keep(claim, outcome)).toMatchObject({ members: { status: outcome.status }, kept });
    expect(made.puts).toEqual([]);
  });
});
