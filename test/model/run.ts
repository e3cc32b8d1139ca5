// What an execution does from its handler's start to its answer. Mirrors claim.ts, run.ts and settle.ts of src/core.
import { lostEncoding } from "../../src/core/codec.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Outcome } from "../../src/core/store.ts";
import { release } from "./begin.ts";
import { newcomerOf } from "./newcomer.ts";
import type { Answer, Request } from "./state.ts";
import { tell } from "./tell.ts";
import { seconds, type Turn } from "./turn.ts";

/** `extend` in claim.ts: by a lease from now on. */
export function sendExtension(turn: Turn, i: number, ref: ClaimRef, until: number): void {
  turn.say(`asks for its lease to ${seconds(until)}`);
  turn.send(i, "extending", { kind: "extend", ref, leaseUntil: until });
}

export function onExtendAnswer(turn: Turn, i: number, { ref, leaseUntil }: Request & { kind: "extend" }, answer: Answer): void {
  const { leaseUntil: before = 0 } = turn.execution(i);
  const back = { phase: "running", sent: undefined, answer: undefined } as const;
  if (answer.applied) return turn.changeExecution(i, { ...back, leaseUntil: Math.max(before, leaseUntil) });
  if (answer.record !== undefined && turn.world.rules.isExtended(answer.record, ref, leaseUntil)) {
    return turn.changeExecution(i, { ...back, leaseUntil: Math.max(before, answer.record.leaseUntil) });
  }
  turn.say("is told that its lease is lost");
  checkLost(turn, ref, answer.record, "in_progress");
  turn.changeExecution(i, back);
}

/** The handler ends well, or with an error that policy makes something of: `end` in run.ts, `settle` in claim.ts. */
export function endHandler(turn: Turn, i: number, isError: boolean): void {
  const { onError, large = false } = turn.world.configuration;
  const { ref, leaseUntil = 0 } = turn.execution(i);
  if (ref === undefined) throw new Error("a handler runs under a claim");
  const outcome = isError ? errorOutcome(turn, i, onError ?? "release") : completedOutcome(turn, i, turn.delivery(i).name);
  turn.say(isError ? `ends with an error: ${onError}` : "ends well");
  turn.changeExecution(i, { ref: undefined });
  sendOutcome(turn, i, { ...ref, leaseUntil }, outcome, large && !isError);
}

function errorOutcome(turn: Turn, i: number, policy: "release" | "keep" | "hold"): Outcome {
  const completedAt = turn.clock(i);
  const common = { error: { name: "Error" }, completedAt, write: "update" } as const;
  if (policy === "release") return { ...common, status: "released" };
  const expiresAt = turn.world.rules.expiryAfter(completedAt, turn.world.configuration.retentionSeconds);
  return { ...common, status: policy === "keep" ? "failed" : "held", expiresAt };
}

function completedOutcome(turn: Turn, i: number, text: string | undefined): Outcome {
  const completedAt = turn.clock(i);
  const expiresAt = turn.world.rules.expiryAfter(completedAt, turn.world.configuration.retentionSeconds);
  return { status: "completed", encoding: text === undefined ? lostEncoding : "json", text, completedAt, expiresAt, write: "update" };
}

function sendOutcome(turn: Turn, i: number, ref: ClaimRef, outcome: Outcome, large: boolean): void {
  turn.say(large ? "writes its result beside the record" : `sends ${outcome.status}`);
  turn.send(i, "settling", large ? { kind: "child", ref, outcome } : { kind: "settle", ref, outcome, large });
}

/** `keep` in keeper.ts: once the child is there, the record. */
export function onChildAnswer(turn: Turn, i: number, { ref, outcome }: Request & { kind: "child" }): void {
  turn.say(`sends ${outcome.status}`);
  turn.send(i, "settling", { kind: "settle", ref, outcome, large: true });
}

/** The second half of `settle` in settle.ts: a result that could not be written is given up. */
export function onChildGivenUp(turn: Turn, i: number, { ref }: Request & { kind: "child" }): void {
  turn.say("gives its result up");
  sendOutcome(turn, i, ref, completedOutcome(turn, i, undefined), false);
}

/** `write` and `settledBy` in settle.ts. */
export function onSettleAnswer(turn: Turn, i: number, sent: Request & { kind: "settle" }, answer: Answer): void {
  const { rules } = turn.world;
  const { ref, outcome, large } = sent;
  if (answer.applied) return tellEnding(turn, i, sent, "kept");
  if (answer.record === undefined && outcome.write === "update") {
    if (outcome.status === "released") return tellEnding(turn, i, sent, "kept"); // its key is free
    if (rules.putsWhenGone(outcome.status)) {
      turn.say("finds no record, and puts it");
      return turn.send(i, "settling", { kind: "settle", ref, outcome: putAnew(turn, i, outcome), large });
    }
  }
  if (rules.isOwn(answer.record, ref, outcome.status)) return tellEnding(turn, i, sent, "kept");
  checkLost(turn, ref, answer.record, outcome.status);
  if (outcome.status !== "completed") return tell(turn, i, { kind: "error" });
  winners(turn, i, ref, answer.record);
}

// `write` in settle.ts: its retention begins anew.
function putAnew(turn: Turn, i: number, outcome: Outcome): Outcome {
  if (outcome.status === "released") return { ...outcome, write: "put" };
  const expiresAt = turn.world.rules.expiryAfter(turn.clock(i), turn.world.configuration.retentionSeconds);
  return { ...outcome, expiresAt, write: "put" };
}

/** `winnersResult` in replay.ts. */
function winners(turn: Turn, i: number, ref: ClaimRef, record: StoredRecord | undefined): void {
  const judged = record?.status === "completed" && record.encoding !== lostEncoding ? record : undefined;
  const { owner, fingerprint } = ref;
  const newcomer = { ...newcomerOf(turn, i), owner, fingerprint, onLeaseExpired: "throw", retryFailedBeforeMs: undefined } as const;
  if (judged === undefined || turn.world.rules.judge(judged, newcomer, turn.clock(i)).kind !== "replay") {
    return tell(turn, i, { kind: "lease lost" });
  }
  if (judged.chunks === undefined) return tell(turn, i, { kind: "value", text: judged.result as string, of: judged.owner, from: "winner" });
  turn.say("fetches the winner's result");
  turn.send(i, "fetching", { kind: "fetch", record: judged });
}

/** `settle` in settle.ts has no answer, for good: the work is done all the same. */
export function onSettleGivenUp(turn: Turn, i: number, sent: Request & { kind: "settle" }): void {
  const { ref, outcome } = sent;
  if (turn.world.rules.releasesAfterCompletion && outcome.status === "completed") {
    return release(turn, i, ref, { kind: "value", text: ref.owner, of: ref.owner, from: "unkept" }, false);
  }
  tellEnding(turn, i, sent, "unkept");
}

function tellEnding(turn: Turn, i: number, { ref, outcome }: Request & { kind: "settle" }, from: "kept" | "unkept"): void {
  tell(turn, i, outcome.status === "completed" ? { kind: "value", text: ref.owner, of: ref.owner, from } : { kind: "error" });
}

// Told so only where another's record, or another's end of it, says so: not by a record as the owner itself wrote it, and
// not by none, which is what TTL leaves of the claim.
function checkLost(turn: Turn, ref: ClaimRef, record: StoredRecord | undefined, status: string): void {
  const isOwn = record?.owner === ref.owner && record.status === status;
  const isGone = record === undefined && status !== "in_progress";
  turn.must(!isOwn && !isGone, "an owner is not told that it lost");
}
