// What a user reads of a delivery's refusal, word by word. test/core/messages.test.ts has those that need no store.
import { describe, expect, it } from "vitest";
import { currentExecution, type IdempotencyErrorCode } from "../../src/index.ts";
import { type Bench, memoryBench } from "../support/bench.ts";
import { checked, completedRecord, id, leaseMs, type Options, order, record, refusal, wrap } from "../support/deliveries.ts";

interface Case {
  readonly code: IdempotencyErrorCode;
  readonly message: string;
  /** What others do before the delivery, … */
  readonly before?: (bench: Bench) => unknown;
  /** … and what its work does. */
  readonly work?: (bench: Bench) => unknown;
  readonly options?: Options;
  readonly details?: object;
}

const { keyHash } = id;
const requestId = "request-1";
const done = 'this key of "charge" is done, but its result cannot be told:';
const lost = 'this execution of "charge" does not own its key any more:';

const cases: readonly Case[] = [
  {
    code: "IN_PROGRESS",
    message: 'another delivery of this key of "charge" is in progress; try again in 11000 ms',
    before: (bench) => bench.put(record(bench, { requestId })),
    details: { keyHash, requestId, retryAfterMs: leaseMs + 1000 },
  },
  {
    code: "KEY_REUSED",
    message: 'this key of "charge" belongs to another payload; a new payload needs a new key',
    before: (bench) => bench.put(completedRecord(bench, { requestId, fingerprint: "1:other" })),
    options: checked,
    details: { keyHash, requestId },
  },
  {
    code: "OUTCOME_UNKNOWN",
    message: 'nobody knows how the first run of this key of "charge" ended; find out, then release the key',
    before: (bench) => bench.put(completedRecord(bench, { requestId, status: "held" })),
    details: { keyHash, requestId },
  },
  {
    code: "STORE_UNAVAILABLE",
    message: 'operation "charge": throttled',
    before: (bench) => bench.faults.on("claim", { answer: "throttled" }),
    details: { keyHash },
  },
  {
    code: "STORE_UNAVAILABLE",
    message: 'operation "charge": the store failed: odd',
    before: (bench) => {
      const odd = (): never => {
        throw new TypeError("odd");
      };
      bench.faults.on("claim", { before: odd });
    },
    details: { keyHash },
  },
  {
    code: "CONFIG_INVALID",
    message: "denied",
    before: (bench) => bench.faults.on("claim", { answer: "denied" }),
    details: { keyHash, path: "store" },
  },
  {
    code: "CONFIG_INVALID",
    message:
      'the record of operation "charge" has format 2, this build reads up to 1: ' +
      "a newer build of lambda-once writes to this table, so deploy that build here too",
    before: (bench) => bench.put(completedRecord(bench, { version: 2 })),
    details: { keyHash, path: "store" },
  },
  {
    code: "LEASE_LOST",
    message: `${lost} another run has, or may have, taken its place`,
    work: (bench) => bench.put(record(bench)),
    details: { keyHash },
  },
  {
    code: "LEASE_LOST",
    message: `${lost} its lease lapsed, and the key is another's or free`,
    work: async (bench) => {
      await bench.put(record(bench));
      await currentExecution().extendLease(60_000);
    },
    options: { onError: "hold" },
    details: { keyHash },
  },
  ...[
    { change: { encoding: "lost" }, why: "it could not be kept" },
    { change: { encoding: undefined }, why: "it could not be kept" },
    { change: { encoding: "own" }, why: 'it was kept by codec "own", and this build reads "json"' },
    { change: { encoding: "json+zip" }, why: "the store does not have it any more, or cannot decode it" },
    { change: { result: undefined }, why: "the store does not have it any more, or cannot decode it" },
    { change: { result: "{" }, why: 'codec "json" could not decode it' },
  ].map(({ change, why }): Case => ({
    code: "RESULT_UNAVAILABLE",
    message: `${done} ${why}`,
    before: (bench) => bench.put(completedRecord(bench, { requestId, ...change })),
    details: { keyHash, requestId },
  })),
];

describe("a refusal of a delivery", () => {
  it.for(cases)("$code: $message", async ({ code, message, before, work, options, details }) => {
    const bench = await memoryBench.open();
    await before?.(bench);
    const error = await refusal(wrap(bench, () => work?.(bench), options)(order));
    expect(error).toMatchObject({ code, message });
    const { name: _, code: __, retryable: ___, safeToUseNewKey: ____, ...told } = { ...error };
    expect(told).toEqual(details);
  });

  it("LEASE_LOST: the run has ended", async () => {
    const bench = await memoryBench.open();
    const extendLease = (await wrap(bench, () => currentExecution().extendLease)(order)) as (ms: number) => Promise<void>;
    expect((await refusal(extendLease(5000))).message).toBe(`${lost} its run has ended`);
  });

  it("RESULT_UNAVAILABLE has what the codec threw for its cause", async () => {
    const bench = await memoryBench.open();
    await bench.put(completedRecord(bench, { result: "{" }));
    expect((await refusal(wrap(bench)(order))).cause).toBeInstanceOf(SyntaxError);
  });
});
