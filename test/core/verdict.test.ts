// The order in which a refused claim is judged, bare. test/rules/judging.test.ts has it as a delivery meets it.
import { describe, expect, it } from "vitest";
import type { Status, StoredRecord } from "../../src/core/record.ts";
import { judge, type Newcomer, retryAfterMs, type Verdict } from "../../src/core/verdict.ts";

const start = Date.UTC(2026, 0, 1);
const lease = start + 10_000;
const margin = 1000;
const expiry = start + 3_600_000;

const base: StoredRecord = {
  id: { operation: "charge", keyHash: "hash" },
  version: 1,
  status: "in_progress",
  owner: "first",
  attempt: 3,
  startedAt: start,
  leaseUntil: lease,
  expiresAt: expiry / 1000,
};
const newcomer: Newcomer = { owner: "second", onLeaseExpired: "run" };
const own: Partial<Newcomer> = { owner: "first" };
const refusing: Partial<Newcomer> = { onLeaseExpired: "throw" };

const mine: Verdict = { kind: "mine" };
const mismatch: Verdict = { kind: "mismatch" };
const replay: Verdict = { kind: "replay" };
const unknown: Verdict = { kind: "unknown" };
const busy: Verdict = { kind: "busy" };
const takeover = (from: "released" | "lapsed" | "expired" | "failed"): Verdict => ({ kind: "takeover", from });

interface Case {
  readonly rule: string;
  readonly record?: Partial<StoredRecord>;
  readonly by?: Partial<Newcomer>;
  readonly at: number;
  readonly verdict: Verdict;
}

const statuses: readonly Status[] = ["in_progress", "completed", "failed", "held", "released"];
const a = { fingerprint: "1:a" };
const b = { fingerprint: "1:b" };

const cases: readonly Case[] = [
  { rule: "1 own, in its lease", by: own, at: lease - 1, verdict: mine },
  { rule: "1 own, lapsed, without the margin", by: own, at: lease, verdict: takeover("lapsed") },
  { rule: "1 own, lapsed, whatever onLeaseExpired says", by: { ...own, ...refusing }, at: lease, verdict: takeover("lapsed") },
  { rule: "1 own, lapsed and expired", by: { ...own, ...refusing }, at: expiry, verdict: takeover("lapsed") },
  { rule: "1 own, in its lease, expired", record: { expiresAt: 1 }, by: own, at: lease - 1, verdict: mine },
  { rule: "1 own, but finished, is like any other", record: { status: "completed" }, by: own, at: start, verdict: replay },

  { rule: "2 live", at: start, verdict: busy },
  { rule: "2 live by the margin alone", at: lease, verdict: busy },
  { rule: "2 live to the last ms of the margin", at: lease + margin - 1, verdict: busy },
  { rule: "2 live, by a policy that refuses", by: refusing, at: lease + margin - 1, verdict: busy },
  { rule: "2 live, other fingerprint", record: a, by: b, at: start, verdict: mismatch },
  { rule: "2 live by the margin alone, other fingerprint", record: a, by: b, at: lease + margin - 1, verdict: mismatch },
  { rule: "2 live, same fingerprint", record: a, by: a, at: lease, verdict: busy },
  { rule: "2 live is never expired", record: { expiresAt: 1 }, at: lease + margin - 1, verdict: busy },
  { rule: "2 live and expired, other fingerprint", record: { ...a, expiresAt: 1 }, by: b, at: start, verdict: mismatch },
  { rule: "3 expired as soon as the margin is over", record: { expiresAt: 1 }, at: lease + margin, verdict: takeover("expired") },

  ...statuses.flatMap((status): Case[] => [
    { rule: `3 ${status}, expired`, record: { status }, at: expiry, verdict: takeover("expired") },
    { rule: `3 ${status}, expired, other fingerprint`, record: { status, ...a }, by: b, at: expiry, verdict: takeover("expired") },
    { rule: `3 ${status}, expired, by a policy that refuses`, record: { status }, by: refusing, at: expiry, verdict: takeover("expired") },
    { rule: `4 ${status}, other fingerprint`, record: { status, ...a }, by: b, at: expiry - 1, verdict: mismatch },
    {
      rule: `4 ${status}, other fingerprint, by a policy that refuses`,
      record: { status, ...a },
      by: { ...b, ...refusing },
      at: expiry - 1,
      verdict: mismatch,
    },
  ]),

  { rule: "5 completed", record: { status: "completed" }, at: start, verdict: replay },
  { rule: "5 completed, to the last ms", record: { status: "completed" }, at: expiry - 1, verdict: replay },
  {
    rule: "5 completed, retryFailedBeforeMs or not",
    record: { status: "completed", completedAt: start },
    by: { retryFailedBeforeMs: start + 1 },
    at: start,
    verdict: replay,
  },
  { rule: "5 failed", record: { status: "failed", completedAt: start }, at: expiry - 1, verdict: replay },
  {
    rule: "5 failed before retryFailedBeforeMs",
    record: { status: "failed", completedAt: start },
    by: { retryFailedBeforeMs: start + 1 },
    at: start + 1,
    verdict: takeover("failed"),
  },
  {
    rule: "5 failed at retryFailedBeforeMs",
    record: { status: "failed", completedAt: start },
    by: { retryFailedBeforeMs: start },
    at: start + 1,
    verdict: replay,
  },
  { rule: "5 failed, nobody knows when", record: { status: "failed" }, by: { retryFailedBeforeMs: start }, at: start + 1, verdict: replay },
  {
    rule: "4 before 5: failed before, other fingerprint",
    record: { status: "failed", completedAt: start, ...a },
    by: { retryFailedBeforeMs: start + 1, ...b },
    at: start,
    verdict: mismatch,
  },
  { rule: "6 released", record: { status: "released" }, at: start, verdict: takeover("released") },
  {
    rule: "6 released, by a policy that refuses",
    record: { status: "released" },
    by: refusing,
    at: expiry - 1,
    verdict: takeover("released"),
  },
  { rule: "7 held", record: { status: "held" }, at: start, verdict: unknown },
  { rule: "7 held, to the last ms", record: { status: "held" }, at: expiry - 1, verdict: unknown },
  { rule: "8 lapsed", at: lease + margin, verdict: takeover("lapsed") },
  { rule: "8 lapsed, to the last ms", at: expiry - 1, verdict: takeover("lapsed") },
  { rule: "8 lapsed, by a policy that refuses", by: refusing, at: lease + margin, verdict: unknown },

  { rule: "fingerprints: the record has none", record: { status: "completed" }, by: b, at: start, verdict: replay },
  { rule: "fingerprints: the newcomer has none", record: { status: "completed", ...a }, at: start, verdict: replay },
  { rule: "fingerprints: the same", record: { status: "completed", ...a }, by: a, at: start, verdict: replay },
  {
    rule: "fingerprints: of two versions are not compared",
    record: { status: "completed", ...a },
    by: { fingerprint: "2:b" },
    at: start,
    verdict: replay,
  },
  { rule: "fingerprints: nor in flight", record: a, by: { fingerprint: "2:b" }, at: start, verdict: busy },
  {
    rule: "fingerprints: version 1 is not version 10",
    record: { status: "completed", fingerprint: "10:a" },
    by: a,
    at: start,
    verdict: replay,
  },
];

describe("judging", () => {
  it.for(cases)("$rule", ({ record, by, at, verdict }) => {
    const judged = Object.freeze({ ...base, ...record });
    const who = Object.freeze({ ...newcomer, ...by });
    expect(judge(judged, who, at)).toEqual(verdict);
    expect(judge(judged, who, at)).toEqual(verdict); // pure
  });

  it.for(
    statuses.flatMap((status) => [
      { name: `${status}, live`, record: { status }, by: {}, at: start },
      { name: `${status}, expired`, record: { status }, by: {}, at: expiry },
      { name: `${status}, own`, record: { status }, by: own, at: start },
      { name: `${status}, other fingerprint`, record: { status, ...a }, by: b, at: start },
    ]),
  )("0 a newer format is CONFIG_INVALID before everything: $name", ({ record, by, at }) => {
    expect(() => judge({ ...base, ...record, version: 2 }, { ...newcomer, ...by }, at)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        path: "store",
        keyHash: "hash",
        message: expect.stringMatching(/format 2.*up to 1/) as string,
      }),
    );
  });

  it.for([
    { at: start, ms: 11_000 },
    { at: lease + margin - 1, ms: 1 },
    { at: lease + margin - 0.5, ms: 1 },
    { at: lease + margin - 1.5, ms: 2 },
    { at: lease + margin, ms: 1 },
    { at: expiry, ms: 1 },
  ])("a retry is advised in $ms ms, never in 0", ({ at, ms }) => {
    expect(retryAfterMs(base, at)).toBe(ms);
  });
});
