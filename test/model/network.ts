// Requests and answers on their way: applied, answered, lost, and those that nobody waits for any more.
import { onClaimAnswer, onClaimGivenUp, onFetchAnswer, onFetchGivenUp, onReadAnswer } from "./begin.ts";
import { onChildAnswer, onChildGivenUp, onExtendAnswer, onSettleAnswer, onSettleGivenUp } from "./run.ts";
import type { Answer, Request, State } from "./state.ts";
import { apply } from "./table.ts";
import { endExecution, tell } from "./tell.ts";
import { indexOf, type Action } from "./action.ts";

export function applySent(action: Action, i: number, sent: Request): void {
  const answer = apply(action, sent);
  const isDated = action.world.configuration.onLeaseExpired === "throw" && answer.record?.status === "in_progress";
  action.changeExecution(i, { answer: isDated ? { ...answer, at: action.state.now } : answer });
  const result = sent.kind === "read" || sent.kind === "fetch" ? "is answered" : answer.applied ? "is applied" : "is refused";
  action.say(`its ${nameOf(sent)} ${result}`);
  // The answer to the last request tells others nothing: unless it may be lost, it is there at once.
  if (sent.kind === "settle" && answer.applied && action.state.left.losses === 0) arrive(action, i, sent, answer);
}

export function arrive(action: Action, i: number, sent: Request, answer: Answer): void {
  action.say("has its answer");
  switch (sent.kind) {
    case "claim":
    case "takeover":
      return onClaimAnswer(action, i, sent, answer);
    case "read":
      return onReadAnswer(action, i, sent, answer);
    case "extend":
      return onExtendAnswer(action, i, sent, answer);
    case "child":
      return onChildAnswer(action, i, sent);
    case "fetch":
      return onFetchAnswer(action, i, sent, answer);
    case "settle":
      return action.execution(i).phase === "releasing" ? toldAfterRelease(action, i) : onSettleAnswer(action, i, sent, answer);
  }
}

export function giveUp(action: Action, i: number, sent: Request): void {
  action.say("gives up");
  switch (sent.kind) {
    case "claim":
    case "takeover":
      return onClaimGivenUp(action, i, sent);
    case "read":
      return tell(action, i, { kind: "unavailable" });
    case "fetch":
      return onFetchGivenUp(action, i);
    case "extend":
      return action.changeExecution(i, { phase: "running", sent: undefined, answer: undefined });
    case "child":
      return onChildGivenUp(action, i, sent);
    case "settle":
      return action.execution(i).phase === "releasing" ? toldAfterRelease(action, i) : onSettleGivenUp(action, i, sent);
  }
}

function toldAfterRelease(action: Action, i: number): void {
  const { toTell } = action.execution(i);
  action.atStake("nothing stays stuck");
  if (toTell !== undefined) tell(action, i, toTell);
}

// Its answer is lost, or the request itself takes longer than its client waits: then it may still be applied.
export function lose(action: Action, i: number, sent: Request): void {
  spend(action, "losses");
  action.say(`hears nothing of its ${nameOf(sent)}`);
  stray(action, i, sent);
  action.changeExecution(i, { answer: undefined });
}

function stray(action: Action, i: number, sent: Request): void {
  if (action.execution(i).answer !== undefined || sent.kind === "read" || sent.kind === "fetch") return;
  action.change({ stray: [...action.state.stray, sent] });
  action.changeExecution(i, { unsure: !action.execution(i).ran });
}

export function crash(action: Action, i: number): void {
  spend(action, "crashes");
  action.say("crashes");
  const { sent } = action.execution(i);
  if (sent !== undefined) stray(action, i, sent);
  endExecution(action, i, "crashed");
}

// A stray write that no later record can meet the condition of is as good as applied.
export function forgetStrays(action: Action): void {
  const { stray } = action.state;
  if (stray.length === 0) return;
  const left = stray.filter((request) => canStillBeApplied(action, request));
  if (left.length < stray.length) action.change({ stray: left });
}

function canStillBeApplied(action: Action, request: Request): boolean {
  const { record, left } = action.state;
  const comesBack = record === undefined || left.deletions > 0;
  if (request.kind === "claim" || (request.kind === "settle" && request.outcome.write === "put")) return comesBack;
  if (request.kind === "takeover") return comesBack || action.world.rules.isAsSeen(request.seen)(record);
  if (request.kind !== "settle" && request.kind !== "extend") return true;
  if (request.kind === "extend" && request.isLeft === true) return true; // its handler hears of it
  return action.world.rules.isRunUnder(request.ref)(record) || mayStillClaim(action, request.ref.owner);
}

function mayStillClaim({ state, world }: Action, owner: string): boolean {
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

export function spend(action: Action, what: keyof State["left"]): void {
  const { left } = action.state;
  action.change({ left: { ...left, [what]: left[what] - 1 } });
}
