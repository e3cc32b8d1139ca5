// Options, bounds, and that nobody who holds what the cache gave out can change it.
import { describe, expect, it } from "vitest";
import { cached } from "../../src/cache/cached.ts";
import { overheadBytes } from "../../src/cache/kept.ts";
import type { RecordId, StoredRecord } from "../../src/core/record.ts";
import type { Store } from "../../src/core/store.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { completed, nextId, refFor } from "../../src/testing/conformance/cases.ts";
import { checked, id, order, refusal, wrap } from "../support/deliveries.ts";
import { type CacheBench, openCache } from "./bench.ts";

async function complete(bench: CacheBench, text: string): Promise<RecordId> {
  const ref = refFor(nextId());
  await bench.cache.claim(ref);
  await bench.cache.settle(ref, completed({ text }));
  return ref.id;
}

/** Which of these are known? To be asked once: whoever is asked for is used, and what is not known is fetched. */
async function knownOf(bench: CacheBench, ids: RecordId[]): Promise<boolean[]> {
  const known: boolean[] = [];
  for (const id of ids) known.push((await bench.known(id)) !== undefined);
  return known;
}

describe("options", () => {
  const make = cached as (store: unknown, options?: unknown) => Store;
  const store = memoryStore();
  it.for([
    { name: "nothing for a store", given: [undefined], path: "store" },
    { name: "a function for a store", given: [memoryStore], path: "store" },
    { name: "a store without a method", given: [{ ...store, settle: undefined }], path: "store.settle" },
    { name: "a store whose clock is none", given: [{ ...store, clock: { now: 1 } }], path: "store.clock" },
    { name: "no object", given: [store, null], path: "options" },
    { name: "an unknown name", given: [store, { max: 1 }], path: "max" },
    { name: "no items", given: [store, { maxItems: 0 }], path: "maxItems" },
    { name: "half an item", given: [store, { maxItems: 1.5 }], path: "maxItems" },
    { name: "items without end", given: [store, { maxItems: Infinity }], path: "maxItems" },
    { name: "more items than any memory holds", given: [store, { maxItems: 1_000_001 }], path: "maxItems" },
    { name: "bytes as text", given: [store, { maxBytes: "1" }], path: "maxBytes" },
    { name: "negative bytes", given: [store, { maxBytes: -1 }], path: "maxBytes" },
    { name: "null bytes", given: [store, { maxBytes: null }], path: "maxBytes" },
  ])("$name is CONFIG_INVALID at $path", ({ given: [store, ...options], path }) => {
    expect(() => make(store, ...options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", path }));
  });

  it("undefined stands for the default, and the largest are taken", () => {
    cached(store, { maxItems: undefined, maxBytes: undefined });
    cached(store, { maxItems: 1_000_000, maxBytes: Number.MAX_SAFE_INTEGER });
  });
});

describe("bounds", () => {
  it("by items: the least recently used leaves", async () => {
    const bench = await openCache({ maxItems: 2 });
    const [a, b] = [await complete(bench, "1"), await complete(bench, "2")];
    await bench.known(a);
    const c = await complete(bench, "3");
    expect(await knownOf(bench, [a, c, b])).toEqual([true, true, false]);
  });

  it("by bytes: the least recently used leave until there is room", async () => {
    const bench = await openCache({ maxBytes: 3 * (overheadBytes + 1000) });
    const [a, b, c] = [
      await complete(bench, "x".repeat(1000)),
      await complete(bench, "x".repeat(1000)),
      await complete(bench, "x".repeat(1000)),
    ];
    await bench.known(a);
    const d = await complete(bench, "x".repeat(1001)); // a byte too many for one to leave
    expect(await knownOf(bench, [a, d, c, b])).toEqual([true, true, false, false]);
  });

  it("in UTF-8 bytes", async () => {
    const bench = await openCache({ maxBytes: overheadBytes + 8 });
    expect(await knownOf(bench, [await complete(bench, "💥💥")])).toEqual([true]);
    expect(await knownOf(bench, [await complete(bench, "💥💥1")])).toEqual([false]);
  });

  it("a text over the bound is not kept, and none leaves for it", async () => {
    const bench = await openCache({ maxBytes: 2 * overheadBytes + 2 });
    const [a, b] = [await complete(bench, "1"), await complete(bench, "2")];
    const large = await complete(bench, "x".repeat(overheadBytes + 3));
    expect(await knownOf(bench, [a, b, large])).toEqual([true, true, false]);
    expect(await knownOf(bench, [a, b])).toEqual([true, true]);
  });

  it("by default 1,000 items", async () => {
    const bench = await openCache();
    const ids: RecordId[] = [];
    for (let i = 0; i < 1001; i++) ids.push(await complete(bench, "1"));
    expect(await knownOf(bench, [ids[1000]!, ids[1]!, ids[0]!])).toEqual([true, true, false]);
  });

  it("by default 16 MiB", async () => {
    const bench = await openCache();
    const quarter = 4 * 1024 * 1024 - overheadBytes;
    const ids: RecordId[] = [];
    for (let i = 0; i < 4; i++) ids.push(await complete(bench, "x".repeat(quarter)));
    expect(await knownOf(bench, ids)).toEqual([true, true, true, true]);
    await complete(bench, "1");
    expect(await knownOf(bench, ids.toReversed())).toEqual([true, true, true, false]);
  });

  it("a record that has left still carries its text", async () => {
    const bench = await openCache({ maxItems: 1, apart: true });
    const record = (await bench.known(await complete(bench, '"a"')))!;
    await complete(bench, '"b"');
    bench.faults.on("result", { answer: "unsent" });
    expect(await bench.cache.result(record)).toBe('"a"');
  });
});

describe("isolation", () => {
  it("a record that was given out cannot be changed", async () => {
    const bench = await openCache();
    const id = await complete(bench, '"a"');
    const record = (await bench.known(id)) as { -readonly [K in keyof StoredRecord]: StoredRecord[K] } & { id: { operation: string } };
    expect(() => (record.fingerprint = "1:other")).toThrow(TypeError);
    expect(() => (record.id.operation = "other")).toThrow(TypeError);
    expect(await bench.known(id)).toMatchObject({ id, result: '"a"' });
  });

  it("what the store's record or the claim's id are changed to afterwards counts for nothing", async () => {
    const bench = await openCache({ apart: true });
    const own = { ...refFor(nextId()), id: { ...nextId() } };
    const { keyHash } = own.id;
    await bench.others.claim(own);
    await bench.others.settle(own, completed({ text: '"a"' }));
    const under: Store = { ...bench.others, read: async (id) => structuredClone(await bench.others.read(id)) };
    const cache = cached(under);
    const record = (await cache.read(own.id)) as {
      expiresAt: number;
      owner: string;
      attempt: number;
      id: { keyHash: string };
    } & StoredRecord;
    Object.assign(record, { expiresAt: 9_000_000_000, attempt: 9 });
    await cache.result(record);
    record.id.keyHash = "other";
    own.id.keyHash = "other";
    const answer = await cache.claim(refFor({ ...own.id, keyHash }));
    expect(answer).toMatchObject({ record: { id: { keyHash }, attempt: 1, expiresAt: completed().expiresAt, result: '"a"' } });
  });

  it("a decoded result is each caller's own", async () => {
    const bench = await openCache();
    const deliver = wrap(bench, () => ({ items: [1] }));
    const first = (await deliver()) as { items: number[] };
    first.items.push(2);
    const second = (await deliver()) as { items: number[] };
    second.items.push(3);
    expect(await deliver()).toEqual({ items: [1] });
    expect(bench.faults.log).toEqual(["claim", "settle"]);
  });

  it("the same key under two operations, and two caches, never meet", async () => {
    const bench = await openCache();
    const { keyHash } = nextId();
    const refs = ["a", "b"].map((operation) => refFor({ operation, keyHash }, { owner: operation }));
    for (const ref of refs) {
      await bench.cache.claim(ref);
      await bench.cache.settle(ref, completed({ text: JSON.stringify(ref.owner) }));
    }
    for (const ref of refs) expect(await bench.known(ref.id)).toMatchObject({ id: ref.id, result: JSON.stringify(ref.owner) });
    const other = cached(memoryStore({ clock: bench.clock }));
    expect(await other.claim(refs[0]!)).toEqual({ applied: true });
  });
});

describe("with the core on top", () => {
  it("a duplicate of a known key with another payload is a mismatch, until the record expires", async () => {
    const bench = await openCache();
    const deliver = wrap(bench, ({ amount }) => amount, { ...checked, retentionSeconds: 60 });
    await deliver();
    const other = { ...order, amount: 6 };
    expect((await refusal(deliver(other))).code).toBe("KEY_REUSED");
    expect(bench.faults.log).toEqual(["claim", "settle"]);
    bench.clock.jump(60_000);
    expect(await deliver(other)).toBe(6);
    expect(await bench.known(id)).toMatchObject({ attempt: 2, result: "6" });
  });

  it("a replay from the cache is announced as any other", async () => {
    const bench = await openCache();
    const deliver = wrap(bench);
    await deliver();
    bench.clock.jump(1500);
    await deliver();
    expect(deliver.events.at(-1)).toMatchObject({ type: "replayed", attempt: 1, ageMs: 1500 });
  });

  it("a waiter's last read fills it", async () => {
    const bench = await openCache();
    const ref = refFor(id, { owner: "another", startedAt: bench.clock.now(), leaseUntil: bench.clock.now() + 60_000 });
    await bench.others.claim(ref);
    bench.faults.on("read", { before: () => bench.others.settle(ref, completed({ text: '"theirs"' })) });
    const deliver = wrap(bench, undefined, { onInProgress: { waitMs: 5000 } });
    expect(await deliver()).toBe("theirs");
    expect(await deliver()).toBe("theirs");
    expect(bench.faults.log).toEqual(["claim", "read"]);
  });
});
