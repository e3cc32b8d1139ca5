// What a delivery does until its handler starts or it is refused. Mirrors begin.ts, consider.ts and wait.ts of src/core.
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Outcome } from "../../src/core/store.ts";
import type { Verdict } from "../../src/core/verdict.ts";
import { newcomerOf, notStarted, refOf } from "./newcomer.ts";
import type { Answer, Request, Told } from "./state.ts";
import { seconds, type Turn } from "./turn.ts";
import { tell } from "./tell.ts";

/** `write` in begin.ts, onto nothing. */
export function sendClaim(turn: Turn, i: number): void {
  const ref = refOf(turn, i, 1);
  turn.say(`sends a claim to ${seconds(ref.leaseUntil)}`);
  turn.send(i, "claiming", { kind: "claim", ref });
}

/** `write` in begin.ts, onto the record as seen. */
function sendTakeover(turn: Turn, i: number, seen: StoredRecord, from: string): void {
  const ref = refOf(turn, i, seen.attempt + 1);
  turn.say(`sends a takeover (${from}) to ${seconds(ref.leaseUntil)}`);
  turn.send(i, "claiming", { kind: "takeover", ref, seen });
}

/** `write` in begin.ts, once the answer is there. */
export function onClaimAnswer(turn: Turn, i: number, sent: Request & { kind: "claim" | "takeover" }, answer: Answer): void {
  const { rules } = turn.world;
  turn.changeExecution(i, { unstarted: undefined });
  if (answer.applied) return start(turn, i, rules.claimedRecord(sent.ref, sent.ref.attempt), sent.ref, false);
  if (answer.record === undefined) return sendClaim(turn, i);
  const verdict = rules.judge(answer.record, newcomerOf(turn, i), turn.clock(i));
  if (verdict.kind === "mine") return start(turn, i, answer.record, sent.ref, true);
  consider(turn, i, answer.record, verdict, answer.at);
}

/** `start` in begin.ts. */
function start(turn: Turn, i: number, record: StoredRecord, asked: ClaimRef, isRefusal: boolean): void {
  const { rules, configuration } = turn.world;
  const { attempt, leaseUntil, expiresAt, startedAt } = record;
  const ref: ClaimRef = { ...asked, attempt, leaseUntil, expiresAt, startedAt };
  const { deadline = Number.POSITIVE_INFINITY } = turn.delivery(i);
  turn.changeExecution(i, { unstarted: ref });
  const hasWaited = turn.execution(i).waitUntil !== undefined;
  if (hasWaited && !rules.hasTimeLeft(turn.clock(i), deadline)) return finish(turn, i, { kind: "busy", record: undefined });
  if (!rules.isInTime(turn.clock(i), leaseUntil, configuration.leaseMs, isRefusal))
    return sendTakeover(turn, i, record, "its own, which came late");
  startHandler(turn, i, ref);
}

function startHandler(turn: Turn, i: number, ref: ClaimRef): void {
  turn.say(`starts its handler, attempt ${ref.attempt}`);
  checkStart(turn, i);
  const { leaseUntil } = ref;
  turn.changeExecution(i, {
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

function checkStart(turn: Turn, i: number): void {
  const { deadline = Number.POSITIVE_INFINITY, retryFailedBeforeMs } = turn.delivery(i);
  turn.state.executions.forEach(({ ran, closed, leaseUntil = 0 }, other) => {
    turn.must(other === i || !ran || closed || turn.clock(other) >= leaseUntil, "one run per lease");
  });
  const kept = turn.keptNow();
  const retried = kept?.status === "failed" && retryFailedBeforeMs !== undefined && kept.completedAt < retryFailedBeforeMs;
  turn.must(kept === undefined || retried, "no run after a kept outcome");
  turn.must(turn.execution(i).waitUntil === undefined || turn.clock(i) < deadline, "a run has time left");
}

/** `consider` in consider.ts. */
function consider(turn: Turn, i: number, record: StoredRecord, verdict: Verdict, takenAt: number | undefined): void {
  const { looksAgain } = turn.world.rules;
  switch (verdict.kind) {
    case "takeover":
      return sendTakeover(turn, i, record, verdict.from);
    case "replay":
      return replay(turn, i, record);
    case "mismatch":
      return finish(turn, i, { kind: "mismatch", record });
    case "unknown":
      if (!looksAgain) return finish(turn, i, { kind: "unknown", record, takenAt });
      turn.say("finds that nobody knows, and looks again");
      return turn.send(i, "looking", readOf(turn, i));
    case "busy":
      return wait(turn, i, record);
    case "mine":
      throw new Error("its own record is not considered");
  }
}

/** `wait` in consider.ts and the start of `waitWhileBusy` in wait.ts: it reads at moments that are nobody's to choose. */
function wait(turn: Turn, i: number, record: StoredRecord): void {
  const { waitMs, deadline = Number.POSITIVE_INFINITY } = turn.delivery(i);
  if (waitMs === undefined) return finish(turn, i, { kind: "busy", record });
  const waitUntil = turn.execution(i).waitUntil ?? Math.min(turn.clock(i) + waitMs, deadline - 500);
  turn.say("waits");
  turn.changeExecution(i, { phase: "sleeping", waitUntil, sent: undefined, answer: undefined });
}

/** A waiter wakes: it reads, or its time is up. */
export function wake(turn: Turn, i: number): void {
  const { waitUntil = 0 } = turn.execution(i);
  if (turn.clock(i) >= waitUntil) return finish(turn, i, { kind: "busy", record: undefined });
  turn.say("reads");
  turn.send(i, "waiting", readOf(turn, i));
}

function readOf(turn: Turn, i: number): Request {
  // When it was sent counts only where "unknown" may come of it.
  return { kind: "read", sentAt: turn.world.configuration.onLeaseExpired === "throw" ? turn.clock(i) : 0 };
}

/** `waitWhileBusy` in wait.ts, then `considerFresh` in consider.ts. */
export function onReadAnswer(turn: Turn, i: number, sent: Request & { kind: "read" }, { record, at }: Answer): void {
  const { rules } = turn.world;
  if (record === undefined) return sendClaim(turn, i);
  const newcomer = newcomerOf(turn, i);
  const verdict = rules.judge(record, newcomer, turn.clock(i));
  if (verdict.kind === "unknown" && rules.readCountsFromSending && rules.judge(record, newcomer, sent.sentAt).kind !== "unknown") {
    return consider(turn, i, record, verdict, at);
  }
  if (verdict.kind === "unknown") return finish(turn, i, { kind: "unknown", record, takenAt: at });
  if (verdict.kind === "mine") return sendTakeover(turn, i, record, "its own, which came late");
  consider(turn, i, record, verdict, at);
}

/** `replay` in replay.ts. */
function replay(turn: Turn, i: number, record: StoredRecord): void {
  turn.must(!turn.world.rules.isExpired(record, turn.clock(i)), "expired answers nobody");
  const kept = turn.keptNow();
  turn.must(kept === undefined || kept.owner === record.owner, "equal answers");
  if (record.status === "failed") return finish(turn, i, { kind: "error", completedAt: record.completedAt });
  if (record.encoding === "lost") return finish(turn, i, { kind: "result unavailable", record });
  if (record.chunks === undefined)
    return finish(turn, i, { kind: "value", text: record.result as string, of: record.owner, from: "replay" });
  turn.say("fetches the result beside the record");
  turn.send(i, "fetching", { kind: "fetch", record });
}

export function onFetchAnswer(turn: Turn, i: number, sent: Request & { kind: "fetch" }, { text }: Answer): void {
  const isLoser = turn.execution(i).ran;
  if (text !== undefined) return finish(turn, i, { kind: "value", text, of: sent.record.owner, from: isLoser ? "winner" : "replay" });
  turn.must(isLoser, "kept results can be read");
  finish(turn, i, isLoser ? { kind: "lease lost" } : { kind: "result unavailable", record: sent.record });
}

/** `noAnswer` in begin.ts. */
export function onClaimGivenUp(turn: Turn, i: number, { ref }: Request & { kind: "claim" | "takeover" }): void {
  if (turn.world.rules.runsUnknownClaim) return startHandler(turn, i, ref);
  turn.changeExecution(i, { unstarted: ref });
  finish(turn, i, { kind: "unavailable" });
}

/** The end of `begin` in begin.ts: a claim that nothing started under is released, whatever comes back. */
export function finish(turn: Turn, i: number, told: Told): void {
  const { unstarted } = turn.execution(i);
  const { refusedReleases, releasesUnstarted } = turn.world.rules;
  if (unstarted !== undefined && releasesUnstarted) return release(turn, i, unstarted, told, false);
  if (refusedReleases && told.kind === "busy" && told.record !== undefined) return release(turn, i, refOf(turn, i, 1), told, true);
  tell(turn, i, told);
}

export function release(turn: Turn, i: number, ref: ClaimRef, toTell: Told, unfenced: boolean): void {
  turn.say("sends a release");
  turn.changeExecution(i, { toTell, unstarted: undefined });
  const outcome: Outcome = { status: "released", error: { name: notStarted }, completedAt: turn.clock(i), write: "update" };
  turn.send(i, "releasing", { kind: "settle", ref, outcome, large: false, unfenced });
}
