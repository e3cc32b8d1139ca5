// What a record must say by itself, whatever was there before: whose it is, how its run ended, and how long it is kept.
import type { StoredRecord } from "../../src/core/record.ts";
import type { Delivery } from "./delivery.ts";
import type { Scenario } from "./scenario.ts";
import type { SimulatedInvariant } from "./violation.ts";

/** One write of a record by its owner. */
export interface OwnWrite {
  readonly by: Delivery;
  readonly before: StoredRecord | undefined;
  readonly after: StoredRecord;
  /** World time; its request was sent first then. */
  readonly sentAt: number;
}

const endOfError = { release: "released", keep: "failed", hold: "held" } as const;

/** For so long the core may have tried to write the same end. Milliseconds. */
function retriedMs({ troubles }: Delivery): number {
  return troubles.some(({ purpose, how }) => purpose === "end" && how !== "slow") ? 3000 : 0;
}

/** Tells what is wrong with a record that its owner writes. */
export function recordRules(
  { onError, retentionSeconds }: Scenario,
  now: () => number,
  violate: (invariant: SimulatedInvariant, detail: string) => void,
): (write: OwnWrite) => void {
  function checkFingerprint({ by, after }: OwnWrite): void {
    if (after.fingerprint !== by.fingerprint) violate("other payloads are told so", `${by.name}'s record carries ${after.fingerprint}`);
  }

  function checkEnd({ by, before, after }: OwnWrite): void {
    const { run, name, troubles } = by;
    const ended = run?.ended;
    const right = run === undefined ? "released" : ended === "returned" ? "completed" : ended === "threw" ? endOfError[onError] : undefined;
    if (after.status !== right)
      violate("a record says how its run ended", `${name} ${ended ?? "has not ended"}, the record says ${after.status}`);
    if (before === undefined && after.status === "released")
      violate("a record says how its run ended", `${name} put a release where there was nothing`);
    if (after.encoding === "lost" && !troubles.some(({ purpose }) => purpose === "part of a result"))
      violate("a record says how its run ended", `${name}'s result is lost, and nothing went wrong with its parts`);
    const attempt = before?.attempt ?? run?.attempt;
    if (run?.attempt !== 0 && after.attempt !== attempt)
      violate("attempts go up", `${name}'s record ends as ${after.attempt}, it was ${attempt}`);
  }

  // Not earlier than it has to be kept, and no more than the second by which it is rounded up later. What is put again
  // counts from then.
  function checkExpiry(write: OwnWrite): void {
    const { by, before, after, sentAt } = write;
    const { status, leaseUntil, expiresAt, completedAt = 0 } = after;
    const isFinished = status !== "in_progress" && status !== "released";
    if (isFinished && completedAt < (by.run?.endedAt ?? 0))
      violate("a record is kept for its retention", `${by.name}'s, ${status}, says that its run ended before it did`);
    const putAt = before === undefined ? sentAt + by.skewMs - retriedMs(by) : 0;
    const earliest = (isFinished ? Math.max(completedAt, putAt) : leaseUntil) + retentionSeconds * 1000;
    const latest = isFinished ? now() + by.skewMs + retentionSeconds * 1000 : earliest;
    if (expiresAt * 1000 < earliest || expiresAt * 1000 >= latest + 1000)
      violate("a record is kept for its retention", `${by.name}'s, ${status}, expires at ${expiresAt}`);
  }

  return (write) => {
    checkFingerprint(write);
    if (write.after.status !== "in_progress") checkEnd(write);
    checkExpiry(write);
  };
}
