// Requests and answers on their way: applied, answered, lost, and those that nobody waits for any more.
import { onClaimAnswer, onClaimGivenUp, onFetchAnswer, onReadAnswer } from "./begin.ts";
import { onChildAnswer, onChildGivenUp, onExtendAnswer, onSettleAnswer, onSettleGivenUp } from "./run.ts";
import type { Answer, Request, State } from "./state.ts";
import { apply } from "./table.ts";
import { endExecution, tell } from "./tell.ts";
import { indexOf, type Turn } from "./turn.ts";

export function applySent(turn: Turn, i: number, sent: Request): void {
  const answer = apply(turn, sent);
  const isDated = turn.world.configuration.onLeaseExpired === "throw" && answer.record?.status === "in_progress";
  turn.changeExecution(i, { answer: isDated ? { ...answer, at: turn.state.now } : answer });
  const result = sent.kind === "read" || sent.kind === "fetch" ? "is answered" : answer.applied ? "is applied" : "is refused";
  turn.say(`its ${nameOf(sent)} ${result}`);
  // The answer to the last request tells others nothing: unless it may be lost, it is there at once.
  if (sent.kind === "settle" && answer.applied && turn.state.left.losses === 0) arrive(turn, i, sent, answer);
}

export function arrive(turn: Turn, i: number, sent: Request, answer: Answer): void {
  turn.say("has its answer");
  switch (sent.kind) {
    case "claim":
    case "takeover":
      return onClaimAnswer(turn, i, sent, answer);
    case "read":
      return onReadAnswer(turn, i, sent, answer);
    case "extend":
      return onExtendAnswer(turn, i, sent, answer);
    case "child":
      return onChildAnswer(turn, i, sent);
    case "fetch":
      return onFetchAnswer(turn, i, sent, answer);
    case "settle":
      return turn.execution(i).phase === "releasing" ? toldAfterRelease(turn, i) : onSettleAnswer(turn, i, sent, answer);
  }
}

export function giveUp(turn: Turn, i: number, sent: Request): void {
  turn.say("gives up");
  switch (sent.kind) {
    case "claim":
    case "takeover":
      return onClaimGivenUp(turn, i, sent);
    case "read":
    case "fetch":
      return tell(turn, i, { kind: "unavailable" });
    case "extend":
      return turn.changeExecution(i, { phase: "running", sent: undefined, answer: undefined });
    case "child":
      return onChildGivenUp(turn, i, sent);
    case "settle":
      return turn.execution(i).phase === "releasing" ? toldAfterRelease(turn, i) : onSettleGivenUp(turn, i, sent);
  }
}

function toldAfterRelease(turn: Turn, i: number): void {
  const { toTell } = turn.execution(i);
  if (toTell !== undefined) tell(turn, i, toTell);
}

// Its answer is lost, or the request itself takes longer than its client waits: then it may still be applied.
export function lose(turn: Turn, i: number, sent: Request): void {
  spend(turn, "losses");
  turn.say(`hears nothing of its ${nameOf(sent)}`);
  stray(turn, i, sent);
  turn.changeExecution(i, { answer: undefined });
}

function stray(turn: Turn, i: number, sent: Request): void {
  if (turn.execution(i).answer !== undefined || sent.kind === "read" || sent.kind === "fetch") return;
  turn.change({ stray: [...turn.state.stray, sent] });
  turn.changeExecution(i, { unsure: !turn.execution(i).ran });
}

export function crash(turn: Turn, i: number): void {
  spend(turn, "crashes");
  turn.say("crashes");
  const { sent } = turn.execution(i);
  if (sent !== undefined) stray(turn, i, sent);
  endExecution(turn, i, "crashed");
}

// A stray write that no later record can meet the condition of is as good as applied.
export function forgetStrays(turn: Turn): void {
  const { stray } = turn.state;
  if (stray.length === 0) return;
  const left = stray.filter((request) => canStillBeApplied(turn, request));
  if (left.length < stray.length) turn.change({ stray: left });
}

function canStillBeApplied(turn: Turn, request: Request): boolean {
  const { record, left } = turn.state;
  const comesBack = record === undefined || left.deletions > 0;
  if (request.kind === "claim" || (request.kind === "settle" && request.outcome.write === "put")) return comesBack;
  if (request.kind === "takeover") return comesBack || turn.world.rules.isAsSeen(request.seen)(record);
  if (request.kind !== "settle" && request.kind !== "extend") return true;
  return turn.world.rules.isRunUnder(request.ref)(record) || mayStillClaim(turn, request.ref.owner);
}

function mayStillClaim({ state, world }: Turn, owner: string): boolean {
  const { phase } = state.executions[indexOf(world, owner)] ?? { phase: "claiming" };
  const isClaim = (request: Request): boolean => (request.kind === "claim" || request.kind === "takeover") && request.ref.owner === owner;
  return (
    phase === "not delivered" ||
    phase === "claiming" ||
    phase === "looking" ||
    phase === "sleeping" ||
    phase === "waiting" ||
    state.stray.some(isClaim)
  );
}

export function nameOf({ kind }: Request): string {
  return kind === "child" ? "result" : kind === "settle" ? "outcome" : kind === "extend" ? "extension" : kind;
}

export function spend(turn: Turn, what: keyof State["left"]): void {
  const { left } = turn.state;
  turn.change({ left: { ...left, [what]: left[what] - 1 } });
}
