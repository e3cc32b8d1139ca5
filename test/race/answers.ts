// Which answers a delivery may get, told from what the table held meanwhile.
import type { StoredRecord } from "../../src/core/record.ts";
import type { Delivery } from "./delivery.ts";
import type { History } from "./history.ts";
import type { Scenario } from "./scenario.ts";

const marginMs = 1000;
/** After so many claims and takeovers, each overtaken or answered too late, a delivery gives up. */
const maxWrites = 10;

export interface Answers {
  /** Is this result the one that the table kept, or the run's own where it could not be kept? */
  isKept(delivery: Delivery, value: unknown): boolean;
  /** May it be told this? */
  isRight(delivery: Delivery, code: string): boolean;
  /** Has another had the key since it ran, or nobody? */
  isLost(delivery: Delivery): boolean;
}

export function answersIn(history: History, { onLeaseExpired }: Scenario, byOwner: (owner: string) => Delivery | undefined): Answers {
  const { held } = history;

  function isKept(delivery: Delivery, value: unknown): boolean {
    const { run, events, owner, skewMs, troubles } = delivery;
    if (run?.attempt === 0) return value === delivery.value; // unprotected, and its caller's all the same
    if (run !== undefined && value === delivery.value) {
      const hadTrouble = troubles.some(({ purpose }) => purpose === "end" || purpose === "part of a result");
      const isUnsettled = events.includes("store_error settle") && hadTrouble;
      return isUnsettled || history.of(owner).some(({ status }) => status === "completed");
    }
    return held(delivery, (record, { from }) => {
      const isFresh = from + skewMs < record.expiresAt * 1000;
      return record.status === "completed" && isFresh && byOwner(record.owner)?.value === value && isSamePayload(record, delivery);
    });
  }

  // An end is put anew where TTL has deleted the record, so only another's record can take it from its owner; an extension
  // is not.
  function isLost({ run, owner }: Delivery): boolean {
    if (run === undefined) return false;
    const others = history.othersSince(owner);
    return run.ended === undefined ? others.length > 0 : others.some((record) => record !== undefined);
  }

  function isRight(delivery: Delivery, code: string): boolean {
    const { owner, skewMs, run, reads, sent } = delivery;
    const timeAt = (moment: number): number => moment + skewMs;
    switch (code) {
      case "IN_PROGRESS":
        if (sent.filter((text) => /^(claim|takeover)/.test(text)).length >= maxWrites) return true;
        return held(delivery, (record, { from }) => {
          const isLive = timeAt(from) < record.leaseUntil + marginMs;
          return record.status === "in_progress" && record.owner !== owner && isLive && isSamePayload(record, delivery);
        });
      case "KEY_REUSED":
        return held(delivery, (record, { from }) => {
          const isLive = record.status === "in_progress" && timeAt(from) < record.leaseUntil + marginMs;
          return !isSamePayload(record, delivery) && (isLive || timeAt(from) < record.expiresAt * 1000);
        });
      case "OUTCOME_UNKNOWN":
        return held(delivery, (record, { from, until }) => {
          if (reads === 0 || timeAt(from) >= record.expiresAt * 1000 || !isSamePayload(record, delivery)) return false;
          const isLapsed = record.status === "in_progress" && timeAt(until) >= record.leaseUntil + marginMs;
          return record.status === "held" || (isLapsed && onLeaseExpired === "throw");
        });
      case "RESULT_UNAVAILABLE":
        return held(delivery, ({ status, encoding }) => status === "completed" && encoding === "lost");
      case "LEASE_LOST":
        if (run?.ended === "threw") return history.othersSince(owner).length > 0;
        return isLost(delivery) && !hasWinnersResult(delivery);
      case "STORE_UNAVAILABLE":
        return isUnavailable(delivery);
      case "replayed error":
        return held(delivery, (record, { from }) => {
          const isFresh = timeAt(from) < record.expiresAt * 1000;
          return record.status === "failed" && isFresh && !isOld(record, delivery) && isSamePayload(record, delivery);
        });
      case "the handler's error":
        return run?.ended === "threw";
      default:
        return false;
    }
  }

  return { isKept, isRight, isLost };
}

/** Was its end refused by a completion that it may be answered with, and that it could read? */
function hasWinnersResult({ owner, fingerprint, skewMs, troubles, endRefused }: Delivery): boolean {
  if (endRefused === undefined || troubles.some(({ purpose }) => purpose === "read of a result")) return false;
  const { record, at } = endRefused;
  const isReadable = record.status === "completed" && record.encoding !== "lost" && at + skewMs < record.expiresAt * 1000;
  return isReadable && record.owner !== owner && record.fingerprint === fingerprint;
}

/** Did what it asked for last fail, and was it asked again where another write was in the way? Ends change no such answer. */
function isUnavailable({ sent, troubles }: Delivery): boolean {
  const [before, last] = [undefined, ...sent.filter((text) => !text.startsWith("end as"))].slice(-2);
  const purpose = last?.replace(/ as .*/, "");
  const hows = troubles.flatMap((trouble) => (trouble.purpose === purpose ? [trouble.how] : []));
  // The read of a result has less time than others.
  const isAskedAgain = purpose === "read of a result" || hows.some((how) => how !== "conflict") || before === last;
  return hows.length > 0 && isAskedAgain;
}

/** Was it written before what the delivery takes for old? */
export function isOld({ completedAt = 0 }: StoredRecord, { plan, startedAt, skewMs }: Delivery): boolean {
  return plan.sentLate && completedAt < startedAt + skewMs;
}

function isSamePayload(record: StoredRecord, { fingerprint }: Delivery): boolean {
  return record.fingerprint === undefined || record.fingerprint === fingerprint;
}
