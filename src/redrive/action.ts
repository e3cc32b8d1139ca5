// What a run does with a message: what its plan says, or less.
import type { StoredRecord } from "../core/record.ts";
import { expiresSoon } from "./decide.ts";
import type { Judgement } from "./letters.ts";
import type { RedriveEntry } from "./types.ts";

export type Action =
  | { readonly does: "send"; readonly release?: StoredRecord }
  | { readonly does: "discard" }
  | { readonly does: "leave"; readonly reason: string };

export interface Consent {
  /** Delete what is done, where it would be sent back to be answered from its record. */
  readonly discardDuplicates: boolean;
  /** Free the keys of runs that ended without an answer, and whose handler says not to run them again by itself. */
  readonly releaseLapsed: boolean;
}

/** By the plan's entry and what the record says now. `nowMs`: epoch milliseconds. Pure. */
export function actionFor({ decision, reason, record }: RedriveEntry, now: Judgement, consent: Consent, nowMs: number): Action {
  if (decision === "leave") return leave(reason);
  switch (now.proposal) {
    case "leave":
      return leave(now.reason);
    case "redrive":
      if (decision === "discard") return changed(now);
      if (decision === "release" && record === "lapsed" && now.record === "lapsed")
        return leave(
          'its plan was made with onLeaseExpired "throw" (--on-lease-expired throw), as its handler has it: give that here, too',
        );
      // Also where its key had to be freed, and has been.
      return { does: "send" };
    case "release":
      if (decision !== "release" || now.seen === undefined) return changed(now);
      if (now.record === "lapsed" && !consent.releaseLapsed)
        return leave(`${now.reason}: give releaseLapsed (--release-lapsed) once you know what that run did`);
      return { does: "send", release: now.seen };
    case "discard":
      if (decision !== "discard") return changed(now);
      if (consent.discardDuplicates) return { does: "discard" };
      return now.seen !== undefined && expiresSoon(now.seen, nowMs)
        ? leave(`${now.reason}: sent back it might run again after that; give discardDuplicates (--discard-duplicates) to delete it`)
        : { does: "send" };
  }
}

function changed({ reason }: Judgement): Action {
  return leave(`it has changed since the plan: ${reason}`);
}

function leave(reason: string): Action {
  return { does: "leave", reason };
}
