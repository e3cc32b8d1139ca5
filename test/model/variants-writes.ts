// Variants of what a write asks of the table, and of what it writes.
import type { ClaimRef } from "../../src/core/store.ts";
import { childItems } from "../../src/dynamodb/children.ts";
import { isRunUnder } from "../../src/memory/conditions.ts";
import { type Rules, realRules } from "./rules.ts";
import type { Variant } from "./variant.ts";

type Attribute = "owner" | "attempt" | "leaseUntil" | "status" | "expiresAt";
const all: readonly Attribute[] = ["owner", "attempt", "leaseUntil", "status", "expiresAt"];

function asSeenWithout(...dropped: readonly Attribute[]): Partial<Rules> {
  const compared = all.filter((attribute) => !dropped.includes(attribute));
  return { isAsSeen: (seen) => (old) => old !== undefined && compared.every((attribute) => old[attribute] === seen[attribute]) };
}

function unfenced(status: string): Partial<Rules> {
  return { isEndable: (ref, ending) => (ending === status ? (old) => old !== undefined : isRunUnder(ref)) };
}

const asSeen = "`isAsSeen` in memory/conditions.ts, `asSeen` in dynamodb/expressions.ts";
const ownersWrite = "`isRunUnder` in memory/conditions.ts, `ownedBy` in dynamodb/expressions.ts";

export const writes: readonly Variant[] = [
  {
    name: "claim over a record that is there",
    rule: "A claim is put only where there is no record, expired or not.",
    where: "`isAbsent` in memory/conditions.ts, `putIfAbsent` in dynamodb/expressions.ts",
    shownIn: "crash and loss",
    budget: { crashes: 0, losses: 0 },
    changes: { isAbsent: () => true },
  },
  {
    name: "takeover that compares nothing",
    rule: "A takeover replaces only the very record that was judged.",
    where: asSeen,
    shownIn: "crash and loss",
    budget: { losses: 0 },
    changes: { isAsSeen: () => (old) => old !== undefined },
  },
  {
    name: "takeover that compares nothing, beyond the margin",
    rule: "What a takeover compares is no clock, and holds where clocks differ by more than the margin.",
    where: asSeen,
    shownIn: "beyond the margin",
    budget: { crashes: 0, losses: 0 },
    changes: { isAsSeen: () => (old) => old !== undefined },
  },
  {
    name: "takeover that does not compare the status",
    rule: "A completion between the refusal and the takeover changes neither owner nor lease: the status tells.",
    where: asSeen,
    shownIn: "keep",
    budget: { crashes: 0 },
    changes: asSeenWithout("status"),
  },
  {
    name: "takeover that compares neither lease nor expiry",
    rule: "An extension between the refusal and the takeover moves the lease, and with it the expiry.",
    where: asSeen,
    shownIn: "extensions of a run",
    budget: { losses: 0, extensions: 1 },
    changes: asSeenWithout("leaseUntil", "expiresAt"),
  },
  {
    name: "takeover that does not compare the lease",
    rule: "An extension by less than a second moves the lease alone: the expiry, rounded up, may stay the same.",
    where: asSeen,
    shownIn: "half seconds",
    changes: asSeenWithout("leaseUntil"),
  },
  {
    name: "takeover that compares neither owner nor attempt",
    rule: "A key that was released, taken over and released again at the same moment differs in owner and attempt only.",
    where: asSeen,
    shownIn: "release, three",
    changes: asSeenWithout("owner", "attempt"),
  },
  {
    name: "takeover that does not compare the owner",
    rule: "The owner is compared.",
    where: asSeen,
    shownIn: "release, three",
    changes: asSeenWithout("owner"),
    impliedBy:
      "whoever takes over counts the attempt up, so two owners share an attempt only where TTL deleted the record between them, and then the lease differs. Owner and attempt guard each other: without both, see above",
  },
  {
    name: "takeover that does not compare the attempt",
    rule: "The attempt is compared.",
    where: asSeen,
    shownIn: "release, three",
    changes: asSeenWithout("attempt"),
    impliedBy:
      "an owner has a second attempt only where it takes over its own late claim, and then the lease differs. Owner and attempt guard each other: without both, see above",
  },
  {
    name: "takeover that does not compare the expiry",
    rule: "A completion that TTL deleted, and that its owner put again since it never heard of it, differs in its expiry only.",
    where: asSeen,
    shownIn: "loss and TTL of a run",
    changes: asSeenWithout("expiresAt"),
  },
  {
    name: "unfenced completion",
    rule: "A completion is written only to the run of its own owner.",
    where: ownersWrite,
    shownIn: "crash and loss",
    budget: { crashes: 0, losses: 0 },
    changes: unfenced("completed"),
  },
  {
    name: "unfenced release",
    rule: "A release is written only to the run of its own owner.",
    where: ownersWrite,
    shownIn: "release",
    budget: { losses: 0 },
    changes: unfenced("released"),
  },
  {
    name: "an owner's write that does not compare the status",
    rule: "What has ended is not ended again, nor is its lease moved, by its own owner neither: a stray extension would move the expiry of a finished record.",
    where: ownersWrite,
    shownIn: "extensions of a run",
    budget: { extensions: 1 },
    changes: {
      isRunUnder: (ref) => (old) => old?.owner === ref.owner,
      isExtendable: (ref, leaseUntil) => (old) => old?.owner === ref.owner && old.leaseUntil < leaseUntil,
    },
  },
  {
    name: "extension that moves a lease back",
    rule: "A lease never moves back: an extension that comes late is refused.",
    where: "`isExtendable` in memory/conditions.ts, `extendInput` in dynamodb/expressions.ts",
    shownIn: "extensions of a run",
    changes: { isExtendable: (ref) => isRunUnder(ref) },
  },
  {
    name: "expiry counted from the claim",
    rule: "An unfinished record expires a retention after its lease's end, and its expiry moves with the lease.",
    where: "`refOf` in core/begin.ts, `extendInput` in dynamodb/expressions.ts",
    shownIn: "long lease",
    budget: { extensions: 0 },
    changes: { claimExpiry: (startedAt, _leaseUntil, retentionSeconds) => realRules.expiryAfter(startedAt, retentionSeconds) },
  },
  {
    name: "fingerprint forgotten at a release",
    rule: "The fingerprint stays with a key until it expires, also after a release.",
    where: "`endedMembers` in core/store.ts",
    shownIn: "other payload",
    budget: { crashes: 0, deletions: 0 },
    changes: {
      endedMembers: (outcome) => ({
        ...realRules.endedMembers(outcome),
        ...(outcome.status === "released" ? { fingerprint: undefined } : {}),
      }),
    },
  },
  {
    name: "child items named by the attempt",
    rule: "What stands beside a record is named by its owner, so that no other run overwrites it.",
    where: "`childKey` in dynamodb/children.ts",
    shownIn: "large result",
    budget: { deletions: 1 },
    changes: {
      childItems: (parent, chunks, expiresAt) =>
        childItems({ id: parent.id, owner: String((parent as ClaimRef).attempt) }, chunks, expiresAt),
    },
  },
  {
    name: "child items that expire first",
    rule: "What stands beside a record outlives it, so that a reader of the record finds it.",
    where: "`childItems` in dynamodb/children.ts",
    shownIn: "large result",
    budget: { deletions: 1 },
    changes: { childItems: (parent, chunks, expiresAt) => childItems(parent, chunks, expiresAt - 86_400) },
  },
];
