// Whether an end was given a fair chance: one trouble with it, while there is time left, must not leave it unwritten.
import type { Delivery } from "./delivery.ts";
import type { History } from "./history.ts";
import type { Scenario } from "./scenario.ts";

/** What must be left at the end of a run for a second try. Milliseconds. */
const secondTryMs = 1000;

export interface Ends {
  /** It answers, and says that its end is not in the table: was that sent again? */
  isTriedAgain(delivery: Delivery): boolean;
  /** Its result is given up: were its parts sent again? */
  arePartsTriedAgain(delivery: Delivery): boolean;
}

export function endsIn(history: History, { hasDeadline, leaseMs }: Scenario): Ends {
  // The shortest lease that its run may have known of.
  function hadTime({ owner, startedAt, skewMs, run }: Delivery): boolean {
    if (run?.endedAt === undefined || run.attempt === 0) return false; // without a claim an end is sent once
    const leases = history.of(owner).flatMap(({ status, leaseUntil }) => (status === "in_progress" ? [leaseUntil] : []));
    const deadline = hasDeadline ? startedAt + skewMs + leaseMs : Number.POSITIVE_INFINITY;
    return run.endedAt + secondTryMs < Math.min(deadline, ...leases);
  }

  return {
    isTriedAgain(delivery) {
      const { plan, events, sent } = delivery;
      const isWritten = plan.ends === "large" || !events.includes("store_error settle");
      if (isWritten || !hadTime(delivery) || wasSlow(delivery, "end")) return true;
      return sent.filter((text) => text.startsWith("end as")).length > 1;
    },
    arePartsTriedAgain(delivery) {
      if (!hadTime(delivery) || wasSlow(delivery, "part of a result")) return true;
      return delivery.sent.filter((text) => text === "part of a result").length > delivery.plan.parts;
    },
  };
}

function wasSlow({ troubles }: Delivery, of: "end" | "part of a result"): boolean {
  return troubles.some(({ purpose, how }) => purpose === of && how === "slow");
}
