// The answer of a delivery, and what must hold for it.
import type { StoredRecord } from "../../src/core/record.ts";
import { isLive } from "../../src/core/lease.ts";
import type { Told } from "./state.ts";
import { areOther, seconds, type Action } from "./action.ts";

export function tell(action: Action, i: number, told: Told): void {
  action.say(`is told ${worded(told)}`);
  check(action, i, told);
  checkPayload(action, i, told);
  action.must(!action.execution(i).ran || afterRun.has(told.kind), "who ran is told so");
  endExecution(action, i, "answered");
}

/** Of an execution that is over, only what its run may still forbid others is kept. */
export function endExecution(action: Action, i: number, phase: "answered" | "crashed"): void {
  const { ran, closed, unsure, leaseUntil } = action.execution(i);
  const counts = ran && !closed && leaseUntil !== undefined && action.clock(i) < leaseUntil;
  const nothing = { sent: undefined, answer: undefined, ref: undefined, unstarted: undefined, waitUntil: undefined, toTell: undefined };
  action.changeExecution(i, { ...nothing, phase, leaseUntil: counts ? leaseUntil : undefined, unsure: unsure && !ran });
}

const afterRun: ReadonlySet<Told["kind"]> = new Set<Told["kind"]>(["value", "error", "lease lost"]);

// What is told of a record is told of the same payload, and a mismatch of another.
function checkPayload(action: Action, i: number, told: Told): void {
  const owner = told.kind === "value" ? told.of : "record" in told ? told.record?.owner : undefined;
  if (owner === undefined) return;
  const isOther = areOther(action.world, owner, action.delivery(i).name);
  action.must(isOther === (told.kind === "mismatch"), "other payloads are told so");
}

function check(action: Action, i: number, told: Told): void {
  switch (told.kind) {
    case "value":
      action.must(told.text === told.of && (told.from !== "kept" || action.execution(i).closed), "equal answers");
      return;
    case "error": {
      const { retryFailedBeforeMs } = action.delivery(i);
      const completedAt = told.record?.completedAt;
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

// Nobody is told so of what is known, nor of a claim that was live when it was looked at, and that has completed since.
function checkUnknown(action: Action, i: number, { record, takenAt = 0 }: Told & { kind: "unknown" }): void {
  const { kept } = action.state;
  action.must(record.status === "held" || record.status === "in_progress", "unknown is unknown");
  const wasLive = record.status === "in_progress" && isLive(record.leaseUntil, takenAt + (action.delivery(i).skewMs ?? 0));
  action.must(!(wasLive && kept?.status === "completed" && kept.owner === record.owner), "unknown is unknown");
}

/** Said again: the invariants take no constant from what they check. */
const marginMs = 1000;

function checkBusy(action: Action, i: number, record: StoredRecord): void {
  const { rules } = action.world;
  action.atStake("nothing stays stuck");
  const now = action.clock(i);
  const afterMs = rules.retryAfterMs(record, now);
  action.must(afterMs <= Math.max(1, record.leaseUntil + marginMs - now), "nothing stays stuck");
  const stranger = { owner: "a stranger", onLeaseExpired: "run" } as const;
  const later = rules.judge(record, stranger, now + afterMs);
  action.must(later.kind !== "busy", "nothing stays stuck");
}

function worded(told: Told): string {
  switch (told.kind) {
    case "value":
      return `"${told.text}" (${told.from})`;
    case "error":
      return told.record === undefined ? "its handler's error" : `the error of ${seconds(told.record.completedAt ?? 0)}`;
    default:
      return told.kind;
  }
}
