// The answer of a delivery, and what must hold for it.
import type { StoredRecord } from "../../src/core/record.ts";
import { isLive } from "../../src/core/lease.ts";
import { fingerprintOf } from "./newcomer.ts";
import type { Told } from "./state.ts";
import { seconds, type Action } from "./action.ts";

export function tell(action: Action, i: number, told: Told): void {
  action.say(`is told ${worded(told)}`);
  check(action, i, told);
  endExecution(action, i, "answered");
}

/** Of an execution that is over, only what its run may still forbid others is kept. */
export function endExecution(action: Action, i: number, phase: "answered" | "crashed"): void {
  const { ran, closed, unsure, leaseUntil } = action.execution(i);
  const counts = ran && !closed && leaseUntil !== undefined && action.clock(i) < leaseUntil;
  const nothing = { sent: undefined, answer: undefined, ref: undefined, unstarted: undefined, waitUntil: undefined, toTell: undefined };
  action.changeExecution(i, { ...nothing, phase, leaseUntil: counts ? leaseUntil : undefined, unsure: unsure && !ran });
}

function check(action: Action, i: number, told: Told): void {
  switch (told.kind) {
    case "value":
      return action.must(told.text === told.of, "equal answers");
    case "error": {
      const { retryFailedBeforeMs } = action.delivery(i);
      const { completedAt } = told;
      const isLater = completedAt !== undefined && retryFailedBeforeMs !== undefined && completedAt < retryFailedBeforeMs;
      return action.must(!isLater, "a later message is run again");
    }
    case "busy":
      if (told.record !== undefined) checkBusy(action, i, told.record);
      return;
    case "unknown":
      return checkUnknown(action, i, told);
    case "lease lost":
    case "mismatch":
    case "unavailable":
    case "result unavailable":
      return;
  }
}

// Nobody is told so of a claim that was live when it was looked at, and that has completed since.
function checkUnknown(action: Action, i: number, { record, takenAt = 0 }: Told & { kind: "unknown" }): void {
  const { kept } = action.state;
  const wasLive = record.status === "in_progress" && isLive(record.leaseUntil, takenAt + (action.delivery(i).skewMs ?? 0));
  action.must(!(wasLive && kept?.status === "completed" && kept.owner === record.owner), "unknown is unknown");
}

function checkBusy(action: Action, i: number, record: StoredRecord): void {
  const { rules } = action.world;
  const own = fingerprintOf(action.delivery(i).payload);
  action.must(own === undefined || record.fingerprint === undefined || own === record.fingerprint, "other payloads are told so");
  const now = action.clock(i);
  const stranger = { owner: "a stranger", onLeaseExpired: "run" } as const;
  const later = rules.judge(record, stranger, now + rules.retryAfterMs(record, now));
  action.must(later.kind !== "busy", "nothing stays stuck");
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
