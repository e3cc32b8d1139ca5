// What is kept, by what, and for how long.
import { describe, expect, it } from "vitest";
import { cached } from "../../src/cache/cached.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import { claimedRecord, type ClaimRef, type KeptResult, type Outcome, type Store } from "../../src/core/store.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { completed, errored, nextId, refFor } from "../../src/testing/conformance/cases.ts";
import { order, wrap } from "../support/deliveries.ts";
import { type CacheBench, openCache } from "./bench.ts";

const text = '{"ok":true}';

/** A record that another has completed in the store below. */
async function completedByAnother(bench: CacheBench, outcome: Outcome = completed(), changes: Partial<ClaimRef> = {}): Promise<ClaimRef> {
  const ref = refFor(nextId(), { fingerprint: "1:f", requestId: "r", ...changes });
  await bench.others.claim(ref);
  expect((await bench.others.settle(ref, outcome)).applied).toBe(true);
  return ref;
}

describe("own completions", () => {
  const outcomes = {
    "a result": completed(),
    "an empty text": completed({ text: "" }),
    void: completed({ encoding: "void", text: undefined }),
    lost: completed({ encoding: "lost", text: undefined }),
  };
  for (const apart of [false, true]) {
    it.for(Object.entries(outcomes))(`%s is known as the store has it, its text inline (results apart: ${apart})`, async ([, outcome]) => {
      const bench = await openCache({ apart });
      const ref = refFor(nextId(), { fingerprint: "1:f", requestId: "r", messageId: "m" });
      await bench.cache.claim(ref);
      // As the core settles: with the lease as it was extended.
      const leaseUntil = ref.leaseUntil + 5000;
      await bench.cache.extend(ref, leaseUntil);
      await bench.cache.settle({ ...ref, leaseUntil }, outcome);
      const stored = (await bench.others.read(ref.id))!;
      const record = (await bench.known(ref.id))!;
      expect(record).toEqual({ ...stored, encoding: outcome.encoding, result: outcome.text });
      expect([record.leaseUntil, record.expiresAt]).toEqual([leaseUntil, outcome.expiresAt]);
      expect(await bench.cache.result(record)).toBe(outcome.text);
    });
  }

  it("one that was put is known too", async () => {
    const bench = await openCache();
    const ref = refFor(nextId(), { attempt: 3 });
    await bench.cache.settle(ref, completed({ write: "put" }));
    expect(await bench.known(ref.id)).toMatchObject({ attempt: 3, status: "completed", result: text });
  });

  it.for([
    { name: "lost", kept: { encoding: "lost", bytes: 0, reason: "too large" }, known: { encoding: "lost", result: undefined } },
    { name: "something else", kept: { encoding: "other", bytes: 1 }, known: undefined },
    { name: "compressed", kept: { encoding: "json+zstd", bytes: 1 }, known: { encoding: "json", result: text } },
    { name: "nothing", kept: undefined, known: { encoding: "json", result: text } },
  ])("the store says that it kept $name", async ({ kept, known }) => {
    const under = memoryStore();
    let asked = 0;
    const cache = cached({
      ...under,
      claim: (request) => (asked++, under.claim(request)),
      settle: async (claim, outcome): Promise<{ applied: true; kept: KeptResult | undefined }> => {
        await under.settle(claim, outcome);
        return { applied: true, kept };
      },
    });
    const ref = refFor(nextId());
    await cache.claim(ref);
    await cache.settle(ref, completed());
    const answer = await cache.claim(ref);
    expect(asked).toBe(known === undefined ? 2 : 1);
    if (known !== undefined) expect(answer).toMatchObject({ applied: false, record: known });
  });

  it.for([false, true])("a completion whose answer was lost is known from the refusal of its retry (results apart: %s)", async (apart) => {
    const bench = await openCache({ apart });
    const ref = refFor(nextId());
    await bench.cache.claim(ref);
    bench.faults.on("settle", { answer: "lost" });
    await expect(bench.cache.settle(ref, completed())).rejects.toThrow("no answer");
    expect((await bench.cache.settle(ref, completed())).applied).toBe(false);
    expect(await bench.known(ref.id)).toMatchObject({ encoding: "json", result: text });
  });

  it("a refusal that shows another completion of ours does not lend it this text", async () => {
    const bench = await openCache({ apart: true });
    const ref = await completedByAnother(bench);
    const late = { ...completed({ text: '"second"' }), completedAt: completed().completedAt + 1 };
    expect((await bench.cache.settle(ref, late)).applied).toBe(false);
    expect(await bench.known(ref.id)).toBeUndefined();
  });
});

describe("what the store shows", () => {
  const ways: Record<string, (cache: Store, ref: ClaimRef) => Promise<StoredRecord | undefined>> = {
    "a refused claim": async (cache, ref) => shown(await cache.claim(ref)),
    "a refused takeover": async (cache, ref) => shown(await cache.takeOver({ ...claimedRecord(ref, 1), owner: "seen" }, ref)),
    "a refused settlement": async (cache, ref) => shown(await cache.settle({ ...ref, owner: "loser" }, completed())),
    "a refused release": async (cache, ref) => shown(await cache.release({ ...claimedRecord(ref, 1), owner: "seen" })),
    "a read": (cache, ref) => cache.read(ref.id),
  };

  function shown(answer: Awaited<ReturnType<Store["claim"]>>): StoredRecord | undefined {
    return answer.applied ? undefined : answer.record;
  }

  describe.each(Object.entries(ways))("%s", (_, show) => {
    it.for([
      { name: "a result inline", outcome: completed() },
      { name: "void", outcome: completed({ encoding: "void", text: undefined }) },
      { name: "lost", outcome: completed({ encoding: "lost", text: undefined }) },
    ])("fills at once with $name", async ({ outcome }) => {
      const bench = await openCache();
      const ref = await completedByAnother(bench, outcome);
      expect(await show(bench.cache, ref)).toEqual(await bench.others.read(ref.id));
      expect(await bench.known(ref.id)).toEqual(await bench.others.read(ref.id));
    });

    it("fills with a result that is kept apart once its text was asked for", async () => {
      const bench = await openCache({ apart: true });
      const ref = await completedByAnother(bench);
      await bench.put({ ...(await bench.others.read(ref.id))!, chunks: 2 });
      const record = (await show(bench.cache, ref))!;
      expect(record).toMatchObject({ encoding: "json+br", chunks: 2 });
      expect(await bench.known(ref.id)).toBeUndefined();
      expect(await bench.cache.result(record)).toBe(text);
      const { chunks, ...others } = record;
      expect(await bench.known(ref.id)).toStrictEqual({ ...others, encoding: "json", result: text });
    });

    it.for([
      { name: "in progress", changes: { status: "in_progress" } },
      { name: "failed", changes: { status: "failed", error: { name: "E" } } },
      { name: "held", changes: { status: "held", error: { name: "E" } } },
      { name: "released", changes: { status: "released", error: { name: "E" } } },
      { name: "of a newer format", changes: { version: 2 } },
      { name: "expired", changes: { expiresAt: Date.UTC(2026, 0, 1) / 1000 } },
      { name: "without its result", changes: { result: undefined } },
    ] as const)("does not fill with a record that is $name", async ({ changes }) => {
      const bench = await openCache();
      const ref = await completedByAnother(bench);
      await bench.put({ ...(await bench.others.read(ref.id))!, ...changes });
      const record = await show(bench.cache, ref);
      if (record !== undefined) await bench.cache.result(record);
      expect(await bench.known(ref.id)).toBeUndefined();
    });
  });

  it("what a store holds inline is its own affair: the text is what its `result` says", async () => {
    const under = memoryStore();
    const sealed: Store = {
      ...under,
      settle: (claim, outcome) =>
        under.settle(
          claim,
          outcome.status === "completed" && outcome.text !== undefined ? { ...outcome, text: btoa(outcome.text) } : outcome,
        ),
      result: async (record) => atob((await under.result(record)) ?? ""),
    };
    const ref = refFor(nextId());
    await sealed.claim(ref);
    await sealed.settle(ref, completed());
    const cache = cached(sealed);
    await cache.claim(ref);
    const answer = await cache.claim(ref);
    expect(answer.applied ? undefined : await cache.result(answer.record!)).toBe(text);
  });

  it("a result that cannot be read, or is gone, leaves its key unknown, and the claim its answer", async () => {
    const bench = await openCache();
    const ref = await completedByAnother(bench);
    bench.faults.on("result", { answer: "unsent" }, { answer: "unsent" });
    const record = (await bench.cache.read(ref.id))!;
    await expect(bench.cache.result(record)).rejects.toThrow("no answer");
    expect(await bench.known(ref.id)).toBeUndefined();
    const gone = cached({ ...bench.others, result: async () => undefined });
    expect(await gone.result((await gone.read(ref.id))!)).toBeUndefined();
  });

  it("a read asks the store, also for what is known", async () => {
    const bench = await openCache();
    const ref = await completedByAnother(bench);
    for (let i = 0; i < 3; i++) await bench.cache.read(ref.id);
    expect(bench.faults.log).toEqual(["read", "read", "read"]);
  });
});

describe("own writes", () => {
  it.for(["failed", "held", "released"] as const)("an outcome that is %s is not kept", async (status) => {
    const bench = await openCache();
    const ref = refFor(nextId());
    await bench.cache.claim(ref);
    await bench.cache.settle(ref, errored(status));
    expect(await bench.known(ref.id)).toBeUndefined();
    expect(await bench.known(ref.id)).toBeUndefined();
  });

  it.for([
    { name: "takeover", write: (cache: Store, seen: StoredRecord) => cache.takeOver(seen, refFor(seen.id, { owner: "next" })) },
    { name: "release", write: (cache: Store, seen: StoredRecord) => cache.release(seen) },
  ])("an applied $name removes what is known", async ({ write }) => {
    const bench = await openCache();
    const ref = await completedByAnother(bench);
    await bench.cache.claim(ref);
    const record = (await bench.known(ref.id))!;
    expect(await write(bench.cache, record)).toEqual({ applied: true });
    expect(await bench.known(ref.id)).toBeUndefined();
    expect(await bench.known(ref.id)).toBeUndefined();
  });
});

describe("expiry", () => {
  it("is honoured to the second, by the store's clock", async () => {
    const bench = await openCache();
    expect(bench.cache.clock).toBe(bench.clock);
    const expiresAt = bench.clock.now() / 1000 + 60;
    const ref = await completedByAnother(bench, completed({ expiresAt }));
    await bench.cache.claim(ref);
    bench.clock.jump(59_999);
    expect(await bench.known(ref.id)).toMatchObject({ expiresAt });
    bench.clock.jump(1);
    expect(await bench.known(ref.id)).toBeUndefined();
  });

  it("a delivery after it runs again, and is known until the next one", async () => {
    const bench = await openCache();
    let n = 0;
    const deliver = wrap(bench, () => ++n, { retentionSeconds: 60 });
    expect([await deliver(), await deliver()]).toEqual([1, 1]);
    bench.clock.jump(60_000);
    const asked = bench.faults.log.length;
    expect([await deliver(order), await deliver(order)]).toEqual([2, 2]);
    expect(bench.faults.log.slice(asked)).toEqual(["claim", "takeOver", "settle"]);
  });

  it.for([
    { name: "an hour from now", inSeconds: 3600, asked: 1 },
    { name: "an hour ago", inSeconds: -3600, asked: 2 },
  ])("without a clock of the store's it is the system's ($name)", async ({ inSeconds, asked }) => {
    const under = memoryStore();
    let claims = 0;
    const cache = cached({ ...under, claim: (request) => (claims++, under.claim(request)) });
    expect(cache.clock).toBeUndefined();
    const ref = refFor(nextId());
    await cache.claim(ref);
    await cache.settle(ref, completed({ expiresAt: Math.ceil(Date.now() / 1000) + inSeconds }));
    await cache.claim(ref);
    expect(claims).toBe(asked);
  });
});
