// The table: what a request does when it is applied. Mirrors `storeOver` (src/memory/records.ts) and `resultKeeper`
// (src/dynamodb/keeper.ts); the conditions are the real ones.
import { lostEncoding } from "../../src/core/codec.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Outcome } from "../../src/core/store.ts";
import { notStarted } from "./newcomer.ts";
import type { Answer, Child, Request } from "./state.ts";
import { indexOf, seconds, type Turn } from "./turn.ts";

/** Applies a request: the table's new content is in the turn, the answer is what comes back. */
export function apply(turn: Turn, request: Request): Answer {
  const { rules } = turn.world;
  const old = turn.state.record;
  switch (request.kind) {
    case "claim":
      if (!rules.isAbsent(old)) return refused(old);
      return put(turn, rules.claimedRecord(request.ref, 1));
    case "takeover":
      if (!rules.isAsSeen(request.seen)(old)) return refused(old);
      return takeOver(turn, old, rules.claimedRecord(request.ref, request.seen.attempt + 1));
    case "read":
      return { applied: false, record: old };
    case "extend":
      if (!rules.isExtendable(request.ref, request.leaseUntil)(old)) return refused(old);
      return extend(turn, old, request.ref, request.leaseUntil);
    case "child":
      return putChild(turn, request.ref, request.outcome);
    case "settle":
      return settle(turn, old, request);
    case "fetch":
      return { applied: false, text: childOf(turn, request.record)?.text };
  }
}

function refused(record: StoredRecord | undefined): Answer {
  return { applied: false, record };
}

function put(turn: Turn, record: StoredRecord): Answer {
  turn.change({ record });
  return { applied: true };
}

function takeOver(turn: Turn, old: StoredRecord | undefined, next: StoredRecord): Answer {
  const { rules, skewMs } = turn.world;
  const kept = turn.keptNow();
  const taker = turn.delivery(indexOf(turn.world, next.owner));
  const retried = kept?.status === "failed" && taker.retryFailedBeforeMs !== undefined && kept.completedAt < taker.retryFailedBeforeMs;
  turn.must(kept === undefined || retried, "no kept outcome is lost");
  if (old !== undefined && !rules.isExpired(old, turn.state.now + skewMs)) checkOnto(turn, old, next);
  if (retried) turn.change({ kept: undefined });
  return put(turn, next);
}

function checkOnto(turn: Turn, old: StoredRecord, next: StoredRecord): void {
  turn.must(next.attempt > old.attempt, "attempts go up");
  const [before, after] = [payloadOf(turn, old.owner), payloadOf(turn, next.owner)];
  turn.must(before === undefined || after === undefined || before === after, "other payloads are told so");
}

function payloadOf(turn: Turn, owner: string): string | undefined {
  return turn.world.configuration.deliveries.find(({ name }) => name === owner)?.payload;
}

function extend(turn: Turn, old: StoredRecord | undefined, ref: ClaimRef, leaseUntil: number): Answer {
  turn.must(old?.owner === ref.owner && old.status === "in_progress", "only the owner writes");
  if (old === undefined) return put(turn, turn.world.rules.claimedRecord(ref, ref.attempt));
  return put(turn, { ...old, leaseUntil, expiresAt: turn.world.rules.claimExpiry(ref.startedAt, leaseUntil, ref.retentionSeconds) });
}

function settle(turn: Turn, old: StoredRecord | undefined, request: Request & { kind: "settle" }): Answer {
  const { rules } = turn.world;
  const { ref, outcome, large, unfenced } = request;
  const allowed =
    outcome.write === "put" ? rules.isAbsent(old) : unfenced === true ? old !== undefined : rules.isEndable(ref, outcome.status)(old);
  if (!allowed) return refused(old);
  const isOwners = outcome.write === "put" ? old === undefined : old?.owner === ref.owner && old.status === "in_progress";
  turn.must(isOwners, "only the owner writes");
  turn.must(isOwners || turn.keptNow() === undefined, "no kept outcome is lost");
  const members = rules.endedMembers(outcome);
  // `layout.members` in keeper.ts: what stands beside its record is counted in it.
  const beside = large && members.encoding !== lostEncoding ? { result: undefined, chunks: 1 } : {};
  put(turn, { ...(old ?? rules.claimedRecord(ref, ref.attempt)), ...members, ...beside });
  keep(turn, ref, outcome);
  return { applied: true };
}

function keep(turn: Turn, ref: ClaimRef, outcome: Outcome): void {
  const i = indexOf(turn.world, ref.owner);
  // A release that is not the end of a run tells nothing of how that ended.
  if (!turn.execution(i).ran || (outcome.status === "released" && outcome.error.name === notStarted)) return;
  turn.changeExecution(i, { closed: true });
  if (outcome.status === "released") return;
  const { status, completedAt } = outcome;
  // What is put where TTL was is kept from then on.
  const until = outcome.write === "put" ? outcome.expiresAt * 1000 : completedAt + ref.retentionSeconds * 1000;
  turn.change({ kept: { owner: ref.owner, status, completedAt, until } });
}

function putChild(turn: Turn, ref: ClaimRef, outcome: Outcome): Answer {
  if (outcome.status !== "completed") throw new Error("only a result stands beside its record");
  const child = childFor(turn, ref, ref.owner, outcome.expiresAt);
  turn.change({ children: [...turn.state.children.filter(({ name }) => name !== child.name), child] });
  return { applied: true };
}

function childOf(turn: Turn, record: StoredRecord): Child | undefined {
  const { name } = childFor(turn, record, "", record.expiresAt);
  return turn.state.children.find((child) => child.name === name);
}

/** The child as `childItems` makes it. */
function childFor(turn: Turn, parent: StoredRecord | ClaimRef, text: string, recordExpiresAt: number): Child {
  const [item] = turn.world.rules.childItems(parent, [new Uint8Array()], recordExpiresAt);
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
