import type { Call } from "../core/call.ts";
import { type MessageOutcome, notStarted } from "./outcome.ts";

/** Runs a key of a batch, or shares the outcome of its record that came first. */
export type OncePerKey = (call: Call, run: () => Promise<MessageOutcome>) => Promise<MessageOutcome>;

/**
 * For one batch: records with one key are one run with one outcome, without a request for the second. Where the second has
 * another payload, or the first was answered with a failure from before the batch, it comes after the first, and the record is
 * asked: it refuses the one, and runs the other where that was sent after the failure.
 */
export function oncePerKey(isTimeUp: () => boolean): OncePerKey {
  const runs = new Map<string, Promise<MessageOutcome>>();
  const last = new Map<string, Promise<MessageOutcome>>();
  return async (call, run) => {
    const { keyHash } = call.id;
    const payload = `${keyHash} ${call.fingerprint}`;
    let seen: Promise<MessageOutcome> | undefined;
    for (let shared = runs.get(payload); shared !== undefined && shared !== seen; shared = runs.get(payload)) {
      seen = shared;
      const outcome = await shared;
      if (outcome.kind === "failed" && outcome.isReplay === true) continue;
      if (outcome.kind === "done") call.report({ type: "replayed", attempt: outcome.attempt, ageMs: 0 });
      return outcome;
    }
    // The one before may have taken the time that was left.
    const running = last.get(keyHash)?.then(() => (isTimeUp() ? notStarted : run())) ?? run();
    runs.set(payload, running);
    last.set(keyHash, running);
    return running;
  };
}
