// How an ending is written, request by request. test/rules/large-results.test.ts has the results that a real store keeps beside the record.
import { describe, expect, it } from "vitest";
import type { Call } from "../../src/core/call.ts";
import { messageOf } from "../../src/core/errors.ts";
import { maxRetryMs } from "../../src/core/retry.ts";
import { type Ending, once, settle } from "../../src/core/settle.ts";
import { type Answer, claimedRecord, type ClaimRef, type Outcome, type Store, StoreFailure } from "../../src/core/store.ts";
import { testClock, type TestClock } from "../support/clock.ts";
import { retentionSeconds } from "../support/deliveries.ts";
import { callOn, refOn } from "./call-on.ts";

const result: Ending = { status: "completed", encoding: "json", text: '"done"' };
const kept = { encoding: "json+br", bytes: 3 };

/** Says what becomes of one request. */
type Say = (outcome: Outcome) => Answer | Promise<Answer>;

interface Settling {
  readonly clock: TestClock;
  readonly call: Call;
  readonly ref: ClaimRef;
  /** The outcomes that were sent, in order. */
  readonly sent: Outcome[];
}

/** A call whose store says one thing after another, and "applied" in the end. */
function settling(says: readonly Say[], changes: Partial<Call> = {}): Settling {
  const clock = testClock({ auto: true });
  const sent: Outcome[] = [];
  const call = callOn({ clock, random: () => 1, ...changes });
  const store: Store = {
    ...call.store,
    async settle(_, outcome) {
      sent.push(outcome);
      return says[sent.length - 1]?.(outcome) ?? { applied: true };
    },
  };
  return { clock, call: { ...call, store }, ref: refOn({ clock }), sent };
}

function failing(kind: StoreFailure["kind"], part: StoreFailure["part"] = "record"): Say {
  return () => {
    throw new StoreFailure(kind, `${kind}!`, { maybeApplied: false, part });
  };
}

function refusing(answer: Omit<Extract<Answer, { applied: false }>, "applied">): Say {
  return () => ({ applied: false, ...answer });
}

const silent: Say = () => new Promise<never>(() => {});

describe("an ending is sent", () => {
  it.for<{ ending: Ending; expires: boolean }>([
    { ending: result, expires: true },
    { ending: { status: "completed", encoding: "void" }, expires: true },
    { ending: { status: "failed", error: { name: "Declined", message: "no" } }, expires: true },
    { ending: { status: "held", error: { name: "Declined" } }, expires: true },
    { ending: { status: "released", error: { name: "Declined" } }, expires: false },
  ])("$ending.status: once, with its moment and expiry", async ({ ending, expires }) => {
    const { clock, call, ref, sent } = settling([() => ({ applied: true, kept })]);
    clock.jump(1);
    const settled = await settle(call, ref, ending, once);
    expect(settled).toEqual({ kind: "kept", kept });
    expect(sent).toHaveLength(1);
    const expiresAt = Math.ceil(clock.now() / 1000) + retentionSeconds;
    const signal = ending.status === "completed" ? { resultSignal: expect.any(Function) as unknown } : {};
    expect(sent[0]).toEqual({ ...ending, completedAt: clock.now(), write: "update", ...(expires ? { expiresAt } : {}), ...signal });
  });

  it("and put where its claim is gone, except for a release", async () => {
    const { call, ref, sent } = settling([refusing({}), () => ({ applied: true, kept })]);
    expect(await settle(call, ref, result, once)).toEqual({ kind: "kept", kept });
    expect(sent.map(({ write }) => write)).toEqual(["update", "put"]);
    expect({ ...sent[1], write: "update" }).toEqual(sent[0]);
    const released = settling([refusing({})]);
    const ending: Ending = { status: "released", error: { name: "Declined" } };
    expect(await settle(released.call, released.ref, ending, once)).toEqual({ kind: "kept", kept: undefined });
    expect(released.sent).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it.for([
    { name: "with what the store kept", answer: { kept }, expected: kept },
    { name: "with the text in the record", answer: {}, expected: { encoding: "json", bytes: 7 } },
    { name: "with bytes in the record", answer: {}, change: { result: Uint8Array.of(1, 2) }, expected: { encoding: "json", bytes: 2 } },
    { name: "with no result in the record", answer: {}, change: { result: undefined }, expected: { encoding: "json", bytes: 0 } },
    { name: "with no encoding either", answer: {}, change: { encoding: undefined }, expected: undefined },
  ])("that shows our own record as we wrote it is success, $name", async ({ answer, change, expected }) => {
    const { ref } = settling([]);
    const record = { ...claimedRecord(ref, 1), status: "completed", encoding: "json", result: '"döne"', ...change } as const;
    const { call } = settling([refusing({ record, ...answer })]);
    expect(await settle(call, ref, result, once)).toEqual({ kind: "kept", kept: expected });
  });

  it.for([
    { name: "another's", change: { owner: "another" } },
    { name: "ours, with another status", change: { status: "released" } },
    { name: "ours, still in progress", change: { status: "in_progress" } },
  ] as const)("that shows a record that is $name is a loss, with that record", async ({ change }) => {
    const { ref } = settling([]);
    const record = { ...claimedRecord(ref, 1), status: "completed", ...change } as const;
    const { call } = settling([refusing({ record })]);
    expect(await settle(call, ref, result, once)).toEqual({ kind: "lost", record });
  });
});

it.for([1, 2])("a put that meets a claim of its own, which came late, ends that, also if it happens again: %i", async (times) => {
  const { ref } = settling([]);
  const late = claimedRecord(ref, 1);
  const { call, sent } = settling(Array.from({ length: times }, () => [refusing({}), refusing({ record: late })]).flat());
  expect(await settle(call, ref, result, once)).toEqual({ kind: "kept", kept: undefined });
  expect(sent.map(({ write }) => write)).toEqual([...Array.from({ length: times }, () => ["update", "put"]).flat(), "update"]);
  expect(sent.at(-1)).toEqual(sent[0]);
});

it("a put that meets another's claim is a loss", async () => {
  const { ref } = settling([]);
  const record = { ...claimedRecord(ref, 1), owner: "another" };
  const { call, sent } = settling([refusing({}), refusing({ record })]);
  expect(await settle(call, ref, result, once)).toEqual({ kind: "lost", record });
  expect(sent).toHaveLength(2);
});

it("a put that finds a record in its way, which is gone by then, is a loss without a record", async () => {
  const { call, ref } = settling([refusing({}), refusing({})]);
  expect(await settle(call, ref, result, once)).toEqual({ kind: "lost", record: undefined });
});

describe("a failure", () => {
  it.for([
    { kind: "throttled", until: maxRetryMs, tries: 2 },
    { kind: "unreachable", until: maxRetryMs, tries: 2 },
    { kind: "conflict", until: maxRetryMs, tries: 2 },
    { kind: "misconfigured", until: maxRetryMs, tries: 1 },
    { kind: "throttled", until: 50, tries: 1 },
    { kind: "throttled", until: 51, tries: 2 },
  ] as const)("$kind, with $until ms to go: $tries tries", async ({ kind, until, tries }) => {
    const { clock, call, ref, sent } = settling([failing(kind)]);
    const settled = await settle(call, ref, result, clock.now() + until);
    expect(sent).toHaveLength(tries);
    if (tries === 2) expect(settled).toEqual({ kind: "kept", kept: undefined });
    else expect(settled).toMatchObject({ kind: "failed", failure: { kind, message: `${kind}!` } });
  });
});

describe("a result that cannot be written beside its record", () => {
  const lost = (reason: string, bytes = 0) => ({ kind: "kept", kept: { encoding: "lost", bytes, reason } });

  it("is tried again like the record, unless it will not heal: then the record is written without it", async () => {
    const healing = settling([failing("throttled", "result")]);
    expect(await settle(healing.call, healing.ref, result, healing.clock.now() + 3000)).toEqual({ kind: "kept", kept: undefined });
    expect(healing.sent.map(({ status }) => status)).toEqual(["completed", "completed"]);
    const { clock, call, ref, sent } = settling([failing("misconfigured", "result")]);
    expect(await settle(call, ref, result, clock.now() + 3000)).toEqual(lost("misconfigured!"));
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual({
      status: "completed",
      encoding: "lost",
      reason: "misconfigured!",
      completedAt: clock.now(),
      expiresAt: clock.now() / 1000 + retentionSeconds,
      write: "update",
      resultSignal: undefined,
    });
  });

  it("the record without it is tried again, and what the store says of it is told", async () => {
    const { clock, call, ref, sent } = settling([
      failing("misconfigured", "result"),
      failing("throttled"),
      () => ({ applied: true, kept: { encoding: "lost", bytes: 7 } }),
    ]);
    expect(await settle(call, ref, result, clock.now() + 3000)).toEqual(lost("misconfigured!", 7));
    expect(sent).toHaveLength(3);
    const denied = settling([failing("misconfigured", "result"), failing("misconfigured")]);
    expect(await settle(denied.call, denied.ref, result, denied.clock.now() + 3000)).toMatchObject({ kind: "failed" });
    expect(denied.sent).toHaveLength(2);
  });

  it("and whose record shows what was written without it is success", async () => {
    const { ref } = settling([]);
    const record = { ...claimedRecord(ref, 1), status: "completed", encoding: "lost" } as const;
    const { call } = settling([failing("misconfigured", "result"), refusing({ record })]);
    expect(await settle(call, ref, result, once)).toEqual(lost("misconfigured!"));
  });

  it("and whose record is another's by then is a loss", async () => {
    const { ref } = settling([]);
    const record = { ...claimedRecord(ref, 1), owner: "another" };
    const { call } = settling([failing("misconfigured", "result"), refusing({ record })]);
    expect(await settle(call, ref, result, once)).toEqual({ kind: "lost", record });
  });

  // Of 3 s, or of the time until the invocation's answer is due, half a second is left for the record, or half.
  it.for([
    { name: "3 s", until: 3000, left: undefined, limit: 2500 },
    { name: "one try", until: Number.NEGATIVE_INFINITY, left: undefined, limit: 500 },
    { name: "less than a second", until: 400, left: undefined, limit: 500 },
    { name: "the invocation's answer", until: 3000, left: 1500, limit: 800 },
    { name: "the invocation's answer, which is due at once", until: 3000, left: 500, limit: 150 },
    { name: "the invocation's answer, long after", until: 3000, left: 60_000, limit: 2500 },
  ])("is given up in time for $name", async ({ until, left, limit }) => {
    const clock = testClock({ auto: true });
    const deadline = left === undefined ? undefined : clock.now() + left;
    const late: Say = async (outcome) => {
      if (outcome.status !== "completed") throw new Error(outcome.status);
      const signal = outcome.resultSignal?.();
      clock.jump(limit - 1);
      await clock.advance(0);
      expect(signal?.aborted).toBe(false);
      await clock.advance(1);
      expect(signal?.aborted).toBe(true);
      expect(messageOf(signal?.reason)).toBe("the time to write a result is over");
      return failing("throttled", "result")(outcome);
    };
    const { call, ref, sent } = settling([late], { clock, deadline: () => deadline });
    expect(await settle(call, ref, result, clock.now() + until)).toEqual(lost("throttled!"));
    expect(sent.map((outcome) => outcome.status === "completed" && outcome.encoding)).toEqual(["json", "lost"]);
  });

  it("the record itself is tried again also after that time", async () => {
    const { clock, call, ref, sent } = settling([
      (outcome) => {
        if (outcome.status === "completed") outcome.resultSignal?.();
        clock.jump(2500);
        return failing("throttled")(outcome);
      },
    ]);
    expect(await settle(call, ref, result, clock.now() + 3000)).toEqual({ kind: "kept", kept: undefined });
    expect(sent).toHaveLength(2);
  });

  it("leaves no timer behind once it is written", async () => {
    const { clock, call, ref } = settling([
      (outcome) => {
        if (outcome.status === "completed") outcome.resultSignal?.();
        return { applied: true };
      },
    ]);
    await settle(call, ref, result, clock.now() + 3000);
    expect(clock.sleeping()).toBe(0);
  });
});

describe("a store that does not answer", () => {
  it.for([
    { name: "for a second where no other try may follow", until: Number.NEGATIVE_INFINITY, left: undefined, waited: 1000 },
    { name: "for a second where less is left", until: 300, left: undefined, waited: 1000 },
    { name: "until no other try may follow", until: 2700, left: undefined, waited: 2700 },
    { name: "until the invocation's answer is due", until: 2700, left: 1500, waited: 1300 },
    { name: "as long as that answer takes at the least", until: 2700, left: 100, waited: 200 },
    { name: "as ever where a context says that nothing is left", until: 2700, left: 0, waited: 2700 },
  ])("is waited for $name", async ({ until, left, waited }) => {
    const clock = testClock();
    const deadline = left === undefined ? undefined : clock.now() + left;
    const { call, ref } = settling([silent], { clock, deadline: () => deadline });
    let settled: unknown;
    void settle(call, ref, { status: "held", error: { name: "Declined" } }, clock.now() + until).then((said) => (settled = said));
    await clock.advance(waited - 1);
    expect(settled).toBeUndefined();
    await clock.advance(1);
    expect(settled).toMatchObject({ kind: "failed", failure: { kind: "unreachable", maybeApplied: true } });
    expect((settled as { failure: Error }).failure.message).toBe(`the store did not answer within ${waited} ms`);
    expect(clock.sleeping()).toBe(0);
  });
});
