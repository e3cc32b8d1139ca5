// The suite checks stores; this checks the suite: each broken store must be caught.
import { expect, it } from "vitest";
import { nameOf, type StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Store } from "../../src/core/store.ts";
import { type Records, storeOver } from "../../src/memory/records.ts";
import { storeConformance } from "../../src/testing/conformance.ts";

type Break = (store: Store, records: Records) => Partial<Store>;

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
  "operations share keys": (store) => ({ claim: (request) => store.claim({ ...request, id: { ...request.id, operation: "one" } }) }),
};

async function failures(broken: Break): Promise<string[]> {
  const tests: { name: string; run: () => Promise<void> }[] = [];
  storeConformance({
    test: (name, run) => tests.push({ name, run }),
    async make() {
      const records: Records = new Map();
      const store = storeOver(records, undefined);
      return { ...store, ...broken(store, records) };
    },
  });
  const failed: string[] = [];
  for (const { name, run } of tests) await run().catch(() => failed.push(name));
  return failed;
}

it("a store that is right passes", async () => {
  expect(await failures(() => ({}))).toEqual([]);
});

it.for(Object.keys(breaks))("is caught: %s", async (name) => {
  expect((await failures(breaks[name]!)).length).toBeGreaterThan(0);
});
