// A record is judged, as the code does wherever it has one, and what the verdict must respect.
import { isLive } from "../../src/core/lease.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import type { Newcomer, Verdict } from "../../src/core/verdict.ts";
import { type Action, areOther } from "./action.ts";

/** `judge` of a newcomer by its own clock. */
export function judged(action: Action, i: number, record: StoredRecord, newcomer: Newcomer): Verdict {
  const now = action.clock(i);
  const verdict = action.world.rules.judge(record, newcomer, now);
  action.counted.push(verdict.kind === "takeover" ? `takeover ${verdict.from}` : verdict.kind);
  const isRunning = record.status === "in_progress" && isLive(record.leaseUntil, now);
  const isOver = !isRunning && now >= record.expiresAt * 1000;
  const answers = verdict.kind === "replay" || verdict.kind === "mismatch" || verdict.kind === "unknown";
  action.atStake("expired answers nobody", isOver && record.status !== "released");
  action.must(!(isOver && answers), "expired answers nobody");
  if (!isOver) countPolicies(action, i, record, verdict);
  return verdict;
}

function countPolicies(action: Action, i: number, record: StoredRecord, verdict: Verdict): void {
  const { name, retryFailedBeforeMs = Number.NEGATIVE_INFINITY } = action.delivery(i);
  const { kept } = action.state;
  const { status, owner, completedAt = 0 } = record;
  const hasCompleted = status === "in_progress" && kept?.status === "completed" && kept.owner === owner;
  action.atStake("other payloads are told so", areOther(action.world, owner, name));
  const isLapsed = status === "in_progress" && owner !== name && !isLive(record.leaseUntil, action.clock(i));
  action.atStake("a lapsed run stays closed under throw", isLapsed && action.world.configuration.onLeaseExpired === "throw");
  action.atStake("unknown is unknown", verdict.kind === "unknown" && hasCompleted);
  action.atStake("a later message is run again", status === "failed" && completedAt < retryFailedBeforeMs);
}
