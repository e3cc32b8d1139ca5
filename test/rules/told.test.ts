// Every event of a delivery, member by member, with time passing at each step.
import { describe, expect, it } from "vitest";
import { currentExecution, type IdempotencyError, StoreFailure } from "../../src/index.ts";
import type { CallName, Fault } from "../support/faults.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { checked, completedRecord, id, leaseMs, type Options, record, wrap } from "../support/deliveries.ts";

interface Case {
  readonly name: string;
  /** What others do before the delivery, … */
  readonly before?: (bench: Bench) => unknown;
  readonly faults?: Partial<Record<CallName, Fault>>;
  /** … and what its work does. */
  readonly work?: (bench: Bench) => unknown;
  readonly options?: Options;
  readonly told: readonly object[];
}

const declined = new RangeError("declined");
const claimed = { type: "claimed", attempt: 1, durationMs: 30 };
const failure = (kind: string): unknown => expect.objectContaining({ name: "StoreFailure", kind });
const unreadable = (why: string): unknown => expect.objectContaining({ code: "RESULT_UNAVAILABLE", message: expect.stringContaining(why) });
const before =
  (changes: Parameters<typeof record>[1], passed = 0) =>
  async (bench: Bench) => {
    await bench.put(completedRecord(bench, { attempt: 4, ...changes }));
    bench.clock.jump(passed);
  };

const cases: readonly Case[] = [
  { name: "completed", told: [claimed, { type: "completed", attempt: 1, durationMs: 230, encoding: "json", bytes: 6 }] },
  {
    name: "completed with nothing",
    work: () => undefined,
    told: [claimed, { type: "completed", attempt: 1, durationMs: 230, encoding: "void", bytes: 0 }],
  },
  {
    name: "completed with what cannot be kept",
    work: () => () => {},
    told: [
      claimed,
      { type: "completed", attempt: 1, durationMs: 230, encoding: "lost", bytes: 0 },
      { type: "result_not_kept", attempt: 1, reason: 'codec "json" gave no text for a result of type function' },
    ],
  },
  ...(
    [
      ["release", "released"],
      ["keep", "failed"],
      ["hold", "held"],
    ] as const
  ).map(([onError, type]): Case => ({
    name: type,
    work: () => Promise.reject(declined),
    options: { onError },
    told: [claimed, { type, attempt: 1, durationMs: 230, errorName: "RangeError" }],
  })),
  ...(
    [
      ["released", { status: "released" }],
      ["lapsed", { status: "in_progress", leaseUntil: 0 }],
      ["expired", { expiresAt: 1 }],
    ] as const
  ).map(([from, change]): Case => ({
    name: `taken over, ${from}`,
    before: before(change),
    told: [
      { type: "taken_over", attempt: 5, from },
      { type: "completed", attempt: 5, durationMs: 200, encoding: "json", bytes: 6 },
    ],
  })),
  { name: "replayed", before: before({}, 500), told: [{ type: "replayed", attempt: 4, ageMs: 530 }] },
  {
    name: "replayed from a record that has no end, of an error that has no name",
    before: before({ status: "failed", completedAt: undefined }, 500),
    told: [{ type: "replayed", attempt: 4, ageMs: 530 }],
  },
  { name: "in progress", before: before({ status: "in_progress" }), told: [{ type: "in_progress", retryAfterMs: leaseMs + 970 }] },
  { name: "a mismatch", before: before({ fingerprint: "1:other" }), options: checked, told: [{ type: "mismatch" }] },
  { name: "unknown", before: before({ status: "held" }), told: [{ type: "unknown" }] },
  {
    name: "not to be had: lost",
    before: before({ encoding: "lost" }),
    told: [{ type: "result_not_kept", attempt: 4, reason: "the first run's result could not be kept" }],
  },
  {
    name: "not to be had: of another codec",
    before: before({ encoding: "own+br" }),
    told: [{ type: "store_error", during: "result", error: unreadable('codec "own"') }],
  },
  {
    name: "not to be had: deleted",
    before: before({ result: undefined }),
    told: [{ type: "store_error", during: "result", error: unreadable("does not have it") }],
  },
  {
    name: "not to be had: not to be decoded",
    before: before({ result: "{" }),
    told: [{ type: "store_error", during: "result", error: unreadable("could not decode") }],
  },
  {
    name: "not to be had: throttled",
    before: before({}),
    faults: { result: { answer: "throttled" } },
    told: [{ type: "store_error", during: "result", error: failure("throttled") }],
  },
  {
    name: "unclaimed",
    faults: { claim: { answer: "throttled" } },
    told: [{ type: "store_error", during: "claim", error: failure("throttled") }],
  },
  {
    name: "unclaimed, and run all the same",
    faults: { claim: { answer: "unsent" } },
    options: { onStoreUnavailable: "run" },
    told: [
      { type: "store_error", during: "claim", error: failure("unreachable") },
      { type: "unprotected", reason: "store_unavailable" },
    ],
  },
  {
    name: "unclaimed, run, and its result not to be kept",
    faults: { claim: { answer: "unsent" } },
    options: { onStoreUnavailable: "run" },
    work: () => () => {},
    told: [
      { type: "store_error", during: "claim", error: failure("unreachable") },
      { type: "unprotected", reason: "store_unavailable" },
      { type: "result_not_kept", attempt: 0, reason: 'codec "json" gave no text for a result of type function' },
    ],
  },
  {
    name: "unclaimed, run, its result not to be kept, and the key another's",
    before: before({}),
    faults: { claim: { answer: "unsent" } },
    options: { onStoreUnavailable: "run" },
    work: () => () => {},
    told: [
      { type: "store_error", during: "claim", error: failure("unreachable") },
      { type: "unprotected", reason: "store_unavailable" },
    ],
  },
  {
    name: "unclaimed, run, and not to be settled",
    faults: { claim: { answer: "unsent" }, settle: { answer: "denied" } },
    options: { onStoreUnavailable: "run" },
    work: () => () => {},
    told: [
      { type: "store_error", during: "claim", error: failure("unreachable") },
      { type: "unprotected", reason: "store_unavailable" },
      { type: "store_error", during: "settle", error: failure("misconfigured") },
    ],
  },
  {
    name: "unknown, and not to be read",
    before: before({ status: "held" }),
    faults: { read: { answer: "denied" } },
    told: [{ type: "store_error", during: "read", error: failure("misconfigured") }],
  },
  {
    name: "completed, and not to be settled",
    faults: { settle: { answer: "denied" } },
    told: [claimed, { type: "store_error", during: "settle", error: failure("misconfigured") }],
  },
  {
    name: "lost to a winner",
    work: (bench) => bench.put(completedRecord(bench, { attempt: 7 })),
    told: [claimed, { type: "lease_lost", attempt: 1 }, { type: "replayed", attempt: 7, ageMs: 200 }],
  },
  {
    name: "lost, as an extension finds out",
    work: async (bench) => {
      await bench.put(record(bench));
      await currentExecution().extendLease(60_000);
    },
    told: [claimed, { type: "lease_lost", attempt: 1 }, { type: "lease_lost", attempt: 1 }],
  },
  {
    name: "not to be extended",
    faults: { extend: { answer: "throttled" } },
    work: () =>
      currentExecution()
        .extendLease(60_000)
        .catch((error: IdempotencyError) => error.code),
    told: [
      claimed,
      { type: "store_error", during: "extend", error: failure("throttled") },
      { type: "completed", attempt: 1, durationMs: 230, encoding: "json", bytes: 19 },
    ],
  },
];

describe("what is told of a delivery that is", () => {
  it.for(cases)("$name", async ({ before, faults = {}, work = () => "done", options, told }) => {
    const bench = await memoryBench.open();
    await before?.(bench);
    bench.faults.on("claim", { after: () => bench.clock.jump(30), ...faults.claim });
    for (const call of ["read", "result", "settle", "extend"] as const) bench.faults.on(call, faults[call] ?? {});
    const deliver = wrap(
      bench,
      async () => {
        try {
          return await work(bench);
        } finally {
          bench.clock.jump(200);
        }
      },
      options,
    );
    await deliver().catch(() => {});
    expect(deliver.events.map(({ at: _, ...event }) => event)).toEqual(told.map((event) => ({ ...id, ...event })));
  });

  it("completed, though the store could not keep its result and does not say why", async () => {
    const bench = await memoryBench.open();
    const settle = async () => ({ applied: true, kept: { encoding: "lost", bytes: 0 } }) as const;
    const deliver = wrap({ store: { ...bench.store, settle } });
    await deliver();
    expect(deliver.events.at(-1)).toMatchObject({ type: "result_not_kept", attempt: 1, reason: "the store could not keep it" });
  });

  it("lost where its result could not be written, and why", async () => {
    const bench = await memoryBench.open();
    let tries = 0;
    const settle = async () => {
      if (++tries === 1) throw new StoreFailure("misconfigured", "no room", { maybeApplied: false, part: "result" });
      return { applied: true } as const;
    };
    const deliver = wrap({ store: { ...bench.store, settle } });
    await deliver();
    expect(deliver.events.slice(-2)).toMatchObject([
      { type: "completed", encoding: "lost", bytes: 0 },
      { type: "result_not_kept", attempt: 1, reason: "no room" },
    ]);
  });
});
