// Stores that change a value on its way in, take two for one, or mix what goes on at once.
import { nameOf, type RecordId, type StoredRecord } from "../../src/core/record.ts";
import type { Answer, ClaimRef, Outcome, Store } from "../../src/core/store.ts";
import type { Records } from "../../src/memory/records.ts";
import { refused } from "../../src/testing/conformance/cases.ts";
import type { Break, NamedBreaks } from "./breaks.ts";

type Call = "claim" | "takeOver" | "settle" | "extend" | "release" | "read" | "result";
type AnyCall = (...given: readonly unknown[]) => Promise<unknown>;

const fenced = ["takeOver", "settle", "extend", "release"] as const;

/** Changes what is settled. */
const settling =
  (changed: (outcome: Outcome) => Partial<Outcome>): Break =>
  (store) => ({ settle: (claim, outcome) => store.settle(claim, { ...outcome, ...changed(outcome) } as Outcome) });

/** What is kept of the message of an error of a kind. */
const messageCut = (status: Outcome["status"], cut: (message: string) => string): Break =>
  settling((outcome) =>
    outcome.status !== status || outcome.status === "completed"
      ? {}
      : { error: { ...outcome.error, message: cut(outcome.error.message ?? "") } },
  );

/** A call writes what a column of 32 bits with a sign makes of its expiry. */
const narrow =
  (call: "claim" | "takeOver" | "extend" | "settle"): Break =>
  (store, records) => ({
    async [call](...given: readonly [{ readonly id: RecordId }]) {
      const answer = (await (store[call] as AnyCall)(...given)) as Answer;
      const now = records.get(nameOf(given[0].id));
      if (answer.applied && now !== undefined) records.set(nameOf(now.id), { ...now, expiresAt: now.expiresAt | 0 });
      return answer;
    },
  });

/** A call compares owners by a part of them only. */
const ownersBy =
  (call: (typeof fenced)[number], partOf: (owner: string) => string): Break =>
  (store, records) => ({
    [call]: (given: StoredRecord & ClaimRef, ...rest: readonly unknown[]) => {
      const owner = records.get(nameOf(given.id))?.owner ?? given.owner;
      const same = partOf(owner) === partOf(given.owner);
      return (store[call] as AnyCall)(same ? { ...given, owner } : given, ...rest);
    },
  });

/** A call finds its record by the key alone. */
const byKeyAlone =
  (call: (typeof fenced)[number] | "read"): Break =>
  (store, records) => ({
    [call]: (given: RecordId & StoredRecord, ...rest: readonly unknown[]) => {
      const id = recordBy((call === "read" ? given : given.id).keyHash, records)?.id;
      if (id === undefined) return (store[call] as AnyCall)(given, ...rest);
      return (store[call] as AnyCall)(call === "read" ? id : { ...given, id }, ...rest);
    },
  });

function recordBy(keyHash: string, records: Records): StoredRecord | undefined {
  return [...records.values()].find(({ id }) => id.keyHash === keyHash);
}

/** What a call was given last is what every call of it that is under way goes on with. */
const mixing =
  (call: Call): Break =>
  (store: Store) => {
    let last: readonly unknown[] = [];
    return {
      async [call](...given: readonly unknown[]) {
        last = given;
        await Promise.resolve();
        return (store[call] as AnyCall)(...last);
      },
    };
  };

const anEncoding = "settle: an encoding of any name comes back";
const aLargeOne = "settle: an encoding of any name comes back, of a large result as well";
const longOperations = "claim: operations of 64 characters come back whole, and are apart";

export const valueBreaks: NamedBreaks = {
  "each encoding is json": [
    [anEncoding, aLargeOne],
    settling((outcome) => (outcome.status === "completed" && outcome.text !== undefined ? { encoding: "json" } : {})),
  ],
  "a large result is json": [
    [aLargeOne],
    settling((outcome) => (outcome.status === "completed" && (outcome.text?.length ?? 0) > 1000 ? { encoding: "json" } : {})),
  ],
  "encodings have no case": [
    [anEncoding],
    settling((outcome) => (outcome.status === "completed" ? { encoding: outcome.encoding.toLowerCase() } : {})),
  ],
  "only JSON is a result": [
    [anEncoding, aLargeOne],
    (store) => ({ result: async (record) => (record.encoding === "json" ? store.result(record) : undefined) }),
  ],
  ...Object.fromEntries(
    (["failed", "held", "released"] as const).flatMap((status) => {
      const caughtBy = [`settle: the message of 1,024 characters of an error that is ${status} comes back whole`];
      return [
        [
          `the message of what is ${status} has 1,023 characters`,
          [caughtBy, messageCut(status, (message) => message.slice(0, 1023))] as const,
        ],
        [
          `the message of what is ${status} has 1,024 bytes`,
          [caughtBy, messageCut(status, (message) => Buffer.from(message).subarray(0, 1024).toString())] as const,
        ],
      ];
    }),
  ),
  ...Object.fromEntries(
    (["claim", "takeOver", "extend"] as const).map((call) => [
      `${call} keeps an expiry in 32 bits`,
      [[`${call}: a lease and an expiry in 2040 come back`], narrow(call)] as const,
    ]),
  ),
  "settle keeps an expiry in 32 bits": [["settle: an expiry in 2040 comes back"], narrow("settle")],
  "takeOver wants a later lease": [
    [0, -1].map((by) => `takeOver: applied where the new lease ends no later than the one seen (by ${by})`),
    (store) => ({
      takeOver: async (seen, request) => (request.leaseUntil > seen.leaseUntil ? store.takeOver(seen, request) : refused(seen)),
    }),
  ],
  "takeOver wants a lease that is no earlier": [
    ["takeOver: applied where the new lease ends no later than the one seen (by -1)"],
    (store) => ({
      takeOver: async (seen, request) => (request.leaseUntil >= seen.leaseUntil ? store.takeOver(seen, request) : refused(seen)),
    }),
  ],
  "operations have 63 characters": [
    [longOperations],
    (store) => ({ claim: (request) => store.claim({ ...request, id: short(request.id) }) }),
  ],
  "operations have 63 characters, and all calls know": [
    [longOperations],
    (store) => ({
      claim: (request) => store.claim({ ...request, id: short(request.id) }),
      read: (id) => store.read(short(id)),
    }),
  ],
  "read finds its record by the key alone": [["read: nothing of the same key under another operation"], byKeyAlone("read")],
  ...Object.fromEntries(
    fenced.flatMap((call) => [
      [
        `${call} finds its record by the key alone`,
        [[`${call}: refused where the key has a record under another operation only`], byKeyAlone(call)] as const,
      ],
      ...Object.entries({
        "has no case": (owner: string) => owner.toLowerCase(),
        "has 8 characters": (owner: string) => owner.slice(0, 8),
        "has 35 characters": (owner: string) => owner.slice(0, 35),
      }).map(([how, partOf]) => [
        `an owner ${how} to ${call}`,
        [[`${call}: refused where the record's owner is another, however alike`], ownersBy(call, partOf)] as const,
      ]),
    ]),
  ),
  ...Object.fromEntries(
    (["claim", ...fenced, "read"] as const).map((call) => [
      `${call} of two keys at once mixes them`,
      [[`${call}: of two keys at once, each has its own record`], mixing(call)] as const,
    ]),
  ),
  "result of two keys at once mixes them": [["result: of two keys at once, each has its own"], mixing("result")],
};

function short(id: RecordId): RecordId {
  return { ...id, operation: id.operation.slice(0, 63) };
}
