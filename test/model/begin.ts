// What a delivery does until its handler starts or it is refused. Mirrors begin.ts, consider.ts and wait.ts of src/core.
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Outcome } from "../../src/core/store.ts";
import type { Verdict } from "../../src/core/verdict.ts";
import { newcomerOf, notStarted, refOf } from "./newcomer.ts";
import type { Answer, Request, Told } from "./state.ts";
import { seconds, type Action } from "./action.ts";
import { tell } from "./tell.ts";
import { judged } from "./judged.ts";

/** `write` in begin.ts, onto nothing. */
export function sendClaim(action: Action, i: number): void {
  const ref = refOf(action, i, 1);
  action.say(`sends a claim to ${seconds(ref.leaseUntil)}`);
  action.send(i, "claiming", { kind: "claim", ref });
}

/** `write` in begin.ts, onto the record as seen. */
function sendTakeover(action: Action, i: number, seen: StoredRecord, from: string): void {
  const ref = refOf(action, i, seen.attempt + 1);
  action.say(`sends a takeover (${from}) to ${seconds(ref.leaseUntil)}`);
  action.send(i, "claiming", { kind: "takeover", ref, seen });
}

/** `write` in begin.ts, once the answer is there. */
export function onClaimAnswer(action: Action, i: number, sent: Request & { kind: "claim" | "takeover" }, answer: Answer): void {
  const { rules } = action.world;
  action.changeExecution(i, { unstarted: undefined });
  action.atStake("no run after a kept outcome", action.keptFor(i) !== undefined);
  if (answer.applied) return start(action, i, rules.claimedRecord(sent.ref, sent.ref.attempt), sent.ref, false);
  if (answer.record === undefined) return sendClaim(action, i);
  const verdict = judged(action, i, answer.record, newcomerOf(action, i));
  if (verdict.kind === "mine") return start(action, i, answer.record, sent.ref, true);
  consider(action, i, answer.record, verdict, answer.at);
}

/** `start` in begin.ts. */
function start(action: Action, i: number, record: StoredRecord, asked: ClaimRef, isRefusal: boolean): void {
  const { rules, configuration } = action.world;
  const { attempt, leaseUntil, expiresAt, startedAt } = record;
  const ref: ClaimRef = { ...asked, attempt, leaseUntil, expiresAt, startedAt };
  const { deadline = Number.POSITIVE_INFINITY } = action.delivery(i);
  action.changeExecution(i, { unstarted: ref });
  const hasWaited = action.execution(i).waitUntil !== undefined;
  action.atStake("a run has time left", hasWaited && action.clock(i) >= deadline);
  if (hasWaited && !rules.hasTimeLeft(action.clock(i), deadline)) return finish(action, i, { kind: "busy", record: undefined });
  if (!rules.isInTime(action.clock(i), leaseUntil, configuration.leaseMs, isRefusal))
    return sendTakeover(action, i, record, "its own, which came late");
  startHandler(action, i, ref);
}

function startHandler(action: Action, i: number, ref: ClaimRef): void {
  action.say(`starts its handler, attempt ${ref.attempt}`);
  checkStart(action, i);
  const { leaseUntil } = ref;
  action.changeExecution(i, {
    phase: "running",
    sent: undefined,
    answer: undefined,
    ref,
    leaseUntil,
    unstarted: undefined,
    ran: true,
    unsure: false,
  });
}

function checkStart(action: Action, i: number): void {
  const { deadline = Number.POSITIVE_INFINITY } = action.delivery(i);
  action.state.executions.forEach(({ ran, closed, leaseUntil = 0 }, other) => {
    action.atStake("one run per lease", other !== i && ran);
    action.must(other === i || !ran || closed || action.clock(other) >= leaseUntil, "one run per lease");
  });
  action.must(action.keptFor(i) === undefined, "no run after a kept outcome");
  action.must(action.execution(i).waitUntil === undefined || action.clock(i) < deadline, "a run has time left");
}

/** `consider` in consider.ts. */
function consider(action: Action, i: number, record: StoredRecord, verdict: Verdict, takenAt: number | undefined): void {
  const { looksAgain } = action.world.rules;
  switch (verdict.kind) {
    case "takeover":
      return sendTakeover(action, i, record, verdict.from);
    case "replay":
      return replay(action, i, record);
    case "mismatch":
      return finish(action, i, { kind: "mismatch", record });
    case "unknown":
      if (!looksAgain) return finish(action, i, { kind: "unknown", record, takenAt });
      action.say("finds that nobody knows, and looks again");
      return action.send(i, "looking", readOf(action, i));
    case "busy":
      return wait(action, i, record);
    case "mine":
      throw new Error("its own record is not considered");
  }
}

/** `wait` in consider.ts and the start of `waitWhileBusy` in wait.ts: it reads at moments that are nobody's to choose. */
function wait(action: Action, i: number, record: StoredRecord): void {
  const { waitMs, deadline = Number.POSITIVE_INFINITY } = action.delivery(i);
  if (waitMs === undefined) return finish(action, i, { kind: "busy", record });
  const waitUntil = action.execution(i).waitUntil ?? Math.min(action.clock(i) + waitMs, deadline - 500);
  action.say("waits");
  action.changeExecution(i, { phase: "sleeping", waitUntil, sent: undefined, answer: undefined });
}

/** A waiter wakes: it reads, or its time is up. */
export function wake(action: Action, i: number): void {
  const { waitUntil = 0 } = action.execution(i);
  if (action.clock(i) >= waitUntil) return finish(action, i, { kind: "busy", record: undefined });
  action.say("reads");
  action.send(i, "waiting", readOf(action, i));
}

function readOf(action: Action, i: number): Request {
  // When it was sent counts only where "unknown" may come of it.
  return { kind: "read", sentAt: action.world.configuration.onLeaseExpired === "throw" ? action.clock(i) : 0 };
}

/** `waitWhileBusy` in wait.ts, then `considerFresh` in consider.ts. */
export function onReadAnswer(action: Action, i: number, sent: Request & { kind: "read" }, { record, at }: Answer): void {
  const { rules } = action.world;
  if (record === undefined) return sendClaim(action, i);
  const newcomer = newcomerOf(action, i);
  const verdict = judged(action, i, record, newcomer);
  if (verdict.kind === "unknown" && rules.readCountsFromSending && rules.judge(record, newcomer, sent.sentAt).kind !== "unknown") {
    return consider(action, i, record, verdict, at);
  }
  if (verdict.kind === "unknown") return finish(action, i, { kind: "unknown", record, takenAt: at });
  if (verdict.kind === "mine") return sendTakeover(action, i, record, "its own, which came late");
  consider(action, i, record, verdict, at);
}

/** `replay` in replay.ts. */
function replay(action: Action, i: number, record: StoredRecord): void {
  const kept = action.keptNow();
  action.atStake("equal answers", kept !== undefined);
  action.must(kept === undefined || kept.owner === record.owner, "equal answers");
  if (record.status === "failed") return finish(action, i, { kind: "error", record });
  if (record.encoding === "lost") return finish(action, i, { kind: "result unavailable", record });
  if (record.chunks === undefined)
    return finish(action, i, { kind: "value", text: record.result as string, of: record.owner, from: "replay" });
  action.say("fetches the result beside the record");
  action.send(i, "fetching", { kind: "fetch", record });
}

export function onFetchAnswer(action: Action, i: number, sent: Request & { kind: "fetch" }, { text }: Answer): void {
  const isLoser = action.execution(i).ran;
  action.atStake(isLoser ? "who ran is told so" : "kept results can be read");
  if (text !== undefined) return finish(action, i, { kind: "value", text, of: sent.record.owner, from: isLoser ? "winner" : "replay" });
  action.must(isLoser, "kept results can be read");
  finish(action, i, isLoser ? { kind: "lease lost" } : { kind: "result unavailable", record: sent.record });
}

export function onFetchGivenUp(action: Action, i: number): void {
  const isLoser = action.execution(i).ran;
  action.atStake("who ran is told so", isLoser);
  tell(action, i, isLoser ? { kind: action.world.rules.toldOfUnreadWinner } : { kind: "unavailable" });
}

/** `noAnswer` in begin.ts. */
export function onClaimGivenUp(action: Action, i: number, { ref }: Request & { kind: "claim" | "takeover" }): void {
  if (action.world.rules.runsUnknownClaim) return startHandler(action, i, ref);
  action.changeExecution(i, { unstarted: ref });
  finish(action, i, { kind: "unavailable" });
}

/** The end of `begin` in begin.ts: a claim that nothing started under is released, whatever comes back. */
export function finish(action: Action, i: number, told: Told): void {
  const { unstarted } = action.execution(i);
  const { refusedReleases, releasesUnstarted } = action.world.rules;
  if (unstarted !== undefined && releasesUnstarted) return release(action, i, unstarted, told, false);
  if (refusedReleases && told.kind === "busy" && told.record !== undefined) return release(action, i, refOf(action, i, 1), told, true);
  tell(action, i, told);
}

export function release(action: Action, i: number, ref: ClaimRef, toTell: Told, unfenced: boolean): void {
  action.say("sends a release");
  action.changeExecution(i, { toTell, unstarted: undefined });
  const outcome: Outcome = { status: "released", error: { name: notStarted }, completedAt: action.clock(i), write: "update" };
  action.send(i, "releasing", { kind: "settle", ref, outcome, large: false, unfenced });
}
