// What an execution does from its handler's start to its answer. Mirrors claim.ts, run.ts and settle.ts of src/core.
import { lostEncoding } from "../../src/core/codec.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Outcome } from "../../src/core/store.ts";
import { release } from "./begin.ts";
import { newcomerOf } from "./newcomer.ts";
import type { Answer, Request } from "./state.ts";
import { tell } from "./tell.ts";
import { judged } from "./judged.ts";
import { indexOf, seconds, type Action } from "./action.ts";

/** `extend` in claim.ts: by a lease from now on. */
export function sendExtension(action: Action, i: number, ref: ClaimRef, until: number): void {
  action.say(`asks for its lease to ${seconds(until)}`);
  action.send(i, "extending", { kind: "extend", ref, leaseUntil: until });
}

export function onExtendAnswer(action: Action, i: number, { ref, leaseUntil }: Request & { kind: "extend" }, answer: Answer): void {
  const { leaseUntil: before = 0 } = action.execution(i);
  countLost(action, ref, answer, "in_progress");
  const back = { phase: "running", sent: undefined, answer: undefined } as const;
  if (answer.applied) return action.changeExecution(i, { ...back, leaseUntil: Math.max(before, leaseUntil) });
  if (answer.record !== undefined && action.world.rules.isExtended(answer.record, ref, leaseUntil)) {
    return action.changeExecution(i, { ...back, leaseUntil: Math.max(before, answer.record.leaseUntil) });
  }
  action.say("is told that its lease is lost");
  checkLost(action, ref, answer.record, "in_progress");
  action.changeExecution(i, back);
}

/** `extend` in claim.ts, for a handler that goes on, or ends, while it is under way. */
export function leaveExtension(action: Action, ref: ClaimRef, until: number): void {
  action.say(`asks for its lease to ${seconds(until)}, and does not wait for that`);
  action.change({ stray: [...action.state.stray, { kind: "extend", ref, leaseUntil: until, isLeft: true }] });
}

/** `extend` in claim.ts, once the answer is there. What it moves while the handler runs, it moves where it is waited for. */
export function onLeftExtension(action: Action, { ref, leaseUntil }: Request & { kind: "extend" }, answer: Answer): void {
  const { phase, ref: held } = action.execution(indexOf(action.world, ref.owner));
  if (phase === "crashed" || answer.applied) return;
  countLost(action, ref, answer, "in_progress");
  const { isExtended, tellsEndedRun } = action.world.rules;
  if (answer.record !== undefined && isExtended(answer.record, ref, leaseUntil)) return;
  if (held === undefined && tellsEndedRun) return action.say("its handler is told that its run has ended");
  action.say("its handler is told that its lease is lost");
  checkLost(action, ref, answer.record, "in_progress");
}

/** The handler ends well, or with an error that policy makes something of: `end` in run.ts, `settle` in claim.ts. */
export function endHandler(action: Action, i: number, isError: boolean): void {
  const { onError, large = false } = action.world.configuration;
  const { ref, leaseUntil = 0 } = action.execution(i);
  if (ref === undefined) throw new Error("a handler runs under a claim");
  const outcome = isError ? errorOutcome(action, i, onError ?? "release") : completedOutcome(action, i, action.delivery(i).name);
  action.say(isError ? `ends with an error: ${onError}` : "ends well");
  action.changeExecution(i, { ref: undefined });
  sendOutcome(action, i, { ...ref, leaseUntil }, outcome, large && !isError);
}

function errorOutcome(action: Action, i: number, policy: "release" | "keep" | "hold"): Outcome {
  const completedAt = action.clock(i);
  const common = { error: { name: "Error" }, completedAt, write: "update" } as const;
  if (policy === "release") return { ...common, status: "released" };
  const expiresAt = action.world.rules.expiryAfter(completedAt, action.world.configuration.retentionSeconds);
  return { ...common, status: policy === "keep" ? "failed" : "held", expiresAt };
}

function completedOutcome(action: Action, i: number, text: string | undefined): Outcome {
  const completedAt = action.clock(i);
  const expiresAt = action.world.rules.expiryAfter(completedAt, action.world.configuration.retentionSeconds);
  return { status: "completed", encoding: text === undefined ? lostEncoding : "json", text, completedAt, expiresAt, write: "update" };
}

function sendOutcome(action: Action, i: number, ref: ClaimRef, outcome: Outcome, large: boolean): void {
  action.say(large ? "writes its result beside the record" : `sends ${outcome.status}`);
  action.send(i, "settling", large ? { kind: "child", ref, outcome } : { kind: "settle", ref, outcome, large });
}

/** `keep` in keeper.ts: once the child is there, the record. */
export function onChildAnswer(action: Action, i: number, { ref, outcome }: Request & { kind: "child" }): void {
  action.say(`sends ${outcome.status}`);
  action.send(i, "settling", { kind: "settle", ref, outcome, large: true });
}

/** The second half of `settle` in settle.ts: a result that could not be written is given up. */
export function onChildGivenUp(action: Action, i: number, { ref }: Request & { kind: "child" }): void {
  action.say("gives its result up");
  sendOutcome(action, i, ref, completedOutcome(action, i, undefined), false);
}

/** `write` and `settledBy` in settle.ts. */
export function onSettleAnswer(action: Action, i: number, sent: Request & { kind: "settle" }, answer: Answer): void {
  const { rules } = action.world;
  const { ref, outcome, large } = sent;
  countLost(action, ref, answer, outcome.status);
  if (answer.applied) return tellEnding(action, i, sent, "kept");
  if (answer.record === undefined && outcome.write === "update") {
    if (outcome.status === "released") return tellEnding(action, i, sent, "kept"); // its key is free
    if (rules.putsWhenGone(outcome.status)) {
      action.say("finds no record, and puts it");
      return action.send(i, "settling", { kind: "settle", ref, outcome: putAnew(action, i, outcome), large });
    }
  }
  if (outcome.write === "put" && rules.endsLateClaim && rules.isOwn(answer.record, ref, "in_progress")) {
    action.say("finds a late claim of its own, and ends it");
    return action.send(i, "settling", { kind: "settle", ref, outcome: asAtFirst(action, outcome), large });
  }
  if (rules.isOwn(answer.record, ref, outcome.status)) return tellEnding(action, i, sent, "kept");
  checkLost(action, ref, answer.record, outcome.status);
  if (outcome.status !== "completed") return tell(action, i, { kind: "error" });
  winners(action, i, ref, answer.record);
}

// `write` in settle.ts: its retention begins anew.
function putAnew(action: Action, i: number, outcome: Outcome): Outcome {
  if (outcome.status === "released") return { ...outcome, write: "put" };
  const expiresAt = action.world.rules.expiryAfter(action.clock(i), action.world.configuration.retentionSeconds);
  return { ...outcome, expiresAt, write: "put" };
}

// The outcome as it was before it was put.
function asAtFirst(action: Action, outcome: Outcome): Outcome {
  if (outcome.status === "released") return { ...outcome, write: "update" };
  const expiresAt = action.world.rules.expiryAfter(outcome.completedAt, action.world.configuration.retentionSeconds);
  return { ...outcome, expiresAt, write: "update" };
}

/** `winnersResult` in replay.ts. */
function winners(action: Action, i: number, ref: ClaimRef, record: StoredRecord | undefined): void {
  const readable = record?.status === "completed" && record.encoding !== lostEncoding ? record : undefined;
  const { owner, fingerprint } = ref;
  const newcomer = { ...newcomerOf(action, i), owner, fingerprint, onLeaseExpired: "throw", retryFailedBeforeMs: undefined } as const;
  if (readable === undefined || judged(action, i, readable, newcomer).kind !== "replay") {
    return tell(action, i, { kind: "lease lost" });
  }
  if (readable.chunks === undefined)
    return tell(action, i, { kind: "value", text: readable.result as string, of: readable.owner, from: "winner" });
  action.say("fetches the winner's result");
  action.send(i, "fetching", { kind: "fetch", record: readable });
}

/** `settle` in settle.ts has no answer, for good: the work is done all the same. */
export function onSettleGivenUp(action: Action, i: number, sent: Request & { kind: "settle" }): void {
  const { ref, outcome } = sent;
  if (action.world.rules.releasesAfterCompletion && outcome.status === "completed") {
    return release(action, i, ref, { kind: "value", text: ref.owner, of: ref.owner, from: "unkept" }, false);
  }
  tellEnding(action, i, sent, "unkept");
}

function tellEnding(action: Action, i: number, { ref, outcome }: Request & { kind: "settle" }, from: "kept" | "unkept"): void {
  tell(action, i, outcome.status === "completed" ? { kind: "value", text: ref.owner, of: ref.owner, from } : { kind: "error" });
}

function countLost(action: Action, ref: ClaimRef, { applied, record }: Answer, status: string): void {
  action.atStake("an owner is not told that it lost", !applied && !isLost(ref, record, status));
}

function checkLost(action: Action, ref: ClaimRef, record: StoredRecord | undefined, status: string): void {
  action.must(isLost(ref, record, status), "an owner is not told that it lost");
}

// Only where another's record, or another's end of it, says so: not by a record as the owner itself wrote it, be it by a claim
// that came late, and not by none, which is what TTL leaves of the claim. What refuses an extension may be the owner's own end.
function isLost(ref: ClaimRef, record: StoredRecord | undefined, status: string): boolean {
  const isOwn = record?.owner === ref.owner && (status === "in_progress" || record.status === "in_progress" || record.status === status);
  const isGone = record === undefined && status !== "in_progress";
  return !isOwn && !isGone;
}
