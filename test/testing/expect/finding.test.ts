import { describe, expect, it } from "vitest";
import { IdempotencyError } from "../../../src/index.ts";
import { type Baseline, eventsOf, findingOf, sumOf } from "../../../src/testing/expect/finding.ts";
import { answerOf, errorOf, type Ended } from "../../../src/testing/expect/ended.ts";
import type { Made, Played } from "../../../src/testing/expect/play.ts";

const calls = { claim: 1, settle: 1 };
const answered = (text = "1"): Ended => ({ kind: "answered", text });
const refused: Ended = { kind: "refused", text: "in progress" };

function made(ended: Ended, event = 0, mayRepeat = false): Made {
  return { event, environment: "A", cold: true, ended, mayRepeat, calls, leftOpen: false, left: undefined };
}

const died = made({ kind: "died", text: "before its claim 1 reached the store" });
const diedAtWork = made({ kind: "died", text: "before its settle 1 reached the store" }, 0, true);

function played(deliveries: readonly Made[], closed = false): Played {
  return { waves: [{ laterMs: 0, deliveries, log: [] }], records: [], closed };
}

const charge: Baseline = { adds: new Map([["sum", 5]]), answered: true, calls, records: [] };
const refund: Baseline = { adds: new Map([["sum", -2]]), answered: true, calls, records: [] };
const failing: Baseline = { ...charge, answered: false };

/** The amounts, where events share no key. */
function amounts(baselines: readonly Baseline[], deliveries: readonly Made[], added: Record<string, number>) {
  return { expected: sumOf(baselines, eventsOf(deliveries)), added: new Map(Object.entries(added)) };
}

it("what no event does alone is told with those that were never answered there: their error may be kept", () => {
  const deliveries = [made(answered())];
  const finding = findingOf(
    [charge, { ...failing, adds: new Map() }],
    played(deliveries),
    amounts([charge], deliveries, { sum: 5, mails: 1 }),
  );
  expect(finding?.lines).toEqual([
    expect.stringMatching(/^mails: expected 0, came 1; no event .*; alone, events\[1\] was never answered: does `onError`/),
  ]);
});

describe("what must hold", () => {
  interface Case {
    readonly baselines?: readonly Baseline[];
    readonly deliveries: readonly Made[];
    readonly closed?: boolean;
    readonly sum: number;
    readonly says?: string;
  }
  const cases: Record<string, Case> = {
    "once is right": { deliveries: [made(answered()), made(answered())], sum: 5 },
    "twice is wrong": { deliveries: [made(answered()), made(answered())], sum: 10, says: "sum: expected 5, came 10" },
    "not at all is wrong": { deliveries: [made(answered())], sum: 0, says: "sum: expected 5, came 0" },
    "twice after a death at work is right": { deliveries: [diedAtWork, made(answered())], sum: 10 },
    "once after a death at work is right": { deliveries: [diedAtWork, made(answered())], sum: 5 },
    "thrice after one death at work is wrong": {
      deliveries: [diedAtWork, made(answered())],
      sum: 15,
      says: "sum: expected 5 to 10, came 15",
    },
    "thrice after two is right": { deliveries: [diedAtWork, diedAtWork, made(answered())], sum: 15 },
    "twice after a death before the work is wrong": { deliveries: [died, made(answered())], sum: 10, says: "expected 5, came 10" },
    "events add up": { baselines: [charge, refund], deliveries: [made(answered()), made(answered(), 1)], sum: 3 },
    "a refund more is wrong": {
      baselines: [charge, refund],
      deliveries: [made(answered()), made(answered(), 1)],
      sum: 1,
      says: "expected 3, came 1",
    },
    "what takes away may do so once more, too": { baselines: [refund], deliveries: [diedAtWork, made(answered())], sum: -4 },
    "but no more than that": {
      baselines: [refund],
      deliveries: [diedAtWork, made(answered())],
      sum: -6,
      says: "sum: expected -4 to -2, came -6",
    },
    "an answer is needed": { deliveries: [made(refused)], sum: 5, says: "events[0] was never answered" },
    "not where the key is closed": { deliveries: [diedAtWork, made(refused)], closed: true, sum: 5 },
    "nor is the work then": { deliveries: [died, made(refused)], closed: true, sum: 0 },
    "it is, where it was answered": { deliveries: [died, made(answered())], closed: true, sum: 0, says: "expected 5, came 0" },
    "what is never answered alone needs none": { baselines: [failing], deliveries: [made(refused), made(refused)], sum: 5 },
    "but its effects come once all the same": {
      baselines: [failing],
      deliveries: [made(refused), made(refused)],
      sum: 10,
      says: "expected 5, came 10",
    },
    "answers are the same": { deliveries: [made(answered("1")), made(answered("2"))], sum: 5, says: "events[0] was answered 1 and 2" },
    "refusals are no answers": { deliveries: [made(answered("1")), made(refused)], sum: 5 },
    "of two events they differ": { baselines: [charge, refund], deliveries: [made(answered("1")), made(answered("2"), 1)], sum: 3 },
  };

  it.for(Object.keys(cases))("%s", (name) => {
    const { baselines = [charge], deliveries, closed, sum, says } = cases[name] ?? { deliveries: [], sum: 0 };
    const finding = findingOf(baselines, played(deliveries, closed), amounts(baselines, deliveries, { sum }));
    if (says === undefined) expect(finding).toBeUndefined();
    else expect(finding?.lines.join("\n")).toContain(says);
  });

  it("an effect that no event has alone is wrong", () => {
    const deliveries = [made(answered())];
    const finding = findingOf([charge], played(deliveries), amounts([charge], deliveries, { sum: 5, mails: 1 }));
    expect(finding).toEqual({
      kind: "effects",
      lines: ["mails: expected 0, came 1; no event does this when it is delivered alone, until it is answered"],
    });
  });

  it("all that is wrong is told", () => {
    const deliveries = [made(answered("1")), made(answered("2"))];
    const finding = findingOf([charge], played(deliveries), amounts([charge], deliveries, { sum: 10 }));
    expect(finding?.kind).toBe("effects");
    expect(finding?.lines).toEqual(["sum: expected 5, came 10", "events[0] was answered 1 and 2"]);
  });
});

describe("what a delivery came to", () => {
  const cases: readonly [unknown, Ended][] = [
    [undefined, { kind: "answered", text: "null" }],
    [
      { b: 1, a: new Date(0) },
      { kind: "answered", text: '{"a":"1970-01-01T00:00:00.000Z","b":1}' },
    ],
    [
      { statusCode: 201, body: "x", headers: { date: "now" } },
      { kind: "answered", text: '{"body":"x","statusCode":201}' },
    ],
    [
      { statusCode: 200, cookies: ["a=b"], body: "eA==", isBase64Encoded: true },
      { kind: "answered", text: '{"body":"eA==","cookies":["a=b"],"isBase64Encoded":true,"statusCode":200}' },
    ],
    [
      { statusCode: 400, body: "no" },
      { kind: "refused", text: '{"body":"no","statusCode":400}' },
    ],
    [{ batchItemFailures: [] }, { kind: "answered", text: '{"batchItemFailures":[]}', kept: [] }],
    [{ batchItemFailures: [{ itemIdentifier: "1" }] }, { kind: "refused", text: '{"batchItemFailures":[{"itemIdentifier":"1"}]}' }],
    [1n, { kind: "answered", text: "an answer that JSON has no form for (Do not know how to serialize a BigInt)" }],
  ];

  it.for(cases)("answer %#", ([value, ended]) => {
    expect(answerOf(value)).toEqual(ended);
  });

  it("an error, a refusal", () => {
    expect(errorOf(new RangeError("too much"))).toEqual({ kind: "threw", text: "RangeError: too much" });
    const refusal = new IdempotencyError("IN_PROGRESS", "wait");
    expect(errorOf(refusal)).toEqual({ kind: "refused", text: "IdempotencyError IN_PROGRESS: wait", refusal });
  });
});
