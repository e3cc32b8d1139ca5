// The answer of a delivery, and what must hold for it.
import type { StoredRecord } from "../../src/core/record.ts";
import { isLive } from "../../src/core/lease.ts";
import { fingerprintOf } from "./newcomer.ts";
import type { Told } from "./state.ts";
import { seconds, type Turn } from "./turn.ts";

export function tell(turn: Turn, i: number, told: Told): void {
  turn.say(`is told ${worded(told)}`);
  check(turn, i, told);
  endExecution(turn, i, "answered");
}

/** Of an execution that is over, only what its run may still forbid others is kept. */
export function endExecution(turn: Turn, i: number, phase: "answered" | "crashed"): void {
  const { ran, closed, unsure, leaseUntil } = turn.execution(i);
  const counts = ran && !closed && leaseUntil !== undefined && turn.clock(i) < leaseUntil;
  const nothing = { sent: undefined, answer: undefined, ref: undefined, unstarted: undefined, waitUntil: undefined, toTell: undefined };
  turn.changeExecution(i, { ...nothing, phase, leaseUntil: counts ? leaseUntil : undefined, unsure: unsure && !ran });
}

function check(turn: Turn, i: number, told: Told): void {
  switch (told.kind) {
    case "value":
      return turn.must(told.text === told.of, "equal answers");
    case "error": {
      const { retryFailedBeforeMs } = turn.delivery(i);
      const { completedAt } = told;
      const isLater = completedAt !== undefined && retryFailedBeforeMs !== undefined && completedAt < retryFailedBeforeMs;
      return turn.must(!isLater, "a later message is run again");
    }
    case "busy":
      if (told.record !== undefined) checkBusy(turn, i, told.record);
      return;
    case "unknown":
      return checkUnknown(turn, i, told);
    case "lease lost":
    case "mismatch":
    case "unavailable":
    case "result unavailable":
      return;
  }
}

// Nobody is told so of a claim that was live when it was looked at, and that has completed since.
function checkUnknown(turn: Turn, i: number, { record, takenAt = 0 }: Told & { kind: "unknown" }): void {
  const { kept } = turn.state;
  const wasLive = record.status === "in_progress" && isLive(record.leaseUntil, takenAt + (turn.delivery(i).skewMs ?? 0));
  turn.must(!(wasLive && kept?.status === "completed" && kept.owner === record.owner), "unknown is unknown");
}

function checkBusy(turn: Turn, i: number, record: StoredRecord): void {
  const { rules } = turn.world;
  const own = fingerprintOf(turn.delivery(i).payload);
  turn.must(own === undefined || record.fingerprint === undefined || own === record.fingerprint, "other payloads are told so");
  const now = turn.clock(i);
  const stranger = { owner: "a stranger", onLeaseExpired: "run" } as const;
  const later = rules.judge(record, stranger, now + rules.retryAfterMs(record, now));
  turn.must(later.kind !== "busy", "nothing stays stuck");
}

function worded(told: Told): string {
  switch (told.kind) {
    case "value":
      return `"${told.text}" (${told.from})`;
    case "error":
      return told.completedAt === undefined ? "its handler's error" : `the error of ${seconds(told.completedAt)}`;
    default:
      return told.kind;
  }
}
