// The suite checks stores; this checks the suite: each broken store must be caught.
import { describe, expect, it } from "vitest";
import { nameOf, type RecordId, type StoredRecord } from "../../src/core/record.ts";
import { type Answer, claimedRecord, type ClaimRef, type ClaimRequest, StoreFailure } from "../../src/core/store.ts";
import { isAsSeen } from "../../src/memory/conditions.ts";
import { type Records, storeOver } from "../../src/memory/records.ts";
import { storeConformance } from "../../src/testing/index.ts";
import { refused } from "../../src/testing/conformance/cases.ts";
import type { Break } from "./breaks.ts";
import { raceBreaks } from "./race-breaks.ts";
import { seenBreaks } from "./seen-breaks.ts";
import { textBreaks } from "./text-breaks.ts";
import { valueBreaks } from "./value-breaks.ts";

/** Makes a comparison of the takeover's and the release's condition succeed. */
const blindTo =
  (call: "takeOver" | "release", member: keyof StoredRecord): Break =>
  (store, records) => {
    const asNow = (seen: StoredRecord): StoredRecord => {
      const now = records.get(nameOf(seen.id));
      return now === undefined ? seen : { ...seen, [member]: now[member] };
    };
    return call === "takeOver"
      ? { takeOver: (seen, request) => store.takeOver(asNow(seen), request) }
      : { release: (seen) => store.release(asNow(seen)) };
  };

const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** Names records by a part of their operation. */
const byOperation =
  (partOf: (operation: string) => string): Break =>
  (store) => ({ claim: (request) => store.claim({ ...request, id: { ...request.id, operation: partOf(request.id.operation) } }) });

/** Puts a settled record back in progress. */
function reopened<T>(records: Records, claim: ClaimRef, then: T): T {
  const now = records.get(nameOf(claim.id));
  if (now !== undefined) records.set(nameOf(claim.id), { ...now, status: "in_progress" });
  return then;
}

const breaks: Record<string, Break> = {
  "claim overwrites": (store, records) => ({
    claim: (request) => {
      records.delete(nameOf(request.id));
      return store.claim(request);
    },
  }),
  "claim overwrites what has expired": (store, records) => ({
    claim: (request) => {
      if (records.get(nameOf(request.id))?.expiresAt === 1) records.delete(nameOf(request.id));
      return store.claim(request);
    },
  }),
  "a refusal does not show its record": (store) => ({ claim: async (request) => ({ applied: (await store.claim(request)).applied }) }),
  ...Object.fromEntries(
    (["takeOver", "release"] as const).flatMap((call) =>
      (["owner", "attempt", "leaseUntil", "status", "expiresAt"] as const).map((member) => [
        `${call} does not compare ${member}`,
        blindTo(call, member),
      ]),
    ),
  ),
  "takeOver keeps old members": (store, records) => ({
    async takeOver(seen, request) {
      const answer = await store.takeOver(seen, request);
      const now = records.get(nameOf(seen.id));
      if (answer.applied && now !== undefined) records.set(nameOf(seen.id), { ...now, error: seen.error });
      return answer;
    },
  }),
  "settle is not fenced by owner": (store, records) => ({
    settle: (claim, outcome) => store.settle({ ...claim, owner: records.get(nameOf(claim.id))?.owner ?? claim.owner }, outcome),
  }),
  "settle is not fenced by status": (store, records) => ({
    settle: (claim, outcome) => store.settle(claim, reopened(records, claim, outcome)),
  }),
  "extend is not fenced by owner": (store, records) => ({
    extend: (claim, leaseUntil) => store.extend({ ...claim, owner: records.get(nameOf(claim.id))?.owner ?? claim.owner }, leaseUntil),
  }),
  "extend is not fenced by status": (store, records) => ({
    extend: (claim, leaseUntil) => store.extend(reopened(records, claim, claim), leaseUntil),
  }),
  "a put overwrites": (store, records) => ({
    settle: (claim, outcome) => {
      if (outcome.write === "put") records.delete(nameOf(claim.id));
      return store.settle(claim, outcome);
    },
  }),
  "a kept error loses its message": (store) => ({
    settle: (claim, outcome) =>
      store.settle(claim, outcome.status === "completed" ? outcome : { ...outcome, error: { name: outcome.error.name } }),
  }),
  "settle puts where there is nothing": (store, records) => ({
    settle: (claim, outcome) => store.settle(claim, records.has(nameOf(claim.id)) ? outcome : { ...outcome, write: "put" }),
  }),
  "settle moves the expiry of a released key": (store, records) => ({
    async settle(claim, outcome) {
      const answer = await store.settle(claim, outcome);
      const now = records.get(nameOf(claim.id));
      if (answer.applied && now !== undefined) records.set(nameOf(claim.id), { ...now, expiresAt: 1 });
      return answer;
    },
  }),
  "extend moves a lease back": (store, records) => ({
    extend: (claim, leaseUntil) => {
      const now = records.get(nameOf(claim.id));
      if (now !== undefined) records.set(nameOf(claim.id), { ...now, leaseUntil: 0 });
      return store.extend(claim, leaseUntil);
    },
  }),
  "extend leaves the expiry": (store, records) => ({
    async extend(claim, leaseUntil) {
      const answer = await store.extend(claim, leaseUntil);
      const now = records.get(nameOf(claim.id));
      if (answer.applied && now !== undefined) records.set(nameOf(claim.id), { ...now, expiresAt: claim.expiresAt });
      return answer;
    },
  }),
  "release keeps the fingerprint": (store, records) => ({
    async release(seen) {
      const answer = await store.release(seen);
      const now = records.get(nameOf(seen.id));
      if (answer.applied && now !== undefined) records.set(nameOf(seen.id), { ...now, fingerprint: seen.fingerprint });
      return answer;
    },
  }),
  "a result is cut": (store) => ({ result: async (record) => (await store.result(record))?.slice(0, 1000) }),
  "the runs of a key share a result": (store) => {
    const results = new Map<string, string>();
    return {
      settle(claim, outcome) {
        if (outcome.status === "completed" && outcome.text !== undefined) results.set(claim.id.keyHash, outcome.text);
        return store.settle(claim, outcome);
      },
      result: async ({ id, encoding }) => (encoding === "json" ? results.get(id.keyHash) : undefined),
    };
  },
  "a claim changes the record that refuses it": (store, records) => ({
    async claim(request) {
      const answer = await store.claim(request);
      const now = records.get(nameOf(request.id));
      if (!answer.applied && now !== undefined) records.set(nameOf(request.id), { ...now, messageId: request.owner });
      return answer;
    },
  }),
  "a claim says null for what it was not given": (store, records) => ({
    async claim(request) {
      const answer = await store.claim(request);
      const now = records.get(nameOf(request.id));
      if (answer.applied && now !== undefined) records.set(nameOf(request.id), { ...now, error: null as never });
      return answer;
    },
  }),
  "claims read, and then write": (store, records) => ({
    async claim(request) {
      const old = records.get(nameOf(request.id));
      await Promise.resolve();
      if (old !== undefined) return { applied: false, record: old };
      records.delete(nameOf(request.id));
      return store.claim(request);
    },
  }),
  "takeovers read, and then write": (store, records) => ({
    async takeOver(seen, request) {
      const old = records.get(nameOf(seen.id));
      if (old === undefined || !isAsSeen(seen)(old)) return { applied: false, record: old };
      await Promise.resolve();
      return store.takeOver(records.get(nameOf(seen.id)) ?? seen, request);
    },
  }),
  "read makes a record up": (store) => {
    let last: ClaimRequest | undefined;
    return {
      claim: (request) => store.claim((last = request)),
      read: async (id) => (await store.read(id)) ?? (last && claimedRecord({ ...last, id }, 1)),
    };
  },
  "takeOver keeps the old result": (store, records) => ({
    async takeOver(seen, request) {
      const old = records.get(nameOf(seen.id));
      const answer = await store.takeOver(seen, request);
      const now = records.get(nameOf(seen.id));
      if (answer.applied && now !== undefined) records.set(nameOf(seen.id), { ...now, result: old?.result });
      return answer;
    },
  }),
  "takeOver refuses what runs": (store) => ({
    takeOver: async (seen, request) => (seen.status === "in_progress" ? refused(seen) : store.takeOver(seen, request)),
  }),
  "takeOver does not count": (store, records) => ({
    async takeOver(seen, request) {
      const answer = await store.takeOver(seen, request);
      const now = records.get(nameOf(seen.id));
      if (answer.applied && now !== undefined) records.set(nameOf(seen.id), { ...now, attempt: 2 });
      return answer;
    },
  }),
  "takeOver puts where there is nothing": (store, records) => ({
    takeOver: (seen, request) => (records.has(nameOf(seen.id)) ? store.takeOver(seen, request) : store.claim(request)),
  }),
  "a refused takeover does not show its record": (store) => ({
    takeOver: async (seen, request) => ({ applied: (await store.takeOver(seen, request)).applied }),
  }),
  "settle forgets the message": (store, records) => ({
    async settle(claim, outcome) {
      const answer = await store.settle(claim, outcome);
      const now = records.get(nameOf(claim.id));
      if (answer.applied && now !== undefined) records.set(nameOf(claim.id), { ...now, messageId: undefined });
      return answer;
    },
  }),
  "settle is applied again, and says so": (store, records) => ({
    async settle(claim, outcome) {
      const now = records.get(nameOf(claim.id));
      if (now?.owner === claim.owner && now.status === outcome.status && outcome.write === "update") return { applied: true };
      return store.settle(claim, outcome);
    },
  }),
  "a settle sent again does not show what it has written": (store) => ({
    async settle(claim, outcome) {
      const answer = await store.settle(claim, outcome);
      return answer.applied || answer.record?.owner !== claim.owner ? answer : { applied: false };
    },
  }),
  "settle says that it kept something else": (store) => ({
    async settle(claim, outcome) {
      const answer = await store.settle(claim, outcome);
      return { ...answer, kept: { encoding: "other", bytes: 1 } };
    },
  }),
  "a put is taken for an update": (store) => ({
    settle: (claim, outcome) => store.settle(claim, { ...outcome, write: "update" }),
  }),
  "a put overwrites the claim's own record": (store, records) => ({
    settle(claim, outcome) {
      if (outcome.write === "put" && records.get(nameOf(claim.id))?.owner === claim.owner) records.delete(nameOf(claim.id));
      return store.settle(claim, outcome);
    },
  }),
  "settle fails on a large result": (store) => ({
    async settle(claim, outcome) {
      if (outcome.status === "completed" && (outcome.text?.length ?? 0) > 6_000_000) throw new Error("too large");
      return store.settle(claim, outcome);
    },
  }),
  "a result that comes too late is left out": (store) => ({
    settle(claim, outcome) {
      const isLate = outcome.status === "completed" && outcome.resultSignal?.().aborted === true;
      return store.settle(claim, isLate ? { ...outcome, text: undefined } : outcome);
    },
  }),
  "a result that comes too late touches its record": (store) => ({
    async settle(claim, outcome) {
      await store.settle(claim, outcome);
      const isLate = outcome.status === "completed" && outcome.resultSignal?.().aborted === true;
      if (isLate) throw new StoreFailure("unreachable", "too late", { maybeApplied: false, part: "result" });
      return store.settle(claim, outcome);
    },
  }),
  "a result is decoded once": (store) => {
    const read = new WeakSet<StoredRecord>();
    return { result: async (record) => (read.has(record) ? undefined : (read.add(record), store.result(record))) };
  },
  "nothing is kept": (store) => ({
    result: async () => "",
    settle: async (claim, outcome) => ({ applied: (await store.settle(claim, outcome)).applied }),
  }),
  "an extension sent again is applied": (store, records) => ({
    async extend(claim, leaseUntil) {
      const now = records.get(nameOf(claim.id));
      return now?.owner === claim.owner && now.leaseUntil === leaseUntil ? { applied: true } : store.extend(claim, leaseUntil);
    },
  }),
  "a refused extension does not show its record": (store) => ({
    extend: async (claim, leaseUntil) => ({ applied: (await store.extend(claim, leaseUntil)).applied }),
  }),
  "extend puts where there is nothing": (store, records) => ({
    extend: (claim, leaseUntil) => (records.has(nameOf(claim.id)) ? store.extend(claim, leaseUntil) : store.claim(claim)),
  }),
  "release puts where there is nothing": (store, records) => ({
    async release(seen) {
      if (!records.has(nameOf(seen.id))) records.set(nameOf(seen.id), { ...seen, status: "released" });
      return store.release(seen);
    },
  }),
  "settle reads, and then writes": (store, records) => ({
    async settle(claim, outcome) {
      const old = records.get(nameOf(claim.id));
      if (outcome.write === "put" || old?.owner !== claim.owner || old.status !== "in_progress") return store.settle(claim, outcome);
      await Promise.resolve();
      records.set(nameOf(claim.id), old);
      return store.settle(claim, outcome);
    },
  }),
  "extend reads, and then writes": (store, records) => ({
    async extend(claim, leaseUntil) {
      const old = records.get(nameOf(claim.id));
      if (old?.owner !== claim.owner || old.status !== "in_progress" || old.leaseUntil >= leaseUntil)
        return store.extend(claim, leaseUntil);
      await new Promise((resolve) => setImmediate(resolve));
      records.set(nameOf(claim.id), old);
      return store.extend(claim, leaseUntil);
    },
  }),
  "release reads, and then writes": (store, records) => ({
    async release(seen) {
      const old = records.get(nameOf(seen.id));
      if (old === undefined || !isAsSeen(seen)(old)) return { applied: false, record: old };
      await Promise.resolve();
      records.set(nameOf(seen.id), old);
      return store.release(seen);
    },
  }),
  "a put reads, and then writes": (store, records) => ({
    async settle(claim, outcome) {
      if (outcome.write !== "put" || records.has(nameOf(claim.id))) return store.settle(claim, outcome);
      await Promise.resolve();
      records.delete(nameOf(claim.id));
      return store.settle(claim, outcome);
    },
  }),
  ...Object.fromEntries(
    (["settle", "extend"] as const).flatMap((call) =>
      ([{ attempt: 1 }, { requestId: undefined }, { startedAt: 5 }, { fingerprint: undefined }, { messageId: undefined }] as const).map(
        (change): [string, Break] => [
          `${call} changes ${Object.keys(change).join()}`,
          (store, records) => {
            const changed = async (id: RecordId, answer: Promise<Answer>): Promise<Answer> => {
              const now = (await answer).applied ? records.get(nameOf(id)) : undefined;
              if (now !== undefined) records.set(nameOf(id), { ...now, ...change });
              return answer;
            };
            return call === "settle"
              ? { settle: (claim, outcome) => changed(claim.id, store.settle(claim, outcome)) }
              : { extend: (claim, leaseUntil) => changed(claim.id, store.extend(claim, leaseUntil)) };
          },
        ],
      ),
    ),
  ),
  "starts and leases are whole seconds": (store) => ({
    claim: (request) => store.claim({ ...request, startedAt: wholeSecond(request.startedAt), leaseUntil: wholeSecond(request.leaseUntil) }),
  }),
  "starts are whole seconds": (store) => ({ claim: (request) => store.claim({ ...request, startedAt: wholeSecond(request.startedAt) }) }),
  "ends are whole seconds": (store) => ({
    settle: (claim, outcome) => store.settle(claim, { ...outcome, completedAt: wholeSecond(outcome.completedAt) }),
  }),
  "operations have no case": byOperation((operation) => operation.toLowerCase()),
  "operations have ten characters": byOperation((operation) => operation.slice(0, 10)),
  "operations have eleven characters": byOperation((operation) => operation.slice(0, 11)),
  ...Object.fromEntries(
    (["takeOver", "release", "extend", "settle", "claim"] as const).map((call): [string, Break] => [
      `a refused ${call} changes the record that was handed out, which is the store's own`,
      (store, records) => {
        const live = new Map<string, StoredRecord>();
        return {
          async read(id) {
            const record = await store.read(id);
            if (record !== undefined && !live.has(nameOf(id))) live.set(nameOf(id), { ...record });
            return live.get(nameOf(id)) ?? record;
          },
          async [call](...given: readonly { readonly id: RecordId }[]) {
            const answer = await (store[call] as (...given: readonly unknown[]) => Promise<Answer>)(...given);
            const name = nameOf(given[0]?.id ?? { operation: "", keyHash: "" });
            const own = live.get(name);
            const now = records.get(name);
            if (!answer.applied && own !== undefined) Object.assign(own, { messageId: "changed" });
            if (!answer.applied && now !== undefined) records.set(name, { ...now, messageId: "changed" });
            return answer;
          },
        };
      },
    ]),
  ),
  "operations share keys": (store) => ({ claim: (request) => store.claim({ ...request, id: { ...request.id, operation: "one" } }) }),
};

interface Failure {
  readonly name: string;
  readonly message: string;
}

function testsOf(broken: Break): { name: string; run: () => Promise<void> }[] {
  const tests: { name: string; run: () => Promise<void> }[] = [];
  storeConformance({
    test: (name, run) => tests.push({ name, run }),
    async make() {
      const records: Records = new Map();
      const store = storeOver(records, undefined);
      return { ...store, ...broken(store, records) };
    },
  });
  return tests;
}

async function failures(broken: Break): Promise<Failure[]> {
  const failed: Failure[] = [];
  for (const { name, run } of testsOf(broken)) await run().catch(({ message }: Error) => failed.push({ name, message }));
  return failed;
}

it("a store that is right passes, also one that does not say what it kept", async () => {
  expect(await failures(() => ({}))).toEqual([]);
  const silent: Break = (store) => ({
    async settle(claim, outcome) {
      const { kept: _, ...answer } = await store.settle(claim, outcome);
      return answer;
    },
  });
  expect(await failures(silent)).toEqual([]);
});

describe("each broken store is caught, and each obligation catches one", () => {
  const catching = new Set<string>();

  it.for(Object.entries(breaks))("is caught: %s", async ([, broken]) => {
    const failed = await failures(broken);
    expect(failed.length).toBeGreaterThan(0);
    for (const { name } of failed) catching.add(name);
  });

  it.for(Object.entries({ ...raceBreaks, ...seenBreaks, ...textBreaks, ...valueBreaks }))(
    "is caught by name: %s",
    async ([, [caughtBy, broken]]) => {
      const failed = await failures(broken);
      expect(failed.map(({ name }) => name)).toEqual(expect.arrayContaining([...caughtBy]));
      for (const { name } of failed) catching.add(name);
    },
  );

  it("no obligation is without a store that fails it", () => {
    const idle = testsOf(() => ({})).filter(({ name }) => !catching.has(name));
    expect(idle.map(({ name }) => name)).toEqual([]);
  });
});
