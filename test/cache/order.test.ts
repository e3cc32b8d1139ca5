// Answers of calls under way at once arrive in any order: what is older never takes the place of what is newer.
import { describe, expect, it } from "vitest";
import { expiryAfter } from "../../src/core/lease.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef } from "../../src/core/store.ts";
import { completed, nextId, refFor } from "../../src/testing/conformance/cases.ts";
import type { CallName } from "../support/faults.ts";
import { type CacheBench, openCache } from "./bench.ts";

/** A run by somebody else, completed now: it expires in a minute. */
async function runElsewhere(bench: CacheBench, ref: ClaimRef, text: string, seen?: StoredRecord): Promise<void> {
  const startedAt = bench.clock.now();
  const request = { ...ref, startedAt, leaseUntil: startedAt + 1000 };
  await (seen === undefined ? bench.others.claim(request) : bench.others.takeOver(seen, request));
  await bench.others.settle(request, completedNow(bench, text));
}

function completedNow(bench: CacheBench, text: string): ReturnType<typeof completed> {
  const completedAt = bench.clock.now();
  return { ...completed({ text, expiresAt: expiryAfter(completedAt, 60) }), completedAt };
}

/** Holds the store's next answer to a call back; resolves once the store has decided. */
function delay(bench: CacheBench, call: CallName): { readonly decided: Promise<void>; arrive(): void } {
  const decided = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  bench.faults.on(call, { after: () => (decided.resolve(), gate.promise) });
  return { decided: decided.promise, arrive: gate.resolve };
}

async function firstRun(apart: boolean): Promise<{ bench: CacheBench; first: ClaimRef; second: ClaimRef }> {
  const bench = await openCache({ apart });
  const first = refFor(nextId(), { owner: crypto.randomUUID() });
  await runElsewhere(bench, first, '"first"');
  return { bench, first, second: refFor(first.id, { owner: crypto.randomUUID(), attempt: 2 }) };
}

const text = async (bench: CacheBench, ref: ClaimRef): Promise<unknown> => (await bench.known(ref.id))?.result;

describe("a slow `result`", () => {
  it("of a record that has expired is not kept, nor does it replace the newer completion", async () => {
    const { bench, first, second } = await firstRun(true);
    const seen = (await bench.cache.read(first.id))!;
    const slow = delay(bench, "result");
    const answer = bench.cache.result(seen);
    await slow.decided;
    bench.clock.jump(60_000);
    await bench.cache.takeOver(seen, second);
    await bench.cache.settle(second, completedNow(bench, '"second"'));
    slow.arrive();
    expect(await answer).toBe('"first"');
    expect(await text(bench, first)).toBe('"second"');
  });

  it("of a record that has expired is not kept where nothing newer is known", async () => {
    const { bench, first } = await firstRun(true);
    const slow = delay(bench, "result");
    const answer = bench.cache.result((await bench.cache.read(first.id))!);
    await slow.decided;
    bench.clock.jump(60_000);
    slow.arrive();
    await answer;
    bench.clock.jump(-1); // a clock that is set back
    expect(await bench.known(first.id)).toBeUndefined();
  });

  it.for(["takeOver", "release"] as const)(
    "of a record that was replaced meanwhile (%s) is not kept, whatever the clock says",
    async (call) => {
      const { bench, first, second } = await firstRun(true);
      const seen = (await bench.cache.read(first.id))!;
      const slow = delay(bench, "result");
      const answer = bench.cache.result(seen);
      await slow.decided;
      await (call === "release" ? bench.cache.release(seen) : bench.cache.takeOver(seen, second));
      slow.arrive();
      await answer;
      expect(await bench.known(first.id)).toBeUndefined();
    },
  );

  it("asked for after its record was replaced is not kept", async () => {
    const { bench, first, second } = await firstRun(true);
    const seen = (await bench.cache.read(first.id))!;
    await bench.cache.takeOver(seen, second);
    expect(await bench.cache.result(seen)).toBe('"first"');
    expect(await bench.known(first.id)).toBeUndefined();
  });

  it("is old, too, where more has changed since than is remembered", async () => {
    const { bench, first, second } = await firstRun(true);
    const seen = (await bench.cache.read(first.id))!;
    await bench.cache.takeOver(seen, second);
    for (let i = 0; i < 1001; i++) await bench.cache.claim(refFor(nextId()));
    await bench.cache.result(seen);
    expect(await bench.known(first.id)).toBeUndefined();
    // What is seen from now on is kept as ever.
    const other = refFor(nextId(), { owner: crypto.randomUUID() });
    await runElsewhere(bench, other, '"other"');
    await bench.cache.result((await bench.cache.read(other.id))!);
    expect(await text(bench, other)).toBe('"other"');
  });

  it.for([
    { name: "the older one last", apartMs: 1, order: ["second", "first"] },
    { name: "the newer one last", apartMs: 1, order: ["first", "second"] },
    { name: "in one millisecond, the older one last", apartMs: 0, order: ["second", "first"] },
    { name: "in one millisecond, the newer one last", apartMs: 0, order: ["first", "second"] },
  ])("of two runs elsewhere: the newer one stays ($name)", async ({ apartMs, order }) => {
    const { bench, first, second } = await firstRun(true);
    const seen = (await bench.cache.read(first.id))!;
    bench.clock.jump(apartMs);
    await runElsewhere(bench, second, '"second"', seen);
    const records: Record<string, StoredRecord> = { first: seen, second: (await bench.cache.read(first.id))! };
    for (const name of order) await bench.cache.result(records[name]!);
    expect(await text(bench, first)).toBe('"second"');
  });

  it("of a key that TTL has deleted: the newer run stays, though its attempts count from 1 again", async () => {
    const { bench, first, second } = await firstRun(true);
    await bench.put({ ...(await bench.others.read(first.id))!, attempt: 7 });
    const seen = (await bench.cache.read(first.id))!;
    await bench.cache.result(seen);
    bench.clock.jump(60_000);
    await bench.remove(first.id);
    await runElsewhere(bench, { ...second, attempt: 1 }, '"second"');
    await bench.cache.result((await bench.cache.read(first.id))!);
    bench.clock.jump(-60_000); // as if the first were live again
    await bench.cache.result(seen);
    expect(await text(bench, first)).toBe('"second"');
  });
});

describe("a slow refusal", () => {
  it("that shows a record replaced meanwhile is not kept", async () => {
    const { bench, first, second } = await firstRun(false);
    const slow = delay(bench, "claim");
    const answer = bench.cache.claim(refFor(first.id, { owner: "slow" }));
    await slow.decided;
    await bench.cache.takeOver((await bench.others.read(first.id))!, second);
    slow.arrive();
    expect(await answer).toMatchObject({ applied: false, record: { owner: first.owner } });
    expect(await bench.known(first.id)).toBeUndefined();
  });

  it("that shows the run still in progress removes nothing", async () => {
    const bench = await openCache();
    const ref = refFor(nextId(), { startedAt: bench.clock.now() });
    await bench.cache.claim(ref);
    const slow = delay(bench, "claim");
    const answer = bench.cache.claim({ ...ref, owner: "slow" });
    await slow.decided;
    await bench.cache.settle(ref, completedNow(bench, '"done"'));
    slow.arrive();
    expect(await answer).toMatchObject({ record: { status: "in_progress" } });
    expect(await text(bench, ref)).toBe('"done"');
  });
});

describe("a slow completion", () => {
  it("that was taken over and completed again meanwhile leaves the newer one", async () => {
    const bench = await openCache();
    const first = refFor(nextId(), { owner: "first" });
    const second = refFor(first.id, { owner: "second", attempt: 2 });
    await bench.cache.claim(first);
    const slow = delay(bench, "settle");
    const answer = bench.cache.settle(first, completedNow(bench, '"first"'));
    await slow.decided;
    await bench.cache.takeOver((await bench.others.read(first.id))!, second);
    await bench.cache.settle(second, completedNow(bench, '"second"'));
    slow.arrive();
    expect((await answer).applied).toBe(true);
    expect(await text(bench, first)).toBe('"second"');
  });

  it("is known though its lease was extended while it was under way", async () => {
    const bench = await openCache();
    const ref = refFor(nextId());
    await bench.cache.claim(ref);
    const extended = delay(bench, "extend");
    const extension = bench.cache.extend(ref, ref.leaseUntil + 1000);
    await extended.decided;
    const slow = delay(bench, "settle");
    const answer = bench.cache.settle(ref, completedNow(bench, '"done"'));
    await slow.decided;
    extended.arrive();
    await extension;
    slow.arrive();
    await answer;
    expect(await text(bench, ref)).toBe('"done"');
  });
});

it.for(["in_progress", "released", "failed"] as const)("a read that shows a later run, %s, removes what is known", async (status) => {
  const { bench, first, second } = await firstRun(false);
  await bench.cache.claim(first);
  expect(await text(bench, first)).toBe('"first"');
  bench.clock.jump(1);
  await runElsewhere(bench, second, '"second"', (await bench.others.read(first.id))!);
  await bench.put({ ...(await bench.others.read(first.id))!, status });
  await bench.cache.read(first.id);
  expect(await bench.known(first.id)).toBeUndefined();
});

it("30 keys at once, 10 duplicates each: every run is known afterwards, and answers its own", async () => {
  const bench = await openCache();
  const refs = Array.from({ length: 30 }, (_, n) => refFor(nextId(), { owner: `owner ${n}` }));
  await Promise.all(
    refs.map(async (ref) => {
      await bench.cache.claim(ref);
      await Promise.all([
        ...Array.from({ length: 10 }, () => bench.cache.claim({ ...ref, owner: "duplicate" })),
        bench.cache.settle(ref, completed({ text: JSON.stringify(ref.owner) })),
      ]);
    }),
  );
  for (const ref of refs) expect(await text(bench, ref)).toBe(JSON.stringify(ref.owner));
});
