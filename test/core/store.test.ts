// What a store is told, and what it tells.
import { describe, expect, it } from "vitest";
import { asFailure, claimedRecord, endedMembers, isThrottleLike, type Outcome, StoreFailure } from "../../src/core/store.ts";
import { callOn, refOn } from "./call-on.ts";

const ref = refOn(callOn());

it("a claim writes what was asked for, and nothing else", () => {
  const told = { fingerprint: "1:a", requestId: "request-1", messageId: "message-1" };
  const { keyParts: _, retentionSeconds: __, ...written } = { ...ref, ...told };
  expect(claimedRecord({ ...ref, ...told }, 3)).toEqual({ ...written, version: 1, status: "in_progress", attempt: 3 });
});

describe("an outcome changes of its record", () => {
  const at = { completedAt: 1, expiresAt: 2 };
  const error = { name: "Declined", message: "no" };
  it.for<{ outcome: Outcome; members: object }>([
    {
      outcome: { status: "completed", encoding: "json", text: "1", resultSignal: () => new AbortController().signal, write: "put", ...at },
      members: { status: "completed", encoding: "json", result: "1", ...at },
    },
    {
      outcome: { status: "completed", encoding: "void", write: "update", ...at },
      members: { status: "completed", encoding: "void", ...at },
    },
    { outcome: { status: "failed", error, write: "update", ...at }, members: { status: "failed", error, ...at } },
    { outcome: { status: "held", error, write: "update", ...at }, members: { status: "held", error, ...at } },
    { outcome: { status: "released", error, write: "update", completedAt: 1 }, members: { status: "released", error, completedAt: 1 } },
  ])("$members", ({ outcome, members }) => {
    expect(endedMembers(outcome)).toEqual(members);
  });
});

describe("a failure", () => {
  it.for([
    { kind: "throttled", throttleLike: true },
    { kind: "conflict", throttleLike: true },
    { kind: "unreachable", throttleLike: false },
    { kind: "misconfigured", throttleLike: false },
  ] as const)("$kind is throttle-like: $throttleLike", ({ kind, throttleLike }) => {
    expect(isThrottleLike(kind)).toBe(throttleLike);
  });

  it("is of the record, unless it says otherwise, and has its cause", () => {
    const cause = new Error("below");
    const failure = new StoreFailure("throttled", "slow", { maybeApplied: true, cause });
    expect(failure).toMatchObject({ name: "StoreFailure", kind: "throttled", message: "slow", maybeApplied: true, part: "record", cause });
    expect(new StoreFailure("throttled", "slow", { maybeApplied: false, part: "result" })).toMatchObject({ part: "result" });
    expect(asFailure(failure)).toBe(failure);
  });

  it("is made of whatever else is thrown", () => {
    const thrown = new TypeError("odd");
    const failure = {
      name: "StoreFailure",
      kind: "unreachable",
      message: "the store failed: odd",
      maybeApplied: true,
      part: "record",
      cause: thrown,
    };
    expect(asFailure(thrown)).toMatchObject(failure);
    expect(asFailure(thrown)).toBeInstanceOf(StoreFailure);
  });
});
