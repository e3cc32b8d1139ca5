// The table: what a request does when it is applied. Mirrors `storeOver` (src/memory/records.ts) and `resultKeeper`
// (src/dynamodb/keeper.ts); the conditions are the real ones.
import { lostEncoding } from "../../src/core/codec.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Outcome } from "../../src/core/store.ts";
import { notStarted } from "./newcomer.ts";
import type { Answer, Child, Kept, Request } from "./state.ts";
import { areOther, indexOf, seconds, type Action } from "./action.ts";

/** Applies a request: the table's new content is in the action, the answer is what comes back. */
export function apply(action: Action, request: Request): Answer {
  const { rules } = action.world;
  const old = action.state.record;
  switch (request.kind) {
    case "claim":
      return claim(action, old, rules.claimedRecord(request.ref, 1));
    case "takeover":
      return takeOver(action, request.seen, rules.claimedRecord(request.ref, request.seen.attempt + 1));
    case "read":
      return { applied: false, record: old };
    case "extend":
      return extend(action, old, request.ref, request.leaseUntil);
    case "child":
      return putChild(action, request.ref, request.outcome);
    case "settle":
      return settle(action, old, request);
    case "fetch":
      return { applied: false, text: childOf(action, request.record)?.text };
  }
}

function refused(record: StoredRecord | undefined): Answer {
  return { applied: false, record };
}

function put(action: Action, record: StoredRecord): Answer {
  checkRetention(action, record);
  action.change({ record });
  return { applied: true };
}

// By the clock of its owner, and of what is put anew by the moment at which it may have been put last.
function checkRetention(action: Action, { status, owner, leaseUntil, expiresAt, completedAt = 0 }: StoredRecord): void {
  const { retentionSeconds } = action.world.configuration;
  const isUnfinished = status === "in_progress" || status === "released";
  const isAnew = action.state.record === undefined;
  const from = isUnfinished ? leaseUntil : isAnew ? action.clock(indexOf(action.world, owner)) : completedAt;
  action.atStake("a record is kept for its retention");
  action.must(expiresAt * 1000 < from + (retentionSeconds + 1) * 1000, "a record is kept for its retention");
}

// What a condition is to refuse is at stake where it does.
function claim(action: Action, old: StoredRecord | undefined, next: StoredRecord): Answer {
  if (!action.world.rules.isAbsent(old)) return refused(old);
  action.must(old === undefined || keptFor(action, next) === undefined, "no kept outcome is lost");
  return put(action, next);
}

function takeOver(action: Action, seen: StoredRecord, next: StoredRecord): Answer {
  const { rules, skewMs } = action.world;
  const old = action.state.record;
  const isAllowed = rules.isAsSeen(seen)(old);
  const kept = keptFor(action, next);
  const counts = old !== undefined && action.state.now + skewMs < old.expiresAt * 1000;
  action.atStake("no kept outcome is lost", kept !== undefined);
  action.atStake("attempts go up", counts && next.attempt <= old.attempt);
  if (!isAllowed) return refused(old);
  action.must(kept === undefined, "no kept outcome is lost");
  if (counts) checkOnto(action, old, next);
  if (kept === undefined && action.keptNow() !== undefined) action.change({ kept: undefined }); // a failure that is run again
  return put(action, next);
}

function keptFor(action: Action, { owner }: StoredRecord): Kept | undefined {
  return action.keptFor(indexOf(action.world, owner));
}

function checkOnto(action: Action, old: StoredRecord, next: StoredRecord): void {
  action.must(next.attempt > old.attempt, "attempts go up");
  action.must(!areOther(action.world, old.owner, next.owner), "other payloads are told so");
  const isAnothersRun = old.status === "in_progress" && old.owner !== next.owner;
  action.must(!isAnothersRun || action.world.configuration.onLeaseExpired === "run", "a lapsed run stays closed under throw");
}

function extend(action: Action, old: StoredRecord | undefined, ref: ClaimRef, leaseUntil: number): Answer {
  const { rules } = action.world;
  const isOwners = old?.owner === ref.owner && old.status === "in_progress";
  action.atStake("only the owner writes", !isOwners);
  if (!rules.isExtendable(ref, leaseUntil)(old)) return refused(old);
  action.must(isOwners, "only the owner writes");
  if (old === undefined) return put(action, rules.claimedRecord(ref, ref.attempt));
  return put(action, { ...old, leaseUntil, expiresAt: rules.claimExpiry(ref.startedAt, leaseUntil, ref.retentionSeconds) });
}

function settle(action: Action, old: StoredRecord | undefined, request: Request & { kind: "settle" }): Answer {
  const { rules } = action.world;
  const { ref, outcome, large, unfenced } = request;
  const allowed =
    outcome.write === "put" ? rules.isAbsent(old) : unfenced === true ? old !== undefined : rules.isEndable(ref, outcome.status)(old);
  const isOwners = outcome.write === "put" ? old === undefined : old?.owner === ref.owner && old.status === "in_progress";
  action.atStake("only the owner writes", !isOwners);
  if (!allowed) return refused(old);
  action.must(isOwners, "only the owner writes");
  action.must(isOwners || action.keptNow() === undefined, "no kept outcome is lost");
  const members = rules.endedMembers(outcome);
  // `layout.members` in keeper.ts: what stands beside its record is counted in it.
  const beside = large && members.encoding !== lostEncoding ? { result: undefined, chunks: 1 } : {};
  put(action, { ...(old ?? rules.claimedRecord(ref, ref.attempt)), ...members, ...beside });
  keep(action, ref, outcome);
  return { applied: true };
}

function keep(action: Action, ref: ClaimRef, outcome: Outcome): void {
  const i = indexOf(action.world, ref.owner);
  // A release that is not the end of a run tells nothing of how that ended.
  if (!action.execution(i).ran || (outcome.status === "released" && outcome.error.name === notStarted)) return;
  action.changeExecution(i, { closed: true });
  if (outcome.status === "released") return;
  const { status, completedAt } = outcome;
  // What is put where TTL was is kept from then on.
  const until = outcome.write === "put" ? outcome.expiresAt * 1000 : completedAt + ref.retentionSeconds * 1000;
  action.change({ kept: { owner: ref.owner, status, completedAt, until } });
}

function putChild(action: Action, ref: ClaimRef, outcome: Outcome): Answer {
  if (outcome.status !== "completed") throw new Error("only a result stands beside its record");
  const child = childFor(action, ref, ref.owner, outcome.expiresAt);
  action.change({ children: [...action.state.children.filter(({ name }) => name !== child.name), child] });
  return { applied: true };
}

function childOf(action: Action, record: StoredRecord): Child | undefined {
  const { name } = childFor(action, record, "", record.expiresAt);
  return action.state.children.find((child) => child.name === name);
}

/** The child as `childItems` makes it. */
function childFor(action: Action, parent: StoredRecord | ClaimRef, text: string, recordExpiresAt: number): Child {
  const [item] = action.world.rules.childItems(parent, [new Uint8Array()], recordExpiresAt);
  return { name: item?.["pk"]?.S ?? "", text, expiresAt: Number(item?.["expiresAt"]?.N) };
}

/** What the table holds, for a reader. */
export function shown(record: StoredRecord | undefined): string {
  if (record === undefined) return "nothing";
  const { status, owner, attempt, leaseUntil, expiresAt, result, chunks, encoding } = record;
  const beside =
    encoding === lostEncoding
      ? " (result lost)"
      : chunks === undefined
        ? result === undefined
          ? ""
          : ` "${String(result)}"`
        : " (result beside it)";
  return `${status}${beside} of ${owner}, attempt ${attempt}, lease to ${seconds(leaseUntil)}, expires ${expiresAt} s`;
}
