// What becomes of a dead letter, by each record that there can be; and what a run then does with it, by each plan.
import { describe, expect, it } from "vitest";
import type { StoredRecord } from "../../src/core/record.ts";
import { actionFor } from "../../src/redrive/action.ts";
import { decide, type DeadLetter } from "../../src/redrive/decide.ts";
import type { Decision, RedriveEntry } from "../../src/redrive/index.ts";

const now = Date.UTC(2026, 0, 2);
const day = 86_400_000;
const letter: DeadLetter = {
  operation: "orders",
  fingerprint: "1:a",
  sentAt: now - day,
  isSentAtFirst: true,
  retentionSeconds: 2 * 86_400,
  onLeaseExpired: "run",
};
const record: StoredRecord = {
  id: { operation: "orders", keyHash: "k" },
  version: 1,
  status: "completed",
  owner: "o",
  attempt: 2,
  startedAt: now - 2000,
  leaseUntil: now - 5000,
  expiresAt: now / 1000 + 7200,
  completedAt: now - 1000,
  fingerprint: "1:a",
};

interface Row {
  readonly what: string;
  readonly record?: Partial<StoredRecord>;
  readonly letter?: Partial<DeadLetter>;
  readonly is: string;
  readonly reason: RegExp;
}

const rows: readonly Row[] = [
  { what: "none", is: "none redrive", reason: /^no run of "orders" has left a record$/ },
  {
    what: "none, and older than records are kept",
    letter: { sentAt: now - 3 * day },
    is: "none redrive",
    reason: /older than records are kept, and may have been done$/,
  },
  { what: "none, and sent nobody knows when", letter: { sentAt: undefined }, is: "none redrive", reason: /has left a record$/ },
  {
    what: "an expired one",
    record: { status: "failed", expiresAt: now / 1000 - 1 },
    is: "none redrive",
    reason: /^its record expired at 2026-01-01T23:59:59\.000Z$/,
  },
  {
    what: "an expired one that says that the work is done",
    record: { expiresAt: now / 1000 - 1 },
    is: "completed leave",
    reason: /^its work was done at .+, but its record expired at 2026-01-01T23:59:59\.000Z: sent back it would run again$/,
  },
  {
    what: "an expired one of which nobody knows",
    record: { status: "held", expiresAt: now / 1000 - 1 },
    is: "held leave",
    reason: /unknown outcome/,
  },
  {
    what: "an expired one that says that other work is done",
    record: { fingerprint: "1:b", expiresAt: now / 1000 - 1 },
    is: "none redrive",
    reason: /^its record expired/,
  },
  {
    what: "one that expires soon",
    record: { expiresAt: now / 1000 + 3599 },
    is: "completed discard",
    reason: /the work is done, and its record expires at 2026-01-02T00:59:59\.000Z$/,
  },
  {
    what: "an expired one without an answer",
    record: { status: "in_progress", expiresAt: now / 1000 - 1 },
    is: "lapsed redrive",
    reason: /its effects may be there in part$/,
  },
  {
    what: "an expired one without an answer, where nobody runs it again by himself",
    record: { status: "in_progress", expiresAt: now / 1000 - 1 },
    letter: { onLeaseExpired: "throw" },
    is: "lapsed release",
    reason: /its key has to be freed$/,
  },
  {
    what: "one that had expired when the message was moved, and nobody knows when it was sent",
    record: { expiresAt: now / 1000 - 1 },
    letter: { sentAt: now - 999, isSentAtFirst: false },
    is: "completed leave",
    reason: /sent back it would run again$/,
  },
  {
    what: "one that had expired when the message was sent",
    record: { expiresAt: now / 1000 - 1 },
    letter: { sentAt: now - 999 },
    is: "none redrive",
    reason: /^its record expired/,
  },
  {
    what: "a completed one",
    record: {},
    is: "completed discard",
    reason: /^attempt 2 completed at 2026-01-01T23:59:59\.000Z: the work is done$/,
  },
  { what: "a completed one of another payload", record: { fingerprint: "1:b" }, is: "completed leave", reason: /another payload/ },
  { what: "a completed one that nobody compared", record: { fingerprint: undefined }, is: "completed discard", reason: /the work is done/ },
  {
    what: "a running one",
    record: { status: "in_progress", leaseUntil: now + 1 },
    is: "in_progress leave",
    reason: /^attempt 2 is running until /,
  },
  {
    what: "one whose lease has just lapsed",
    record: { status: "in_progress", leaseUntil: now - 999 },
    is: "in_progress leave",
    reason: /is running until/,
  },
  {
    what: "one whose lease has lapsed",
    record: { status: "in_progress", leaseUntil: now - 1001 },
    is: "lapsed redrive",
    reason: /its effects may be there in part$/,
  },
  {
    what: "one whose lease has lapsed, where nobody runs it again by himself",
    record: { status: "in_progress", leaseUntil: now - 1001 },
    letter: { onLeaseExpired: "throw" },
    is: "lapsed release",
    reason: /onLeaseExpired is "throw", so that its key has to be freed$/,
  },
  {
    what: "a failed one",
    record: { status: "failed", error: { name: "Declined" } },
    is: "failed release",
    reason: /^attempt 2 failed for good \(Declined\): its key has to be freed$/,
  },
  {
    what: "a failed one of another payload",
    record: { status: "failed", fingerprint: "1:b" },
    is: "failed leave",
    reason: /another payload/,
  },
  {
    what: "a held one",
    record: { status: "held", error: { name: "Timeout" } },
    is: "held leave",
    reason: /unknown outcome \(Timeout\): find out what it did, then release its key by name$/,
  },
  {
    what: "a released one",
    record: { status: "released", error: { name: "Error" } },
    is: "released redrive",
    reason: /^attempt 2 failed \(Error\), and its key is free$/,
  },
];

it.for(rows)("$what: $is", ({ record: members, letter: more, is, reason }) => {
  const found = members === undefined ? undefined : { ...record, ...members };
  const judged = decide(found, { ...letter, ...more }, now);
  expect(`${judged.record} ${judged.proposal}`).toBe(is);
  expect(judged.reason).toMatch(reason);
});

it("a record of a newer format is not judged", () => {
  expect(() => decide({ ...record, version: 2 }, letter, now)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }) as Error);
});

describe("a run does what its plan says, or less", () => {
  const decisions: readonly Decision[] = ["redrive", "release", "discard", "leave"];
  const does: Record<Decision, Record<Decision, string>> = {
    redrive: { redrive: "send", release: "leave", discard: "leave", leave: "leave" },
    release: { redrive: "send", release: "release, send", discard: "leave", leave: "leave" },
    discard: { redrive: "leave", release: "leave", discard: "send", leave: "leave" },
    leave: { redrive: "leave", release: "leave", discard: "leave", leave: "leave" },
  };
  const entry = (decision: Decision): RedriveEntry => ({ messageId: "m", proposal: decision, decision, reason: "as planned" });
  const consent = { discardDuplicates: false, releaseLapsed: false };

  it.for(decisions.flatMap((planned) => decisions.map((proposal) => ({ planned, proposal, will: does[planned][proposal] }))))(
    "planned $planned, now $proposal: $will",
    ({ planned, proposal, will }) => {
      const action = actionFor(entry(planned), { proposal, record: "failed", reason: "now", seen: record }, consent, now);
      expect("release" in action && action.release !== undefined ? `release, ${action.does}` : action.does).toBe(will);
      if (planned === "leave") expect(action).toEqual({ does: "leave", reason: "as planned" });
    },
  );

  it("a lapsed one whose handler does not run again by itself is not sent by whoever forgets that", () => {
    const planned = { ...entry("release"), record: "lapsed" } as const;
    const now1 = { proposal: "redrive", record: "lapsed", reason: "now", seen: record } as const;
    expect(actionFor(planned, now1, consent, now)).toEqual({
      does: "leave",
      reason: expect.stringContaining("--on-lease-expired throw") as unknown,
    });
  });

  it("what is done stays where its record might be gone before the message is there; it may be deleted", () => {
    const judged = { proposal: "discard", record: "completed", reason: "now", seen: { ...record, expiresAt: now / 1000 + 3599 } } as const;
    expect(actionFor(entry("discard"), judged, consent, now)).toEqual({
      does: "leave",
      reason: expect.stringMatching(/^now: sent back/) as unknown,
    });
    expect(actionFor(entry("discard"), judged, { ...consent, discardDuplicates: true }, now)).toEqual({ does: "discard" });
  });

  it.for([
    ["discard", { discardDuplicates: true }, "completed", { does: "discard" }],
    ["release", { releaseLapsed: true }, "lapsed", { does: "send", release: record }],
    ["release", {}, "lapsed", { does: "leave", reason: "now: give releaseLapsed (--release-lapsed) once you know what that run did" }],
  ] as const)("%s with %o of a record that is %s", ([decision, given, status, action]) => {
    expect(
      actionFor(entry(decision), { proposal: decision, record: status, reason: "now", seen: record }, { ...consent, ...given }, now),
    ).toEqual(action);
  });
});
